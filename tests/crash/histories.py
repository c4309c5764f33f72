"""What writers say they did, and whether what is found at the end agrees with it.

A writer notes each write before it begins and after it was acknowledged. One that was killed
between may or may not have been carried out, up to the moment of its end.
"""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NEVER = 0  # the counter of a write whose own is not known


class Write(NamedTuple):
    """One write of *value* (None: it was removed) to *name*, from *began* to *ended*.

    The moments are those of the monotonic clock. *counter* orders the acknowledged writes of
    one profile; NEVER where it is not known. Not *acknowledged*: killed, or an error.
    """

    name: str
    value: str | None
    began: float
    ended: float
    counter: int
    acknowledged: bool


class Journal:
    """A writer's own file; what was put into it outlives the writer."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, what: str, *more: object) -> None:
        """Add *what* happened now."""
        line = json.dumps([what, time.monotonic(), *more]) + "\n"
        os.write(self._descriptor, line.encode())


def read(path: str, ended: float) -> tuple[list[Write], list[str]]:
    """Return the writes of one journal, whose writer was gone at *ended*, and its errors."""
    writes: list[Write] = []
    errors: list[str] = []
    begun: tuple[float, str, str | None] | None = None
    with open(path, encoding="utf-8") as file:
        for what, moment, *more in map(json.loads, file):
            if what == "begin":
                begun = (moment, more[0], more[1])
            elif begun and what in ("end", "error"):
                counter = more[0] if what == "end" else NEVER
                began, name, value = begun
                writes.append(Write(name, value, began, moment, counter, what == "end"))
                begun = None
            if what == "error":
                errors.append(more[0])
    if begun:
        writes.append(Write(begun[1], begun[2], begun[0], ended, NEVER, acknowledged=False))
    return writes, errors


def lost(writes: Iterable[Write], found: Mapping[str, str]) -> list[str]:
    """Return, in a sentence each, the names whose value is not one that may be there."""
    by_name: dict[str, list[Write]] = defaultdict(list)
    for write in writes:
        by_name[write.name].append(write)
    return [
        f"{name} is {found.get(name)}, and was last acknowledged as {_last(some)}"
        for name, some in sorted(by_name.items())
        if found.get(name) not in _allowed(some)
    ]


def _last(writes: list[Write]) -> list[Write]:
    """Return the acknowledged writes of which one was the last: one where counters tell."""
    known = [write for write in writes if write.acknowledged]
    if known and all(write.counter != NEVER for write in known):
        return [max(known, key=lambda write: write.counter)]
    latest = max((write.began for write in known), default=0.0)
    return [write for write in known if write.ended >= latest]


def _allowed(writes: list[Write]) -> list[str | None]:
    last = _last(writes)
    since = max((write.began for write in last), default=0.0)
    open_ones = [write for write in writes if not write.acknowledged and write.ended >= since]
    values = [write.value for write in (*last, *open_ones)]
    return values if last else [*values, None]


def repeated(writes: Iterable[Write]) -> list[int]:
    """Return the counters that two acknowledged writes were given."""
    seen: set[int] = set()
    twice = []
    for write in writes:
        if write.acknowledged and write.counter != NEVER:
            if write.counter in seen:
                twice.append(write.counter)
            seen.add(write.counter)
    return twice
