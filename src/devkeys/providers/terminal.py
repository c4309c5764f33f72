"""The terminal while others prompt there: given back as it was, whatever ends them."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def given_back(*, interactive: bool) -> Iterator[None]:
    """Give the terminal its echo back if a prompt was ended in the middle.

    What was typed there is dropped: half a password is for no shell. SIGTERM and SIGHUP end
    the work by an exception then, as Ctrl-C does; only the main thread can have that.
    """
    with _ending_by_exception(), _restored(interactive=interactive):
        yield


@contextmanager
def _restored(*, interactive: bool) -> Iterator[None]:
    try:
        import termios

        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY) if interactive else None
    except (ImportError, OSError):
        terminal = None
    if terminal is None:
        yield
        return
    state = None
    try:
        with suppress(termios.error):  # it has hung up
            state = termios.tcgetattr(terminal)
        yield
    finally:
        with suppress(termios.error):
            if state is not None and termios.tcgetattr(terminal) != state:
                termios.tcsetattr(terminal, termios.TCSAFLUSH, state)
        os.close(terminal)


@contextmanager
def _ending_by_exception() -> Iterator[None]:
    """Have what stands in `finally` done, where these signals would end the process at once."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGHUP)
    ending = [number for number in numbers if signal.getsignal(number) == signal.SIG_DFL]
    try:
        for number in ending:
            signal.signal(number, _end)
        yield
    finally:
        for number in ending:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
