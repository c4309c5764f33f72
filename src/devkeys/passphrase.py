"""Passphrases: typed at the terminal, or in a file or a descriptor; never an argument."""

import os

from devkeys.bootstrap import PASSPHRASE_FD, PASSPHRASE_FILE
from devkeys.errors import UsageError
from devkeys.files import reason
from devkeys.keychain.errors import KeychainLockedError, UnaskedError
from devkeys.secret import Secret
from devkeys.store import envelope, identity
from devkeys.store.record import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")

OPTION = "--passphrase-file"
MOST = 64 << 10  # bytes of a passphrase
TRIES = 3

# Each can be read from a pipe only once, and is not asked for twice.
_read: dict[tuple[str, str], Secret] = {}  # by the variable or option, and what it says
_known: list[Secret] = []  # that opened something; the other identity's may be the same


def without_asking(
    environ: "Mapping[str, str]", which: str, path: str, sealed: bytes
) -> Secret | None:
    """Return the identity in *sealed*, by a passphrase that is known or that *environ* leads to.

    *which* is OWN or CONFIRMED, *path* where *sealed* was read from. Raise KeychainLockedError
    if the passphrase cannot be read, or is not the store's.
    """
    return with_known(sealed, path) or _with_given(environ, which, path, sealed)


def with_known(sealed: bytes, path: str) -> Secret | None:
    """Return the identity in *sealed* if a passphrase opens it that has opened something."""
    found = (fits(passphrase, sealed, path) for passphrase in tuple(_known))
    return next((one for one in found if one is not None), None)


def _with_given(
    environ: "Mapping[str, str]", which: str, path: str, sealed: bytes
) -> Secret | None:
    name = variable(environ)
    if name is None:
        return None
    passphrase = read_from(name, environ[name])
    found = None if passphrase in _known else fits(passphrase, sealed, path)
    # Confirmed profiles may have another one, which is to be asked for.
    if found is None and which == OWN:
        raise KeychainLockedError(
            f"the passphrase that {name} leads to does not open {path}",
            hint="check which file it names, or unset it to be asked",
        )
    return found


def variable(environ: "Mapping[str, str]") -> str | None:
    """Return the name of the variable in *environ* that leads to a passphrase, if one does."""
    return next((name for name in (PASSPHRASE_FILE, PASSPHRASE_FD) if environ.get(name)), None)


def fits(passphrase: Secret, sealed: bytes, path: str) -> Secret | None:
    """Return the identity in *sealed*, read from *path*; None if another passphrase opens it."""
    try:
        plain = envelope.unseal_with(sealed, passphrase)
    except envelope.DamagedError:
        identity.damaged(path, "it is no age file, or a damaged one")
    if plain is None:
        return None
    if passphrase not in _known:
        _known.append(passphrase)
    return identity.parse_identity(plain, path)


def forget() -> None:
    """Let this process know no passphrase any more."""
    _known.clear()


def read_from(name: str, place: str) -> Secret:
    """Return the passphrase that the variable or option *name* says is at *place*.

    One line end at its end is not part of it. A descriptor is read once, and closed: the
    command that comes after us must not find it. Raise KeychainLockedError if it cannot be.
    """
    if (name, place) not in _read:
        try:
            data = _content(name, place)
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else str(error)
            raise KeychainLockedError(
                f"{name} names no passphrase that can be read: {why}",
                hint="name a file that holds nothing but the passphrase, or do without it to be "
                "asked",
            ) from None
        end = next((end for end in (b"\r\n", b"\n") if data.endswith(end)), b"")
        data = data.removesuffix(end)
        _check(data, f"the passphrase that {name} leads to")
        _read[name, place] = Secret(data)
    return _read[name, place]


def _content(name: str, place: str) -> bytes:
    if name == PASSPHRASE_FD:
        descriptor = _descriptor(place)
    else:
        descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    with open(descriptor, "rb", buffering=0) as file:
        data = b""
        while len(data) <= MOST and (piece := file.read(MOST)):
            data += piece
    return data


def _descriptor(place: str) -> int:
    if not place.isascii() or not place.isdigit() or len(place) > 9:
        raise ValueError("it is no descriptor's number")
    if int(place) < 3:
        raise ValueError("the first three descriptors are the command's own")
    return int(place)


