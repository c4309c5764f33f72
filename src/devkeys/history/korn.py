r"""The Korn shells' binary histories.

ksh93 (history.c): `81 01`, then commands, each ended by a newline and a NUL and padded to an
even place by another; `82 00`, three bytes and a NUL give a command's number; `81 00` takes the
command before it back. mksh (histrap.c): `AB CD`, then `FF`, a number of four bytes, the command,
a NUL.
"""

import re
from collections.abc import Iterator

from devkeys.history import Entry

_KSH93 = re.compile(rb"(\x82\0[\s\S]{3}\0|\x81[\0-\2])|[^\0]*\0+|[^\0]+")
_MKSH = re.compile(rb"\xff[\s\S]{4}([^\0]*)\0|[^\0]*\0|[^\0]+")


def parse_ksh93(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands; header, numbers and what is no command have no text."""
    for found in _KSH93.finditer(data):
        raw = found[0]
        yield Entry(raw, b"" if found[1] else raw.rstrip(b"\0").removesuffix(b"\n"))


def parse_mksh(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands; damaged ones are taken as they stand."""
    if data.startswith(b"\xab\xcd"):
        yield Entry(data[:2], b"")
        data = data[2:]
    for found in _MKSH.finditer(data):
        text = found[1]
        yield Entry(found[0], found[0].rstrip(b"\0") if text is None else text)
