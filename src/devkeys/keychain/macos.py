"""The macOS keychain through Apple's own program, whose code identity no upgrade changes.

An item belongs to the program that made it: one made by a Python asks again after every
upgrade of that Python; `/usr/bin/security` stays itself. The price is that every program of
the user can ask it too. Never run on a Mac: the tests' fake program copies what others
measured (field notes; Apple's SecurityTool sources: the exit code is the OSStatus' low byte).
"""

import subprocess

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError, UnfitError
from devkeys.keychain.waiting import LIMIT, Patience, communicate
from devkeys.secret import Secret

SECURITY = "/usr/bin/security"
_NOT_FOUND = 44  # errSecItemNotFound, -25300
# errSecInteractionRequired -25315, errSecInteractionNotAllowed -25308, errSecAuthFailed -25293,
# errSecUserCanceled -128
_LOCKED = {29, 36, 51, 128}
# errSecNoDefaultKeychain -25307, errSecNoSuchKeychain -25294, errSecNotAvailable -25291
_ABSENT = {37, 50, 53}
# `security -i` cuts a line at 4,096 bytes and takes the rest for the next command.
_LONGEST_LINE = 4000
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:@/+=")


class MacKeychain:
    """Generic passwords of the user's default keychain; *limit* as in `waiting`.

    Only a short token of letters, digits and `-_.:@/+=` can be kept: `security` splits its
    input as a shell does, and prints what it takes for binary as hexadecimal digits.
    """

    name = "macOS keychain"

    def __init__(self, security: str = SECURITY, *, limit: float = LIMIT) -> None:
        self._security = security
        self._limit = limit

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's secret; None if the keychain answered and holds no such item."""
        _check_names(service, account)
        command = ["find-generic-password", "-s", service, "-a", account, "-w"]
        code, output = self._run(command)
        if code == _NOT_FOUND:
            return None
        _check(code, service, account)
        if not output.endswith(b"\n") or output == b"\n":
            raise KeychainError(
                f"the keychain gave no value for {service}/{account}",
                hint="look at the item in Keychain Access",
            )
        return Secret(output[:-1])

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep *secret*, in place of the item's old one; read it back to be sure of it."""
        _check_names(service, account)
        value = secret.reveal()
        line = f"add-generic-password -U -s {service} -a {account} -l {service} -w ".encode()
        line += value + b"\n"
        if not value or not _PLAIN.issuperset(value) or value[:1] == b"-":
            raise _unfit("is not one plain ASCII word")
        if len(line) > _LONGEST_LINE:
            raise _unfit("is too long")
        code, _ = self._run(["-i"], line)
        _check(code, service, account)
        # `-i` has been seen to end with 0 after a failure: only what it gives back counts.
        if self.get(service, account) != secret:
            raise KeychainError(
                f"the keychain did not keep the item {service}/{account} as it was written",
                hint="look at the item in Keychain Access before you go on",
            )

    def delete(self, service: str, account: str) -> bool:
        """Remove the item for good; False if there was none."""
        _check_names(service, account)
        code, _ = self._run(["delete-generic-password", "-s", service, "-a", account])
        if code == _NOT_FOUND:
            return False
        _check(code, service, account)
        return True

    def _run(self, arguments: list[str], data: bytes = b"") -> tuple[int, bytes]:
        try:
            process = subprocess.Popen(
                [self._security, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # it echoes a command that it does not understand
            )
        except OSError:
            raise KeychainAbsentError(
                f"{self._security} cannot be run", hint="use an identity file instead"
            ) from None
        output = communicate(process, data, Patience(self._limit))
        return process.returncode, output


def _check_names(service: str, account: str) -> None:
    for name in (service, account):
        if not name or name[0] == "-" or not _PLAIN.issuperset(name.encode()):
            raise KeychainError(
                f"{name!r} cannot name a keychain item here",
                hint="use letters, digits and -_.:@/+=",
            )


def _unfit(why: str) -> KeychainError:
    return UnfitError(
        f"the value {why}, so the macOS keychain cannot be given it safely",
        hint="keep it in the store; the keychain is for the store's own key",
    )


def _check(code: int, service: str, account: str) -> None:
    """Raise for an exit *code* that is neither success nor "not found"."""
    if code == 0:
        return
    if code in _LOCKED:
        raise KeychainLockedError(
            f"the keychain is locked or access to {service}/{account} was not granted",
            hint="unlock it: security unlock-keychain (over ssh, before every session)",
        )
    if code in _ABSENT:
        raise KeychainAbsentError(
            "this user has no default keychain",
            hint="make one in Keychain Access, or use an identity file",
        )
    raise KeychainError(
        f"/usr/bin/security ended with code {code} for {service}/{account}",
        hint=f"see what it means: security error {code}",
    )
