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
# No base of a delta is needed any more when the objects made from it have come.
_GIVEN = ("-c", "core.deltaBaseCacheLimit=8m", "cat-file", "--buffer")
MOST_DAMAGED = 100


class Held(NamedTuple):
    """A known value in an object, a `blob`, `tree`, `commit` or `tag`, and where it is first."""

    object: str
    type: str
    hit: Hit


class Lost(NamedTuple):
    """Objects that git could not give, *many* of them, and why."""

    why: str
    many: int = 1


Names = Callable[[], Iterable[bytes]]  # what yields lines with names of objects, every time


def search_objects(
    repository: Repository, search: Search, did: Callable[[int], None], names: Names | None = None
) -> Iterator[Held | Lost]:
    """Yield what the objects hold that *names* gives; None: all that there are.

    Names that come in the order of `scan.listing` are the fastest.

    *did* is told how many bytes were searched. Behind a damaged object git itself stops, and is
    started again: what was found before is then found once more.
    """
    words = (*LISTING, _HEAD) if names is None else (*_GIVEN, _HEAD)
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


def _past_the_damage(
    repository: Repository, search: Search, did: Callable[[int], None], names: Names
) -> Iterator[Held | Lost]:
    """Search them all again, without each object at which git stops."""
    left: Sequence[bytes] = b"".join(names()).splitlines(keepends=True)
    damaged = 0
    while left and damaged < MOST_DAMAGED:
        feed = islice(left, None)
        with running(repository, *_GIVEN, _HEAD, feed=feed) as output:
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
        self._objects: list[tuple[int, bytes]] = []  # end, and the line that stands before it
        self._told: tuple[bytes, set[int]] = (b"", set())  # of the object with the last hit
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
        """Yield *hit*, in data that begins *before*, as a place in its object, if it is one.

        It is none if the object was found to hold that value further to the front.
        """
        start = before + hit.start
        index = bisect_right(self._starts, start) - 1
        if index < 0 or before + hit.end > self._objects[index][0]:
            return
        head = self._objects[index][1]
        if self._told[0] != head:
            self._told = (head, set())
        if hit.known not in self._told[1]:
            self._told[1].add(hit.known)
            _, name, kind, _ = head.decode().split(" ")
            place = start - self._starts[index]
            yield Held(name, kind, hit._replace(start=place, end=place + hit.end - hit.start))

    def _walk(self, data: bytes, at: int) -> None:
        """Note the objects in *data*, of which what stands before *at* was read earlier."""
        moved, size = self._read - at, len(data)
        self._read += size - at
        while True:
            if self._rest:
                if self._rest > size - at:
                    self._rest -= size - at
                    return
                at += self._rest
                self._rest = 0
                self.whole += 1
            end = data.find(b"\n", at)
            if end < 0:
                self._head += data[at:]
                return
            self._begin(self._head + data[at:end], moved + end + 1)
            self._head = b""
            at = end + 1

    def _begin(self, head: bytes, start: int) -> None:
        self.count += 1
        size = head[head.rfind(b" ") + 1 :]
        if not size.isdigit():  # `<name> missing`
            self.missing += 1
            self.whole += 1
            return
        self._rest = int(size) + 1  # and a line end
        self._starts.append(start)
        self._objects.append((start + int(size), head))

    def _forget(self, before: int) -> None:
        """Forget the objects that end before a place that is not searched again."""
        ended = 0
        while ended < len(self._objects) and self._objects[ended][0] < before:
            ended += 1
        del self._starts[:ended], self._objects[:ended]
