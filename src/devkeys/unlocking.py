"""The identity in a file that a passphrase protects: unlocked, and for how long.

this process's memory > the kernel's keyring > a passphrase: DEVKEYS_PASSPHRASE_FILE or _FD > asked

What opens confirmed profiles is asked for anew by each command. On the way of `run` where the
store has a passphrase.
"""

from devkeys import fingerprint, passphrase
from devkeys.errors import KeychainError
from devkeys.keychain import kernel
from devkeys.keychain.errors import KeychainLockedError
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout
from devkeys.store.record import OWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from devkeys.session import Session
    from devkeys.store.record import Holder

# A command opens the store several times, and each passphrase takes a second to try.
_unlocked: dict[str, Secret] = {}  # by recipient


def unlock(
    session: "Session", which: str, sealed: bytes, holder: "Holder", *, may_ask: bool = True
) -> Secret:
    """Return the identity in *sealed*, the content of the identity file of *which*.

    Raise KeychainLockedError where that takes a passphrase which nobody is there to say, or,
    without *may_ask*, which would have to be asked for.
    """
    found = _unlocked.get(holder.recipient) or (unlocked(holder) if which == OWN else None)
    if found is None:
        path = layout.identity_path(session.data_dir, which)
        found = passphrase.without_asking(session.environ, which, path, sealed)
        asked = found is None
        if found is None:
            found = passphrase.ask_for(session.environ, which, path, sealed, may_ask=may_ask)
        if which == OWN:
            _remember_or_say(session, holder, found, say=asked)
    _unlocked[holder.recipient] = found
    return found


def unlock_anew(
    session: "Session", which: str, sealed: bytes, *, place: str | None = None
) -> Secret:
    """Return the identity in *sealed* by its passphrase, though the kernel may keep it.

    *place* is a file with the passphrase, which was named for this.
    """
    path = layout.identity_path(session.data_dir, which)
    if place is None:
        found = passphrase.without_asking(session.environ, which, path, sealed)
        return found or passphrase.ask_for(session.environ, which, path, sealed)
    found = passphrase.fits(passphrase.read_from(passphrase.OPTION, place), sealed, path)
    if found is None:
        raise KeychainLockedError(
            f"the passphrase in {place} does not open {path}", hint="check which file it is"
        )
    return found


def label(recipient: str) -> str:
    """Return the name of the kernel's key: it tells the store, and publishes no recipient."""
    return f"devkeys:{fingerprint.digest(recipient.encode())[:16]}"


def unlocked(holder: "Holder") -> Secret | None:
    """Return the identity that the kernel keeps; None if it keeps none, or cannot be asked."""
    kept = _kept(holder)
    return None if kept is None else kept[0]


def unlocked_until(holder: "Holder") -> int | None:
    """Return, in seconds since the epoch, how long the kernel keeps the identity; None if not."""
    kept = _kept(holder)
    return None if kept is None else kept[1]


def _kept(holder: "Holder") -> tuple[Secret, int] | None:
    try:
        kept = kernel.get(label(holder.recipient))
    except KeychainError:
        return None
    if kept is None:
        return None
    until, _, found = kept.reveal().partition(b" ")
    recipient = envelope.recipient_of(Secret(found))
    if recipient is None or recipient not in (holder.recipient, holder.next):
        return None  # another program's
    return Secret(found), int(until) if until.isdigit() else 0


def remember(holder: "Holder", found: Secret, *, seconds: int) -> int:
    """Let the kernel keep *found* for so many *seconds*, one at least; return until when.

    Raise KeychainError if it does not. The time stands beside the identity: the kernel tells
    nobody when it will forget.
    """
    import time

    until = int(time.time()) + seconds
    kernel.put(label(holder.recipient), Secret(b"%d %s" % (until, found.reveal())), seconds=seconds)
    return until


def forget(holder: "Holder") -> bool:
    """Let neither the kernel nor this process know the identity; say whether the kernel did."""
    passphrase.forget()
    dropped = False
    for recipient in filter(None, (holder.recipient, holder.next, holder.former)):
        _unlocked.pop(recipient, None)
        dropped = kernel.drop(label(recipient)) or dropped
    return dropped


def _remember_or_say(session: "Session", holder: "Holder", found: Secret, *, say: bool) -> None:
    from devkeys.project import user

    try:
        seconds = user.read(session.config_dir).unlock_for
        if seconds:
            remember(holder, found, seconds=seconds)
    except KeychainError as error:
        if say:
            from devkeys import ask

            ask.say(f"devkeys: the passphrase will be asked for each time: {error}")


def wrapping(chosen: Secret) -> "Callable[[bytes], bytes]":
    """Return what encrypts an identity file's plain text with *chosen*, and opens it to be sure.

    It takes seconds. This process need not be told the passphrase of what it encrypted.
    """

    def wrap(plain: bytes) -> bytes:
        sealed = envelope.seal_with(plain, chosen)
        if envelope.unseal_with(sealed, chosen) != plain:
            raise KeychainLockedError(
                "what was encrypted does not open", hint="try again; nothing was changed"
            )
        held = identity.parse_identity(plain, "the identity")
        _unlocked[envelope.recipient_of(held) or ""] = held
        return sealed

    return wrap
