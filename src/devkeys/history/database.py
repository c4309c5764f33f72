"""Histories in SQLite: opening and reading them; the one door of sqlite3.

Reading goes through `mode=ro`, which sees what a shell that is open has in its `-wal`. A file
may be anything: what SQLite makes of it is bounded in time and in size, and every failure is a
HistoryError.
"""

import contextlib
import math
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import quote

from devkeys import files
from devkeys.history import Entry
from devkeys.history.errors import HistoryError
from devkeys.history.layouts import LAYOUTS, Table

_BESIDE = ("-wal", "-shm", "-journal")
_MAGIC = b"SQLite format 3\0"
_HAS_WAL = b"\2\2"  # in the header, from byte 18
# Seconds: how long a lock is waited for, and what all of it may take.
_READING, _WRITING = (0.5, 30.0), (3.0, 120.0)
_LONGEST = 256 << 20  # bytes of one value
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_REASONS = {
    sqlite3.SQLITE_BUSY: "another program has it locked",
    sqlite3.SQLITE_LOCKED: "another program has it locked",
    sqlite3.SQLITE_CANTOPEN: "it, or what lies beside it, cannot be opened",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_INTERRUPT: "it takes too long",
    sqlite3.SQLITE_IOERR: "the disk failed or is full",
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database, or is encrypted",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_READONLY: "it cannot be written",
}


def pieces(path: str) -> list[str]:
    """Return the files that the database at *path* may consist of, itself first.

    They are beside the real one, if *path* is a symbolic link.
    """
    if "\0" in path:  # no file has such a name, and there is nothing to follow
        return [path]
    target = os.path.realpath(path)
    return [path, *(target + ending for ending in _BESIDE)]


def entries(path: str, form: str) -> Iterator[Entry]:
    """Return a row of the database at *path* as an entry each, in the order of its tables.

    An entry's text is the command, then, a line each, what else was written down with it.
    HistoryError: it cannot be read, or is not laid out as *form*, one of LAYOUTS.
    """
    before = _state(path)
    if _is_at_rest(path):
        with contextlib.suppress(HistoryError):
            found = _entries(path, form, at_rest=True)
            if _state(path) == before:
                return iter(found)
    return iter(_entries(path, form, at_rest=False))


def _entries(path: str, form: str, *, at_rest: bool) -> list[Entry]:
    with opened(path, form, at_rest=at_rest) as connection:
        return [
            Entry(b"", text, when)
            for table in tables(connection, path, form)
            for _, text, when in rows(connection, table)
        ]


def _state(path: str) -> list[tuple[int, int] | None]:
    """Return what tells whether one of the files was changed."""
    found: list[tuple[int, int] | None] = []
    for piece in pieces(path):
        try:
            status = os.stat(piece)
        except (OSError, ValueError):
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns))
    return found


def _is_at_rest(path: str) -> bool:
    """Say whether a database that would have a -wal has none: no program has it open.

    To read it with locks would make that file, and leave it behind.
    """
    if any(os.path.lexists(piece) for piece in pieces(path)[1:]):
        return False
    return _head(path)[18:20] == _HAS_WAL


@contextlib.contextmanager
def opened(
    path: str, form: str, *, writing: bool = False, at_rest: bool = False
) -> Iterator[sqlite3.Connection]:
    """Connect to the database at *path*; what goes wrong meanwhile is a HistoryError.

    *at_rest*: that no program has it open is known. Nothing is locked then, nor made beside it.
    """
    _check(path)
    mode = "rw" if writing else "ro&immutable=1" if at_rest else "ro"
    try:
        with contextlib.closing(_connect(path, mode, *_WRITING if writing else _READING)) as it:
            yield it
    # A UnicodeError is what becomes of a message that quotes bytes of a damaged file.
    except (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError, UnicodeError) as error:
        code = getattr(error, "sqlite_errorcode", -1) & 0xFF
        # Not the error's own text: SQLite quotes what it stumbles over.
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        doing = "change" if writing else "read"
        raise HistoryError(
            f"cannot {doing} {path}, a history of {form.partition('-')[0]}: "
            + _REASONS.get(code, f"SQLite says {name}"),
            hint="close the programs that use it, and try again" if code in _BUSY else None,
        ) from None


