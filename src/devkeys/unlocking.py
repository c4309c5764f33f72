"""The passphrase that protects an identity file: where it comes from, and for how long it counts.

this process's memory > the kernel's keyring > DEVKEYS_PASSPHRASE_FILE or _FD > the terminal

It is never an argument. What confirmed profiles need is asked for anew by each command.
"""

import os

from devkeys import ask, fingerprint
from devkeys.ask.hidden import hidden
from devkeys.errors import DevkeysError, KeychainError, UsageError
from devkeys.keychain import kernel
from devkeys.keychain.errors import KeychainLockedError
from devkeys.project import user
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import envelope, identity, layout
from devkeys.store.record import OWN, Holder

FILE = "DEVKEYS_PASSPHRASE_FILE"
DESCRIPTOR = "DEVKEYS_PASSPHRASE_FD"
MOST = 64 << 10  # bytes of a passphrase
TRIES = 3

# The one thing that this package remembers: a command opens the store several times, and each
# passphrase takes a second to try, and can be read from a descriptor only once.
_unlocked: dict[str, Secret] = {}
_given: dict[str, Secret] = {}


def unlock(session: Session, which: str, sealed: bytes, holder: Holder) -> Secret:
    """Return the identity in *sealed*, the content of the identity file of *which*."""
    found = _unlocked.get(holder.recipient) or (_remembered(holder) if which == OWN else None)
    if found is None:
        path = layout.identity_path(session.data_dir, which)
        found = _with_given(session, path, sealed) or _asked(session, path, which, sealed)
        if which == OWN:
            _remember_or_say(session, holder, found)
    _unlocked[holder.recipient] = found
    return found


def label(holder: Holder) -> str:
    """Return the name of the kernel's key: it tells the store, and publishes no recipient."""
    return f"devkeys:{fingerprint.digest(holder.recipient.encode())[:16]}"


def _remembered(holder: Holder) -> Secret | None:
    try:
        found = kernel.get(label(holder))
    except KeychainError:
        return None
    known = (holder.recipient, holder.next)
    return found if found is not None and envelope.recipient_of(found) in known else None


def remember(holder: Holder, found: Secret, *, seconds: int) -> None:
    """Let the kernel keep *found* for so long; raise KeychainError if it does not."""
    if seconds > 0:
        kernel.put(label(holder), found, seconds=seconds)


def forget(holder: Holder) -> bool:
    """Let neither the kernel nor this process know the identity; say whether the kernel did."""
    _unlocked.pop(holder.recipient, None)
    return kernel.drop(label(holder))


def _remember_or_say(session: Session, holder: Holder, found: Secret) -> None:
    try:
        remember(holder, found, seconds=user.read(session.config_dir).unlock_for)
    except KeychainError as error:
        ask.say(f"devkeys: the passphrase will be asked for each time: {error}")


def _with_given(session: Session, path: str, sealed: bytes) -> Secret | None:
    name = next((name for name in (FILE, DESCRIPTOR) if session.environ.get(name)), None)
    if name is None:
        return None
    found = try_passphrase(given(name, session.environ[name]), sealed, path)
    if found is None:
        raise KeychainLockedError(
            f"the passphrase that {name} leads to does not open {path}",
            hint="check which file it names, or unset it to be asked",
        )
    return found


def given(name: str, place: str) -> Secret:
    """Return the passphrase that the variable or option *name* says is at *place*.

    One line end at its end is not part of it. A descriptor is read once, and closed: the
    command that comes after us must not find it.
    """
    if place not in _given:
        _given[place] = _read(name, place)
    return _given[place]


def _read(name: str, place: str) -> Secret:
    try:
        descriptor = (
            int(place) if name == DESCRIPTOR else os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        )
        with open(descriptor, "rb", buffering=0) as file:
            data = b""
            while len(data) <= MOST and (piece := file.read(MOST)):
                data += piece
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno or 0).lower() if isinstance(error, OSError) else "no number"
        raise KeychainLockedError(
            f"{name} names no passphrase that can be read: {why}",
            hint="name a file that holds nothing but the passphrase, or unset it to be asked",
        ) from None
    data = data.removesuffix(b"\n").removesuffix(b"\r")
    if not data or len(data) > MOST:
        what = "is empty" if not data else f"has more than {MOST} bytes"
        raise KeychainLockedError(f"the passphrase that {name} leads to {what}")
    return Secret(data)


def try_passphrase(passphrase: Secret, sealed: bytes, path: str) -> Secret | None:
    """Return the identity in *sealed*, which was read from *path*; None if another opens it."""
    try:
        plain = envelope.unseal_with(sealed, passphrase)
    except envelope.DamagedError:
        layout.damaged(path, "it is no age file, or a damaged one")
    return None if plain is None else identity.parse_identity(plain, path)


def _asked(session: Session, path: str, which: str, sealed: bytes) -> Secret:
    what = "the store" if which == OWN else "confirmed profiles"
    if session.environ.get("CI", "").lower() not in ("", "0", "false"):
        raise _locked(what)
    for _ in range(TRIES):
        try:
            passphrase = hidden(f"passphrase of {what}:")
        except UsageError:
            raise _locked(what) from None
        found = try_passphrase(passphrase, sealed, path) if passphrase else None
        if found is not None:
            return found
        ask.say("devkeys: that is not the passphrase")
    raise KeychainLockedError(
        f"{TRIES} times something else than the passphrase of {what}",
        hint="without it nobody opens them; see devkeys store recover",
    )


def _locked(what: str) -> DevkeysError:
    return KeychainLockedError(
        f"a passphrase protects {what}, and there is no terminal to ask for it",
        hint=f"devkeys store unlock in a terminal keeps it for a time; or set {FILE}",
    )


def chosen(what: str, place: str | None = None) -> Secret:
    """Return a new passphrase for *what*: typed twice, or read from the file *place*."""
    if place is not None:
        return given("--passphrase-file", place)
    for _ in range(TRIES):
        first = hidden(f"new passphrase of {what}:")
        if not first:
            raise UsageError("no passphrase; nothing was changed")
        if hidden("once more:") == first:
            return first
        ask.say("devkeys: these are two different ones")
    raise UsageError("no passphrase was typed twice; nothing was changed")
