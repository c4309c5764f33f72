"""The objects of a git repository, each searched once, in one stream of them all.

git writes each object behind a line that says which one it is. That line parts the objects
for the search, too: it begins with bytes that no form of a value has, so that nothing is
found across two objects. No object is held whole, whatever its size.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from devkeys.errors import DevkeysError
from devkeys.git.commits import LISTING
from devkeys.git.running import Output, Repository, running
from devkeys.scan.search import OVERLAP, Hit, Search

BORDER = "\x01\x02\x01\x02"  # none of the bytes that a search passes over
_HEAD = f"--batch={BORDER} %(objectname) %(objecttype) %(objectsize)"
MOST_DAMAGED = 100


class Held(NamedTuple):
    """A known value in an object, a `blob`, `tree`, `commit` or `tag`; *hit* is a place in it."""

    object: str
    type: str
    hit: Hit


class Lost(NamedTuple):
    """Objects that git could not give, *many* of them, and why."""

    why: str
    many: int = 1


Names = Callable[[], Iterable[bytes]]  # what yields names of objects, a line each, every time


def search_objects(
    repository: Repository, search: Search, did: Callable[[int], None], names: Names | None = None
) -> Iterator[Held | Lost]:
    """Yield what the objects hold that *names* gives; None: all that there are.

    *did* is told how many bytes were searched. Behind a damaged object git itself stops, and is
    started again: what was found before is then found once more.
    """
    words = (*LISTING, _HEAD) if names is None else ("cat-file", "--buffer", _HEAD)
    with running(repository, *words, feed=names() if names else None) as output:
        objects = _Objects(output, did)
        yield from objects.held(search)
        missing = objects.missing
        try:
            output.finish()
        except DevkeysError as error:
            if not objects.count:
                raise
            failure: str | None = str(error)
        else:
            failure = None
    if missing:
        yield Lost("git does not have them", missing)
    if failure is not None:
        yield from _past_the_damage(repository, search, did, names or (lambda: listed(repository)))


def listed(repository: Repository) -> Iterator[bytes]:
    """Yield the names of all objects, a line each."""
    with running(repository, *LISTING, "--batch-check=%(objectname)") as output:
        for name in output.records(b"\n"):
            yield name + b"\n"
        output.finish()


def size_of_all(repository: Repository) -> int:
    """Return the size of all objects together, in bytes."""
    with running(repository, *LISTING, "--batch-check=%(objectsize)") as output:
        return sum(int(size) for size in output.records(b"\n") if size.isdigit())


def _past_the_damage(
    repository: Repository, search: Search, did: Callable[[int], None], names: Names
) -> Iterator[Held | Lost]:
    """Search them all again, without each object at which git stops."""
    left: Sequence[bytes] = list(names())
    damaged = 0
    while left and damaged < MOST_DAMAGED:
        feed = islice(left, None)
        with running(repository, "cat-file", "--buffer", _HEAD, feed=feed) as output:
            objects = _Objects(output, did)
            yield from objects.held(search)
            try:
                output.finish()
            except DevkeysError:
                damaged += 1
                left = left[objects.whole + 1 :]
            else:
                left = ()
    yield Lost("damaged", damaged)
    if left:
        yield Lost("behind too many damaged ones", len(left))


class _Objects:
    """A stream of objects, read for a search, and which object each byte of it belongs to.

    *count* objects have begun, *whole* have come to their end, and *missing* were not there.
    """

    def __init__(self, output: Output, did: Callable[[int], None]) -> None:
        self._output = output
        self._did = did
        self._read = 0  # bytes so far
        self._rest = 0  # of the current object
        self._head = b""  # of the next one, as far as it was read
        self._starts: list[int] = []
        self._objects: list[tuple[int, str, str]] = []  # end, name, type
        self.count = self.whole = self.missing = 0

    def held(self, search: Search) -> Iterator[Held]:
        """Yield what *search* finds in the objects, in git's order."""
        kept = b""
        while len(data := self._output.full(kept)) > len(kept):
            before = self._read - len(kept)
            self._forget(before)
            self._walk(data, len(kept))
            self._did(len(data) - len(kept))
            for hit in search.hits(data):
                if hit.end > len(kept):  # else it was found before
                    yield from self._inside(hit, before)
            # Nothing that begins before the current object goes on in it.
            begun = self._starts[-1] - before if self._rest else len(data)
            kept = data[max(begun, len(data) - OVERLAP) :]

    def _inside(self, hit: Hit, before: int) -> Iterator[Held]:
        """Yield *hit*, in data that begins *before*, as a place in its object."""
        start = before + hit.start
        index = bisect_right(self._starts, start) - 1
        if index >= 0 and before + hit.end <= self._objects[index][0]:
            place = start - self._starts[index]
            _, name, kind = self._objects[index]
            yield Held(name, kind, hit._replace(start=place, end=place + hit.end - hit.start))

    def _walk(self, data: bytes, at: int) -> None:
        """Note the objects in *data*, of which what stands before *at* was read earlier."""
        moved = self._read - at
        self._read += len(data) - at
        while at < len(data):
            step = min(self._rest, len(data) - at)
            if step:
                at += step
                self._rest -= step
                self.whole += not self._rest
                continue
            end = data.find(b"\n", at)
            if end < 0:
                self._head += data[at:]
                return
            self._begin(self._head + data[at:end], moved + end + 1)
            self._head = b""
            at = end + 1

    def _begin(self, head: bytes, start: int) -> None:
        self.count += 1
        _, *words = head.decode("ascii", "replace").split(" ")
        if len(words) != 3:  # `<name> missing`
            self.missing += 1
            self.whole += 1
            return
        name, kind, size = words
        self._rest = int(size) + 1  # and a line end
        self._starts.append(start)
        self._objects.append((start + int(size), name, kind))

    def _forget(self, before: int) -> None:
        """Forget the objects that end before a place that is not searched again."""
        ended = 0
        while ended < len(self._objects) and self._objects[ended][0] < before:
            ended += 1
        del self._starts[:ended], self._objects[:ended]
