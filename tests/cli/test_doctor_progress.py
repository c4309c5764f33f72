"""How far doctor is, at a terminal."""

import io
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from typing import TextIO

import pytest
from doctor_report import FRAME, ROOT
from hypothesis import given
from hypothesis import strategies as st

from devkeys.cli.doctor_progress import FIRST, SHARE, Progress, watching, words
from devkeys.cli.paint import columns
from devkeys.flows.doctor.scope import Nobody


class Clock:
    """A clock that goes on when it is told to; a drawing takes *drawing* seconds."""

    def __init__(self, drawing: float = 0.0) -> None:
        self.now = 0.0
        self.drawing = drawing
        self.drawn: list[float] = []

    def read(self) -> float:
        """Return what it shows."""
        return self.now

    def draw(self, _: Progress) -> None:
        """Take the time of a drawing."""
        self.drawn.append(self.now)
        self.now += self.drawing


def watch(clock: Clock) -> Progress:
    """Return a Progress that goes by *clock*."""
    return Progress(clock.draw, clock.read)


@pytest.fixture
def terminal() -> Iterator[tuple[TextIO, int]]:
    """Give a stream that is a terminal, and the other end of it."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        yield stream, ours
    os.close(ours)


def everything(ours: int) -> str:
    """Return all that arrives at a terminal; it may come in several pieces."""
    text = b""
    while select.select([ours], [], [], 0.3)[0]:
        text += os.read(ours, 65536)
    return text.decode()


def test_a_quick_run_shows_nothing() -> None:
    """What is done within 300 ms draws nothing."""
    clock = Clock()
    progress = watch(clock)
    while clock.now < FIRST - 0.01:
        progress.did(1)
        clock.now += 0.01

    assert clock.drawn == []


@given(st.floats(0.001, 0.05))
def test_drawing_takes_a_small_share(drawing: float) -> None:
    """However slow the terminal is, drawing takes less than 1 % after the first one."""
    clock = Clock(drawing)
    progress = watch(clock)
    while clock.now < 60:
        progress.at("x")
        progress.did(1)
        clock.now += 0.01

    assert clock.drawn
    assert (len(clock.drawn) - 2) * drawing < clock.now / 100
    assert SHARE > 100


def test_sizes_add_up() -> None:
    """What is expected and what is done are sums."""
    progress = watch(Clock())
    progress.expect(100)
    progress.expect(50)
    progress.did(30)
    progress.did(3)

    assert (progress.expected, progress.done) == (150, 33)


def test_what_is_told() -> None:
    """The line has bytes, rate and the place, as it is named in the report."""
    clock = Clock()
    progress = watch(clock)
    progress.expect(5_000_000)
    progress.did(2_000_000)
    progress.at(ROOT + "/src/a.py")
    clock.now = 2.0

    assert words(progress, FRAME, 80) == "2.0 MB of 5.0 MB, 1.0 MB/s  src/a.py"


def test_an_unknown_end_is_not_told() -> None:
    """Without knowing how much there is, only what was done is told."""
    progress = watch(Clock())
    progress.did(10)

    assert words(progress, FRAME, 80).startswith("10 bytes, ")


@given(st.text(st.characters(codec=None), max_size=100), st.integers(0, 100))
def test_a_place_fits_and_steers_nothing(place: str, room: int) -> None:
    """Any name is shortened to the room there is, and made plain."""
    progress = watch(Clock())
    progress.at("/srv/" + place)
    text = words(progress, FRAME, room)

    assert columns(text) <= room
    assert text.isprintable()


def test_no_terminal_no_bar() -> None:
    """On a pipe nobody watches, and nothing is written."""
    stream = io.StringIO()
    with watching(FRAME, stream) as progress:
        progress.did(10)

    assert isinstance(progress, Nobody)
    assert stream.getvalue() == ""


def test_a_dumb_terminal_has_no_bar(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a line cannot be taken away again, none is shown."""
    monkeypatch.setenv("TERM", "dumb")
    with watching(FRAME, terminal[0]) as progress:
        assert isinstance(progress, Nobody)


def test_the_bar_goes_away(terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The bar is drawn on one line, and taken away at the end."""
    monkeypatch.setenv("TERM", "xterm")
    stream, ours = terminal
    with watching(FRAME, stream) as progress:
        assert isinstance(progress, Progress)
        progress._next = 0
        progress.expect(100)
        progress.at(ROOT + "/[red]a.py")
        progress.did(50)
    stream.flush()
    text = everything(ours)

    assert "[red]a.py" in text
    assert text.count("\r\n") <= 1
    assert text.endswith("\x1b[2K")


def test_an_interrupted_run_leaves_the_terminal_as_it_was(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle takes the bar away and brings the cursor back."""
    monkeypatch.setenv("TERM", "xterm")
    stream, ours = terminal

    def interrupted() -> None:
        with watching(FRAME, stream) as progress:
            assert isinstance(progress, Progress)
            progress._next = 0
            progress.did(50)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    stream.flush()
    text = everything(ours)

    assert re.findall(r"\x1b\[\?25[lh]", text)[-1] == "\x1b[?25h"


def test_rich_is_not_loaded_before_it_draws() -> None:
    """A run that is done in time, and a report on a pipe, do without rich."""
    program = (
        "import sys, devkeys.cli.doctor_text, devkeys.cli.doctor_progress as p, devkeys.cli.paint\n"
        "from devkeys.cli.paint import Line, show\n"
        "show([Line('x', 'red')])\n"
        "sys.exit(any(name.split('.')[0] == 'rich' for name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)

    assert (done.returncode, done.stdout) == (0, b"x\n")