def _connect(path: str, mode: str, patience: float, bound: float) -> sqlite3.Connection:
    address = quote(os.fsencode(os.path.abspath(path)))
    connection = sqlite3.connect(
        f"file:{address}?mode={mode}", uri=True, timeout=patience, isolation_level=None
    )
    connection.text_factory = bytes
    end = time.monotonic() + bound
    connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    # A file that somebody made must not have functions called by its schema. And no copy of a
    # history gets into a directory for temporary files.
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _check(path: str) -> None:
    """Raise unless *path* and what lies beside it are files that SQLite may open."""
    for piece in pieces(path):
        try:
            status = os.stat(piece)
        except FileNotFoundError:
            if piece == path:
                raise HistoryError(f"{path} is not there") from None
            continue
        except (OSError, ValueError) as error:
            raise _unreadable(piece, error) from None
        if not stat.S_ISREG(status.st_mode):  # to open a FIFO would wait for its other end
            raise HistoryError(f"{piece} is not a regular file")
    if _head(path)[:16] not in (b"", _MAGIC):
        raise HistoryError(f"{path} is not an SQLite database, or is encrypted")


def _head(path: str) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb", buffering=0) as file:
            return file.read(100)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError | ValueError) -> HistoryError:
    why = files.reason(error) if isinstance(error, OSError) else "no file has such a name"
    return HistoryError(f"cannot read {path}: {why}")


def tables(connection: sqlite3.Connection, path: str, form: str) -> list[Table]:
    """Return those tables of *form* that are there, with those columns that are there."""
    there = []
    for table in LAYOUTS[form]:
        if not is_plain(connection, table.name):
            continue
        known = columns(connection, table.name)
        if table.texts[0] not in known:
            raise HistoryError(f"{path}: devkeys does not know a table {table.name} like this")
        texts = tuple(name for name in table.texts if name in known)
        has_time = table.when in known or table.when.startswith("(")
        there.append(table._replace(texts=texts, when=table.when if has_time else "NULL"))
    if not there and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise HistoryError(f"{path} has no table {LAYOUTS[form][0].name}")
    return there


def is_plain(connection: sqlite3.Connection, name: str) -> bool:
    """Say whether there is a table of that name: a view could compute whatever it likes."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND rootpage > 0", (name,)
    )
    return found.fetchone() is not None


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the names of the columns of *table*, without those that are computed."""
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return [bytes(name).decode(errors="replace") for (name,) in found]


def rows(
    connection: sqlite3.Connection, table: Table, where: str = "", bound: Sequence[int] = ()
) -> Iterator[tuple[int, bytes, float | None]]:
    """Yield a row's id, its texts as lines, and when it was, for each row of *table*."""
    names = ", ".join(f'"{name}"' for name in table.texts)
    ((pages,), (size,)) = (
        connection.execute(f"PRAGMA page_{x}").fetchone() for x in ("count", "size")
    )
    left = 4 * pages * size  # what is damaged may have the same bytes stand in many rows
    statement = f'SELECT rowid, {table.when}, {names} FROM "{table.name}" {where}'  # noqa: S608 (names of tables, no value)
    for rowid, when, *values in connection.execute(statement, bound):
        texts = [_text(value) for value in values if value is not None]
        left -= sum(map(len, texts))
        if left < 0 or not isinstance(rowid, int):
            raise sqlite3.DatabaseError
        yield rowid, b"\n".join(filter(None, texts)), _seconds(when, table.unit)


def _text(value: bytes | float) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _seconds(value: object, unit: int) -> float | None:
    try:
        if isinstance(value, bytes):
            return datetime.fromisoformat(value.decode()).timestamp()
        seconds = float(value) / unit if isinstance(value, int | float) else math.nan
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if math.isfinite(seconds) else None


def emptied(connection: sqlite3.Connection) -> bool:
    """Put what is in the -wal into the database and empty it; False if that cannot be done."""
    try:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    return not busy  # a reader that stands in the way is told here, and is no error
