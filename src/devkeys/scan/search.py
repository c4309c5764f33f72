"""Known values, in all the forms in which they get written down."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from devkeys.forms import AS_IT_IS
from devkeys.scan.engine import Engine, engine
from devkeys.scan.literals import Literal, literals
from devkeys.scan.squeeze import WayBack, added, pattern, squeeze
from devkeys.secret import Secret

# Bytes of a file that are searched at once, and of the chunk before that are searched again.
CHUNK = 1 << 20
OVERLAP = 1 << 16


class Known(NamedTuple):
    """A value that is searched for; *label* names it, as `LLM_API_KEY (chat, prod)`.

    *part* says what of the secret it is, if it is not all of it: `the password in it`.
    """

    label: str
    value: Secret
    part: str = ""


class Hit(NamedTuple):
    """A known value in a piece of data.

    *known* is its index, *form* how it is written. It begins at the byte *start* and ends
    before *end*.
    """

    known: int
    form: str
    start: int
    end: int


class Search:
    """A search for many values at once."""

    def __init__(
        self, known: Sequence[Known], make: Callable[[Sequence[bytes]], Engine] = engine
    ) -> None:
        self.known = tuple(known)
        self._make = make
        self._patterns: dict[int, re.Pattern[bytes]] = {}

    @cached_property
    def _literals(self) -> list[Literal]:
        return literals([one.value.reveal() for one in self.known])

    @cached_property
    def _engine(self) -> Engine:
        return self._make([literal.text for literal in self._literals])

    def hits(self, data: bytes) -> list[Hit]:
        """Return where *data* holds a known value, in order of place.

        Of several forms of one value that overlap it is the first.
        """
        if not self._literals:
            return []
        ends = sorted(self._engine.ends(squeeze(data)))
        return self._confirmed(data, ends) if ends else []

    def stream(self, read: Callable[[int], bytes]) -> Iterator[Hit]:
        """Yield what the data holds that *read* gives, so many bytes at a time; b"" is its end."""
        kept, before = b"", 0
        while chunk := read(CHUNK):
            data = kept + chunk
            for hit in self.hits(data):
                if hit.end > len(kept):  # else the chunk before had it
                    yield hit._replace(start=before + hit.start, end=before + hit.end)
            kept = data[-OVERLAP:]
            before += len(data) - len(kept)

    def holds(self, data: bytes) -> bool:
        """Tell whether *data* holds any known value."""
        return bool(self.hits(data))

    def _confirmed(self, data: bytes, ends: list[tuple[int, int]]) -> list[Hit]:
        way = WayBack(data)
        found: list[Hit] = []
        for index, end in ends:
            literal = self._literals[index]
            start = way.place(end - len(literal.text))
            stop = way.place(end - 1) + 1
            written = data[start:stop]
            if self._pattern(index).fullmatch(written):
                found.append(Hit(literal.known, _form(literal, written), start, stop))
        return list(_apart(found))

    def _pattern(self, index: int) -> re.Pattern[bytes]:
        if index not in self._patterns:
            self._patterns[index] = pattern(self._literals[index].form.text)
        return self._patterns[index]


def _apart(hits: list[Hit]) -> Iterator[Hit]:
    """Yield *hits* in order of place, without those that overlap one of the same value."""
    ends: dict[int, int] = {}
    for hit in sorted(hits, key=lambda hit: hit.start):
        if hit.start >= ends.get(hit.known, 0):
            ends[hit.known] = hit.end
            yield hit


def _form(literal: Literal, written: bytes) -> str:
    words = [literal.form.name, added(literal.form.text, written)]
    return ", ".join(word for word in words if word and word != AS_IT_IS) or AS_IT_IS
