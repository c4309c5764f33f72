"""Many literals at once with the standard library alone, for where hyperscan has no wheel.

Read the data as words of eight bytes, at every eighth place. A literal of fifteen bytes or
more holds one of them whole, wherever it stands; so a set of the words of one window of
fifteen bytes tells whether it can be there, at about 200 MB/s. Literals of seven to fourteen
bytes need words of four, which takes twice as long.
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

_COMMON = frozenset(b"etaoinsrhldcum /:.-_=,\"'")


class Stride:
    """A search for *literals*, each of seven bytes or more."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        self._literals = literals
        self._tables = (Words(literals, 8), Words(literals, 4))

    def ends(self, data: bytes, most: int) -> list[tuple[int, int]] | None:
        """Return (index of a literal, where it ends) for all that *data* holds, or None."""
        found: list[tuple[int, int]] = []
        for index in self._candidates(data):
            literal = self._literals[index]
            place = data.find(literal)
            while place >= 0:
                if len(found) == most:
                    return None
                found.append((index, place + len(literal)))
                place = data.find(literal, place + 1)
        return found

    def present(self, data: bytes) -> list[int]:
        """Return the indexes of the literals that *data* holds."""
        return [index for index in self._candidates(data) if self._literals[index] in data]

    def _candidates(self, data: bytes) -> set[int]:
        return set().union(*(table.candidates(data) for table in self._tables))


class Words:
    """The words of *width* bytes by which those *literals* are found that need this width."""

    def __init__(self, literals: Sequence[bytes], width: Literal[4, 8]) -> None:
        self._width = width
        self._code: Literal["I", "Q"] = "I" if width == 4 else "Q"
        words = defaultdict(set)
        for index, literal in enumerate(literals):
            if (len(literal) >= 15) == (width == 8):
                window = _rarest(literal, 2 * width - 1)
                for start in range(width):
                    word = int.from_bytes(window[start : start + width], sys.byteorder)
                    words[word].add(index)
        self._literals: dict[int, set[int]] = dict(words)
        self._words = frozenset(words)

    def candidates(self, data: bytes) -> set[int]:
        """Return the indexes of the literals that *data* may hold."""
        if not self._words:
            return set()
        view = memoryview(data)[: len(data) // self._width * self._width].cast(self._code)
        found = self._words.intersection(view)
        return set().union(*(self._literals[word] for word in found))


def _rarest(literal: bytes, width: int) -> bytes:
    """Return the part of *literal* that other texts are least likely to hold."""
    last = len(literal) - width
    starts = range(0, last + 1, 1 + last // 32)  # some thirty places are choice enough
    return max((literal[start : start + width] for start in starts), key=_rarity)


def _rarity(window: bytes) -> int:
    return len(set(window) - _COMMON)
