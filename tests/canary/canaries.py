"""Secrets made up for one test, of every shape that is hard to hide, and the search for them."""

import secrets
import string
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devkeys.forms import forms

BLOCK = 8  # bytes: a piece this long of a random text stands nowhere by accident
_LETTERS = string.ascii_letters + string.digits


class Canary(NamedTuple):
    """A secret *value*; *marks* are the random texts in it, none of which may be seen either."""

    name: str
    value: bytes
    marks: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """The value as a test's own text."""
        return self.value.decode(errors="surrogateescape")

    @property
    def dotenv(self) -> bytes:
        """The line of a `.env` that says it."""
        quoted = self.value.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
        return self.name.encode() + b"='" + quoted + b"'\n"


def random_text(length: int) -> bytes:
    """Make up a text of *length* letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length)).encode()


def _made(name: str, pattern: bytes, *lengths: int) -> Canary:
    marks = tuple(random_text(length) for length in lengths)
    return Canary(name, pattern % marks, marks)


def plain(name: str = "PLAIN_KEY") -> Canary:
    """Make up a key as most vendors have them."""
    return _made(name, b"sk-%s", 40)


def quoted(name: str = "QUOTED_KEY") -> Canary:
    """Make up a key of all that shells, JSON, URLs and `.env` files escape."""
    return _made(name, b"%s \"%s' $%s\\%s`#%% &%s;<>", 16, 16, 16, 16, 16)


def pem(name: str = "PEM_KEY") -> Canary:
    """Make up a key of several lines."""
    frame = b"-----%s TEST KEY-----"
    lines = b"\n".join([frame % b"BEGIN", b"%s", b"%s", b"%s", frame % b"END"])
    return _made(name, lines, 64, 64, 30)


def long(name: str = "LONG_KEY") -> Canary:
    """Make up a key of 300 bytes."""
    return _made(name, b"%s", 300)


def foreign(name: str = "FOREIGN_KEY") -> Canary:
    """Make up a key with letters of several alphabets."""
    return _made(name, "pä%s漢字ß%s🗝".encode(), 16, 16)


def binary(name: str = "BINARY_KEY") -> Canary:
    """Make up a key that is no text in UTF-8; only stdin can give it."""
    return _made(name, b"%s\xff\xfe\xc3%s\x80", 16, 16)


SHAPES = (plain, quoted, pem, long, foreign)


def identity(value: bytes) -> Canary:
    """Take *value*, a store's own key, for a canary."""
    return Canary("the identity", value, (value.partition(b"KEY-1")[2] or value,))


class Search:
    """Finds canaries in bytes: in any form of `devkeys.forms`, or a piece of one."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._texts = {
            form.text: canary.name for canary in canaries for form in forms(canary.value)
        }
        self._pieces = {piece: c.name for c in canaries for piece in _pieces(c)}

    def names(self, data: bytes) -> set[str]:
        """Return the names of the canaries that are in *data*."""
        found = {name for text, name in self._texts.items() if text in data}
        lowered = data.lower()
        return found | {name for piece, name in self._pieces.items() if piece in lowered}


def _pieces(canary: Canary) -> Iterator[bytes]:
    """Yield, in lower case, what any longer piece of *canary* holds whole."""
    for mark in canary.marks:
        for start in range(0, len(mark) - BLOCK + 1, BLOCK):
            block = mark[start : start + BLOCK]
            yield block.lower()
            yield block.hex().encode()
