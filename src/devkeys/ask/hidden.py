"""Reading a value that nobody sees: no echo, no limit of length, pasted lines in one piece.

A terminal in its ordinary mode cuts a line at 4,096 bytes and ends a paste at its first
line: the rest of a pasted private key would be typed into the next prompt, or into the
shell and its history. So the bytes are read one by one, and what is pasted is one value.
"""

import os
import select
import sys

from devkeys.ask import TERMINAL
from devkeys.errors import UsageError
from devkeys.secret import Secret

PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"  # bracketed paste, on and off
PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
AT_ONCE = 0.05  # seconds; what follows a line end sooner was pasted, not typed
ENTER = (b"\r", b"\n")


def hidden(prompt: str) -> Secret:
    """Return what is typed or pasted at *prompt*, up to the Enter that ends it.

    Empty if only Enter was pressed. Ctrl-C is KeyboardInterrupt, Ctrl-U starts again.
    """
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        raise UsageError(
            "there is no terminal to ask at", hint="give the value on stdin, from a file or a pipe"
        ) from None
    try:
        return _without_echo(terminal, prompt)
    finally:
        os.close(terminal)


def _without_echo(terminal: int, prompt: str) -> Secret:
    import termios

    sys.stderr.flush()
    before = termios.tcgetattr(terminal)
    quiet = termios.tcgetattr(terminal)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)  # signals stay: Ctrl-C works
    quiet[0] &= ~termios.ICRNL
    quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, quiet)
        os.write(terminal, prompt.encode() + b" " + PASTE_ON)
        return Secret(_read(terminal))
    finally:
        os.write(terminal, PASTE_OFF + b"\n")
        # Flushing drops what was typed after the Enter, which no shell is to get.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _read(terminal: int) -> bytes:
    value = bytearray()
    while True:
        byte = os.read(terminal, 1)
        if byte in ENTER and not _more_at_once(terminal):
            return _without_paste_marks(bytes(value))
        if byte == b"" or (byte == b"\x04" and not value):
            raise UsageError("no value: the input has ended")
        if byte == b"\x15":
            value.clear()
        elif byte in (b"\x7f", b"\x08"):
            _erase(value)
        else:
            value += b"\n" if byte == b"\r" else byte
            if value.endswith(PASTE_BEGINS):
                value += _pasted(terminal)


def _pasted(terminal: int) -> bytes:
    pasted = bytearray()
    while not pasted.endswith(PASTE_ENDS):
        byte = os.read(terminal, 1)
        if not byte:
            raise UsageError("no value: the input has ended")
        pasted += b"\n" if byte == b"\r" else byte
    return bytes(pasted)


def _more_at_once(terminal: int) -> bool:
    return bool(select.select([terminal], [], [], AT_ONCE)[0])


def _without_paste_marks(value: bytes) -> bytes:
    plain = value.replace(PASTE_BEGINS, b"").replace(PASTE_ENDS, b"")
    # One line that was copied with its end is that line; a text of several keeps its end.
    if plain.count(b"\n") == 1 and plain.endswith(b"\n"):
        return plain[:-1]
    return plain


def _erase(value: bytearray) -> None:
    """Take the last character away, however many bytes UTF-8 needs for it."""
    while value and value[-1] & 0xC0 == 0x80:
        value.pop()
    if value:
        value.pop()
