"""Many literals at once, with what this machine has for it; the one door of hyperscan."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Protocol

from devkeys.scan.stride import Stride


class Engine(Protocol):
    """A search for literals that was prepared once and is used for many pieces of data."""

    def ends(self, data: bytes, most: int) -> Sequence[tuple[int, int]] | None:
        """Return (index of a literal, where it ends) for all that *data* holds, in any order.

        None if there are more than *most*.
        """

    def present(self, data: bytes) -> Iterable[int]:
        """Return the indexes of the literals that *data* holds, each once."""


def engine(literals: Sequence[bytes]) -> Engine:
    """Return the fastest engine that is to be had here for *literals*."""
    return (_hyperscan(literals) if literals else None) or Stride(literals)


class Hyperscan:
    """The same with hyperscan, fifty times as fast; raises ImportError or hyperscan's errors.

    No literal may hold a NUL byte, and no squeezed one does.
    """

    def __init__(self, literals: Sequence[bytes]) -> None:
        import hyperscan

        self._module: Any = hyperscan
        self._literals = literals
        self._all = self._compiled(0)

    @cached_property
    def _first(self) -> Any:
        return self._compiled(self._module.HS_FLAG_SINGLEMATCH)

    def _compiled(self, flag: int) -> Any:
        database = self._module.Database(mode=self._module.HS_MODE_BLOCK)
        database.compile(
            expressions=list(self._literals),
            ids=list(range(len(self._literals))),
            elements=len(self._literals),
            flags=[flag] * len(self._literals),
            literal=True,
        )
        return database

    def ends(self, data: bytes, most: int) -> list[tuple[int, int]] | None:
        """Return (index of a literal, where it ends) for all that *data* holds, or None."""
        found: list[tuple[int, int]] = []

        def note(index: int, _start: int, end: int, _flags: int, _context: Any) -> bool:
            found.append((index, end))
            return len(found) > most  # which ends the scan

        try:
            self._all.scan(data, match_event_handler=note)
        except self._module.ScanTerminated:
            return None
        return found

    def present(self, data: bytes) -> set[int]:
        """Return the indexes of the literals that *data* holds."""
        found: set[int] = set()

        def note(index: int, _start: int, _end: int, _flags: int, _context: Any) -> None:
            found.add(index)

        self._first.scan(data, match_event_handler=note)
        return found


def _hyperscan(literals: Sequence[bytes]) -> Engine | None:
    # An old processor, a system without a wheel, a limit of its own: there is another way,
    # and what such an error says may quote what was searched for.
    try:
        return Hyperscan(literals)
    except Exception:  # noqa: BLE001  # as above
        return None
