"""Data without what encodings put between the characters of a value, and the way back.

Blanks, line ends, NUL bytes, backslashes and quotes are taken out of the data and of what is
searched for alike. So one search finds a value that was wrapped, quoted for a shell or for
JSON at any depth, or written in UTF-16. What it finds is looked at again in the data itself:
a blank between two words is no line end, and no value.
"""

import re
from bisect import bisect_right
from itertools import accumulate, compress

BETWEEN = b"\0\t\n\r \"'\\"
_NO_BLANKS = b"\0\"'\\"
_BLOCK = 4096
_KEPT = bytes(byte not in BETWEEN for byte in range(256))
_GAP = rb"(?>[\\\"'\0]*+(?:[\r\n][ \t\r\n\0\\\"']*+)?+)"
_OWN_BLANK = rb"(?>[\\\"'\0]*+[ \t\r\n][ \t\r\n\0\\\"']*+)"
_OWN_LINE_END = rb"[ \t\r\n\0\\\"']*+"
_NO_GAP = re.compile(rb"[^\0\"'\\ \t\r\n][\0\"'\\]*+[ \t]")
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
            places = range(start, start + len(part))
            self._kept[block] = list(compress(places, part.translate(_KEPT)))
        return self._kept[block][squeezed - self._starts[block]]


def with_own_gaps(text: bytes) -> bytes:
    """Return *text* squeezed, but with the blanks and line ends between its characters."""
    return text.strip(BETWEEN).translate(None, _NO_BLANKS)


def torn(data: bytes, start: int, stop: int) -> int | None:
    """Return where from *start* to *stop* a blank stands that no encoding puts there, or None.

    It is the place of the character before; none that begins up to there goes on behind it.
    """
    found = _NO_GAP.search(data, start, stop)
    return found.start() if found else None


def pattern(text: bytes) -> re.Pattern[bytes]:
    """Return what matches *text* with nothing between its characters but what encodings add.

    Its own quotes and backslashes may be missing; its own blanks may be line ends, and its own
    line ends blanks, or nothing. Possessive throughout: it takes one pass over whatever it is
    held against.
    """
    parts: list[bytes] = []
    gap = _GAP
    for byte in text:
        if byte in b" \t":
            gap = _OWN_BLANK
        elif byte in b"\r\n":
            gap = _OWN_BLANK if gap == _OWN_BLANK else _OWN_LINE_END
        elif byte not in BETWEEN:
            parts += [gap if parts else b"", re.escape(bytes((byte,)))]
            gap = _GAP
    return re.compile(b"".join(parts), re.DOTALL)


def added(text: bytes, written: bytes) -> str:
    """Say in a word what *written* has between the characters of *text*; empty for nothing."""
    if written.count(b"\0") > text.count(b"\0"):
        return "UTF-16"
    if len(_LINE_END.findall(written)) > len(_LINE_END.findall(text)):
        return "wrapped"
    return "" if len(written) == len(text) else "escaped"
