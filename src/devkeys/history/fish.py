r"""fish: what looks like YAML and is none: `- cmd: TEXT`, `  when: EPOCH`, `  paths:`.

From fish 2.0 to 4: of escapes there are `\\` and `\n`; any other backslash is one.
"""

import re
from collections.abc import Iterator

from devkeys.history import Entry

_BEGIN = b"- cmd: "
_WHEN = b"  when: "
_ESCAPE = re.compile(rb"\\([\\n])")


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into items: a command with its time and its paths."""
    head, *items = (b"\n" + data).split(b"\n" + _BEGIN)
    last = len(items)
    above = data[: len(head)] if items else data
    if above:
        yield Entry(above, b"")
    for number, item in enumerate(items, 1):
        text, _, rest = item.partition(b"\n")
        yield Entry(
            _BEGIN + item + (b"" if number == last else b"\n"),
            searchable(text),
            _when(rest),
        )


def searchable(data: bytes) -> bytes:
    """Return *data* without escapes, all at once."""
    return _ESCAPE.sub(_unescaped, data) if b"\\" in data else data


def _when(rest: bytes) -> float | None:
    number = rest.partition(b"\n")[0].removeprefix(_WHEN)
    return float(number) if rest.startswith(_WHEN) and number.isdigit() else None


def _unescaped(found: re.Match[bytes]) -> bytes:
    return b"\n" if found[1] == b"n" else b"\\"
