"""bash: lines, or commands of any number of lines below a stamp, `#EPOCH`.

bash takes all lines up to the next stamp for one command, and so would hundreds of commands be
that another bash, which writes no stamps, put there since. An entry is what gets removed; so
here one goes on only as long as its command is not complete.
"""

import io
import re
from collections.abc import Iterator

from devkeys.history import Entry, lines

# Only what can be a time: bash takes any `#` and digit for a stamp, and who typed it meant none.
_STAMP = re.compile(rb"\n#([0-9]{9,11})\r?\n")


def parse(data: bytes) -> Iterator[Entry]:
    """Split *data* into commands, with the stamp that stands above."""
    stamp = _STAMP.match(b"\n" + data[:16])
    place, begin = (stamp.end() - 1, 0) if stamp else (0, 0)
    while True:
        # From the line end before it, which is the last of another stamp if nothing is between.
        after = _STAMP.search(data, max(0, place - 1))
        end = after.start() + 1 if after else len(data)
        if stamp:
            yield from _stamped(data[begin:place], data[place:end], float(stamp[1]))
        else:
            yield from lines.parse(data[:end])
        if after is None:
            return
        stamp, begin, place = after, end, after.end()


def _stamped(stamp: bytes, body: bytes, when: float) -> Iterator[Entry]:
    first = body.find(b"\n") + 1
    if first in {0, len(body)}:
        yield Entry(stamp + body, body.rstrip(b"\r\n"), when)
        return
    size = _size(body)
    yield Entry(stamp + body[:size], body[:size].rstrip(b"\r\n"), when)
    yield from lines.parse(body[size:])


def _size(body: bytes) -> int:
    """Return how many bytes of *body* are its first command, with blank lines after it."""
    command, size = _Command(), 0
    for line in io.BytesIO(body):
        if not command.is_open and line not in {b"\n", b"\r\n"}:
            break
        command.read(line)
        size += len(line)
    return size


_TOKEN = re.compile(
    rb"\\[\s\S]|'|\"|`|(?<!<)<<-?[ \t]*[\\'\"]?([\w.-]+)['\"]?|(?<!\S)#.*|[(){}]|[\w./$-]+|\|\|?|&&"
)
_BEGIN = frozenset((b"if", b"case", b"for", b"while", b"until", b"select", b"{"))
_END = frozenset((b"fi", b"esac", b"done", b"}"))
_MORE = frozenset((b"\\\n", b"|", b"||", b"&&"))  # as the last token of a line


class _Command:
    """Whether a command that is read line by line wants more lines; roughly, for real ones."""

    def __init__(self) -> None:
        self.is_open = True
        self._quote = b""
        self._here = b""
        self._blocks = self._brackets = 0

    def read(self, line: bytes) -> None:
        """Take the next *line*."""
        self.is_open = False
        if self._here:
            if line.strip() == self._here:
                self._here = b""
        else:
            self._read_code(line)
        self.is_open = self.is_open or bool(
            self._quote or self._here or self._blocks or self._brackets
        )

    def _read_code(self, line: bytes) -> None:
        last = b""
        for found in _TOKEN.finditer(line):
            token = found[0]
            last = token
            if self._quote:
                self._quote = b"" if token == self._quote else self._quote
            elif token in {b"'", b'"', b"`"}:
                self._quote = token
            elif found[1]:
                self._here = found[1]
            else:
                self._count(token)
        self.is_open = last in _MORE

    def _count(self, token: bytes) -> None:
        if token in _BEGIN or token in _END:
            self._blocks = max(0, self._blocks + (1 if token in _BEGIN else -1))
        elif token in {b"(", b")"}:  # the `)` of a case has no other half
            self._brackets = max(0, self._brackets + (1 if token == b"(" else -1))
