"""Secrets made up for one test, of every shape that is hard to hide, and the search for them."""

import re
import secrets
import string
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devkeys.forms import forms

BLOCK = 8  # bytes: a piece this long of a random text stands nowhere by accident
IDENTITY = "the identity"
# Also of one that the test never comes to know.
_ANY_IDENTITY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]{58}", re.IGNORECASE)
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


def passphrase(name: str) -> Canary:
    """Make up a passphrase, as people choose them."""
    return _made(name, "grün %s blue %s".encode(), 16, 16)


def identity(value: bytes, name: str = IDENTITY) -> Canary:
    """Take *value*, an age identity such as a store's own, for a canary."""
    return Canary(name, value, (value.partition(b"KEY-1")[2] or value,))


class Search:
    """Finds canaries in bytes: in any form of `devkeys.forms`, or a piece of one.

    And every age identity that stands there as it is.
    """

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._texts = {
            form.text: canary.name for canary in canaries for form in forms(canary.value)
        }
        self._pieces = {piece: c.name for c in canaries for piece in _pieces(c)}
        self._known = {canary.value.lower() for canary in canaries}

    def narrowed(self, data: bytes) -> "Search":
        """Return a quicker search, that finds the same in all parts of *data*."""
        lowered = data.lower()
        quicker = Search([])
        quicker._texts = {text: name for text, name in self._texts.items() if text in data}
        quicker._pieces = {piece: n for piece, n in self._pieces.items() if piece in lowered}
        quicker._known = self._known
        return quicker

    def names(self, data: bytes) -> set[str]:
        """Return the names of the canaries that are in *data*."""
        found = {name for text, name in self._texts.items() if text in data}
        lowered = data.lower()
        if any(one.lower() not in self._known for one in _ANY_IDENTITY.findall(data)):
            found.add(IDENTITY)
        return found | {name for piece, name in self._pieces.items() if piece in lowered}


def _pieces(canary: Canary) -> Iterator[bytes]:
    """Yield, in lower case, what any longer piece of *canary* holds whole."""
    for mark in canary.marks:
        for start in range(0, len(mark) - BLOCK + 1, BLOCK):
            block = mark[start : start + BLOCK]
            yield block.lower()
            yield block.hex().encode()
