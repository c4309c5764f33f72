r"""Histories of Python and Node, whose commands have several lines since 3.13 and 24."""

import io
from collections.abc import Iterator

from devkeys.history import Entry, libedit
from devkeys.history.lines import joined


def parse_python(data: bytes) -> Iterator[Entry]:
    r"""Split *data* into commands; since 3.13 a newline in one is written `\r\n`.

    What ends so was written by another hand, with `\r\n` for every line end.
    """
    if data.startswith(libedit.HEADER) or data.endswith(b"\r\n"):
        yield from libedit.parse(data)
        return
    for raw in joined(data, (b"\r\n",)):
        text = raw.removesuffix(b"\n")
        yield Entry(raw, text.replace(b"\r\n", b"\n") if b"\r" in text else text)


def parse_node(data: bytes) -> Iterator[Entry]:
    r"""Split *data* into commands; since 24 the lines of one stand last to first, with `\r`."""
    for raw in io.BytesIO(data):
        text = raw.rstrip(b"\r\n")
        yield Entry(raw, b"\n".join(reversed(text.split(b"\r"))) if b"\r" in text else text)
