"""Which program is started: never one that a checkout brings."""

import os
from pathlib import Path

import pytest

from devkeys import programs


def make(folder: Path, name: str = "git") -> str:
    """Make an executable."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return str(program)


def test_what_lies_in_the_checkout_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries inside it, links to such, relative and empty ones do not count."""
    checkout = tmp_path / "chat"
    make(checkout)
    make(checkout / ".venv" / "bin")
    (tmp_path / "link").symlink_to(checkout / ".venv" / "bin")
    expected = make(tmp_path / "usr" / "bin")
    monkeypatch.chdir(checkout)
    entries = ["", ".", ".venv/bin", str(checkout / ".venv/bin"), str(tmp_path / "link")]

    path = os.pathsep.join([*entries, os.path.dirname(expected)])
    assert programs.find("git", path=path, outside=str(checkout)) == expected
    assert programs.find("git", path=os.pathsep.join(entries), outside=str(checkout)) is None


def test_a_program_finds_others_outside_as_well(tmp_path: Path) -> None:
    """PATH for a program that we start has no entry of the checkout, and no relative one."""
    checkout = tmp_path / "chat"
    make(checkout / "node_modules" / ".bin", "node")
    (tmp_path / "link").symlink_to(checkout / "node_modules" / ".bin")
    expected = os.path.dirname(make(tmp_path / "usr" / "bin", "node"))
    entries = ["", "bin", str(checkout / "node_modules/.bin"), str(tmp_path / "link"), expected]

    path = os.pathsep.join(entries)
    assert programs.path_outside(path, outside=str(checkout)) == expected
    assert programs.path_outside(path, outside=None) == os.pathsep.join(entries[2:])


def test_what_cannot_be_executed_is_passed_over(tmp_path: Path) -> None:
    """A directory or a plain file of that name hides no program behind it."""
    (tmp_path / "a" / "git").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "git").write_text("")
    expected = make(tmp_path / "c")
    path = os.pathsep.join(str(tmp_path / name) for name in "abc")

    assert programs.find("git", path=path, outside=str(tmp_path / "chat")) == expected


def test_a_link_on_the_path_into_the_checkout(tmp_path: Path) -> None:
    """A program that is a link to a file of the checkout is the checkout's."""
    inside = make(tmp_path / "chat" / "tools")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(inside)

    assert programs.find("git", path=str(tmp_path / "bin"), outside=str(tmp_path / "chat")) is None


def test_endings_of_windows(tmp_path: Path) -> None:
    """Where names have endings, the first of them counts in the first directory that has any."""
    make(tmp_path / "a", "bw.cmd")
    expected = make(tmp_path / "a", "bw.exe")
    make(tmp_path / "b", "bw.com")
    path = os.pathsep.join(str(tmp_path / name) for name in "ab")

    assert (
        programs.find("bw", path=path, outside=None, endings=(".com", ".exe", ".cmd")) == expected
    )
