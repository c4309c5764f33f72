"""Taking commands out of atuin's history, with atuin."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import real
from history_databases import holds, read, traces

from devkeys.history import atuin, database
from devkeys.history.stores import STORES

SESSION = "0" * 32


class Home:
    """A HOME with atuin, and nothing in its history."""

    def __init__(self, folder: Path) -> None:
        real.need("atuin")
        self.program = str(shutil.which("atuin"))
        self.folder = folder / "home"
        self.data = self.folder / ".local" / "share" / "atuin"
        self.path = self.data / "history.db"
        self.bin = folder / "atuin-bin"
        self.bin.mkdir()
        self.environ = {"HOME": str(self.folder), "PATH": str(self.bin), "LANG": "C.UTF-8"}
        self.folder.mkdir(exist_ok=True)

    def atuin(self, *words: str) -> str:
        """Run atuin as from a shell, and return what it prints."""
        done = subprocess.run(
            [self.program, *words],
            env=self.environ | {"ATUIN_SESSION": SESSION},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def type(self, command: str) -> None:
        """Have atuin record *command*, as its hooks do."""
        self.atuin("history", "end", "--exit", "0", self.atuin("history", "start", "--", command))

    def commands(self) -> list[str]:
        """Return what atuin lists."""
        return self.atuin("history", "list", "--format", "{command}").splitlines()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Make a HOME for atuin, which is the one that we find."""
    home = Home(tmp_path)
    (home.bin / "atuin").symlink_to(home.program)
    for name in [name for name in os.environ if name.startswith(("ATUIN_", "XDG_"))]:
        monkeypatch.delenv(name)
    for name, text in home.environ.items():
        monkeypatch.setenv(name, text)
    return home


def value() -> str:
    """Make a secret."""
    return "k" + os.urandom(16).hex()


def test_read(room: Home) -> None:
    """The commands are read, with times of now."""
    room.type("echo one")
    room.type("echo two\nü")
    found = list(database.entries(str(room.path), "atuin"))
    assert [entry.text.rpartition(b"\n")[0] for entry in found] == [
        b"echo one",
        "echo two\nü".encode(),
    ]
    age = room.path.stat().st_mtime
    assert all(entry.when is not None and abs(entry.when - age) < 600 for entry in found)


def test_gone_for_good(room: Home) -> None:
    """It is gone from the database and its bytes, and a rebuild does not bring it back."""
    secret = value()
    for command in ("echo one", f"export A={secret}", "echo two", f"B={secret} run"):
        room.type(command)
    removed, left = STORES["atuin"].scrub(str(room.path), holds(secret))
    assert removed == 2
    assert room.commands() == ["echo one", "echo two"]
    assert traces(room.folder, secret) == []
    room.atuin("store", "rebuild", "history")
    assert room.commands() == ["echo one", "echo two"]
    assert [one for one in left if "records.db" not in one] == []
    assert any("encrypted copy" in one for one in left)


def test_the_text_stands_in_no_command_line(room: Home, tmp_path: Path) -> None:
    """It is asked for a word that devkeys made up."""
    secret = value()
    room.type(f"export A={secret}")
    log = tmp_path / "log"
    (room.bin / "atuin").unlink()
    (room.bin / "atuin").write_text(f'#!/bin/sh\necho "$*" >>{log}\nexec {room.program} "$@"\n')
    (room.bin / "atuin").chmod(0o755)
    STORES["atuin"].scrub(str(room.path), holds(secret))
    assert "devkeys-removed-" in log.read_text()
    assert secret not in log.read_text()
    assert room.commands() == []


def test_without_atuin(room: Home) -> None:
    """The bytes go all the same, and what to type where atuin is gets told; it works."""
    secret = value()
    room.type("echo one")
    room.type(f"export A={secret}")
    (room.bin / "atuin").unlink()
    removed, left = atuin.scrub(str(room.path), holds(secret))
    assert removed == 1
    assert traces(room.folder, secret) == []
    step = next(one for one in left if "bring it back" in one).rpartition("type: atuin ")[2]
    room.atuin(*step.split())
    assert room.commands() == ["echo one"]


def test_nothing_to_take_out(room: Home) -> None:
    """Without it in there nothing is claimed to be left."""
    room.type("echo one")
    assert atuin.scrub(str(room.path), holds(value())) == (0, ())


def test_what_atuin_itself_deleted(room: Home) -> None:
    """After atuin's own deletion the bytes may still be there: they go."""
    secret = value()
    room.type("echo one")
    with closing(sqlite3.connect(room.path)) as shell:
        shell.execute("SELECT * FROM history").fetchall()
        room.type(f"export A={secret}")
        room.atuin("search", "--delete", "--search-mode", "full-text", secret)
    assert atuin.scrub(str(room.path), holds(secret)) == (0, ())
    assert traces(room.folder, secret) == []
    assert read(room.path, "SELECT count(*) FROM history") == [(1,)]
