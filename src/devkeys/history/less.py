"""less: `.less-history-file:`, then sections, `.search`, `.shell`, `.mark`, of lines `"TEXT`."""

import io
from collections.abc import Iterator

from devkeys.history import Entry


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into what was typed; the names of sections have no text."""
    for raw in io.BytesIO(data):
        text = raw.rstrip(b"\r\n")
        yield Entry(raw, b"" if text.startswith(b".") else text.removeprefix(b'"'))
