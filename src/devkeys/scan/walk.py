"""The files below a directory: regular ones, each where it stands, links never followed."""

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from devkeys.files import reason
from devkeys.scan.finding import Unseen

# What others wrote and any command fetches again.
FETCHED = frozenset(
    {
        "node_modules",
        "bower_components",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
    }
)
VENV, OBJECTS, MOUNTED = "virtual environments", "git's objects", "other file systems"
_WHY = {
    VENV: "virtual environments are left out",
    OBJECTS: "git's objects are looked at with --git-history",
    MOUNTED: "another file system; name it with --path to have it looked at",
}
_KINDS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}

Identity = tuple[int, int]  # a device's number and an inode's


class File(NamedTuple):
    """A regular file that is to be looked at: its *path*, and its *size* when it was listed."""

    path: str
    size: int


class Walk:
    """A walk through directories, which comes to none of them twice.

    *without* is what to leave out, *since* the oldest modification that counts, in seconds since
    the epoch.
    """

    def __init__(self, without: Collection[Identity] = (), since: float | None = None) -> None:
        self._without = frozenset(without)
        self._since = since
        self._seen: set[Identity] = set()
        self._left_out: Counter[str] = Counter()

    def below(self, root: str) -> Iterator[File | Unseen]:
        """Yield the files below the directory *root*, and what was left out."""
        try:
            status = os.stat(root)
        except OSError as error:
            yield Unseen(root, reason(error), failed=True)
            return
        self._left_out.clear()
        if self._is_new(status):
            yield from self._tree(root, status.st_dev)
        for what, number in self._left_out.items():
            yield Unseen(root, _WHY.get(what, f"{what} is left out"), number)

    def _tree(self, root: str, device: int) -> Iterator[File | Unseen]:
        waiting = [root]
        while waiting:
            directory = waiting.pop()
            try:
                with os.scandir(directory) as listing:
                    entries = list(listing)
            except FileNotFoundError:  # removed since it was listed
                continue
            except OSError as error:
                yield Unseen(directory, reason(error), failed=True)
                continue
            rule = _rule(directory, {entry.name for entry in entries})
            if rule == VENV and directory != root:
                self._left_out[VENV] += 1
                continue
            directories: list[os.DirEntry[str]] = []
            yield from self._files(directory, entries, directories)
            below = [e.path for e in directories if self._is_entered(e, device, rule)]
            waiting += reversed(below)

    def _files(
        self,
        directory: str,
        entries: list["os.DirEntry[str]"],
        directories: list["os.DirEntry[str]"],
    ) -> Iterator[File | Unseen]:
        """Yield the files of one directory, and collect the directories in it."""
        kinds: Counter[str] = Counter()
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                yield Unseen(entry.path, reason(error), failed=True)
                continue
            kind = stat.S_IFMT(status.st_mode)
            if kind == stat.S_IFREG:
                if self._is_wanted(status):
                    yield File(entry.path, status.st_size)
            elif kind == stat.S_IFDIR:
                directories.append(entry)
            elif kind != stat.S_IFLNK:
                kinds[_KINDS.get(kind, "what is no regular file")] += 1
        for what, number in kinds.items():
            yield Unseen(directory, f"{what} is not opened", number)

    def _is_entered(self, entry: "os.DirEntry[str]", device: int, rule: str) -> bool:
        status = entry.stat(follow_symlinks=False)  # known by now: nothing is asked again
        if entry.name in FETCHED:
            self._left_out[entry.name] += 1
        elif rule == OBJECTS and entry.name == "objects":
            self._left_out[OBJECTS] += 1
        elif status.st_dev != device:
            self._left_out[MOUNTED] += 1
        else:
            return self._is_new(status)
        return False

    def _is_wanted(self, status: os.stat_result) -> bool:
        if self._since is not None and status.st_mtime < self._since:
            return False
        return not self._without or (status.st_dev, status.st_ino) not in self._without

    def _is_new(self, status: os.stat_result) -> bool:
        identity = status.st_dev, status.st_ino
        if identity in self._seen or identity in self._without:
            return False
        self._seen.add(identity)
        return True


def _rule(directory: str, names: set[str]) -> str:
    """Return what is left out of a directory that holds *names*; empty for nothing."""
    if "pyvenv.cfg" in names:
        return VENV
    if "objects" in names and ({"HEAD", "refs"} <= names or os.path.basename(directory) == "lfs"):
        return OBJECTS
    return ""
