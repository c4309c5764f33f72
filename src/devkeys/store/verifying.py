"""Looking at every file of the store: whether it is whole, in its place, and up to date.

Nothing is written. What is wrong is a Fault, with the remedy that `repairing` has for it.
"""

import os
import re
import stat
from collections.abc import Iterator

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.store import layout, moving, newer, projects, rekeying, resealing
from devkeys.store.faults import COPY, FINISH, MODE, RECORD, REMOVE, Fault, Store
from devkeys.store.filenames import decode
from devkeys.store.inspecting import inspect_profile
from devkeys.store.record import Record, encode, read_record

_LEFTOVER = re.compile(r"\..+\.[0-9a-f]{12}\.tmp")
_ASIDE_NAME = re.compile(rf".+{projects.ASIDE}")
_KINDS = (".age", ".json", ".previous", ".before", ".remote")


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
        yield from unknown or inspect_profile(store, project, profile)


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
