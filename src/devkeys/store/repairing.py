"""Mending what `verifying` found, so that nothing is lost that could still be read.

What is taken out of use is put aside under a name of its own, not removed, unless it holds
nothing of value. Each works under the store's lock, and looks again before it changes anything.
"""

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from devkeys import atomic, files
from devkeys.errors import DevkeysError, StoreError
from devkeys.store import faults, layout, ledger, previous, values, write
from devkeys.store.faults import Fault, Store
from devkeys.store.identity import Identity
from devkeys.store.record import read_record, write_record
from devkeys.store.salvage import best_before, read_values
from devkeys.store.values import Values


class Moment(NamedTuple):
    """Who mends, user@host, and when, in seconds since the epoch."""

    who: str
    now: float


def restore(store: Store, fault: Fault, moment: Moment) -> None:
    """Let the newest values that can be read be the profile's, as its newest write."""
    opened, found = _needed(store), best_before(store, fault.project, fault.profile)
    if found is None:
        raise StoreError(
            f"nothing can be read in place of {fault.path}", hint="put it back from a backup"
        )
    where = (store.data_dir, fault.project, fault.profile)
    path = layout.values_path(*where)
    damaged = read_values(path, fault.project, fault.profile, opened)[0] is None
    _clear_former(store, fault, opened, moment)
    if damaged:
        put_aside(path, moment)
    notes = _notes(store, fault)
    # A child may have been given what is lost: no other value takes its generation.
    generations = {
        name: max(held, notes[name].generation + 1) if name in older(found, notes) else held
        for name, held in found.generations.items()
    }
    counter = max(found.counter, _seen(store, fault)) + 1
    new = Values(counter, found.values, found.kinds, generations)
    write.put_in_place(*where, opened, new)
    sealed = layout.read(path, limit=layout.LIMIT)
    if damaged and sealed is not None:  # what is before holds the same, and is to count so
        atomic.write(layout.before_path(*where), sealed)
    _note(store, fault, new, moment)


def _clear_former(store: Store, fault: Fault, opened: Identity, moment: Moment) -> None:
    """Put former values aside that cannot be read: they would keep the present ones from it."""
    try:
        previous.read(store.data_dir, fault.project, fault.profile, opened)
    except layout.NewerError:
        raise
    except DevkeysError:
        put_aside(layout.previous_path(store.data_dir, fault.project, fault.profile), moment)


def older(found: Values, notes: Mapping[str, ledger.Note]) -> list[str]:
    """Return the names of which *found* has an earlier value than the ledger knows of."""
    return sorted(n for n, g in found.generations.items() if n in notes and notes[n].generation > g)


def missing(found: Values, notes: Mapping[str, ledger.Note]) -> list[str]:
    """Return the names that have a value by the ledger, but none in *found*."""
    return [name for name in ledger.names(notes) if name not in found.values]


def forecast(store: Store, fault: Fault) -> tuple[list[str], list[str]]:
    """Return the names that would be lost, and those that would get an earlier value."""
    found = best_before(store, fault.project, fault.profile) or Values(0, {}, {}, {})
    notes = _notes(store, fault)
    return missing(found, notes), older(found, notes)


def _notes(store: Store, fault: Fault) -> dict[str, ledger.Note]:
    try:
        return ledger.read(store.data_dir, fault.project, fault.profile)
    except DevkeysError:
        return {}


def _needed(store: Store) -> Identity:
    if store.identity is None:
        raise StoreError("what opens the store is not there", hint="see devkeys store recover")
    return store.identity


def _seen(store: Store, fault: Fault) -> int:
    path = layout.counter_path(store.state_dir, fault.project, fault.profile)
    try:
        return values.read_counter(path)
    except DevkeysError:
        return 0


def notes(store: Store, fault: Fault, moment: Moment) -> None:
    """Write counter and ledger anew, as the values have it."""
    _note(store, fault, _whole(store, fault), moment)


def _whole(store: Store, fault: Fault) -> Values:
    path = layout.values_path(store.data_dir, fault.project, fault.profile)
    found, why = read_values(path, fault.project, fault.profile, _needed(store))
    if found is None:
        raise StoreError(why or f"{path} is gone", hint="devkeys store verify looks again")
    return found


def _note(store: Store, fault: Fault, new: Values, moment: Moment) -> None:
    known = _notes(store, fault)
    changed = [n for n, g in new.generations.items() if n in known and known[n].generation < g]
    revised = ledger.revise(known, new, changed, source="repair", who=moment.who, now=moment.now)
    where = (store.data_dir, store.state_dir, fault.project, fault.profile)
    write.after_commit(*where, new.counter, revised)


def copy_values(store: Store, fault: Fault, moment: Moment) -> None:
    """Make a copy of the present values the file before, in place of a damaged one."""
    _whole(store, fault)
    put_aside(fault.path, moment)
    path = layout.values_path(store.data_dir, fault.project, fault.profile)
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is not None:
        atomic.write(fault.path, sealed)


def aside(_store: Store, fault: Fault, moment: Moment) -> None:
    """Take a file out of use."""
    put_aside(fault.path, moment)


def put_aside(path: str, moment: Moment) -> None:
    """Give the file *path* a name that says that it is damaged, and when that was found."""
    stamp = ledger.utc(moment.now).replace("-", "").replace(":", "")
    try:
        os.rename(path, f"{path}.damaged.{stamp}")
        atomic.sync_directory(os.path.dirname(path))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(
            f"cannot put {path} aside: {files.reason(error)}", hint="check the directory it is in"
        ) from None


def remove(_store: Store, fault: Fault, _moment: Moment) -> None:
    """Remove a file that holds nothing of value."""
    atomic.remove(fault.path)


def mode(_store: Store, fault: Fault, _moment: Moment) -> None:
    """Take the rights of others away."""
    try:
        os.chmod(fault.path, 0o700 if os.path.isdir(fault.path) else 0o600, follow_symlinks=False)
    except NotImplementedError:
        os.chmod(fault.path, 0o700 if os.path.isdir(fault.path) else 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot change {fault.path}: {files.reason(error)}", hint=f"chmod go= {fault.path}"
        ) from None


def copy_record(store: Store, _fault: Fault, _moment: Moment) -> None:
    """Write the record's copy anew."""
    record = read_record(store.data_dir)
    if record is not None:
        write_record(store.data_dir, record)


ACTIONS: Mapping[str, Callable[[Store, Fault, Moment], None]] = {
    faults.RESTORE: restore,
    faults.OLD: restore,
    faults.LEDGER: notes,
    faults.COUNTER: notes,
    faults.BEFORE: copy_values,
    faults.ASIDE: aside,
    faults.REMOVE: remove,
    faults.MODE: mode,
    faults.COPY: copy_record,
}
