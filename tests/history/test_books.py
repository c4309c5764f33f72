"""Which histories a user has, in invented homes."""

import os
import time
from pathlib import Path

import pytest
from homes import found, put

from devkeys.history.books import discover, unresolved


def test_an_empty_home_has_none(tmp_path: Path) -> None:
    """Without any history nothing is found."""
    assert found(tmp_path) == {}


def test_one_file_is_one_history_however_it_is_named(tmp_path: Path) -> None:
    """HISTFILE that is the default, and links to it, add nothing."""
    put(tmp_path, "dotfiles/history")
    (tmp_path / ".zsh_history").symlink_to("dotfiles/history")
    put(tmp_path, ".zshrc", content=b"HISTFILE=$HOME/dotfiles/history\nHISTFILE=~/.zsh_history\n")
    books = found(tmp_path, HISTFILE=f"{tmp_path}/./.zsh_history")
    assert books == {".zsh_history": ("zsh", "zsh")}


def test_each_name_of_a_file_is_a_history(tmp_path: Path) -> None:
    """A file with two names is found by both: what replaces one of them leaves the other."""
    put(tmp_path, ".bash_history")
    os.link(tmp_path / ".bash_history", tmp_path / ".bash_history.bak")
    assert set(found(tmp_path)) == {".bash_history", ".bash_history.bak"}


def test_what_is_no_regular_file_is_no_history(tmp_path: Path) -> None:
    """A FIFO, a directory, a device, a broken link and a loop of links are passed over."""
    os.mkfifo(tmp_path / ".bash_history")
    (tmp_path / ".zsh_history").mkdir()
    (tmp_path / ".python_history").symlink_to("/dev/null")
    (tmp_path / ".node_repl_history").symlink_to("absent")
    (tmp_path / ".psql_history").symlink_to(".psql_history")
    assert found(tmp_path, HISTFILE=f"{tmp_path}/.bash_history") == {}


@pytest.mark.parametrize("value", ["", "relative", "/dev/null", "/\0", "-"])
def test_an_unusable_histfile_moves_nothing(tmp_path: Path, value: str) -> None:
    """Empty, relative and impossible paths are left alone; the defaults are looked at."""
    put(tmp_path, ".bash_history", "relative")
    assert set(found(tmp_path, HISTFILE=value, LESSHISTFILE=value)) == {".bash_history"}


def test_a_history_that_may_not_be_reached_is_told_of_once(tmp_path: Path) -> None:
    """A closed directory may hold histories: one of them is named, for a reader to fail at."""
    if os.geteuid() == 0:
        pytest.skip("root may enter any directory")
    closed = tmp_path / ".local"
    put(tmp_path, ".local/share/fish/fish_history", ".local/state/lesshst")
    closed.chmod(0)
    try:
        assert len(found(tmp_path)) == 1
    finally:
        closed.chmod(0o700)


def test_a_closed_directory_of_histories_is_told_of(tmp_path: Path) -> None:
    """Nobody knows what is in it; its pattern is named, for a reader to fail at."""
    if os.geteuid() == 0:
        pytest.skip("root may enter any directory")
    put(tmp_path, ".zsh_sessions/A.history")
    (tmp_path / ".zsh_sessions").chmod(0)
    try:
        assert list(found(tmp_path)) == [".zsh_sessions/*.history"]
    finally:
        (tmp_path / ".zsh_sessions").chmod(0o700)


def test_without_a_home_nothing_is_taken_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home that is no absolute path would be any checkout."""
    put(tmp_path, ".bash_history", ".local/share/fish/fish_history")
    monkeypatch.chdir(tmp_path)
    assert list(discover({}, "")) == []
    assert list(discover({"HISTFILE": ".bash_history"}, ".")) == []


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\x81\x01ls\n\0\0", "ksh93"),
        (b"\xab\xcd\xff\0\0\0\x01ls\0", "mksh"),
        (b": 1700000000:0;ls\n", "zsh"),
        (b"#+1700000000\nls\n", "tcsh"),
        (b"#1700000000\nls\n", "bash"),
        (b"ls\n", "bash"),
    ],
)
def test_the_first_bytes_tell_which_shell_wrote_it(
    tmp_path: Path, content: bytes, form: str
) -> None:
    """HISTFILE is of several shells, which write differently."""
    put(tmp_path, "history", content=content)
    books = found(tmp_path, HISTFILE=str(tmp_path / "history"))
    assert books == {"history": (form, form)}


@pytest.mark.parametrize("content", [b'{"a": 1}', b"SQLite format 3\0", b"a\0b", b'[\n{"a": 1}]'])
def test_an_unknown_history_that_is_no_text_is_not_cut(tmp_path: Path, content: bytes) -> None:
    """Lines taken out of a data base or of JSON would break it."""
    put(tmp_path, ".foo_history", content=content)
    assert found(tmp_path) == {".foo_history": ("foo", "opaque")}


def test_whatever_is_called_a_history_is_one(tmp_path: Path) -> None:
    """Programs that nobody listed, copies, and what editors and crashes left behind."""
    put(tmp_path, ".foo_history", ".zsh_history.bak", ".bash_history-00042.tmp", ".zsh_history.swp")
    put(tmp_path, ".zsh_history.LOCK", ".history_notes", "my_history", ".fortune-historical")
    assert found(tmp_path) == {
        ".bash_history-00042.tmp": ("bash", "bash"),
        ".foo_history": ("foo", "readline"),
        ".zsh_history.bak": ("zsh", "zsh"),
        ".zsh_history.swp": ("zsh", "opaque"),
    }


def test_a_moving_that_only_a_shell_understands_is_told(tmp_path: Path) -> None:
    """Nothing is run to find out where a history is: the file that says so is named, once."""
    put(tmp_path, ".zshrc", content=b"HISTFILE=~/h-$(touch ran)\nHISTFILE=$(x)\n")
    put(tmp_path, ".bashrc", content=b"HISTFILE=~/plain\nunset HISTFILE\n")
    assert list(unresolved({}, str(tmp_path))) == [str(tmp_path / ".zshrc")]
    assert not (tmp_path / "ran").exists()


def test_the_look_is_quick(tmp_path: Path) -> None:
    """A home with a thousand files and long start-up files costs a fraction of a second."""
    put(tmp_path, *(f".config-{number}" for number in range(1000)))
    put(tmp_path, ".zshrc", ".bashrc", content=b"export X=HISTFILE $HISTFILE '\n" * 20_000)
    begun = time.perf_counter()
    found(tmp_path)
    assert time.perf_counter() - begun < 1
