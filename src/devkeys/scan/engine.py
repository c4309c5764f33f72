"""Many literals at once, with what this machine has for it; the one door of hyperscan."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from devkeys.scan.stride import Stride


class Engine(Protocol):
    """A search for literals that was prepared once and is used for many pieces of data."""

    def ends(self, data: bytes) -> Iterable[tuple[int, int]]:
        """Yield (index of a literal, where it ends) for all that *data* holds, in any order."""


def engine(literals: Sequence[bytes]) -> Engine:
    """Return the fastest engine that is to be had here for *literals*."""
    return (_hyperscan(literals) if literals else None) or Stride(literals)


class Hyperscan:
    """The same with hyperscan, ten times as fast; raises ImportError or hyperscan's errors."""

    def __init__(self, literals: Sequence[bytes]) -> None:
        import hyperscan

        self._database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        self._database.compile(
            expressions=list(literals),
            ids=list(range(len(literals))),
            elements=len(literals),
            flags=[0] * len(literals),
            literal=True,
        )

    def ends(self, data: bytes) -> Iterable[tuple[int, int]]:
        """Return (index of a literal, where it ends) for all that *data* holds."""
        found: list[tuple[int, int]] = []

        def note(index: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            found.append((index, end))

        self._database.scan(data, match_event_handler=note)
        return found


def _hyperscan(literals: Sequence[bytes]) -> Engine | None:
    # An old processor, a system without a wheel, a limit of its own: there is another way,
    # and what such an error says may quote what was searched for.
    try:
        return Hyperscan(literals)
    except Exception:  # noqa: BLE001  # as above
        return None
