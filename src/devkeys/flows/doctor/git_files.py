"""The files of a git directory besides its objects: config, logs, messages, hooks, rerere, lfs."""

import os
import stat
from collections.abc import Callable, Collection, Iterator

from devkeys.flows.doctor import git_kinds as kinds
from devkeys.flows.doctor.git_edits import edit
from devkeys.flows.doctor.git_kinds import HIDDEN
from devkeys.scan.finding import Finding, Place, Unseen
from devkeys.scan.search import Hit, Search

# Read elsewhere: objects by git, submodules on their own; an index has names of objects only.
_ELSEWHERE = ("objects", "modules")
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


def look(
    directory: str,
    shown: str,
    search: Search,
    did: Callable[[int], None],
    *,
    found: Collection[tuple[str, str]],
) -> Iterator[Finding | Unseen]:
    """Yield what the files of the git directory hold.

    *found* are the kinds and secrets of what was found before: the reflog repeats messages,
    and the index names of files.
    """
    for path in _files(directory):
        relative = os.path.relpath(path, directory)
        try:
            first, count = _hits(path, search, did)
        except OSError as error:
            yield Unseen(_shown(path, search), (error.strerror or str(error)).lower())
            continue
        for known, hit in first.items():
            label = search.known[known].label
            if _repeats(relative, label, found):
                continue
            member = relative if not search.holds(os.fsencode(relative)) else HIDDEN
            place = Place(shown, member=f".git/{member}", times=count[known])
            what = "in a file of the git directory"
            yield Finding(kinds.DIRECTORY, place, what, edit(member, shown), (label,), hit.form)


def _repeats(path: str, label: str, found: Collection[tuple[str, str]]) -> bool:
    """Tell whether *path* only says once more what was found elsewhere."""
    parts = path.split(os.sep)
    if "logs" in parts:
        return (kinds.MESSAGE.id, label) in found or (kinds.NAME.id, label) in found
    return parts[-1] == "index" and (kinds.NAME.id, label) in found


def _files(directory: str) -> Iterator[str]:
    for parent, directories, names in os.walk(directory):
        if parent == directory:
            directories[:] = [name for name in directories if name not in _ELSEWHERE]
        yield from (os.path.join(parent, name) for name in sorted(names))


def _hits(
    path: str, search: Search, did: Callable[[int], None]
) -> tuple[dict[int, Hit], dict[int, int]]:
    first: dict[int, Hit] = {}
    count: dict[int, int] = {}
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return first, count  # git itself reads none of these; what a link leads to is not here
    descriptor = os.open(path, _FLAGS)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            for hit in search.stream(lambda size: _read(descriptor, size, did)):
                first.setdefault(hit.known, hit)
                count[hit.known] = count.get(hit.known, 0) + 1
    finally:
        os.close(descriptor)
    return first, count


def _read(descriptor: int, size: int, did: Callable[[int], None]) -> bytes:
    data = os.read(descriptor, size)
    did(len(data))
    return data


def _shown(path: str, search: Search) -> str:
    return HIDDEN if search.holds(os.fsencode(path)) else path
