"""A command per line: what most programs keep, and what most formats are built on."""

import io
from collections.abc import Iterator

from devkeys.history import Entry


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* after every line end; a carriage return before it is none of the text."""
    for raw in io.BytesIO(data):
        yield Entry(raw, raw.rstrip(b"\r\n"))


def opaque(data: bytes) -> Iterator[Entry]:
    """Take *data* for one piece without commands: it is searched, and nothing is cut out of it."""
    if data:
        yield Entry(data, b"")


def joined(data: bytes, ends: tuple[bytes, ...]) -> Iterator[bytes]:
    """Yield lines with their line end; one that ends in one of *ends* has the next one with it."""
    held: list[bytes] = []
    for line in io.BytesIO(data):
        if line.endswith(ends):
            held.append(line)
        elif held:
            held.append(line)
            yield b"".join(held)
            held.clear()
        else:
            yield line
    if held:
        yield b"".join(held)
