"""Which histories this user has: by the programs' defaults, and by what moves them.

From the programs' own manuals and sources. A history that is no regular file (`HISTFILE=/dev/null`,
a FIFO, a directory) is none; one in a directory that may not be entered is told of all the same,
for whoever reads it to say so.
"""

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping

from devkeys.history import Book, elsewhere, shellbooks
from devkeys.history.machine import Machine

# What a file's first bytes tell of its format. An opaque one is searched, but never cut.
_MAGIC: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x81\x01"), "ksh93"),
    (re.compile(rb"\xab\xcd"), "mksh"),
    (re.compile(rb": *[0-9]{9,}:[0-9]+;"), "zsh"),
    (re.compile(rb"#\+[0-9]{9,}\n"), "tcsh"),
    (re.compile(rb"#[0-9]{9,11}\r?\n"), "bash"),
    (re.compile(rb"[\s\S]{,60}\0|\{\s*\"|\[\s*[{\n]"), "opaque"),
)
_SHELLS = frozenset(("ksh93", "mksh", "zsh", "tcsh", "bash"))
_GUESSED = frozenset(("bash", "zsh", "readline"))  # what the first bytes may overrule


def discover(
    environ: Mapping[str, str], home: str, *, platform: str = sys.platform
) -> Iterator[Book]:
    """Yield every history of the user whose home is *home*, each file once.

    *environ* is the user's environment; a relative path in it counts for nothing.
    """
    machine = Machine(environ, home, platform)
    seen: set[tuple[int, int] | str] = set()
    for book in _candidates(machine):
        identity = _identity(book.path)
        if identity is not None and identity not in seen:
            seen.add(identity)
            yield _told_by_content(book) if book.format in _GUESSED else book


def unresolved(
    environ: Mapping[str, str], home: str, *, platform: str = sys.platform
) -> Iterator[str]:
    """Yield the start-up files that move a history to where only their shell can tell."""
    yield from dict.fromkeys(shellbooks.unresolved(Machine(environ, home, platform)))


def _candidates(machine: Machine) -> Iterable[Book]:
    yield from shellbooks.books(machine)
    yield from elsewhere.books(machine)
    yield from elsewhere.by_name(machine)  # the last: whatever is not known better


def _identity(path: str) -> tuple[int, int] | str | None:
    """Return what tells the file at *path* from others, None if it is no history.

    A file with several names is one history by each of them: it is replaced by name.
    """
    if not os.path.isabs(path):  # without a home: whatever directory this is, it is nobody's
        return None
    try:
        status = os.stat(path)
    except PermissionError:
        return _closed(path)
    except (OSError, ValueError):  # absent, a loop of links, a NUL in an assigned name
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    if status.st_nlink > 1 or not status.st_ino:
        return os.path.normcase(os.path.realpath(path))
    return status.st_dev, status.st_ino


def _closed(path: str) -> str:
    """Return the directory above *path* that may not be entered: one for all that is in it."""
    parent = os.path.dirname(path)
    try:
        os.stat(parent)
    except PermissionError:
        return _closed(parent)
    except OSError:
        return path
    return path if parent == path else parent


def _told_by_content(book: Book) -> Book:
    head = _head(book.path)
    for pattern, name in _MAGIC:
        if pattern.match(head):
            if name in _SHELLS and book.format != "readline":
                return Book(name, book.path, name)
            if name not in _SHELLS and book.format == "readline":
                return book._replace(format=name)
    return book


def _head(path: str) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        return os.read(descriptor, 64)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
