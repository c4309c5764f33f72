"""Data without what encodings put between the characters of a value, and the way back.

Blanks, line ends, NUL bytes, backslashes and quotes are taken out of the data and of what is
searched for alike. So one search finds a value that was wrapped, quoted for a shell or for
JSON at any depth, or written in UTF-16. What it finds is looked at again in the data itself:
a blank between two words is no line end, and no value.
"""

import re
from bisect import bisect_right
from itertools import accumulate

BETWEEN = b"\0\t\n\r \"'\\"
_BLOCK = 4096
_GAP = rb"(?>[\\\"'\0]*+(?:[\r\n][ \t\r\n\0\\\"']*+)?+)"
_OWN_BLANK = rb"(?>[\\\"'\0]*+[ \t\r\n][ \t\r\n\0\\\"']*+)"
_LINE_END = re.compile(rb"[\r\n]")


def squeeze(data: bytes) -> bytes:
    """Return *data* without all that may stand between the characters of a value."""
    return data.translate(None, BETWEEN)


class WayBack:
    """Places in squeezed data, as places in the *data*."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        blocks = range(0, len(data), _BLOCK)
        sizes = (len(squeeze(data[start : start + _BLOCK])) for start in blocks)
        self._starts = [0, *accumulate(sizes)]
        self._kept: dict[int, list[int]] = {}

    def place(self, squeezed: int) -> int:
        """Return where the byte stands that is at *squeezed* when all is squeezed."""
        block = bisect_right(self._starts, squeezed) - 1
        if block not in self._kept:
            start = block * _BLOCK
            part = self._data[start : start + _BLOCK]
            self._kept[block] = [
                start + place for place, byte in enumerate(part) if byte not in BETWEEN
            ]
        return self._kept[block][squeezed - self._starts[block]]


def pattern(text: bytes) -> re.Pattern[bytes]:
    """Return what matches *text* with nothing between its characters but what encodings add.

    Its own quotes and backslashes may be missing; its own blanks may be line ends. Possessive
    throughout: it takes one pass over whatever it is held against.
    """
    parts: list[bytes] = []
    blank = False
    for byte in text:
        if byte in b" \t\r\n":
            blank = True
        elif byte not in BETWEEN:
            parts.append((_OWN_BLANK if blank else _GAP) if parts else b"")
            parts.append(re.escape(bytes((byte,))))
            blank = False
    return re.compile(b"".join(parts), re.DOTALL)


def added(text: bytes, written: bytes) -> str:
    """Say in a word what *written* has between the characters of *text*; empty for nothing."""
    if written.count(b"\0") > text.count(b"\0"):
        return "UTF-16"
    if len(_LINE_END.findall(written)) > len(_LINE_END.findall(text)):
        return "wrapped"
    return "" if len(written) == len(text) else "escaped"
