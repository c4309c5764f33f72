"""What an interrupted rekey, move or recovery key left of the store: finished."""

from collections.abc import Iterator
from contextlib import contextmanager

from devkeys.errors import DevkeysError, KeychainAbsentError, StoreError
from devkeys.flows.store import installed
from devkeys.flows.store.installed import Installed
from devkeys.keychain import open_keychain
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import layout, moving, recovery, rekeying
from devkeys.store.placing import Keychain
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, Holder, Record
from devkeys.store.rekeying import Change

KEYS = {OWN: "the store's key", CONFIRMED: "the key of confirmed profiles"}


def finish(session: Session) -> list[str]:
    """Finish what was interrupted, and return what was done, in sentences; empty if nothing.

    Raise StoreError if a file of values cannot be opened: it is to be mended first.
    """
    done = finish_rekey(session)
    found = installed.opened(session)
    with locked(layout.lock_path(session.data_dir)):
        rekeying.check_same(session.data_dir, found.record)
        count = recovery.settle(session.data_dir, found.keys)
        copies = moving.remove_copies(session.data_dir, found.secrets, _keychain(found.record))
    if count:
        done.append(f"sealed {count} file{'s' * (count != 1)} to those who are to read them")
    done += [f"removed a copy of {KEYS[copy.which]}: {copy.where}" for copy in copies]
    return done


def _keychain(record: Record) -> Keychain | None:
    """Return the keychain if the store has to do with it: a locked one must not hold up others."""
    if all(holder.kind != KEYCHAIN for _, holder in record.holders()):
        return None
    try:
        return open_keychain()
    except KeychainAbsentError:
        return None


def finish_rekey(session: Session) -> list[str]:
    """Finish an interrupted rekey; return what was done, in sentences."""
    record = installed.existing(session)
    if not rekeying.is_pending(session.data_dir, record):
        return []
    found = installed.opened(session)
    waiting = [
        which
        for which, holder in found.record.holders()
        if holder.next and rekeying.recipient(found.secrets[which]) != holder.next
    ]
    if waiting:
        found = installed.opened(session, replacing=waiting)
    with locked(layout.lock_path(session.data_dir)), unfinished("devkeys store rekey"):
        rekeying.check_same(session.data_dir, found.record)
        return complete(session, found)[0]


def complete(session: Session, found: Installed) -> tuple[list[str], Installed]:
    """Finish what is pending of the identities in *found*; under the store's lock.

    Return what was done, in sentences, and what opens the store then.
    """
    done = []
    for which, holder in found.record.holders():
        change = Change(
            which,
            found.places[which],
            found.secrets[which],
            found.keys,
            announce=installed.announcing(which, holder),
        )
        new = rekeying.complete(session.data_dir, change)
        if new is not None:
            found.secrets[which] = new
        if holder.next or holder.former:
            installed.forget(_old(holder, new))
            what = "is replaced" if new is not None else "stays: its successor was lost"
            done.append(f"{KEYS[which]} {what}")
    return done, found._replace(record=installed.existing(session))


def _old(holder: Holder, new: Secret | None) -> str:
    """Return whose the kernel's key is that nobody needs any more."""
    if holder.former:
        return holder.former
    return holder.recipient if new is not None else holder.next


@contextmanager
def unfinished(command: str) -> Iterator[None]:
    """Say with every error in between that nothing is lost, and how to go on."""
    try:
        yield
    except DevkeysError as error:
        raise StoreError(
            f"not finished: {error}",
            hint=f"every value can be read as before; {command} again goes on",
        ) from None
