"""`age://file[#NAME]`: an age file that the user's own identities open, or a variable in it.

Identities are looked for where sops looks for them (getsops.io, "Encrypting using age"), and
in ~/.config/age/keys.txt. What needs a passphrase asks for it at a terminal.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from devkeys.declaration.syntax import read_dotenv
from devkeys.errors import DevkeysError
from devkeys.providers import Answer, Diagnosis, localfile
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.references import Reference
from devkeys.secret import Secret
from devkeys.store import envelope

_MARK = "AGE-SECRET-KEY-"  # a plugin's identities, AGE-PLUGIN-, need a program of their own


class _Identities(NamedTuple):
    """*plain* can be used; *sealed*, by their paths, need a passphrase first."""

    plain: tuple[Secret, ...]
    sealed: Mapping[str, bytes]


class AgeFile:
    """Files encrypted with age, each decrypted once for all of its references."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what the files hold, or a variable's value in a dotenv file.

        A plain text of one line is taken without its line end.
        """
        found: dict[tuple[str, ...], Secret | ProviderError | None] = {}
        for reference in asked:
            if reference.path not in found:
                found[reference.path] = self._open(reference.path)
        return {one: _value(found[one.path], one) for one in asked}

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the values of all variables in the file."""
        plain = self._open(source.path)
        if isinstance(plain, ProviderError):
            raise plain
        return None if plain is None else _variables(plain, source)

    def _open(self, path: tuple[str, ...]) -> Secret | ProviderError | None:
        try:
            file = self._caller.file(path)
            sealed = localfile.read(file)
            return None if sealed is None else Secret(self._unseal(sealed, file))
        except ProviderError as error:
            return error
        except envelope.DamagedError:
            return UnreachableError(
                f"{'/'.join(path)} is no age file, or it is damaged",
                hint="put it back, from git or from whoever made it",
            )

    def _unseal(self, sealed: bytes, file: str) -> bytes:
        if envelope.wants_passphrase(sealed):
            return self._unseal_with_passphrase(sealed, file)
        identities = self._identities()
        plain = envelope.unseal_any(sealed, identities.plain)
        if plain is None:
            for path, inner in identities.sealed.items():
                more = _identities_in(self._unseal_with_passphrase(inner, path))
                plain = envelope.unseal_any(sealed, more)
                if plain is not None:
                    break
        if plain is not None:
            return plain
        if not any(identities):
            raise _without_identity()
        raise DeniedError(
            f"{file} is encrypted to others: no identity here opens it",
            hint="ask its owner to encrypt it to your recipient as well (`age-keygen -y` shows it)",
        )

    def _unseal_with_passphrase(self, sealed: bytes, path: str) -> bytes:
        if not self._caller.interactive:
            raise LockedError(
                f"{path} needs a passphrase, and nobody can be asked here",
                hint="start devkeys at a terminal",
            )
        from devkeys.ask.hidden import hidden

        plain = envelope.unseal_with(sealed, hidden(f"passphrase of {path}:"))
        if plain is None:
            raise LockedError(f"that is not the passphrase of {path}", hint="try again")
        return plain

    def _identities(self) -> _Identities:
        environ = self._caller.environment("sops")
        plain = list(_identities_in(os.fsencode(environ.get("SOPS_AGE_KEY", ""))))
        sealed = {}
        for path in _places(environ, self._caller.home):
            data = localfile.read(path) or b""
            if envelope.is_age(data):
                sealed[path] = data
            else:
                plain += _identities_in(data)
        return _Identities(tuple(plain), sealed)

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return whether there is an identity, and which of the files are there."""
        try:
            identities = self._identities()
        except ProviderError as error:
            return Diagnosis(error=error)
        there = {one: localfile.is_readable(self._caller, one.path) for one in asked}
        return Diagnosis(
            account=f"identities: {len(identities.plain) + len(identities.sealed)}",
            # What names are in a file, and whom it is encrypted to, is known once it is open.
            readable={one: None if found else False for one, found in there.items()},
            error=None if any(identities) else _without_identity(),
        )


def _value(plain: Secret | ProviderError | None, reference: Reference) -> Answer:
    if plain is None or isinstance(plain, ProviderError):
        return plain
    if reference.fragment is None:
        return Secret(localfile.without_line_end(plain.reveal()))
    try:
        return _variables(plain, reference).get(reference.fragment)
    except ProviderError as error:
        return error


def _variables(plain: Secret, reference: Reference) -> dict[str, Secret]:
    try:
        values, _ = read_dotenv(plain.reveal(), path="/".join(reference.path))
    except DevkeysError as error:  # with path and line, and nothing of the text
        problem = DeniedError(str(error), hint=error.hint or "mend the file, and encrypt it anew")
    else:
        return {name: Secret(text.encode()) for name, text in values.items() if text is not None}
    raise problem


def _places(environ: Mapping[str, str], home: str) -> Iterator[str]:
    """Give the paths of identity files and of SSH keys."""
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    folders = [config]
    if sys.platform == "darwin":
        folders.append(os.path.join(home, "Library", "Application Support"))
    elif sys.platform == "win32":
        folders.append(environ.get("APPDATA", config))
    named = environ.get("SOPS_AGE_KEY_FILE"), environ.get("SOPS_AGE_SSH_PRIVATE_KEY_FILE")
    yield from (os.path.join(home, path) for path in named if path)
    for folder in folders:
        yield os.path.join(folder, "sops", "age", "keys.txt")
        yield os.path.join(folder, "age", "keys.txt")
    for name in ("id_ed25519", "id_rsa"):
        yield os.path.join(home, ".ssh", name)


def _identities_in(data: bytes) -> tuple[Secret, ...]:
    """Return the identities that an identity file lists, or the SSH key that it is."""
    if b"PRIVATE KEY-----" in data:
        return (Secret(data),)
    lines = (line.strip() for line in data.decode(errors="replace").splitlines())
    return tuple(Secret(line.encode()) for line in lines if line.startswith(_MARK))


def _without_identity() -> LockedError:
    return LockedError(
        "there is no age identity here",
        hint="age-keygen -o ~/.config/age/keys.txt makes one; SOPS_AGE_KEY_FILE names another",
    )
