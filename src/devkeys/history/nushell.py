r"""nushell's text history: lines, a newline in a command is written `<\n>` (reedline)."""

import io
from collections.abc import Iterator

from devkeys.history import Entry


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands."""
    for raw in io.BytesIO(data):
        yield Entry(raw, raw.rstrip(b"\r\n").replace(b"<\\n>", b"\n"))
