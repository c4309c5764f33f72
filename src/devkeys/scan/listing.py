"""All objects of a repository, searched once each, by as many processes as there are cores.

git takes objects out of a pack on one core, and Python searches them on one. So the list of
them is cut into parts, and each part goes through a `git cat-file --batch` of its own. An object
that is stored as a difference from another one comes right behind it: then git makes each of
them once, and needs to remember few; the parts have next to nothing to do with each other.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from devkeys.errors import DevkeysError
from devkeys.git.commits import LISTING
from devkeys.git.running import Repository, running
from devkeys.scan import forking
from devkeys.scan.blobs import Held, Lost, Names, search_objects
from devkeys.scan.search import Search

FEW = 1 << 25  # bytes that one process searches sooner than others are started
PER_OBJECT = 1 << 9  # bytes that could be searched in the time that it takes to begin an object
_PART = 1 << 25  # bytes (with PER_OBJECT for each) that a process takes at a time
_WINDOW = 100_000  # objects that are put into order at a time, so that memory has an end
_ENDED = "the process that looked at them ended before it was done"
_FORMAT = "--batch-check=%(objectname) %(objectsize) %(deltabase)"


class Part(NamedTuple):
    """Objects that are searched together: *many* *names*, a line each; and what that costs."""

    names: bytes
    many: int
    cost: int


class Listing(NamedTuple):
    """Objects in *parts*, and their *size* in bytes.

    None for parts: git could not list them all. *names* gave them.
    """

    parts: list[Part] | None
    size: int
    names: Names | None


def list_objects(repository: Repository, names: Names | None = None) -> Listing:
    """Return the objects that *names* gives, in the order for a search; None: all there are."""
    words = LISTING if names is None else ("cat-file", "--buffer")
    parts: list[Part] = []
    size = 0
    with running(repository, *words, _FORMAT, feed=names() if names else None) as output:
        for window in _windows(output.records(b"\n")):
            size += sum(one for one, _ in window.values())
            parts += _cut(window)
        try:
            output.finish()
        except DevkeysError:
            return Listing(None, size, names)
    return Listing(parts, size, names)


def search_listed(
    repository: Repository,
    listing: Listing,
    search: Search,
    did: Callable[[int], None],
    *,
    cores: int | None = None,
    few: int = FEW,
) -> Iterator[Held | Lost]:
    """Yield what the objects of *listing* hold, in its order, whoever has searched them.

    *cores* processes do it, or this one alone if it takes no longer than *few* bytes do. *did*
    is told how many bytes were searched.
    """
    if listing.parts is None:  # what is damaged is left out there
        yield from search_objects(repository, search, did, listing.names)
        return
    parts = listing.parts
    cores = min(forking.cores() if cores is None else cores, len(parts))
    if cores < 2 or sum(part.cost for part in parts) < few:
        yield from search_objects(repository, search, did, lambda: [one.names for one in parts])
    else:
        search.prepare()
        yield from _together(repository, parts, search, did, cores)


def _windows(records: Iterable[bytes]) -> Iterator[dict[bytes, tuple[int, bytes]]]:
    """Yield some objects at a time: name, size, and the name of what it is a difference from."""
    window: dict[bytes, tuple[int, bytes]] = {}
    for record in records:
        name, size, base = (*record.split(b" "), b"")[:3]
        window[name] = (int(size), base) if base else (0, b"")  # `<name> missing`
        if len(window) >= _WINDOW:
            yield window
            window = {}
    yield window


def _cut(window: dict[bytes, tuple[int, bytes]]) -> Iterator[Part]:
    names: list[bytes] = []
    cost = 0
    for name in _chained(window):
        names.append(name)
        cost += window[name][0] + PER_OBJECT
        if cost >= _PART:
            yield Part(b"\n".join([*names, b""]), len(names), cost)
            names, cost = [], 0
    if names:
        yield Part(b"\n".join([*names, b""]), len(names), cost)


def _chained(window: dict[bytes, tuple[int, bytes]]) -> list[bytes]:
    """Return the names, each in front of those of all that was made from it."""
    made: dict[bytes, list[bytes]] = {}
    waiting: list[bytes] = []
    for name, (_, base) in window.items():
        if base in window:
            made.setdefault(base, []).append(name)
        else:
            waiting.append(name)
    waiting.reverse()
    ordered: list[bytes] = []
    while waiting:
        name = waiting.pop()
        ordered.append(name)
        waiting += made.get(name, ())
    if len(ordered) < len(window):  # a damaged pack has what was made from itself
        ordered += window.keys() - set(ordered)
    return ordered


def _together(
    repository: Repository,
    parts: list[Part],
    search: Search,
    did: Callable[[int], None],
    cores: int,
) -> Iterator[Held | Lost]:
    each = -(-len(parts) // forking.MOST_TASKS)
    tasks = [parts[start : start + each] for start in range(0, len(parts), each)]

    def work(task: int, tell: Callable[[Held | Lost | int], None]) -> None:
        names = [part.names for part in tasks[task]]
        try:
            for one in search_objects(repository, search, tell, lambda: names):
                tell(one)
        except DevkeysError as error:
            tell(Lost(str(error), _number(tasks[task])))

    found: dict[int, list[Held | Lost]] = {}
    for task, told in forking.dealt_out(len(tasks), work, cores):
        if isinstance(told, int):
            did(told)
        else:
            found.setdefault(task, []).append(told or Lost(_ENDED, _number(tasks[task])))
    for _, some in sorted(found.items()):
        yield from some


def _number(parts: list[Part]) -> int:
    return sum(part.many for part in parts)
