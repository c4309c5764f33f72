"""Why gpg did not decrypt, by its status lines (doc/DETAILS of GnuPG), which have one language."""

from collections.abc import Mapping

from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError

OPTIONS = "PASSWORD_STORE_GPG_OPTS"
_STATUS = b"[GNUPG:] "
_UNKNOWN = "0" * 16  # the id of a recipient that is hidden


def environment(
    environ: Mapping[str, str], *, interactive: bool, terminal: str | None
) -> dict[str, str]:
    """Return *environ* with what makes gpg say how it went, and ask only where it may.

    *terminal* is where a pinentry of text can show itself; pass takes `tty`'s "not a tty" for
    the name of one, since a pipe is its stdin.
    """
    options = [environ.get(OPTIONS, ""), "--batch", "--status-fd=2"]
    if not interactive and "pinentry-mode" not in options[0]:
        options.append("--pinentry-mode=error")
    asked = {OPTIONS: " ".join(filter(None, options))}
    if terminal and not environ.get("GPG_TTY"):
        asked["GPG_TTY"] = terminal
    return {**environ, **asked}


def is_whole(done: Done) -> bool:
    """Tell whether gpg read a message to its end: it exits 0 for half a packet as well."""
    return done.code == 0 and _STATUS + b"DECRYPTION_OKAY" in done.complaint


def failure(done: Done, caller: Caller, environ: Mapping[str, str], *, show: str) -> ProviderError:
    """Return why the entry that the command *show* shows was not decrypted."""
    recipients = {
        line.split()[2].decode()
        for line in done.complaint.splitlines()
        if line.startswith(_STATUS + b"ENC_TO ") and len(line.split()) > 2
    }
    if _STATUS + b"DECRYPTION_FAILED" not in done.complaint or not recipients:
        return UnreachableError(f"`{show}` gave no proper answer", hint=f"see what `{show}` says")
    own = _secret_keys(caller, environ)
    if own & recipients or (own and _UNKNOWN in recipients):
        # gpg says "No secret key" too when it may not ask for the passphrase of one.
        if _STATUS + b"DECRYPTION_INFO" in done.complaint:
            return UnreachableError(
                f"what `{show}` reads is damaged", hint="put the file back, from git or a backup"
            )
        return LockedError(
            f"gpg-agent did not get the passphrase that `{show}` needs",
            hint=f"`{show}` at a terminal asks for it; gpg-agent remembers it for a while",
        )
    return DeniedError(
        f"what `{show}` reads is encrypted to others: none of the secret keys here opens it",
        hint="ask its owner to add your key to .gpg-id (`pass init`), or bring your own here "
        "(`gpg --import`)",
    )


def _secret_keys(caller: Caller, environ: Mapping[str, str]) -> set[str]:
    """Return the ids of all secret keys and subkeys, those on a card among them."""
    program = caller.find("gpg2", "gpg")
    if program is None:
        return set()
    command = [program, "--batch", "--no-tty", "--with-colons", "--list-secret-keys"]
    fields = [line.split(b":") for line in run(Call(command, environ), caller).output.splitlines()]
    return {
        field[4].decode(errors="replace")
        for field in fields
        if field[0] in (b"sec", b"ssb") and len(field) > 4
    }
