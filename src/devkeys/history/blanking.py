"""Overwriting entries of a history in place, with as many blanks: the file keeps its length.

ksh93 and mksh keep their history open and go by offsets: one that was replaced, or became
shorter, is lost to those that run. A kill in between leaves entries overwritten, or not yet.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.history import Book, Entry, Outcome, Parse
from devkeys.history.locks import locked
from devkeys.rewriting import opened

FORMATS = frozenset(("ksh93", "mksh"))
_TRIES = 20
_PAUSE = 0.01  # seconds
_PRINTED = re.compile(rb"[ -~]+")

Held = Callable[[Sequence[Entry]], Iterable[int]]


class _Patch(NamedTuple):
    offset: int
    old: bytes
    new: bytes


def blank(book: Book, parse: Parse, held: Held) -> Outcome:
    """Overwrite the entries of *book* whose indexes *held* gives; raise DevkeysError."""
    removed = 0
    for attempt in range(_TRIES):
        time.sleep(_PAUSE * attempt)
        try:
            with locked(book), opened(book.path) as original:
                entries = list(parse(original.data))
                patches = list(_patches(entries, set(held(entries))))
                if not patches:
                    return Outcome(removed)
                removed += _write(original.path, original.descriptor, patches)
        except FileNotFoundError:
            return Outcome(removed)
        except OSError as error:
            raise DevkeysError(f"cannot write {book.path}: {files.reason(error)}") from None
    raise DevkeysError(
        f"{book.path} still holds a value after {_TRIES} tries",
        hint="end the shells that write to it, and try again",
    )


def _patches(entries: Sequence[Entry], held: set[int]) -> Iterator[_Patch]:
    offset = 0
    for at, entry in enumerate(entries):
        if at in held:
            new = _blanked(entry)
            if new != entry.raw:
                yield _Patch(offset, entry.raw, new)
        offset += len(entry.raw)


def _blanked(entry: Entry) -> bytes:
    """Return as many bytes as the entry has, with a comment for its text."""
    if entry.text and entry.text in entry.raw:
        return entry.raw.replace(entry.text, _comment(len(entry.text)), 1)
    return _PRINTED.sub(lambda printed: _comment(len(printed[0])), entry.raw)


def _comment(length: int) -> bytes:
    return b"#".ljust(length)


def _write(path: str, read_from: int, patches: Iterable[_Patch]) -> int:
    """Write the *patches* where the file still holds what they replace; return how many."""
    written = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
    try:
        if not os.path.sameopenfile(descriptor, read_from):
            return 0  # a starting ksh has put a shorter one into its place
        for patch in patches:
            if os.pread(read_from, len(patch.old), patch.offset) == patch.old:
                os.pwrite(descriptor, patch.new, patch.offset)
                written += 1
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return written
