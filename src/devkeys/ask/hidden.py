"""Reading a value that nobody sees: no echo, no limit of length, pasted lines in one piece."""

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from devkeys.ask import TERMINAL, visible
from devkeys.ask.keys import Entered, holds_controls, read_value
from devkeys.errors import UsageError
from devkeys.secret import Secret

PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"  # bracketed paste, on and off


def hidden(prompt: str) -> Secret:
    """Return what is typed or pasted at *prompt*, up to the Enter that ends it.

    Empty if only Enter was pressed. Ctrl-C is KeyboardInterrupt, Ctrl-U starts again.
    """
    if sys.platform == "win32":
        from devkeys.ask.console import hidden_at_console

        return hidden_at_console(prompt)
    import termios

    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        raise UsageError(
            "there is no terminal to ask at", hint="give the value on stdin, from a file or a pipe"
        ) from None
    try:
        return _at(terminal, prompt)
    except (OSError, termios.error):
        raise UsageError("no value: the terminal is gone") from None
    finally:
        os.close(terminal)


def _at(terminal: int, prompt: str) -> Secret:
    sys.stderr.flush()
    marks = os.environ.get("TERM", "dumb") != "dumb"
    with _quiet(terminal):
        _write(terminal, visible(prompt).encode(errors="replace") + b" ")
        try:
            if marks:
                _write(terminal, PASTE_ON)
            entered = read_value(_Terminal(terminal))
        finally:
            with suppress(OSError):
                _write(terminal, (PASTE_OFF if marks else b"") + b"\n")
        for remark in remarks(entered):
            _write(terminal, f"  ({remark})\n".encode())
    return Secret(entered.value)


@contextmanager
def quiet() -> Iterator[None]:
    """Show nothing that is typed meanwhile, and drop it, where there is a terminal.

    For what takes seconds after a prompt: whoever types ahead would see it on the screen.
    """
    if sys.platform == "win32":
        yield
        return
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        with _quiet(terminal):
            yield
    finally:
        os.close(terminal)


def remarks(entered: Entered) -> list[str]:
    """Return what a person who saw nothing should know of what was entered."""
    found = []
    if entered.ignored:
        found.append("keys that are no text, such as arrows, were left out")
    if holds_controls(entered.value):
        found.append("what was pasted holds control characters; they are part of the value")
    lines = entered.value.removesuffix(b"\n").count(b"\n") + 1
    if lines > 1:
        found.append(f"{lines} lines")
    return found


class _Terminal:
    """The bytes of a terminal in its quiet mode."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._ahead = b""

    def next(self) -> int | None:
        if not self._ahead:
            self._ahead = os.read(self._terminal, 4096)
        if not self._ahead:
            return None
        byte, self._ahead = self._ahead[0], self._ahead[1:]
        return byte

    def waiting(self, seconds: float) -> bool:
        return bool(self._ahead) or bool(select.select([self._terminal], [], [], seconds)[0])


@contextmanager
def _quiet(terminal: int) -> Iterator[None]:
    """Show nothing that is typed, until the end, whatever ends it."""
    import termios

    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    disable = os.fpathconf(terminal, "PC_VDISABLE").to_bytes(1, "big")
    quiet[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)  # ISIG stays: Ctrl-C works
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    # Stopped or dumped by a key, the terminal would be left as it is, or echo on return.
    quiet[6][termios.VSUSP] = quiet[6][termios.VQUIT] = disable

    def again(_number: int, _frame: FrameType | None) -> None:
        termios.tcsetattr(terminal, termios.TCSANOW, quiet)

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    handlers = {signal.SIGCONT: again, signal.SIGTERM: end, signal.SIGHUP: end}
    former = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
        yield
    finally:
        # Flushing drops what was typed after the Enter, which no shell is to get.
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
        for number, handler in former.items():
            signal.signal(number, handler)


def _write(terminal: int, data: bytes) -> None:
    while data:
        data = data[os.write(terminal, data) :]
