"""Histories in SQLite that tests make, and another program that has one open."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

# The schemas of programs that no test can have; those of the real ones are written by them.
SCHEMAS = {
    "nushell-sqlite": "CREATE TABLE history (id INTEGER PRIMARY KEY AUTOINCREMENT, command_line"
    " TEXT NOT NULL, start_timestamp INTEGER, cwd TEXT, more_info TEXT) STRICT;"
    " CREATE INDEX idx_history_cmd ON history(command_line)",
    "xonsh-sqlite": "CREATE TABLE xonsh_history (inp TEXT, rtn INTEGER, tsb REAL, out TEXT)",
    "atuin": "CREATE TABLE history (id text primary key, timestamp integer not null, command text"
    " not null, cwd text not null, deleted_at integer, unique(timestamp, cwd, command))",
    "ipython": "CREATE TABLE sessions (session integer primary key autoincrement, start timestamp,"
    " remark text); CREATE TABLE history (session integer, line integer, source text, source_raw"
    " text, PRIMARY KEY (session, line)); CREATE TABLE output_history (session integer, line"
    " integer, output text, PRIMARY KEY (session, line))",
    "mcfly": "CREATE TABLE commands (id INTEGER PRIMARY KEY AUTOINCREMENT, cmd TEXT NOT NULL,"
    " cmd_tpl TEXT, when_run INTEGER NOT NULL, dir TEXT, old_dir TEXT); CREATE INDEX command_cmds"
    " ON commands (cmd); CREATE TABLE selected_commands (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " cmd TEXT NOT NULL, session_id TEXT NOT NULL, dir TEXT NOT NULL)",
    "histdb": "CREATE TABLE commands (id integer primary key autoincrement, argv text, unique(argv)"
    " on conflict ignore); CREATE TABLE places (id integer primary key autoincrement, host text,"
    " dir text, unique(host, dir) on conflict ignore); CREATE TABLE history (id integer primary"
    " key autoincrement, session int, command_id int references commands (id), place_id int"
    " references places (id), exit_status int, start_time int, duration int)",
    "hishtory": "CREATE TABLE history_entries (local_username text, hostname text, command text,"
    " current_working_directory text, exit_code integer, start_time datetime, custom_columns text)",
    "pxhist": "CREATE TABLE command_history (id INTEGER PRIMARY KEY AUTOINCREMENT, full_command"
    " BLOB NOT NULL, shellname TEXT NOT NULL, working_directory BLOB, start_unix_timestamp"
    " INTEGER)",
}

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
connection.execute(sys.argv[2]).fetchall()
print("ready", flush=True)
sys.stdin.read()
"""


def make(
    path: Path, form: str, *statements: tuple[str, Sequence[object]], wal: bool = True
) -> Path:
    """Make a history of the given *form*, and execute *statements* in it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        connection.execute("PRAGMA secure_delete=OFF")
        connection.executescript(SCHEMAS[form])
        for statement, values in statements:
            connection.execute(statement, values)
        connection.commit()
    return path


def change(path: Path, *statements: str) -> None:
    """Execute *statements* as a program does that leaves the bytes of what it deletes."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in ("PRAGMA secure_delete=OFF", *statements):
            connection.execute(statement)
        connection.commit()


def nushell(path: Path, *commands: str | bytes, wal: bool = True) -> Path:
    """Make a history of nushell's, with *commands* that were typed at the second 1, 2, …."""
    insert = "INSERT INTO history (command_line, start_timestamp) VALUES (?, ?)"
    rows = [(insert, (one, 1000 * at)) for at, one in enumerate(commands, 1)]
    return make(path, "nushell-sqlite", *rows, wal=wal)


@contextmanager
def held_open(path: Path, statement: str) -> Iterator[None]:
    """Have another process execute *statement* in a transaction, and stay in that."""
    command = [sys.executable, "-c", _HOLD, str(path), statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield


def read(path: Path, query: str) -> list[tuple[object, ...]]:
    """Return what *query* gives."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def holds(value: str) -> Callable[[bytes], bool]:
    """Return what stands in for a search: whether a text has *value* in it."""
    return lambda text: value.encode() in text


def traces(folder: Path, value: str) -> list[str]:
    """Return the names of the files in *folder* that have *value* in their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if value.encode() in path.read_bytes())
