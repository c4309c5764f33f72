"""Reading an export: from a file or stdin, decrypted with a passphrase or with keys.

Whoever knows a public recipient can have written what is encrypted to it: nothing here proves
who made an export.
"""

import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from devkeys import ask, files, passphrase
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.project import find
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import bundle, envelope
from devkeys.store.bundle import Bundle

STDIN = "-"
LIMIT = bundle.LIMIT * 3 // 2  # bytes of the file: armored it is a third larger
_KINDS = {
    b"devkeys-values ": "the values of one profile of a store",
    b"devkeys-previous ": "former values of a store",
    b"devkeys-remote ": "kept values of providers",
    b"AGE-SECRET-KEY-": "an age identity",
}


class Received(NamedTuple):
    """An export, and whether only somebody who knows its passphrase can have made it."""

    bundle: Bundle
    from_who_knows: bool


def receive(
    session: Session, file: str, *, identities: Sequence[str], passphrase_file: str | None
) -> Received:
    """Return the export in *file*; raise DevkeysError for whatever else is there.

    *identities* are files with age identities, or SSH private keys.
    """
    path = "the input" if file == STDIN else os.path.join(find.working_directory(), file)
    sealed = _stdin() if file == STDIN else _read(path)
    if not envelope.is_age(sealed):
        raise _no_export(path, sealed)
    by_passphrase = envelope.wants_passphrase(sealed)
    try:
        if by_passphrase:
            plain = _with_passphrase(sealed, path, passphrase_file)
        else:
            plain = _with_keys(session, sealed, path, identities)
    except envelope.DamagedError:
        raise StoreError(
            f"{path} is damaged, or cut short", hint="get it again from where it was made"
        ) from None
    _check_kind(path, plain)
    return Received(bundle.decode(plain, path=path), by_passphrase)


def _read(path: str) -> bytes:
    data = files.read_regular(path, limit=LIMIT)
    if data is None:
        raise UsageError(f"there is no file {path}", hint="devkeys store export makes one")
    return data


def _stdin() -> bytes:
    if os.isatty(0):
        raise UsageError("stdin is a terminal", hint="name the file, or redirect the input")
    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise DevkeysError(f"the input has more than {LIMIT} bytes", hint="check what it is")
    return data


def _no_export(path: str, data: bytes) -> UsageError:
    if data.startswith(bundle.KIND.encode()):
        return UsageError(
            f"{path} is an export that somebody decrypted",
            hint="give the encrypted file, or encrypt it: age -p -o FILE",
        )
    lines = [line.strip() for line in data[:4096].split(b"\n")]
    if any(b"=" in line and not line.startswith(b"#") for line in lines) and b"\0" not in data:
        return UsageError(
            f"{path} is no export, but looks like a .env file",
            hint="devkeys import FILE, in the project, takes in its values",
        )
    return UsageError(f"{path} is no export", hint="devkeys store export makes one")


def _check_kind(path: str, plain: bytes) -> None:
    if plain.startswith(bundle.KIND.encode() + b" "):
        return
    known = next((what for start, what in _KINDS.items() if plain.startswith(start)), None)
    if known is None and plain.lstrip().startswith(b"# "):
        known = "a text with comments"
    raise UsageError(
        f"{path} holds {known or 'something else'}, no export",
        hint="devkeys store export makes one",
    )


def _with_passphrase(sealed: bytes, path: str, place: str | None) -> bytes:
    if place is not None:
        plain = envelope.unseal_with(sealed, passphrase.read_from(passphrase.OPTION, place))
        if plain is None:
            raise KeychainLockedError(
                f"the passphrase in {place} is not that of {path}", hint="check which file it is"
            )
        return plain
    try:
        plain = passphrase.until_it_fits(
            f"passphrase of {ask.plain(path)}:", lambda word: envelope.unseal_with(sealed, word)
        )
    except UsageError as error:
        raise KeychainLockedError(
            f"a passphrase protects {path}: {error}", hint="--passphrase-file FILE says where it is"
        ) from None
    if plain is None:
        raise KeychainLockedError(
            f"{passphrase.TRIES} times something else than the passphrase of {path}",
            hint="nothing was changed",
        )
    return plain


def _with_keys(session: Session, sealed: bytes, path: str, identities: Sequence[str]) -> bytes:
    if not identities:
        in_store = os.path.realpath(path).startswith(os.path.join(session.data_dir, ""))
        raise UsageError(
            f"{path} is a file of the store itself, no export"
            if in_store
            else f"{path} is encrypted to keys, and none was given",
            hint="devkeys store export makes one"
            if in_store
            else "--identity FILE names an age identity, or an SSH private key",
        )
    keys = [key for name in identities for key in _keys(name)]
    plain = envelope.unseal_any(sealed, keys)
    if plain is None:
        raise KeychainLockedError(
            f"none of the keys in {', '.join(identities)} opens {path}",
            hint="it was encrypted to others, or an SSH key needs a passphrase itself, which is "
            "not asked for: age -d opens it with such a key",
        )
    return plain


def _keys(name: str) -> list[Secret]:
    """Return the identities that the file *name* lists, or the SSH private key that it is."""
    data = files.read_regular(os.path.join(find.working_directory(), name))
    if data is None:
        raise UsageError(f"there is no file {name}", hint="name an age identity or SSH key")
    if envelope.is_age(data):
        raise UsageError(
            f"{name} is encrypted itself", hint=f"age -d {name} > KEY, and give --identity KEY"
        )
    if b"PRIVATE KEY-----" in data:
        return [Secret(data)]
    found = [Secret(line) for line in map(bytes.strip, data.split(b"\n")) if line[:1] not in b"#"]
    if not any(envelope.recipient_of(one) for one in found):
        raise UsageError(
            f"{name} holds no age identity and no SSH private key", hint="name another file"
        )
    return found
