"""From keys to a value: what is typed is edited, what is pasted is one piece.

A terminal in its ordinary mode cuts a line at 4,096 bytes and ends a paste at its first
line: the rest of a pasted private key would be typed into the next prompt, or into the
shell and its history. So every byte is read here, whatever device it comes from.
"""

from typing import NamedTuple, Protocol

from devkeys.errors import UsageError

PASTE_BEGINS, PASTE_ENDS = b"[200~", b"\x1b[201~"  # bracketed paste, the first after its ESC
AT_ONCE = 0.05  # seconds; what follows a line end sooner was pasted, not typed
ENTER = b"\r\n"
ERASE = b"\x7f\x08"
ESCAPE, START_AGAIN, END = 0x1B, 0x15, 0x04
LONGEST_SEQUENCE = 32


class Keys(Protocol):
    """Where bytes come from, one by one."""

    def next(self) -> int | None:
        """Return the next byte; None once there is nobody any more."""

    def waiting(self, seconds: float) -> bool:
        """Tell whether there will be a byte within *seconds*."""


class Entered(NamedTuple):
    """A value as it was entered. *ignored* counts keys that are no text, such as arrows."""

    value: bytes
    ignored: int


def read_value(keys: Keys) -> Entered:
    """Return what is typed or pasted up to the Enter, or Ctrl-D, that ends it.

    A line end that more text follows at once is part of the value, and so is every line
    end inside a PEM block. Raise UsageError if the input ends with nothing entered.
    """
    value = bytearray()
    ignored = 0
    while True:
        byte = _next(keys)
        if byte in ENTER:
            if not keys.waiting(AT_ONCE) and not _is_unfinished(value):
                return Entered(_without_line_end(bytes(value)), ignored)
            _add(value, byte)
        elif byte == END:
            if not value:
                raise UsageError("no value: the input has ended")
            return Entered(_without_line_end(bytes(value)), ignored)
        elif byte != ESCAPE:
            ignored += not _edit(value, byte)
        elif _sequence(keys) == PASTE_BEGINS:
            value += _pasted(keys)
        else:
            ignored += 1


def holds_controls(value: bytes) -> bool:
    """Tell whether a pasted *value* holds bytes that no keyboard types as text."""
    return any(byte < 0x20 and byte not in b"\t\n" for byte in value) or b"\x7f" in value


def _next(keys: Keys) -> int:
    byte = keys.next()
    if byte is None:
        raise UsageError("no value: the input has ended")
    return byte


def _edit(value: bytearray, byte: int) -> bool:
    """Do what the key *byte* says; False if it says nothing here."""
    if byte == START_AGAIN:
        value.clear()
    elif byte in ERASE:
        _erase(value)
    elif byte < 0x20 and byte != 0x09:
        return False
    else:
        value.append(byte)
    return True


def _is_unfinished(value: bytearray) -> bool:
    begin = value.rfind(b"-----BEGIN ")
    return begin >= 0 and value.find(b"-----END ", begin) < 0


def _add(value: bytearray, byte: int) -> None:
    """Add *byte*, a terminal's carriage return (and CR LF) as one line feed."""
    if byte != 0x0D:
        value.append(byte)
    else:
        value += b"\n"


def _sequence(keys: Keys) -> bytes:
    """Return what follows an ESC: the rest of an arrow key, of Alt and a letter, of a paste."""
    if not keys.waiting(AT_ONCE):
        return b""
    sequence = bytearray([_next(keys)])
    if sequence == b"O":
        sequence.append(_next(keys))
    elif sequence == b"[":
        while len(sequence) < LONGEST_SEQUENCE:
            sequence.append(_next(keys))
            if 0x40 <= sequence[-1] <= 0x7E:
                break
    return bytes(sequence)


def _pasted(keys: Keys) -> bytes:
    pasted = bytearray()
    while not pasted.endswith(PASTE_ENDS):
        pasted.append(_next(keys))
    text = bytes(pasted[: -len(PASTE_ENDS)])
    # Terminals paste a line end as they would type it, as a carriage return.
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _without_line_end(value: bytes) -> bytes:
    # One line that was copied with its end is that line; a text of several keeps its end.
    if value.count(b"\n") == 1 and value.endswith(b"\n"):
        return value[:-1]
    return value


def _erase(value: bytearray) -> None:
    """Take the last character away, however many bytes UTF-8 needs for it."""
    while value and value[-1] & 0xC0 == 0x80:
        value.pop()
    if value:
        value.pop()
