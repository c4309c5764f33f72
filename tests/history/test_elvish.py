"""Taking commands out of elvish's history, through elvish."""

import fcntl
import os
from pathlib import Path

import pytest
from elvish_shell import Place, place, value
from history_databases import holds

from devkeys.history import bolt, elvish

__all__ = ["place"]
PROGRAMS = ["elvish", "elvish21"]


@pytest.fixture(params=PROGRAMS)
def room(request: pytest.FixtureRequest, place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Make a home for an elvish without the hook; it is the one that we find."""
    place.use(request.param)
    place.configure(hook="")
    (place.bin / "elvish").symlink_to(os.path.realpath(place.program))
    environ = place.environ() | {"PATH": f"{place.bin}:{os.environ['PATH']}"}
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    return place


def texts(place: Place) -> list[str]:
    """Return the commands in the file."""
    return [entry.text.decode() for entry in bolt.entries(str(place.database))]


def test_while_elvish_is_open(room: Place) -> None:
    """Its daemon takes them out of the file, and at the shell's exit nothing comes back."""
    secret, other = value(), value()
    with room.start() as shell:
        shell.type("echo one")
        shell.type(f"set-env A {secret}")
        shell.type(f"set-env B {other}")
        assert elvish.scrub(str(room.database), holds(secret)) == (1, ())
        assert room.traces(secret) == []
        shell.type("echo two")
        shell.exit()
    assert texts(room)[:3] == ["echo one", f"set-env B {other}", "echo two"]
    assert room.traces(secret) == []


def test_with_none_open(room: Place) -> None:
    """After its exit the elvish that is asked opens the file itself, and lets go of it."""
    secret = value()
    with room.start() as shell:
        shell.type("echo one")
        shell.type(f"set-env A {secret * 300}")
        shell.exit()
    for pid in room.daemons():
        os.kill(pid, 9)
    assert elvish.scrub(str(room.database), holds(secret)) == (1, ())
    assert room.traces(secret) == []
    assert texts(room)[0] == "echo one"
    assert not elvish._is_served(str(room.database))
    assert [text for text in texts(room) if "echo" not in text] in ([], ["exit"])


def test_another_file_than_the_daemon_s(room: Place) -> None:
    """A daemon that has other commands under these numbers is not told to delete them."""
    secret = value()
    with room.start() as shell:
        shell.type(f"set-env A {secret}")
        shell.type("echo two")
        path = room.folder / "copy"
        path.write_bytes(room.database.read_bytes().replace(b"set-env A", b"set-env X"))
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            removed, left = elvish.scrub(str(path), holds(secret))
        assert removed == 0
        assert "store:del-cmd 1" in " ".join(left)
        assert texts(room)[0] == f"set-env A {secret}"
        shell.exit()


def test_no_elvish(room: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without elvish the file stays, and what to type there is told, by number."""
    secret = value()
    with room.start() as shell:
        shell.type(f"set-env A {secret}")
        shell.exit()
    monkeypatch.setenv("PATH", str(tmp_path))
    before = room.database.read_bytes()
    removed, left = elvish.scrub(str(room.database), holds(secret))
    assert removed == 0
    assert "use store; store:del-cmd 1" in " ".join(left)
    assert secret not in " ".join(left)
    assert room.database.read_bytes() == before


def test_nothing_to_take_out(room: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it in there, elvish is not asked."""
    with room.start() as shell:
        shell.type("echo one")
        shell.exit()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert elvish.scrub(str(room.database), holds(value())) == (0, ())


def test_the_text_stands_in_no_command_line(room: Place, tmp_path: Path) -> None:
    """It gets numbers: neither its arguments nor its input have what was typed."""
    secret = value()
    with room.start() as shell:
        shell.type(f"set-env A {secret}")
        log = tmp_path / "log"
        program = room.bin / "elvish"
        real = program.resolve()
        program.unlink()
        program.write_text(
            f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "$*" >>{log}\ntee -a {log} | {real} "$@"\n'
        )
        program.chmod(0o755)
        assert elvish.scrub(str(room.database), holds(secret)) == (1, ())
        shell.exit()
    assert "store:del-cmd" in log.read_text()
    assert secret not in log.read_text()
