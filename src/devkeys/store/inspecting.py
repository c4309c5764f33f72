"""Looking at the files of one profile; `verifying` looks at the rest of the store."""

import os
import shlex
from collections.abc import Iterator

from devkeys.errors import DevkeysError
from devkeys.store import layout, ledger, previous, remote, values
from devkeys.store.faults import ASIDE, BEFORE, COUNTER, LEDGER, OLD, REMOVE, RESTORE, Fault, Store
from devkeys.store.salvage import best_before, names_at_stake, read_values
from devkeys.store.values import Values


def inspect_profile(store: Store, project: str, profile: str) -> Iterator[Fault]:
    """Look at the files of one profile; those that are encrypted only if they can be opened."""
    data_dir = store.data_dir
    age = layout.values_path(data_dir, project, profile)
    counter_path = layout.counter_path(store.state_dir, project, profile)
    seen = 0
    try:
        seen = values.read_counter(counter_path)
    except DevkeysError as error:
        yield Fault(counter_path, str(error), COUNTER, project, profile)
    if store.identity is None:
        return
    current, why = read_values(age, project, profile, store.identity)
    if current is None and (os.path.lexists(age) or names_at_stake(store, project, profile)):
        remedy = _instead(best_before(store, project, profile), seen)
        what = why or f"{age} is gone"
        if not remedy:
            what += f"; a backup may have it, else {_room(project, profile)}"
        yield Fault(age, what, remedy, project, profile)
    elif current is not None and current.counter < seen:
        why = f"{age} is older than what was seen here: write {current.counter}, seen {seen}"
        yield Fault(age, why, OLD, project, profile)
    elif current is not None:
        yield from _beside(store, project, profile, current)


def _room(project: str, profile: str) -> str:
    command = f"devkeys forget --project {shlex.quote(project)} -p {shlex.quote(profile)}"
    return f"{command} makes room for values that are set anew"


def _instead(found: Values | None, seen: int) -> str:
    """Return the remedy where *found* is the best that is there in place of damaged values."""
    if found is None:
        return ""
    # The last write alone is to be missing: else it may have been put there, as any old file.
    return RESTORE if found.counter + 1 >= seen else OLD


def _beside(store: Store, project: str, profile: str, current: Values) -> Iterator[Fault]:
    """Look at the files beside values that are whole."""
    data_dir, opened = store.data_dir, store.identity
    if opened is None:
        return
    if not _is_noted(data_dir, project, profile, current):
        path = layout.ledger_path(data_dir, project, profile)
        yield Fault(path, f"{path} does not agree with the values", LEDGER, project, profile)
    path = layout.before_path(data_dir, project, profile)
    before, why = read_values(path, project, profile, opened)
    if before is None and why:
        yield Fault(path, why, BEFORE, project, profile)
    for read, path, remedy in (
        (previous.read, layout.previous_path(data_dir, project, profile), ASIDE),
        (remote.read, layout.remote_path(data_dir, project, profile), REMOVE),
    ):
        try:
            read(data_dir, project, profile, opened)
        except DevkeysError as error:
            yield Fault(path, str(error), remedy, project, profile)


def _is_noted(data_dir: str, project: str, profile: str, current: Values) -> bool:
    try:
        return ledger.agrees(ledger.read(data_dir, project, profile), current)
    except DevkeysError:
        return False
