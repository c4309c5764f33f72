"""Colours at a terminal, and lines that fit into it."""

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.cli.paint import Line, columns, lay_out, painter, width_of


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[TextIO]:
    """Give a stream that is a terminal with colours."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        yield stream
    os.close(ours)


def test_a_terminal_has_colours(terminal: TextIO) -> None:
    """At a terminal a styled text is between escapes."""
    assert painter(terminal)("x", "bold red") == "\x1b[1;31mx\x1b[0m"


def test_no_color(terminal: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR means none; an empty one means nothing."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert painter(terminal)("x", "red") == "x"
    monkeypatch.setenv("NO_COLOR", "")
    assert painter(terminal)("x", "red") != "x"


def test_a_pipe_has_none() -> None:
    """What another program reads is plain, and as wide as it likes."""
    assert painter(io.StringIO())("x", "red") == "x"
    assert width_of(io.StringIO()) is None


def test_a_terminal_without_a_width(terminal: TextIO) -> None:
    """A terminal that does not know how wide it is is taken for no width."""
    assert width_of(terminal) is None


def test_a_head_stands_beside_all_rows() -> None:
    """What does not fit goes on below the text, not below the head."""
    assert lay_out([Line("aaa bbb ccc ddd eee fff", head="head  ")], 28) == (
        "head  aaa bbb ccc ddd eee\n      fff"
    )


def test_a_long_head_stands_above() -> None:
    """A head that takes most of the width has a line of its own."""
    assert lay_out([Line("text", head="a very long head: ", indent=2)], 30) == (
        "  a very long head:\n    text"
    )


def test_styles_do_not_count() -> None:
    """Colours change nothing of the layout."""
    lines = [Line("aaa bbb ccc ddd eee fff", "red", "head  ", "blue", indent=2)]
    painted = lay_out(lines, 28, lambda text, style: f"<{text}>" if style else text)

    assert painted.replace("<", "").replace(">", "") == lay_out(lines, 28)


WORDS = st.lists(st.text("ab鍵\u0301", min_size=1, max_size=12), min_size=1, max_size=30)


@given(WORDS, st.integers(25, 80), st.integers(0, 4))
def test_every_word_is_there_and_fits(words: list[str], width: int, indent: int) -> None:
    """Wrapping loses no word, breaks none, and stays within the width."""
    text = lay_out([Line(" ".join(words), indent=indent)], width)

    assert text.split() == words
    assert all(columns(row) <= width or len(row.split()) == 1 for row in text.splitlines())
