"""PSReadLine: lines, a newline in a command has a backtick before it; perhaps with a BOM.

From PSReadLine 2.4 (History.cs). It reads CRLF and LF alike.
"""

from collections.abc import Iterator

from devkeys.history import Entry
from devkeys.history.lines import joined

_BOM = b"\xef\xbb\xbf"


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands; the BOM is an entry without text."""
    if data.startswith(_BOM):
        yield Entry(_BOM, b"")
        data = data[len(_BOM) :]
    for raw in joined(data, (b"`\n", b"`\r\n")):
        text = raw.rstrip(b"\r\n")
        if b"`" in text:
            text = text.replace(b"`\r\n", b"\n").replace(b"`\n", b"\n")
        yield Entry(raw, text)
