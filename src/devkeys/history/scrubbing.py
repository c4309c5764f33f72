"""Taking entries out of a history file: every other byte stays as the shell wrote it."""

import io
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from devkeys import files
from devkeys.history import Book, Entry, Holds, Outcome, Parse, blanking
from devkeys.history.locks import locked
from devkeys.rewriting import LIMIT, rewrite

_ROUNDS = 10
_BORDER = b"\n\x1f\n"  # no form of a value goes across it


def scrub(book: Book, parse: Parse, holds: Holds) -> Outcome:
    """Take the entries out of *book* of which the text or the bytes hold what is to go.

    The file is replaced in one step, under the lock of the shell that writes it if there is
    one; of ksh and mksh entries are overwritten in place instead. DevkeysError: it could not
    be done, and nothing was lost.
    """
    if book.format == "opaque":
        return _uncut(book, holds)
    if book.format in blanking.FORMATS:
        return blanking.blank(book, parse, lambda entries: held(entries, holds))
    work = _Work(parse, holds)
    removed = 0
    left: set[str] = set()
    for _ in range(_ROUNDS):  # what was written meanwhile may hold it again
        done = rewrite(book.path, work.change, lock=lambda: locked(book))
        if not done.changed:
            break
        removed += work.removed
        left.update(done.left)
    if work.remains:
        left.add(f"{book.path} still holds a value, outside of any one entry: edit it by hand")
    return Outcome(removed, tuple(sorted(left)))


class _Work:
    """How a content becomes the new one; after a `change`, what that came to."""

    def __init__(self, parse: Parse, holds: Holds) -> None:
        self.parse = parse
        self.holds = holds
        self.removed = 0
        self.remains = False

    def change(self, data: bytes) -> bytes | None:
        """Return *data* without the entries that hold something; None if none does."""
        entries = list(self.parse(data))
        gone = set(held(entries, self.holds))
        kept = b"".join(
            self.rest(entry) if at in gone else entry.raw for at, entry in enumerate(entries)
        )
        self.removed = len(gone)
        self.remains = self.holds(kept)
        if self.remains:
            kept = self.without_runs(kept)
        return None if kept == data else kept

    def without_runs(self, data: bytes) -> bytes:
        """Return *data* without the entries over which a value was pasted, line by line."""
        entries = list(self.parse(data))
        while run := _run(entries, self.holds):
            self.removed += len(run)
            entries[run.start : run.stop] = []
        rest = b"".join(entry.raw for entry in entries)
        self.remains = self.holds(rest)
        return rest

    def rest(self, entry: Entry) -> bytes:
        """Return what stays of an entry that holds something: of what is no command, its lines."""
        if entry.text:
            return b""
        return b"".join(line for line in io.BytesIO(entry.raw) if not self.holds(line))


def _run(entries: Sequence[Entry], holds: Holds) -> range:
    """Return the fewest neighbours that hold something together; none if a header is needed."""

    def hold(begin: int, end: int) -> bool:
        return holds(b"".join(entry.raw for entry in entries[begin:end]))

    if not hold(0, len(entries)):
        return range(0)
    end = bisect_left(range(len(entries) + 1), True, key=lambda end: hold(0, end))
    begin = bisect_left(range(end), True, key=lambda begin: not hold(begin, end)) - 1
    commands = all(entry.text for entry in entries[begin:end])
    return range(begin, end) if commands else range(0)


def _uncut(book: Book, holds: Holds) -> Outcome:
    data = files.read_regular(book.path, limit=LIMIT)
    if data is None or not holds(data):
        return Outcome(0)
    why = "devkeys cannot take a part out of a file of this format; delete it if you can do without"
    return Outcome(0, (f"{book.path} still holds a value: {why}",))


def held(entries: Sequence[Entry], holds: Holds) -> Iterator[int]:
    """Yield the indexes of the entries that hold something, by halving: few of many do."""
    spans = [(0, len(entries))]
    while spans:
        begin, end = spans.pop()
        some = entries[begin:end]
        if not some or not (
            holds(_BORDER.join(entry.text for entry in some))
            or holds(b"".join(entry.raw for entry in some))
        ):
            continue
        if len(some) == 1:
            yield begin
        else:
            middle = (begin + end) // 2
            spans += [(middle, end), (begin, middle)]
