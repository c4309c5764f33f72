"""Reading a hidden value at a Windows console; written from its documentation, never run there."""

import sys
import time
from typing import Protocol

from devkeys.ask import say, visible
from devkeys.ask.keys import read_value
from devkeys.secret import Secret

PAUSE = 0.005  # seconds between two looks at whether a key is waiting
INTERRUPT = "\x03"
SPECIAL = ("\x00", "\xe0")  # the first of two characters of an arrow or function key


class Console(Protocol):
    """The two functions of msvcrt that are used."""

    def getwch(self) -> str:
        """Return the next UTF-16 unit, without echo."""

    def kbhit(self) -> bool:
        """Tell whether one is waiting."""


class ConsoleKeys:
    """The keys of a console, as UTF-8."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ahead = b""

    def next(self) -> int | None:
        """Return the next byte; Ctrl-C is KeyboardInterrupt."""
        while not self._ahead:
            char = self._console.getwch()
            if char == INTERRUPT:
                raise KeyboardInterrupt
            # `à` comes alone, an arrow key with its code.
            if char in SPECIAL and self._console.kbhit():
                self._console.getwch()
                char = "\x1b"
            elif "\ud800" <= char <= "\udbff":
                char += self._console.getwch()
            pair = char.encode("utf-16", "surrogatepass")
            self._ahead = pair.decode("utf-16", "replace").encode()
        byte, self._ahead = self._ahead[0], self._ahead[1:]
        return byte

    def waiting(self, seconds: float) -> bool:
        """Tell whether a key comes within *seconds*."""
        until = time.monotonic() + seconds
        while not self._ahead and not self._console.kbhit():
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE)
        return True


def hidden_at_console(prompt: str) -> Secret:
    """Return what is entered at *prompt*, as `hidden` does."""
    from devkeys.ask.hidden import remarks

    console: Console
    if sys.platform == "win32":
        import msvcrt

        console = msvcrt
    else:
        raise NotImplementedError
    sys.stderr.write(visible(prompt) + " ")
    sys.stderr.flush()
    try:
        entered = read_value(ConsoleKeys(console))
    finally:
        sys.stderr.write("\n")
    for remark in remarks(entered):
        say(f"  ({remark})")
    return Secret(entered.value)
