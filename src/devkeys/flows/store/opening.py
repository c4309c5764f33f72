"""`devkeys store unlock` and `lock`: for how long nobody is asked for the store's passphrase."""

from devkeys import ask, unlocking
from devkeys.errors import KeychainError, UsageError
from devkeys.flows.ages import clock
from devkeys.keychain import kernel
from devkeys.project import toml, user
from devkeys.session import Session
from devkeys.store import envelope, layout
from devkeys.store.record import KEYCHAIN, OWN, Holder, read_record


def unlock(session: Session, *, period: str | None, place: str | None) -> None:
    """Let the kernel keep the store's identity for *period*, such as `8h`; say until when.

    What it keeps already gets the new time, and nobody is asked. *place* is a file with the
    passphrase. Raise KeychainError where the kernel keeps nothing.
    """
    seconds = _seconds(session, period)
    holder, sealed = _locked_away(session)
    if holder is None or sealed is None:
        return
    kernel.get(unlocking.label(holder.recipient))  # else the passphrase would be typed for nothing
    found = unlocking.unlocked(holder)
    if found is None:
        found = unlocking.unlock_anew(session, OWN, sealed, place=place)
    until = unlocking.remember(holder, found, seconds=seconds)
    ask.say(f"devkeys: unlocked until {clock(until)}")


def lock(session: Session) -> None:
    """Let the kernel forget the store's identity; nothing else remembers it."""
    holder, _ = _locked_away(session)
    if holder is None:
        return
    try:
        unlocking.forget(holder)
    except KeychainError as error:
        ask.say(f"devkeys: nothing keeps the store unlocked: {error}")
    else:
        ask.say("devkeys: locked; the next use asks for the passphrase")


def _seconds(session: Session, period: str | None) -> int:
    own = user.read(session.config_dir)
    if period is None:
        if not own.unlock_for:
            raise UsageError(
                f"{own.path} says that the passphrase is asked for each time",
                hint="--for 8h keeps the store unlocked all the same",
            )
        return own.unlock_for
    if not toml.is_time(period) or not toml.seconds(period):
        raise UsageError(
            "--for takes a time of at most 7d, such as 30m or 8h",
            hint="devkeys store lock ends it",
        )
    return toml.seconds(period)


def _locked_away(session: Session) -> tuple[Holder | None, bytes | None]:
    """Return who holds the store's identity, and its encrypted file; say why there is none."""
    record = read_record(session.data_dir)
    if record is None:
        ask.say("devkeys: there is no store yet, so nothing is locked")
        return None, None
    if record.own.kind == KEYCHAIN:
        ask.say("devkeys: the keychain holds the store's key, and is unlocked by itself")
        return None, None
    sealed = layout.read(layout.identity_path(session.data_dir))
    if sealed is not None and not envelope.wants_passphrase(sealed):
        ask.say(
            "devkeys: no passphrase protects the store's key, so it is always unlocked; devkeys "
            "store passphrase gives it one"
        )
        return None, None
    if sealed is None:
        from devkeys.store.loss import gone

        raise gone(session.data_dir, OWN, record.own)
    return record.own, sealed
