r"""Histories of whatever reads its lines with readline, or with libedit in its place.

libedit writes a header, `_HiStOrY_V2_`, and escapes as its `strvis` does: `\040` for a blank,
`\^A` for a control character, `\M-a` and `\M^A` for such with the eighth bit.
"""

import functools
import io
import re
from collections.abc import Iterator

from devkeys.history import Entry, lines

HEADER = b"_HiStOrY_V2_"
_ESCAPE = re.compile(rb"\\(?:[0-3][0-7]{2}|M[-^][\s\S]|\^[\s\S]|[\s\S])")


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands, whichever of the two wrote it."""
    if not data.startswith(HEADER):
        yield from lines.parse(data)
        return
    for number, raw in enumerate(io.BytesIO(data)):
        yield Entry(raw, decoded(raw.rstrip(b"\r\n")) if number else b"")


def parse_psql(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands; psql writes a newline in one as the byte 01."""
    for entry in parse(data):
        if b"\x01" in entry.text:
            yield entry._replace(text=entry.text.replace(b"\x01", b"\n"))
        else:
            yield entry


def searchable(data: bytes) -> bytes:
    """Return *data* without libedit's escapes if it has any, all at once."""
    if not data.startswith(HEADER):
        return data
    if b"\\\\" not in data and b"^\\" not in data:  # a backslash always begins an escape
        data = data.replace(rb"\040", b" ")
    return decoded(data)


def decoded(text: bytes) -> bytes:
    """Undo libedit's escapes."""
    return _ESCAPE.sub(lambda found: _byte(found[0]), text) if b"\\" in text else text


@functools.cache
def _byte(escape: bytes) -> bytes:
    if len(escape) == 4 and escape[1] != ord("M"):
        return bytes((int(escape[1:], 8),))
    last = escape[-1]
    if escape[-2:-1] == b"^" and len(escape) > 2:
        last = 0x7F if last == ord("?") else last & 0x1F
    return bytes((last | 0x80 if len(escape) == 4 else last,))
