"""Saying what is waited for, once it takes longer than a moment."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds


@contextmanager
def waiting_for(what: str, *, limit: float, patience: float = PATIENCE) -> Iterator[None]:
    """Say on stderr, at a terminal, that *what* is waited for if that takes over *patience*.

    *limit* is how many seconds it may take at most; 0 is for ever.
    """
    if not os.isatty(2):
        yield
        return
    end = f"{limit:g} s at most, " if limit else ""
    line = f"devkeys: waiting for {what} ({end}Ctrl-C ends it)\n"
    # A thread, for what is waited for may be C code or a library that never comes back to us.
    timer = threading.Timer(patience, _say, (line,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(line: str) -> None:
    try:
        os.write(2, line.encode(errors="replace"))
    except OSError:
        return
