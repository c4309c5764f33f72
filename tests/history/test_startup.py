"""What start-up files say, read and not run."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.history import startup


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("HISTFILE=~/.zhistory", ["~/.zhistory"]),
        ("  export HISTFILE=/x/y  # mine", ["/x/y"]),
        ("typeset -gx HISTFILE='/a b'", ["'/a b'"]),
        ('HISTSIZE=9 HISTFILE="$HOME"/h SAVEHIST=9', ['"$HOME"/h']),
        ("[ -t 0 ] && HISTFILE=/x;true", ["/x"]),
        ("if :; then { HISTFILE=/a; }; (HISTFILE=/b) fi", ["/a", "/b"]),
        ("HISTFILE=${ZDOTDIR:-$HOME}/.h", ["${ZDOTDIR:-$HOME}/.h"]),
        ("# HISTFILE=/x", []),
        ("MYHISTFILE=/x", []),
        ("echo $HISTFILE", []),
        ("HISTFILE=", [""]),
    ],
)
def test_plain_assignments_are_found(line: str, words: list[str]) -> None:
    """Wherever on a line it stands, with other words round it; not in a remark."""
    assert list(startup.assigned("HISTFILE", f"true\n{line}\nfalse\n")) == words


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("~/.h", "/home/me/.h"),
        ("$HOME/.h", "/home/me/.h"),
        ("${HOME}/.h", "/home/me/.h"),
        ('"$HOME/a b"', "/home/me/a b"),
        ("'/a $b'", "/a $b"),
        ("/a\\ b", "/a b"),
        ('"$HOME"/.h', "/home/me/.h"),
        ("${ZDOTDIR:-$HOME}/.h", "/home/me/.h"),
        ("${ZDOTDIR:-${HOME}}/.h", "/home/me/.h"),
        ("${ZDOTDIR-~}/.h", "/home/me/.h"),
        ("$SET/.h", "/set/.h"),
        ("${SET:-/other}/.h", "/set/.h"),
        ("", ""),
    ],
)
def test_words_are_expanded_as_shells_do(word: str, path: str) -> None:
    """Quotes, backslashes, the tilde, and variables with what stands in for them."""
    assert startup.expanded(word, {"SET": "/set"}, "/home/me") == path


@pytest.mark.parametrize(
    "word",
    ["$(date)", "/x/$(date)", "`date`", "/x/$UNSET", "h", '"~/.h"', "/x/${A%b}", "~other/h", "/$"],
)
def test_what_only_a_shell_can_tell_is_an_error(word: str) -> None:
    """Commands, unknown variables, and paths relative to who knows where."""
    with pytest.raises(ValueError, match=r"."):
        startup.expanded(word, {}, "/home/me")


@given(st.text(st.sampled_from("'\"\\$`{}:-~ab/ \n=")))
def test_any_word_is_a_path_or_an_error(word: str) -> None:
    """Nothing that stands in a file breaks the look, and every path is absolute."""
    for found in startup.assigned("HISTFILE", f"HISTFILE={word}"):
        try:
            path = startup.expanded(found, {}, "/home/me")
        except ValueError:
            continue
        assert not path or os.path.isabs(path)


def test_other_shells_have_words_of_their_own() -> None:
    """Each shell's own way to say it, and psql's up to a variable."""
    assert list(startup.assigned_in_csh("set histfile = ~/.h\n#set histfile=/x\n")) == ["~/.h"]
    assert list(startup.assigned_in_psql("\\set HISTFILE ~/.h- :DBNAME\n")) == ["~/.h-"]
    nushell = '$env.config.history.path = "/x y"\n# history.path = "/z"\n'
    assert list(startup.quoted("history.path", nushell)) == ["/x y"]


def test_a_fifo_or_a_directory_says_nothing(tmp_path: Path) -> None:
    """What is no file has no text, and nobody waits for it."""
    os.mkfifo(tmp_path / ".zshrc")
    assert startup.read(str(tmp_path / ".zshrc")) == ""
    assert startup.read(str(tmp_path)) == ""
    assert startup.read(str(tmp_path / "absent")) == ""
