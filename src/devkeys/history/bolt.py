"""elvish's history: the file format of bbolt, as far as reading the bucket `cmd` needs it.

A file is pages of one size; a page may go on over the next ones (overflow). Pages 0 and 1 are
meta pages, of which the newer one that is whole says where the tree of buckets begins. A key is a
command's number, 8 bytes with the highest first, its value the command. The layout is that of
bbolt's page.go; everything is read with the boundaries checked, and no page twice.
"""

import struct
import sys
from collections.abc import Iterator
from typing import NamedTuple

from devkeys.history import Entry
from devkeys.history.errors import HistoryError, read_whole

_LIMIT = 1 << 28  # bytes
_TRIES = 5  # a daemon that is running may write meanwhile
_BUCKET = b"cmd"
# In the order of the machine's bytes; see `unsafeByteSlice` there.
_ORDER = "<" if sys.byteorder == "little" else ">"
_HEADER = struct.Struct(_ORDER + "QHHI")  # page, flags, count, overflow
_META = struct.Struct(_ORDER + "IIIIQQQQQQ")
_BRANCH = struct.Struct(_ORDER + "IIQ")  # position of the key from here, its size, page
_LEAF = struct.Struct(_ORDER + "IIII")  # flags, position of the key from here, size, value's size
_ROOT = struct.Struct(_ORDER + "QQ")  # page, or 0: the page follows; sequence
_IS_BRANCH, _IS_LEAF, _IS_META = 1, 2, 4
_IS_BUCKET = 1
_MAGIC, _VERSION = 0xED0CDAED, 2


class DamagedError(Exception):
    """The bytes are not those of a whole bbolt file."""


class Command(NamedTuple):
    """A command of elvish's history, with its number."""

    number: int
    text: bytes


def entries(path: str) -> Iterator[Entry]:
    """Return the commands of the history at *path*, the oldest first.

    HistoryError: it cannot be read, or is no such file.
    """
    return iter([Entry(b"", one.text) for one in commands(path)])


def commands(path: str) -> list[Command]:
    """Return what `entries` does, with the commands' numbers."""
    for _ in range(_TRIES):
        data = read_whole(path, limit=_LIMIT)
        try:
            found = list(parsed(data))
        except DamagedError:
            found = None
        # What was written while it was read has mixed old pages with new ones.
        if _newest(data) == _newest(read_whole(path, limit=_LIMIT)):
            if found is not None:
                return found
            break
    else:
        raise HistoryError(f"{path} is written to all the time")
    raise HistoryError(f"{path} is not a history of elvish, or is damaged")


def parsed(data: bytes) -> Iterator[Command]:
    """Yield the commands in the bytes of a file; DamagedError if those are not whole."""
    meta = _newest(data)
    if meta is None:
        raise DamagedError
    tree = _Tree(data, meta.page_size)
    for flags, key, value in tree.leaves(meta.root):
        if key == _BUCKET and flags & _IS_BUCKET:
            for kind, number, text in tree.bucket(value):
                if not kind & _IS_BUCKET and len(number) == 8:
                    yield Command(int.from_bytes(number, "big"), text)


class _Meta(NamedTuple):
    page_size: int
    root: int
    transaction: int


def _newest(data: bytes) -> _Meta | None:
    """Return the newer of the meta pages that are whole."""
    first = _meta(data, 0)
    # The second one is where the first says, or else at any size a page may have.
    sizes = [first.page_size] if first else [1 << bits for bits in range(9, 17)]
    second = [found for size in sizes if (found := _meta(data, size)) and found.page_size == size]
    return max([*([first] if first else []), *second], key=lambda x: x.transaction, default=None)


def _meta(data: bytes, at: int) -> _Meta | None:
    body = data[at + _HEADER.size : at + _HEADER.size + _META.size]
    if len(body) < _META.size or not _HEADER.unpack_from(data, at)[1] & _IS_META:
        return None
    magic, version, size, _, root, _, _, _, transaction, checksum = _META.unpack(body)
    known = magic == _MAGIC and version == _VERSION and checksum == _fnv(body[:-8])
    fits = 512 <= size <= 1 << 16 and size & (size - 1) == 0
    return _Meta(size, root, transaction) if known and fits else None


def _fnv(data: bytes) -> int:
    """Return FNV-1a of 64 bits."""
    found = 0xCBF29CE484222325
    for byte in data:
        found = (found ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return found


_Leaf = tuple[int, bytes, bytes]  # flags, key, value


class _Tree:
    """The pages of a file, each of which is read once at most."""

    def __init__(self, data: bytes, page_size: int) -> None:
        self.data = data
        self.page_size = page_size
        self.seen: set[int] = set()
        self.left = len(data)  # bytes that keys and values may have in all

    def bucket(self, value: bytes) -> Iterator[_Leaf]:
        """Yield the leaves of the bucket that is written in *value*."""
        if len(value) < _ROOT.size:
            raise DamagedError
        root, _ = _ROOT.unpack_from(value)
        if root:
            yield from self.leaves(root)
        else:
            yield from self._elements(value[_ROOT.size :])

    def leaves(self, root: int) -> Iterator[_Leaf]:
        """Yield the leaves below the page *root*, in the order of their keys."""
        waiting = [root]
        while waiting:
            page = self._page(waiting.pop())
            flags, count = _HEADER.unpack_from(page)[1:3]
            if flags & _IS_LEAF:
                yield from self._elements(page)
            elif flags & _IS_BRANCH:
                end = _HEADER.size + count * _BRANCH.size
                if end > len(page):
                    raise DamagedError
                below = [child for _, _, child in _BRANCH.iter_unpack(page[_HEADER.size : end])]
                waiting += reversed(below)
            else:
                raise DamagedError

    def _page(self, number: int) -> bytes:
        start = number * self.page_size
        if number in self.seen or start + self.page_size > len(self.data):
            raise DamagedError
        self.seen.add(number)
        overflow = _HEADER.unpack_from(self.data, start)[3]
        return self.data[start : start + (1 + overflow) * self.page_size]

    def _elements(self, page: bytes) -> Iterator[_Leaf]:
        """Yield what a leaf page holds."""
        if len(page) < _HEADER.size:
            raise DamagedError
        _, flags, count, _ = _HEADER.unpack_from(page)
        if not flags & _IS_LEAF or _HEADER.size + count * _LEAF.size > len(page):
            raise DamagedError
        for at in range(_HEADER.size, _HEADER.size + count * _LEAF.size, _LEAF.size):
            kind, position, key_size, size = _LEAF.unpack_from(page, at)
            start = at + position
            middle = start + key_size
            self.left -= key_size + size
            if middle + size > len(page) or self.left < 0:
                raise DamagedError
            yield kind, page[start:middle], page[middle : middle + size]
