"""The hook's line in the bytes of a start-up file: put in, found, taken out.

Everything else of the file stays as it is, byte for byte, whatever its line ends are.
"""

import re

from devkeys.hookfiles import ALIASES, FILES

MARK = b"  # devkeys hook"
# The file had no line end at its end: the one before our line goes with it.
JOINED = MARK + b", and the line end before it"
_LINE_END = re.compile(rb"\r\n|\n")


def add(data: bytes, line: bytes) -> bytes:
    """Return *data* with *line* as its last, marked as ours."""
    ends = _LINE_END.findall(data)
    end = ends[-1] if ends else b"\n"
    if not data or data.endswith(b"\n"):
        return data + line + MARK + end
    return data + end + line + JOINED + end


def find(data: bytes, shell: str) -> list[bytes]:
    """Return our lines for *shell*, without their marks."""
    return [match["line"] for match in _ours(shell).finditer(data)]


def take(data: bytes, shell: str) -> bytes:
    """Return *data* without our lines for *shell*."""
    kept, position = b"", 0
    for match in _ours(shell).finditer(data):
        kept += data[position : match.start()]
        position = match.end()
        if match["joined"] and position == len(data):
            kept = kept.removesuffix(match["end"] or b"\n")
    return kept + data[position:]


def _ours(shell: str) -> re.Pattern[bytes]:
    name = re.escape(FILES[shell].encode())
    mark, joined = re.escape(MARK), re.escape(JOINED.removeprefix(MARK))
    return re.compile(
        rb"^(?P<line>[^\n]*" + name + rb"[^\n]*?)" + mark + rb"(?P<joined>" + joined + rb")?"
        rb"[ \t]*(?P<end>\r?\n|\r?\Z)",
        re.MULTILINE,
    )


def by_hand(data: bytes, shell: str) -> list[int]:
    """Return the numbers, from 1, of the lines that load the hook of *shell* and are not ours.

    The numbers only: nobody knows what else such a line holds.
    """
    names = [shell, *(alias for alias, name in ALIASES.items() if name == shell)]
    pattern = re.compile(
        rf"^[^#\n]*\bdevkeys(?:\.exe)?['\"]?\s+hook(?:\s+(?:{'|'.join(names)})\b|\s*\))"
        r"|^[^#\n]*_devkeys_version\b"  # the whole of the hook was put there
        rf"|^[^#\n]*\b{re.escape(FILES[shell])}\b"  # or into a file of the user's own
    )
    ours = _ours(shell)
    return [
        number
        for number, line in enumerate(data.split(b"\n"), 1)
        if pattern.search(line.decode("utf-8", "replace")) and not ours.match(line)
    ]
