"""Histories of programs that read with readline or libedit, written by both."""

import ctypes.util
import json
import subprocess
import sys
from pathlib import Path

import postgres_server
import pytest
import real
from history_writer import canary, texts, typed

from devkeys.history.libedit import decoded, parse, parse_psql, searchable

_WRITE = """
import ctypes, json, locale, sys
locale.setlocale(locale.LC_ALL, sys.argv[2])
edit = ctypes.CDLL(sys.argv[1])
edit.using_history()
for text in json.load(sys.stdin):
    edit.add_history(text.encode("latin-1"))
sys.exit(edit.write_history(b"history"))
"""


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_what_libedit_writes_comes_back(tmp_path: Path, locale: str) -> None:
    """Blanks, line ends, backslashes, control characters and any other byte are unescaped."""
    library = ctypes.util.find_library("edit")
    if library is None:
        real.absent("needs libedit")
    commands = [f"a{chr(byte)}z" for byte in range(1, 256)]
    commands += [
        "set key one\ttwo",
        "żółć 日本".encode().decode("latin-1"),
        "\\040",
        "^A M-a \\M-a",
    ]
    commands += ["\x9c040", "\x1c040", "\\\\n"]
    subprocess.run(
        [sys.executable, "-c", _WRITE, str(library), locale],
        input=json.dumps(commands).encode(),
        cwd=tmp_path,
        check=True,
    )
    data = (tmp_path / "history").read_bytes()
    assert data.startswith(b"_HiStOrY_V2_\n")
    assert [e.text.decode("latin-1") for e in parse(data)] == ["", *commands]
    for command in commands:
        assert command.encode("latin-1") in searchable(data)


def test_the_c_style_backslash_is_one() -> None:
    """Older versions doubled a backslash."""
    assert decoded(rb"a\\040b") == rb"a\040b"


def test_a_history_without_the_header_is_lines() -> None:
    """Readline escapes nothing, so a backslash is one."""
    assert texts(parse(b"a\\040b\n")) == [b"a\\040b"]


def test_sqlite3_keeps_what_was_typed(tmp_path: Path) -> None:
    """What was typed at sqlite3 is one entry."""
    home = tmp_path / "home"
    word = canary()
    command = f"select '{word} żółć';"
    path = home / "history"
    typed(
        home,
        ["sqlite3"],
        [command],
        prompt="sqlite> ",
        leave=".quit",
        SQLITE_HISTORY=str(path),
    )
    assert command.encode() in texts(parse(path.read_bytes()))


def test_psql_keeps_several_lines_as_one(tmp_path: Path) -> None:
    """A value of several lines that was typed at psql is one entry, with its line ends."""
    real.need("psql")
    home = tmp_path / "home"
    word = canary()
    commands = [f"select '{word} żółć';", f"select 'a\r{word}';"]
    # A socket's path is short: tmp_path may be too long for one.
    with postgres_server.directory() as folder, postgres_server.serving(f"{folder}/.s.PGSQL.5432"):
        typed(
            home,
            ["psql", "-X", "-h", folder, "-U", "nobody", "db"],
            commands,
            prompt="db",
            leave="\\q",
            PSQL_HISTORY=str(home / "history"),
            PAGER="cat",
        )
    found = texts(parse_psql((home / "history").read_bytes()))
    assert found[:2] == [command.replace("\r", "\n").encode() for command in commands]
