"""Saying what is waited for, once it takes longer than a moment."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 1.0  # seconds


@contextmanager
def waiting_for(what: str, *, limit: float, patience: float = PATIENCE) -> Iterator[None]:
    """Say on stderr, at a terminal, that *what* is waited for if that takes over *patience*.

    *limit* is how many seconds it may take at most; 0 is for ever. While somebody types a
    password there, nothing is said.
    """
    if not os.isatty(2):
        yield
        return
    end = f"{limit:g} s at most, " if limit else ""
    line = f"devkeys: waiting for {what} ({end}Ctrl-C ends it)\n"
    over = threading.Event()
    # A thread, for what is waited for may be C code or a library that never comes back to us.
    threading.Thread(target=_watch, args=(over, line, patience), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch(over: threading.Event, line: str, patience: float) -> None:
    while not over.wait(patience):
        if _is_prompting():
            continue
        try:
            os.write(2, line.encode(errors="replace"))
        except OSError:
            return
        return


def _is_prompting() -> bool:
    """Tell whether the terminal shows nothing of what is typed: devkeys, bw or gpg asks there."""
    try:
        import termios

        return not termios.tcgetattr(2)[3] & termios.ECHO
    except (ImportError, OSError, termios.error):
        return False
