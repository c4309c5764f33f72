"""How far doctor is, at a terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from devkeys import ask
from devkeys.cli.paint import Bar, columns
from devkeys.flows.doctor.report import Frame, short
from devkeys.flows.doctor.scope import Nobody, Watch
from devkeys.flows.doctor.sizes import size

FIRST = 0.3  # seconds before anything is shown: a quick run shows nothing
PAUSE = 0.1  # seconds between two drawings, at least
SHARE = 150  # times as long as a drawing took, nothing is drawn


class Progress:
    """A Watch that draws now and then; what it is told in between costs next to nothing.

    *draw* is given the Progress itself. *clock* gives seconds.
    """

    def __init__(
        self, draw: Callable[["Progress"], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.expected = 0
        self.done = 0
        self.place = ""
        self._draw = draw
        self._clock = clock
        self._drawn = False
        self._began = clock()
        self._next = self._began + FIRST

    def expect(self, size: int, files: int = 0) -> None:  # noqa: ARG002  # a bar of bytes
        """Take note of *size* more bytes that are going to be looked at."""
        self.expected += size

    def at(self, place: str) -> None:
        """Take note of the place that is looked at now."""
        self.place = place
        self._perhaps()

    def did(self, size: int) -> None:
        """Take note of *size* bytes that were looked at."""
        self.done += size
        self._perhaps()

    def _perhaps(self) -> None:
        now = self._clock()
        if now < self._next:
            return
        self._draw(self)
        after = self._clock()
        # The first one loads what draws, which tells nothing of the next.
        self._next = after + (max(PAUSE, (after - now) * SHARE) if self._drawn else PAUSE)
        self._drawn = True

    def rate(self) -> float:
        """Return the bytes per second so far."""
        return self.done / max(self._clock() - self._began, 0.001)


def words(progress: Progress, frame: Frame, room: int) -> str:
    """Return how far *progress* is and where, in at most *room* columns."""
    # What will come may not be known yet.
    of = f" of {size(progress.expected)}" if progress.expected > progress.done else ""
    text = f"{size(progress.done)}{of}, {size(int(progress.rate()))}/s"
    place = _end_of(ask.plain(short(progress.place, frame)), room - len(text) - 2)
    return f"{text}  {place}" if place else text[:room]


def _end_of(text: str, room: int) -> str:
    """Return *text*, or its end, which tells most of a path, in at most *room* columns."""
    if columns(text) <= room:
        return text
    if room <= 3:
        return ""
    end = text[-room:]
    while columns(end) > room - 3:
        end = end[1:]
    return "..." + end


@contextmanager
def watching(frame: Frame, stream: TextIO | None = None) -> Iterator[Watch]:
    """Give a Watch that shows on *stream*, stderr, how far it is; nobody if it is no terminal."""
    bar = Bar(stream or sys.stderr)
    if not bar.possible:
        yield Nobody()
        return

    def draw(progress: Progress) -> None:
        text = words(progress, frame, bar.room)
        total = progress.expected if progress.expected > progress.done else None
        bar.draw(text, progress.done, total)

    try:
        yield Progress(draw)
    finally:
        bar.clear()
