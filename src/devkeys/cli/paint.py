"""Colours at a terminal, lines that fit into it, and a bar; the one door of rich."""

import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

Paint = Callable[[str, str], str]  # a text and its style, as rich names it -> what to print


class Line(NamedTuple):
    """A line of a report: *head*, then *text*, after *indent* blanks.

    What does not fit goes on below the text. A *whole* line is never broken, such as a command
    that is going to be copied.
    """

    text: str
    style: str = ""
    head: str = ""
    head_style: str = ""
    indent: int = 0
    whole: bool = False


def plain(text: str, style: str) -> str:  # noqa: ARG001  # a Paint
    """Return *text* as it is."""
    return text


def painter(stream: TextIO) -> Paint:
    """Return what colours texts for *stream*: nothing unless it is a terminal that has colours."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return plain
    from rich.color import ColorSystem
    from rich.style import Style

    if os.name == "nt" and _is_legacy(stream):
        return plain
    # The terminal's own sixteen colours, which its user has chosen to be readable.
    return lambda text, style: Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def _is_legacy(stream: TextIO) -> bool:
    from rich.console import Console

    return Console(file=stream).legacy_windows


def width_of(stream: TextIO) -> int | None:
    """Return how many columns *stream* has; None if it is no terminal."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except OSError:
        return None


class Bar:
    """A bar on *stream* with a text behind it, which goes away again."""

    WIDTH = 24  # columns

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress: Progress | None = None

    @property
    def possible(self) -> bool:
        """Whether *stream* is a terminal that a line can be taken away from."""
        return self._stream.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def room(self) -> int:
        """How many columns there are for the text."""
        return max((width_of(self._stream) or 80) - self.WIDTH - 2, 0)

    def draw(self, text: str, done: int, total: int | None) -> None:
        """Show that *done* of *total* is done; None if that is not known yet."""
        if self._progress is None:
            self._progress = self._started()
        self._progress.update(
            self._progress.task_ids[0], description=text, completed=done, total=total
        )
        self._progress.refresh()

    def _started(self) -> "Progress":
        from rich import progress
        from rich.console import Console
        from rich.table import Column

        text = progress.TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True)
        )
        shown = progress.Progress(
            progress.BarColumn(self.WIDTH),
            text,
            console=Console(file=self._stream),
            transient=True,
            auto_refresh=False,  # no thread of its own
            redirect_stdout=False,
            redirect_stderr=False,
        )
        shown.add_task("")
        shown.start()
        return shown

    def clear(self) -> None:
        """Take the bar away, if there is one."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def lay_out(lines: Iterable[Line], width: int | None, paint: Paint = plain) -> str:
    """Return *lines* as one text that is *width* columns wide, or as wide as it likes."""
    return "\n".join(row for line in lines for row in _rows(line, width, paint))


def show(lines: Iterable[Line]) -> None:
    """Print *lines* to stdout."""
    sys.stdout.write(lay_out(lines, width_of(sys.stdout), painter(sys.stdout)) + "\n")


def _rows(line: Line, width: int | None, paint: Paint) -> Iterator[str]:
    if width is not None and columns(line.head) > width // 2 and not line.whole:
        # A head that leaves no room for the text stands above it.
        yield from _rows(
            Line(line.head.rstrip(), line.head_style, indent=line.indent), width, paint
        )
        line = Line(line.text, line.style, indent=line.indent + 2)
    hang = line.indent + columns(line.head)
    room = None if width is None or line.whole else max(width - hang, 20)
    blanks = " " * line.indent
    for number, row in enumerate(_wrapped(line.text, room)):
        head = " " * hang if number else blanks + _painted(line.head, line.head_style, paint)
        yield (head + _painted(row, line.style, paint)).rstrip(" ")


def _painted(text: str, style: str, paint: Paint) -> str:
    return paint(text, style) if text and style else text


def _wrapped(text: str, room: int | None) -> list[str]:
    """Return *text* in rows of *room* columns; a word that is longer has a row to itself."""
    if room is None or columns(text) <= room:
        return [text]
    rows = [""]
    for word in text.split(" "):
        longer = f"{rows[-1]} {word}" if rows[-1] else word
        if columns(longer) <= room or not rows[-1]:
            rows[-1] = longer
        else:
            rows.append(word)
    return rows


def columns(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
