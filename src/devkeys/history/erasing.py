"""Taking commands out of a history in SQLite, so that their bytes leave its files, too.

Deleting alone keeps them in freed pages and in the `-wal`. So pages are zeroed
(`secure_delete`), the `-wal` is put back into the database and emptied, and then the files
themselves are searched: if something is left, the database is built anew.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from devkeys.history import Entry, Holds, Outcome, traces
from devkeys.history.database import columns, emptied, is_plain, opened, pieces, rows, tables
from devkeys.history.errors import HistoryError
from devkeys.history.layouts import LAYOUTS, Table
from devkeys.history.scrubbing import held

if TYPE_CHECKING:
    from sqlite3 import Connection


def scrub(path: str, form: str, holds: Holds, *, instead: str = "") -> Outcome:
    """Take the rows that *holds* out of the database at *path*, and their bytes out of its files.

    With *instead*, a word, a row stays and has that for its command. HistoryError: another
    program has it locked, it cannot be written, the disk is full; nothing was taken out then.
    """
    with opened(path, form, writing=True) as connection:
        removed = _remove(connection, tables(connection, path, form), holds, instead)
        busy = not emptied(connection)
    # The connection is closed by now: to close a file drops the locks that a process has on it.
    files = traces.holding(pieces(path), holds)
    if files and not busy:
        busy = not _rebuild(path, form)
        files = traces.holding(pieces(path), holds)
    if busy:
        why = "because another program is using it, or the disk is full: close that, and repeat"
    else:
        why = (
            f"in {_other_tables(path, form, holds) or 'damaged or unknown parts'}" if files else ""
        )
    return Outcome(removed, tuple(f"{file} still holds it, {why}" for file in files))


def _remove(connection: "Connection", known: Sequence[Table], holds: Holds, instead: str) -> int:
    """Take out the rows that hold it, all or none, and return how many."""
    connection.execute("PRAGMA secure_delete=ON")
    # All are looked at before the shell has to wait, and after that only what is new.
    looks = [(table, *_look(connection, table, holds)) for table in known]
    removed = 0
    connection.execute("BEGIN IMMEDIATE")  # to close without a commit is to roll back
    for table, found, last in looks:
        later, _ = _look(connection, table, holds, after=last)
        for rowid in (*found, *later):
            removed += _remove_row(connection, table, rowid, holds, instead)
    connection.execute("COMMIT")
    return removed


def _look(
    connection: "Connection", table: Table, holds: Holds, *, after: int | None = None
) -> tuple[list[int], int | None]:
    """Return the ids of the rows that hold it, and that of the last row; of those *after* one."""
    where, bound = ("", ()) if after is None else ("WHERE rowid > ?", (after,))
    there = list(rows(connection, table, where, bound))
    found = held([Entry(b"", text) for _, text, _ in there], holds)
    last = max((rowid for rowid, _, _ in there), default=after)
    return [there[at][0] for at in found], last


def _remove_row(
    connection: "Connection", table: Table, rowid: int, holds: Holds, instead: str
) -> bool:
    """Take the row out, if it still is one that holds it."""
    row = next(rows(connection, table, "WHERE rowid = ?", (rowid,)), None)
    if row is None or not holds(row[1]):
        return False
    # All names below are of our own table of layouts; values are bound.
    if instead:
        change = ", ".join(f'"{name}" = ?' for name in table.texts)
        texts = (instead, *[""] * (len(table.texts) - 1))
        connection.execute(
            f'UPDATE "{table.name}" SET {change} WHERE rowid = ?',  # noqa: S608 (see above)
            (*texts, rowid),
        )
        return True
    for name, column in (*table.users, (table.name, "rowid")):
        if is_plain(connection, name):
            connection.execute(
                f"DELETE FROM {name} WHERE {column} = ?",  # noqa: S608 (see above)
                (rowid,),
            )
    return True


def _rebuild(path: str, form: str) -> bool:
    """Write the database anew, without free pages; False if that could not be done."""
    try:
        with opened(path, form, writing=True) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            return emptied(connection)
    except HistoryError:
        return False


def _other_tables(path: str, form: str, holds: Holds) -> str:
    """Name the tables that nothing is taken out of, and that hold it all the same."""
    try:
        with opened(path, form) as connection:
            return ", ".join(f"its table {name}" for name in _others(connection, form, holds))
    except HistoryError:
        return ""


def _others(connection: "Connection", form: str, holds: Holds) -> Iterator[str]:
    ours = {table.name for table in LAYOUTS[form]}
    names = connection.execute("SELECT name FROM sqlite_master WHERE rootpage > 0").fetchall()
    for name in sorted({name.decode(errors="replace") for (name,) in names} - ours):
        texts = tuple(columns(connection, name))
        quotable = texts and '"' not in "".join((name, *texts))
        if (
            quotable
            and is_plain(connection, name)
            and any(holds(text) for _, text, _ in rows(connection, Table(name, texts)))
        ):
            yield name
