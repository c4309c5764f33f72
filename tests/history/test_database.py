"""Reading histories in SQLite."""

import os
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from history_databases import make, nushell
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkeys.history.database import entries
from devkeys.history.errors import HistoryError
from devkeys.history.layouts import LAYOUTS

FORM = "nushell-sqlite"


def texts(path: Path, form: str = FORM) -> list[bytes]:
    """Return the texts of the entries."""
    return [entry.text for entry in entries(str(path), form)]


def refused(path: Path, form: str = FORM) -> str:
    """Return why *path* is not read."""
    with pytest.raises(HistoryError) as caught:
        entries(str(path), form)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_commands_with_their_times(tmp_path: Path) -> None:
    """A row is an entry, with its time in seconds."""
    path = nushell(tmp_path / "h", "ls", "cd /\nls")
    assert [(x.raw, x.text, x.when) for x in entries(str(path), FORM)] == [
        (b"", b"ls", 1.0),
        (b"", b"cd /\nls", 2.0),
    ]


def test_other_columns_are_lines(tmp_path: Path) -> None:
    """What was written down with a command follows it; what is NULL, a BLOB or a number is fine."""
    insert = "INSERT INTO xonsh_history (inp, out, tsb) VALUES (?, ?, ?)"
    rows = [("ls", "a.txt", 1.5), (b"\xff\x00", None, "never"), (5, None, None)]
    path = make(tmp_path / "h", "xonsh-sqlite", *[(insert, row) for row in rows])
    found = [(x.text, x.when) for x in entries(str(path), "xonsh-sqlite")]
    assert found == [(b"ls\na.txt", 1.5), (b"\xff\x00", None), (b"5", None)]


def test_an_iso_date(tmp_path: Path) -> None:
    """The time of hishtory is text."""
    insert = "INSERT INTO history_entries (command, start_time) VALUES (?, ?)"
    path = make(tmp_path / "h", "hishtory", (insert, ("ls", "1970-01-01 01:00:05.5+01:00")))
    assert [x.when for x in entries(str(path), "hishtory")] == [5.5]


@pytest.mark.parametrize("name", ["a b", "q?mode=rwc#x%20.db", "ü\n\x1b[31m", "\udcff"])
def test_any_name(tmp_path: Path, name: str) -> None:
    """The name is no address: what is special there is a letter like any other."""
    path = tmp_path / name
    os.rename(nushell(tmp_path / "h", "ls"), path)
    assert texts(path) == [b"ls"]


def test_what_is_only_in_the_wal(tmp_path: Path) -> None:
    """What a shell that is open has written is seen, though it is not in the database yet."""
    path = nushell(tmp_path / "h", "ls")
    with closing(sqlite3.connect(path)) as shell:
        shell.execute("INSERT INTO history (command_line) VALUES ('cd')")
        shell.commit()
        assert (tmp_path / "h-wal").stat().st_size > 0
        assert texts(path) == [b"ls", b"cd"]


def test_a_wal_that_a_killed_shell_left(tmp_path: Path) -> None:
    """It is read, too, and stays."""
    path = nushell(tmp_path / "h", "ls")
    code = (
        "import os, sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n"
        "c.execute(\"INSERT INTO history (command_line) VALUES ('cd')\")\nc.commit()\nos._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    (tmp_path / "h-shm").unlink()
    before = (tmp_path / "h-wal").read_bytes()
    assert texts(path) == [b"ls", b"cd"]
    assert (tmp_path / "h-wal").read_bytes() == before


def test_nothing_is_written(tmp_path: Path) -> None:
    """To read leaves no file behind, nor a change."""
    path = nushell(tmp_path / "h", "ls")
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert texts(path) == [b"ls"]
    assert [x.name for x in tmp_path.iterdir()] == ["h"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """A history that nobody has open is read where nothing can be made beside it."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = nushell(folder / "h", "ls")
    folder.chmod(0o500)
    try:
        assert texts(path) == [b"ls"]
    finally:
        folder.chmod(0o700)


def test_a_locked_one(tmp_path: Path) -> None:
    """One that another program has locked is an error that says so."""
    path = nushell(tmp_path / "h", "ls", wal=False)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked" in refused(path)


def test_an_empty_file(tmp_path: Path) -> None:
    """A history that was just made holds nothing."""
    path = tmp_path / "h"
    path.touch()
    assert texts(path) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"ls\n" * 99, "not an SQLite"), (b"SQLite format 3\0" + b"\1" * 5000, "cannot read")],
)
def test_no_database(tmp_path: Path, content: bytes, why: str) -> None:
    """Another file, or half of one, is told apart."""
    path = tmp_path / "h"
    path.write_bytes(content)
    assert why in refused(path)


def test_another_program_s_database(tmp_path: Path) -> None:
    """A database without the table is no history of that program's."""
    assert "no table history" in refused(make(tmp_path / "h", "mcfly"))


def test_a_table_of_another_make(tmp_path: Path) -> None:
    """A table of that name without its column is not known."""
    assert "like this" in refused(make(tmp_path / "h", "ipython"))


@pytest.mark.parametrize("ending", ["", "-wal", "-journal"])
def test_a_fifo(tmp_path: Path, ending: str) -> None:
    """Nobody waits for the other end of a FIFO, be it beside the database."""
    path = tmp_path / "h"
    if ending:
        nushell(path, "ls")
    os.mkfifo(f"{path}{ending}")
    assert "not a regular file" in refused(path)


@pytest.mark.parametrize("name", ["missing", "nul\0"])
def test_absent(tmp_path: Path, name: str) -> None:
    """What is not there is an error, too."""
    refused(tmp_path / name)


def test_a_view_is_not_asked(tmp_path: Path) -> None:
    """A view of the table's name could compute for ever."""
    path = tmp_path / "h"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE VIEW history AS WITH RECURSIVE x(command_line) AS (SELECT 1 UNION ALL "
            "SELECT command_line + 1 FROM x) SELECT command_line FROM x"
        )
    assert "no table" in refused(path)


def test_no_message_quotes_the_file(tmp_path: Path) -> None:
    """What SQLite stumbles over may be a secret, so its own words are not repeated."""
    value = "k" + secrets.token_hex(12)
    path = nushell(tmp_path / "h", "ls")
    data = path.read_bytes()
    statement = b"command_line TEXT NOT NULL"
    path.write_bytes(data.replace(statement, value.encode()[:24] + b"((", 1))
    assert value[:12] not in refused(path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.booleans())
def test_arbitrary_bytes(tmp_path: Path, data: bytes, headed: bool) -> None:
    """Any file is read, or is a HistoryError."""
    path = tmp_path / "h"
    path.write_bytes((b"SQLite format 3\0" if headed else b"") + data)
    with suppress(HistoryError):
        texts(path)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1 << 14), st.integers(0, 255)), min_size=1, max_size=40))
def test_damage(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    """A history of which any bytes were changed is read, or is a HistoryError."""
    whole = tmp_path / "whole"
    if not whole.exists():
        nushell(whole, *["x" * 700 for _ in range(20)], "y" * 9000)
    data = bytearray(whole.read_bytes())
    for at, byte in changes:
        data[at % len(data)] = byte
    path = tmp_path / "h"
    path.write_bytes(data)
    with suppress(HistoryError):
        texts(path)
    for left in tmp_path.glob("h-*"):
        left.unlink()


@pytest.mark.parametrize("form", LAYOUTS)
def test_every_layout_can_be_read(tmp_path: Path, form: str) -> None:
    """An empty history of each program has no entries."""
    assert texts(make(tmp_path / "h", form), form) == []
