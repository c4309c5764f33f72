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
        yield Entry(raw, searchable(raw).rstrip(b"\r\n"))


def searchable(data: bytes) -> bytes:
    """Return *data* with plain line ends in the commands, all at once."""
    return data.replace(b"`\r\n", b"\n").replace(b"`\n", b"\n") if b"`" in data else data
