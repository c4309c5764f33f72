"""zsh: lines, perhaps stamped with `: EPOCH:SECONDS;`, and metafied.

From zsh 5.9's `savehistfile` and `readhistline` (Src/hist.c): a newline in a command has a
backslash before it, whatever stands before that; a command that ends in a backslash, or in one
and blanks, gets a blank more; a `:` that begins an unstamped command gets a backslash before it.
The bytes 0x00 and 0x83 to 0xA2, which zsh has other uses for, are 0x83 and the byte xor 0x20.
"""

import re
from collections.abc import Iterator

from devkeys.history import Entry
from devkeys.history.lines import joined

_STAMP = re.compile(rb": *([0-9]{1,19}):[0-9]*;")
_META = b"\x83"
_PLAIN = {bytes((byte ^ 0x20,)): bytes((byte,)) for byte in (0, *range(0x83, 0xA3))}


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands, unmetafied."""
    for raw in joined(data, (b"\\\n",)):
        stamp = _STAMP.match(raw)
        text = raw[stamp.end() :] if stamp else raw
        if text.endswith(b"\n"):
            text = text[:-1]
        if b"\\" in text or _META in text:
            text = _typed(text, is_stamped=stamp is not None)
        yield Entry(raw, text, float(stamp[1]) if stamp else None)


def searchable(data: bytes) -> bytes:
    """Return *data* unmetafied, all at once, with the stamps and the backslashes that zsh put."""
    first, *pieces = data.split(_META)
    for place, piece in enumerate(pieces):
        plain = _PLAIN.get(piece[:1])
        pieces[place] = _META + piece if plain is None else plain + piece[1:]
    return first + b"".join(pieces) if pieces else data


def _typed(text: bytes, *, is_stamped: bool) -> bytes:
    if not is_stamped and text.startswith(b"\\:"):
        text = text[1:]
    if text.endswith(b" ") and text.rstrip(b" ").endswith(b"\\"):
        text = text[:-1]
    return searchable(text.replace(b"\\\n", b"\n"))