def close_descriptor(environ: "Mapping[str, str]") -> None:
    """Close what DEVKEYS_PASSPHRASE_FD names, if nobody needed it: no command is to find it."""
    place = environ.get(PASSPHRASE_FD, "")
    if (PASSPHRASE_FD, place) not in _read:
        try:
            os.close(_descriptor(place))
        except (OSError, ValueError):
            return


def _check(passphrase: bytes, what: str) -> None:
    problem = ""
    if not passphrase:
        problem = "is empty"
    elif len(passphrase) > MOST:
        problem = f"has more than {MOST} bytes"
    elif any(sign in passphrase for sign in b"\n\r\0"):
        problem = "has more than one line"  # `age -d` could not be told it
    else:
        try:
            passphrase.decode()
        except UnicodeDecodeError:
            problem = "is not UTF-8 text"
    if problem:
        raise KeychainLockedError(f"{what} {problem}", hint="a passphrase is one line of text")


def ask_for(
    environ: "Mapping[str, str]", which: str, path: str, sealed: bytes, *, may_ask: bool = True
) -> Secret:
    """Return the identity in *sealed* by a passphrase that is asked for, at the terminal itself.

    Raise KeychainLockedError if none is typed that opens it, or nobody is there.
    """
    what = "the store" if which == OWN else "confirmed profiles"
    if not may_ask:
        raise _locked(what, "it is not asked for here", UnaskedError)
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        raise _locked(what, "nobody is asked for it in CI")
    try:
        found = until_it_fits(f"passphrase of {what}:", lambda word: fits(word, sealed, path))
    except UsageError as error:
        raise _locked(what, str(error)) from None
    if found is None:
        raise KeychainLockedError(
            f"{TRIES} times something else than the passphrase of {what}",
            hint="without it nobody opens them; devkeys store recover does with a recovery key",
        )
    return found


def until_it_fits(prompt: str, attempt: "Callable[[Secret], T | None]") -> "T | None":
    """Return what *attempt* makes of a passphrase typed at *prompt*; None after TRIES wrong ones.

    To try one takes seconds, in which nothing that is typed is shown. Raise UsageError if there
    is no terminal.
    """
    from devkeys import ask
    from devkeys.ask.hidden import hidden, quiet

    with quiet():
        for _ in range(TRIES):
            word = hidden(prompt)
            found = attempt(word) if word else None
            if found is not None:
                return found
            ask.say("devkeys: that is not the passphrase")
    return None


def _locked(
    what: str, why: str, kind: type[KeychainLockedError] = KeychainLockedError
) -> KeychainLockedError:
    way = "devkeys store unlock in a terminal keeps it open for a time"
    if what != "the store":
        way = "it is asked for at a terminal"
    return kind(f"a passphrase protects {what}: {why}", hint=f"{way}; or set {PASSPHRASE_FILE}")


def choose(what: str, place: str | None = None, *, otherwise: str = OPTION) -> Secret:
    """Return a new passphrase for *what*: typed twice, or read from the file *place*.

    *otherwise* is the option or variable that names such a file, for where nobody can type.
    """
    if place is not None:
        return read_from(OPTION, place)
    from devkeys import ask

    for _ in range(TRIES):
        first = typed(f"new passphrase of {what}:", otherwise=otherwise)
        if not first:
            raise UsageError("no passphrase; nothing was changed")
        _check(first.reveal(), "that passphrase")
        if typed("once more:", otherwise=otherwise) == first:
            return first
        ask.say("devkeys: these are two different ones")
    raise UsageError("no passphrase was typed twice; nothing was changed")


def typed(prompt: str, *, otherwise: str = OPTION) -> Secret:
    """Return what is typed at *prompt*; *otherwise* names a file with it where nobody can type."""
    from devkeys.ask.hidden import hidden

    try:
        return hidden(prompt)
    except UsageError as error:
        raise not_typed(error, otherwise=otherwise) from None


def not_typed(error: UsageError, *, otherwise: str = OPTION) -> UsageError:
    """Return *error*, of a prompt, with the way that needs no terminal."""
    return UsageError(
        str(error), hint=f"{otherwise} names a file with the passphrase; nothing was changed"
    )
