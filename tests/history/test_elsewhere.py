"""Where other programs keep their histories, and what moves them."""

from pathlib import Path

import homes
import pytest

_DEFAULTS = {
    ".python_history": ("python", "python"),
    ".node_repl_history": ("node", "node"),
    ".psql_history": ("psql", "psql"),
    ".psql_history-shop": ("psql", "psql"),
    ".mysql_history": ("mysql", "readline"),
    ".mysqlsh/history.sql": ("mysqlsh", "lines"),
    ".sqlite_history": ("sqlite3", "readline"),
    ".rediscli_history": ("redis-cli", "lines"),
    ".lesshst": ("less", "less"),
    ".local/state/lesshst": ("less", "less"),
    ".gdb_history": ("gdb", "readline"),
    ".irb_history": ("irb", "readline"),
    ".pry_history": ("pry", "readline"),
    ".irb-history": ("irb", "readline"),
    ".php_history": ("php", "readline"),
    ".lua_history": ("lua", "readline"),
    ".Rhistory": ("R", "readline"),
    ".octave_hist": ("octave", "readline"),
    ".mongodb/mongosh/mongosh_repl_history": ("mongosh", "lines"),
    ".dbshell": ("mongo", "lines"),
    ".viminfo": ("vim", "lines"),
    ".local/state/nvim/shada/main.shada": ("nvim", "opaque"),
    ".wget-hsts": ("wget", "lines"),
    ".scala_history": ("scala", "readline"),
    ".usql_history": ("usql", "readline"),
    ".duckdb_history": ("duckdb", "readline"),
    ".local/share/atuin/history.db": ("atuin", "atuin"),
    ".local/share/mcfly/history.db": ("mcfly", "mcfly"),
    ".local/share/pxh/pxh.db": ("pxhist", "pxhist"),
    ".histdb/zsh-history.db": ("histdb", "histdb"),
    ".hishtory/.hishtory.db": ("hishtory", "hishtory"),
    ".ipython/profile_default/history.sqlite": ("ipython", "ipython"),
    ".ipython/profile_work/history.sqlite": ("ipython", "ipython"),
}


def test_the_defaults_are_found(tmp_path: Path) -> None:
    """Each program's history, with its format."""
    homes.put(tmp_path, *_DEFAULTS)
    assert homes.found(tmp_path) == _DEFAULTS


@pytest.mark.parametrize(
    ("variable", "book"),
    [
        ("PYTHON_HISTORY", ("python", "python")),
        ("NODE_REPL_HISTORY", ("node", "node")),
        ("PSQL_HISTORY", ("psql", "psql")),
        ("MYSQL_HISTFILE", ("mysql", "readline")),
        ("SQLITE_HISTORY", ("sqlite3", "readline")),
        ("REDISCLI_HISTFILE", ("redis-cli", "lines")),
        ("LESSHISTFILE", ("less", "less")),
        ("ATUIN_DB_PATH", ("atuin", "atuin")),
        ("HISTDB_FILE", ("histdb", "histdb")),
    ],
)
def test_a_variable_moves_it(tmp_path: Path, variable: str, book: tuple[str, str]) -> None:
    """Where the variable says, from the tilde on, too; what was kept before is there still."""
    homes.put(tmp_path, "moved", ".python_history")
    books = homes.found(tmp_path, **{variable: "~/moved"})
    assert books == {"moved": book, ".python_history": ("python", "python")}


def test_atuin_keeps_it_where_its_configuration_says(tmp_path: Path) -> None:
    """The setting `db_path` moves the data base."""
    homes.put(tmp_path, ".config/atuin/config.toml", content=b'# x\ndb_path = "~/a/b.db"\n')
    homes.put(tmp_path, "a/b.db")
    assert homes.found(tmp_path) == {"a/b.db": ("atuin", "atuin")}


def test_psql_keeps_it_where_its_start_up_file_says(tmp_path: Path) -> None:
    """A file for each data base: psql's variable stands for any."""
    homes.put(tmp_path, ".psqlrc", content=b"\\set HISTFILE ~/sql/h-:DBNAME\n")
    homes.put(tmp_path, "sql/h-shop", "sql/h-blog", "sql/other")
    assert set(homes.found(tmp_path)) == {"sql/h-shop", "sql/h-blog"}


def test_a_psql_variable_alone_is_not_every_file(tmp_path: Path) -> None:
    """A directory full of anything is no history."""
    homes.put(tmp_path, ".psqlrc", content=b"\\set HISTFILE ~/:DBNAME\n")
    homes.put(tmp_path, "thesis")
    assert homes.found(tmp_path) == {}


def test_windows_and_macos_have_places_of_their_own(tmp_path: Path) -> None:
    """What stands elsewhere there."""
    windows = ("AppData/Roaming/postgresql/psql_history", "_lesshst")
    homes.put(tmp_path, *windows, "Library/Application Support/McFly/history.db")
    assert set(windows) <= set(homes.found(tmp_path, "win32"))
    mac = homes.found(tmp_path, "darwin")
    assert mac["Library/Application Support/McFly/history.db"] == ("mcfly", "mcfly")
