"""Known values, in all the forms in which they get written down."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from devkeys.forms import AS_IT_IS
from devkeys.scan.engine import Engine, engine
from devkeys.scan.literals import Literal, literals
from devkeys.scan.squeeze import WayBack, added, pattern, squeeze, torn
from devkeys.secret import Secret

# Bytes of a file that are searched at once, and of the chunk before that are searched again.
CHUNK = 1 << 20
OVERLAP = 1 << 16
FLOOD = 20_000  # places in one chunk that are kept as a list

After = Callable[[int], int]  # where a literal is next in squeezed data, at or behind; -1: nowhere


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

    def prepare(self) -> None:
        """Make now what the first look would make, so that forked processes share it."""
        _ = self._engine

    def hits(self, data: bytes) -> list[Hit]:
        """Return where *data* holds a known value, in order of place.

        Of several forms of one value that overlap it is the first.
        """
        return list(_apart(self._confirmed(data, ()), {}))

    def stream(
        self,
        read: Callable[[int], bytes],
        enough: Collection[int] = (),
        *,
        chunk: int = CHUNK,
        overlap: int = OVERLAP,
    ) -> Iterator[Hit]:
        """Yield what the data holds that *read* gives, so many bytes at a time; b"" is its end.

        What is among *enough*, which may grow meanwhile, is not looked for any more. A value
        that takes up more than *overlap* bytes, with all between its characters, may be missed.
        """
        kept, before = b"", 0
        ends: dict[int, int] = {}
        while read_now := read(chunk):
            data = kept + read_now if kept else read_now
            if found := self._confirmed(data, enough):
                yield from _apart((_moved(hit, before) for hit in found), ends)
            kept = data[-overlap:]
            before += len(data) - len(kept)

    def holds(self, data: bytes) -> bool:
        """Tell whether *data* holds any known value."""
        return bool(self._confirmed(data, ()))

    def _confirmed(self, data: bytes, enough: Collection[int]) -> list[Hit]:
        """Return where *data* holds a known value, in order of place; forms may overlap."""
        if not self._literals:
            return []
        squeezed = squeeze(data)
        ends = self._engine.ends(squeezed, FLOOD)
        if ends is not None and not ends:
            return []
        way = WayBack(data)
        found: list[Hit] = []
        for index, after in self._places(squeezed, ends):
            if self._literals[index].known not in enough:
                found += self._confirmed_at(index, after, data, way)
        return sorted(found, key=lambda hit: hit.start)

    def _places(
        self, squeezed: bytes, ends: Sequence[tuple[int, int]] | None
    ) -> Iterator[tuple[int, After]]:
        """Yield each literal's index, with its places; *ends* is None if there are too many."""
        if ends is None:
            for index in sorted(self._engine.present(squeezed)):
                yield index, partial(squeezed.find, self._literals[index].text)
            return
        starts: dict[int, list[int]] = defaultdict(list)
        for index, end in sorted(ends):
            starts[index].append(end - len(self._literals[index].text))
        for index, places in starts.items():
            yield index, partial(_at_or_behind, places)

    def _confirmed_at(self, index: int, after: After, data: bytes, way: WayBack) -> Iterator[Hit]:
        literal = self._literals[index]
        size = len(literal.text)
        place = after(0)
        while place >= 0:
            start, stop = way.place(place), way.place(place + size - 1) + 1
            step = self._refused(index, data, start, stop)
            if not step:
                step = size
                yield Hit(literal.known, _form(literal, data[start:stop]), start, stop)
            place = after(place + step)

    def _refused(self, index: int, data: bytes, start: int, stop: int) -> int:
        """Return 0 if the literal stands there, else how far on in squeezed data it may be next."""
        if self._literals[index].has_own_gaps:
            return 0 if self._pattern(index).fullmatch(data, start, stop) else 1
        if stop - start == len(self._literals[index].text):
            return 0
        place = torn(data, start, stop)
        return 0 if place is None else len(squeeze(data[start : place + 1]))

    def _pattern(self, index: int) -> re.Pattern[bytes]:
        if index not in self._patterns:
            self._patterns[index] = pattern(self._literals[index].form.text)
        return self._patterns[index]


def _moved(hit: Hit, by: int) -> Hit:
    return hit._replace(start=hit.start + by, end=hit.end + by)


def _at_or_behind(places: list[int], place: int) -> int:
    found = bisect_left(places, place)
    return places[found] if found < len(places) else -1


def _apart(hits: Iterable[Hit], ends: dict[int, int]) -> Iterator[Hit]:
    """Yield *hits*, in order of place, without those that overlap one of the same value.

    *ends* holds where the last hit of each value ended, and is kept up to date.
    """
    for hit in hits:
        if hit.start >= ends.get(hit.known, 0):
            ends[hit.known] = hit.end
            yield hit


def _form(literal: Literal, written: bytes) -> str:
    words = [literal.form.name, added(literal.form.text, written)]
    return ", ".join(word for word in words if word and word != AS_IT_IS) or AS_IT_IS
