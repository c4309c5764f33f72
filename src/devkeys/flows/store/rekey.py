"""`devkeys store rekey`: another key for the store, and every file sealed to it."""

from devkeys import ask
from devkeys.errors import StoreError
from devkeys.flows.store import finishing, installed
from devkeys.lock import locked
from devkeys.session import Session
from devkeys.store import identity, layout, rekeying, resealing
from devkeys.store.record import CONFIRMED

_MANY = 200  # files

BEFORE = """\
The store gets a new key, and every file of it is sealed to that. The old key opens what was
copied before: backups, exports of the keychain, snapshots of the disk. If the old key leaked,
take the values for leaked, too: make new ones where they come from, then devkeys set them."""


def rekey(session: Session, *, confirmed: bool, yes: bool) -> None:
    """Replace the identities of the store, or with *confirmed* that of confirmed profiles only."""
    record = installed.existing(session)
    if confirmed and record.confirmed is None:
        raise StoreError(
            "confirmed profiles have no key of their own yet",
            hint="it is made when a profile with confirm = true gets its first value",
        )
    if rekeying.is_pending(session.data_dir, record):
        done = finishing.finish_rekey(session)
        if done:
            ask.say(f"devkeys: finished the rekey that was interrupted: {'; '.join(done)}")
            return
    ask.say(BEFORE)
    installed.agreed("Make a new key?", yes=yes)
    which = [name for name, _ in record.holders() if not confirmed or name == CONFIRMED]
    _replace(session, which)


def _replace(session: Session, which: list[str]) -> None:
    found = installed.opened(session, replacing=which)
    data_dir = session.data_dir
    with locked(layout.lock_path(data_dir)):
        rekeying.check_same(data_dir, found.record)
        files = resealing.survey_all(data_dir, found.keys)
        if len(files) > _MANY:
            ask.say(f"devkeys: sealing {len(files)} files, which takes a while")
        for name in which:
            with finishing.unfinished("devkeys store rekey"):
                rekeying.begin(data_dir, name)
                found = found._replace(record=installed.existing(session))
                _, found = finishing.complete(session, found)
    holders = dict(found.record.holders())
    places = " and ".join(identity.place(data_dir, name, holders[name]) for name in which)
    ask.say(
        f"devkeys: the store has a new key: {places}; {len(files)} "
        f"file{'s' * (len(files) != 1)} of values opened and sealed"
    )
    if found.record.recovery:
        ask.say("devkeys: the recovery key stays as it is")
