"""Looking at every file of the store: whether it is whole, in its place, and up to date.

Nothing is written. What is wrong is a Fault, with the remedy that `repairing` has for it.
"""

import os
import re
import shlex
import stat
from collections.abc import Iterator
from typing import NamedTuple

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.store import (
    layout,
    ledger,
    moving,
    newer,
    previous,
    projects,
    rekeying,
    remote,
    resealing,
    values,
)
from devkeys.store.filenames import decode
from devkeys.store.identity import Identity
from devkeys.store.record import Record, encode, read_record
from devkeys.store.values import Values

# Remedies: what `repairing` can do.
RESTORE, LEDGER, BEFORE, COUNTER = "restore", "ledger", "before", "counter"
ASIDE, REMOVE, MODE, RECORD, COPY = "aside", "remove", "mode", "record", "copy"
FINISH, OLD = "finish", "old"

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")
_ASIDE_NAME = re.compile(rf".+{projects.ASIDE}")
_KINDS = (".age", ".json", ".previous", ".before", ".remote")


class Fault(NamedTuple):
    """What is wrong with the file *path*: *what*, a clause; *remedy* is empty if nothing helps.

    *project* and *profile* are those it belongs to, if it does to one.
    """

    path: str
    what: str
    remedy: str = ""
    project: str = ""
    profile: str = ""


class Store(NamedTuple):
    """What is looked at: two directories, and what opens the files, if anything does."""

    data_dir: str
    state_dir: str
    identity: Identity | None


def examine(store: Store) -> Iterator[Fault]:
    """Yield what is wrong with the store, the files that the rest hangs on first."""
    unknown = [Fault(*found) for found in newer.records(store.data_dir)]
    if unknown:  # by which nothing else here can be judged
        yield from unknown
        return
    record = None
    modes = list(_modes(store.data_dir))
    yield from modes
    try:
        record = read_record(store.data_dir)
    except DevkeysError as error:
        path = layout.record_path(store.data_dir)
        # One that others may read is whole, for all that is known.
        open_ones = [fault.path for fault in modes if fault.remedy == MODE]
        if not {path, store.data_dir}.intersection(open_ones):
            yield Fault(path, str(error), RECORD)
    if record is not None:
        yield from _record(store.data_dir, record)
    yield from _leftovers(store)
    for project, profile in profiles(store.data_dir):
        unknown = [
            Fault(path, what, "", project, profile)
            for path, what in newer.of_profile(*store[:2], project, profile, store.identity)
        ]
        yield from unknown or _profile(store, project, profile)


def profiles(data_dir: str) -> list[tuple[str, str]]:
    """Return (project, profile) of all that has any file, sorted."""
    found = set()
    for directory, project in _projects(data_dir):
        for name in _names(directory):
            stem, extension = os.path.splitext(name)
            profile = decode(stem) if extension in _KINDS else None
            if profile is not None:
                found.add((project, profile))
    return sorted(found)


def _projects(data_dir: str) -> Iterator[tuple[str, str]]:
    root = layout.projects_dir(data_dir)
    for name in _names(root):
        project = decode(name)
        if project is not None:
            yield os.path.join(root, name), project


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _modes(data_dir: str) -> Iterator[Fault]:
    """Look at who may reach what, down from the store's own directory."""
    for path in _all_paths(data_dir):
        try:
            status = os.lstat(path)
            files.check_private(path, status)
        except FileNotFoundError:
            continue
        except DevkeysError as error:
            ours = os.name == "posix" and status.st_uid == os.geteuid()
            yield Fault(path, str(error), MODE if ours and not _is_link(status) else "")


def _all_paths(data_dir: str) -> Iterator[str]:
    yield data_dir
    for directory, folders, names in os.walk(data_dir):
        yield from (os.path.join(directory, name) for name in (*folders, *names))


def _is_link(status: os.stat_result) -> bool:
    return stat.S_ISLNK(status.st_mode)


def _record(data_dir: str, record: Record) -> Iterator[Fault]:
    path = layout.record_copy_path(data_dir)
    if os.path.lexists(path) and _content(path) != encode(record):
        yield Fault(path, f"{path} differs from the record that it is a copy of", COPY)
    if rekeying.is_pending(data_dir, record):
        yield Fault(layout.record_path(data_dir), "a rekey was interrupted", FINISH)
    else:
        yield from _sealing(data_dir, record)
    for copy in moving.copies(data_dir, record, None):
        what = "is a copy of what is in the keychain: a move was interrupted"
        yield Fault(copy.where, f"{copy.where} {what}", FINISH)


def _content(path: str) -> bytes | None:
    try:
        return layout.read(path)
    except DevkeysError:
        return None


def _sealing(data_dir: str, record: Record) -> Iterator[Fault]:
    try:
        miscounted = resealing.miscounted(data_dir, record)
    except DevkeysError:
        return  # what cannot be read is told by those who look at each file
    for path in miscounted:
        what = "is sealed to more or to fewer than the record says, such as a recovery key"
        yield Fault(path, f"{path} {what}", FINISH)


def _leftovers(store: Store) -> Iterator[Fault]:
    """Look for what killed writers left, and for what is none of ours."""
    counters = layout.counters_dir(store.state_dir)
    places = [store.data_dir, store.state_dir, *(path for path, _ in _projects(store.data_dir))]
    places += [os.path.join(counters, name) for name in _names(counters)]
    for directory in places:
        for name in _names(directory):
            if _LEFTOVER.fullmatch(name):
                path = os.path.join(directory, name)
                yield Fault(path, f"{path} was left by a killed write", REMOVE)
    for directory, _ in _projects(store.data_dir):
        for name in _names(directory):
            stem, extension = os.path.splitext(name)
            known = extension in _KINDS and decode(stem) is not None
            if not (known or _LEFTOVER.fullmatch(name) or _ASIDE_NAME.fullmatch(name)):
                path = os.path.join(directory, name)
                yield Fault(path, f"{path} is no file of the store")


def _profile(store: Store, project: str, profile: str) -> Iterator[Fault]:
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


def read_values(
    path: str, project: str, profile: str, opened: Identity
) -> tuple[Values | None, str]:
    """Return the values in the file *path*, or None and what is wrong with it, if it is there."""
    try:
        sealed = layout.read(path, limit=layout.LIMIT)
        if sealed is None:
            return None, ""
        return values.decode(opened.unseal(sealed, path=path), project, profile, path=path), ""
    except DevkeysError as error:
        return None, str(error)


def best_before(store: Store, project: str, profile: str) -> Values | None:
    """Return the newest values that can still be read: of the file before, or of an old one."""
    if store.identity is None:
        return None
    paths = (
        layout.before_path(store.data_dir, project, profile),
        layout.values_path(store.data_dir, project, profile),
    )
    found = [read_values(path, project, profile, store.identity)[0] for path in paths]
    return max(filter(None, found), key=lambda one: one.counter, default=None)


def names_at_stake(store: Store, project: str, profile: str) -> list[str]:
    """Return the names that have a value by the ledger."""
    try:
        return ledger.names(ledger.read(store.data_dir, project, profile))
    except DevkeysError:
        return []


def _is_noted(data_dir: str, project: str, profile: str, current: Values) -> bool:
    try:
        return ledger.agrees(ledger.read(data_dir, project, profile), current)
    except DevkeysError:
        return False
