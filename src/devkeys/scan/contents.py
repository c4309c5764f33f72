"""One file, searched a chunk at a time in constant memory."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from devkeys.files import reason
from devkeys.scan.finding import Unseen
from devkeys.scan.lines import line_numbers
from devkeys.scan.search import CHUNK, OVERLAP, Hit, Search

LARGEST = 1 << 30  # bytes of one file that are looked at unless it was asked for by name
MOST = 10_000  # hits of one value in one file that are counted
GROWTH = 1 << 24  # bytes by which a file may grow while it is read, and is still read to its end
_BLOCK = 512  # bytes of st_blocks

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_SEEK_DATA = getattr(os, "SEEK_DATA", None)


class Held(NamedTuple):
    """A known value in a file: its index *known*, and how often it stands there.

    *form*, *offset* (bytes) and *line* (from 1; None in data without lines) are of the first.
    *times* is the number of times, at least so many if it is MOST.
    """

    known: int
    form: str
    offset: int
    line: int | None
    times: int


class Content(NamedTuple):
    """What looking at the file *path* came to; *modified* in seconds since the epoch."""

    path: str
    held: tuple[Held, ...] = ()
    modified: float = 0.0
    unseen: Unseen | None = None


class Limits(NamedTuple):
    """How much of a file is read, and how: all in bytes; *largest* None means all of it."""

    largest: int | None = LARGEST
    chunk: int = CHUNK
    overlap: int = OVERLAP


def look(
    path: str, search: Search, *, named: bool = False, limits: Limits | None = None
) -> Content:
    """Search the file *path*.

    If the user *named* it, a symbolic link is followed and its size is no matter; else what is
    not a regular file any more, or too large, is not looked at.
    """
    limits = limits or Limits(largest=None if named else LARGEST)
    content = _once(path, search, named, limits)
    if content.unseen is _REPLACED:
        content = _once(path, search, named, limits)
    if content.unseen is _REPLACED:
        content = content._replace(
            unseen=Unseen(path, "replaced again and again while it was read")
        )
    return content


_REPLACED = Unseen("", "replaced")


def _once(path: str, search: Search, named: bool, limits: Limits) -> Content:
    try:
        descriptor = os.open(path, _FLAGS | (0 if named else _NOFOLLOW))
    except OSError as error:
        return _failed(path, error, named)
    try:
        status = os.fstat(descriptor)
        if unseen := _refused(path, status, limits):
            return Content(path, unseen=unseen)
        return _searched(path, descriptor, status, search, limits)
    except OSError as error:
        return _failed(path, error, named)
    finally:
        os.close(descriptor)


def _failed(path: str, error: OSError, named: bool) -> Content:
    if error.errno == errno.ENOENT and not named:  # removed since it was listed
        return Content(path)
    if error.errno == errno.ELOOP and not named:
        return Content(path, unseen=Unseen(path, "it became a symbolic link meanwhile"))
    return Content(path, unseen=Unseen(path, reason(error), failed=True))


def _refused(path: str, status: os.stat_result, limits: Limits) -> Unseen | None:
    if not stat.S_ISREG(status.st_mode):
        return Unseen(path, "no regular file")
    if limits.largest is not None and min(status.st_size, _stored(status)) > limits.largest:
        size = f"larger than {limits.largest >> 20} MiB"
        return Unseen(path, f"{size}; name it with --path to have it looked at")
    return None


def _stored(status: os.stat_result) -> int:
    """Return how many bytes of data the file has on the disk, its holes not counted."""
    blocks = getattr(status, "st_blocks", None)  # Windows has none
    return status.st_size if blocks is None else int(blocks) * _BLOCK


def _searched(
    path: str, descriptor: int, status: os.stat_result, search: Search, limits: Limits
) -> Content:
    tally = Tally()
    reader = Reader(descriptor, status, limits)
    unseen = None
    try:
        for start in reader.parts():
            for hit in search.stream(
                reader.read, tally.enough, chunk=limits.chunk, overlap=limits.overlap
            ):
                tally.add(hit, start)
    except OSError as error:
        unseen = Unseen(path, reason(error), failed=True)
    if unseen is None and reader.read_bytes > limits.chunk:
        unseen = _changed(path, descriptor, status, reader)
    held = tally.held(descriptor, sparse=reader.is_sparse) if tally.firsts else ()
    return Content(path, held, status.st_mtime, unseen)


def _changed(path: str, descriptor: int, before: os.stat_result, reader: "Reader") -> Unseen | None:
    after = os.fstat(descriptor)
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return None
    if (there.st_dev, there.st_ino) != (after.st_dev, after.st_ino):
        return _REPLACED
    if reader.is_cut or after.st_size > before.st_size + GROWTH:
        return Unseen(path, "it grew faster than it was read; its end was not looked at")
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        return Unseen(path, "it was written to while it was read")
    return None


class Reader:
    """Reads the parts of a file that hold data, one after another, in pieces."""

    def __init__(self, descriptor: int, status: os.stat_result, limits: Limits) -> None:
        self._descriptor = descriptor
        self._size = status.st_size
        # A small file's data may stand in the inode, and takes no blocks.
        self.is_sparse = status.st_size > limits.chunk and _stored(status) < status.st_size
        self.read_bytes = 0
        self.is_cut = False  # it still went on when reading was ended
        self._left = 0
        self._has_ended = False

    def parts(self) -> Iterator[int]:
        """Go to each part in turn, and yield where it begins."""
        if not self.is_sparse or _SEEK_DATA is None:
            self._left = self._size + GROWTH
            yield 0
            self.is_cut = self._left <= 0
            return
        stop = 0
        while stop < self._size:
            try:
                start = os.lseek(self._descriptor, stop, _SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole up to the end
                    return
                raise
            stop = os.lseek(self._descriptor, start, os.SEEK_HOLE)
            os.lseek(self._descriptor, start, os.SEEK_SET)
            self._left = stop - start
            yield start

    def read(self, size: int) -> bytes:
        """Return the next piece of the part, of at most *size* bytes; b"" is its end."""
        # One byte more than there should be, so that the end of most files shows at once.
        expected = self._size + 1 - self.read_bytes if not self.is_sparse else self._left
        asked = min(size, self._left, max(expected, 4096))
        if asked <= 0 or self._has_ended:
            return b""
        data = os.read(self._descriptor, asked)
        self.read_bytes += len(data)
        self._left -= len(data)
        if len(data) < asked and self.read_bytes >= self._size and not self.is_sparse:
            self._has_ended = True
        return data


class Tally:
    """Hits in one file, counted by value."""

    def __init__(self) -> None:
        self.firsts: dict[int, Hit] = {}
        self.enough: set[int] = set()
        self._times: dict[int, int] = {}

    def add(self, hit: Hit, start: int) -> None:
        """Count *hit*, in the part of the file that begins at *start*."""
        if hit.known not in self.firsts:
            self.firsts[hit.known] = hit._replace(start=hit.start + start)
        times = self._times[hit.known] = self._times.get(hit.known, 0) + 1
        if times >= MOST:
            self.enough.add(hit.known)

    def held(self, descriptor: int, *, sparse: bool) -> tuple[Held, ...]:
        """Return what was counted, in order of place; the lines are looked up now."""
        firsts = sorted(self.firsts.values(), key=lambda hit: hit.start)
        lines: list[int | None] = [None] * len(firsts)
        if not sparse:  # whoever writes holes writes no lines
            with suppress(OSError):
                lines = line_numbers(descriptor, [hit.start for hit in firsts])
        return tuple(
            Held(hit.known, hit.form, hit.start, line, min(self._times[hit.known], MOST))
            for hit, line in zip(firsts, lines, strict=True)
        )
