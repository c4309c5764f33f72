"""tcsh: a stamp, `#+EPOCH`, then the command; a newline in it has a backslash before it."""

import re
from collections.abc import Iterator

from devkeys.history import Entry
from devkeys.history.lines import joined

_STAMP = re.compile(rb"#\+([0-9]{1,19})\n")


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands, with the stamp that stands above."""
    stamp: re.Match[bytes] | None = None
    for raw in joined(data, (b"\\\n",)):
        above, stamp = stamp, _STAMP.fullmatch(raw)
        if above is None and stamp is None:
            yield Entry(raw, raw.rstrip(b"\n"))
        elif above is not None and stamp is None:
            yield Entry(above[0] + raw, raw.rstrip(b"\n"), float(above[1]))
        elif above is not None:
            yield Entry(above[0], b"")
    if stamp is not None:
        yield Entry(stamp[0], b"")
