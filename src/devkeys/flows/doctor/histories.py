"""The source `histories`: what this user typed into shells and REPLs.

A value is looked for in the commands as they were typed, and then in the bytes of the file:
what was deleted may still stand there.
"""

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.scope import Scope, Watch
from devkeys.history import Book, Entry
from devkeys.history.books import discover, unresolved
from devkeys.history.formats import FORMATS, searchable
from devkeys.history.live import live
from devkeys.scan.finding import LEAKED, Finding, Fine, Kind, Place, Remedy, Unseen
from devkeys.scan.search import Hit, Search

TYPED = Kind(
    "history/known-value",
    LEAKED,
    "a secret in a history",
    "Whoever reads the file has the key: backups, synchronised home directories, coding agents, "
    "and anyone who presses the up arrow at a shared screen.",
    "Take the entry out with devkeys doctor --fix, then replace the key at its provider. Next time "
    "devkeys set NAME asks for the value without showing it, and devkeys hook install keeps what "
    "was typed by mistake out of the history.",
)
REMAINS = Kind(
    "history/remains",
    LEAKED,
    "a secret in the rest of a history",
    "The shell shows it no more, but the bytes are still in the file: deleted rows, free pages, a "
    "damaged part.",
    "Let devkeys doctor --fix clean the file while none of its shells is open, or delete the file; "
    "then replace the key at its provider.",
)
KINDS = (TYPED, REMAINS)
LIMIT = 256 << 20  # bytes of a history that is read whole
# No form of a value goes across it: a search sees each command by itself.
_BORDER = b"\n\x1f\n"


class Found(NamedTuple):
    """Where a value stands among the entries of a history: first, how often, in which form."""

    entry: Entry
    number: int
    times: int
    hit: Hit


def look(scope: Scope, search: Search, watch: Watch) -> Iterator[Finding | Unseen | Fine]:
    """Look through every history of this user; the last item says how many are clean."""
    clean = 0
    programs = set()
    for book in discover(scope.session.environ, scope.session.home):
        watch.at(book.path)
        found: list[Finding | Unseen]
        try:
            found = list(_of_book(book, scope, search, watch))
        except DevkeysError as error:
            found = [Unseen(book.path, str(error), failed=True)]
        clean += not found
        programs.add(book.program)
        yield from found
    for path in unresolved(scope.session.environ, scope.session.home):
        yield Unseen(path, "it moves a history to where only its shell can tell")
    yield from _unwritten(programs)
    if clean and search.known:
        yield Fine(f"{clean} {'history holds' if clean == 1 else 'histories hold'} no known value")


def _unwritten(programs: Collection[str]) -> Iterator[Unseen]:
    """Yield the living shells that may hold lines which are in no file yet."""
    for one in live(programs):
        if one.way.unwritten:
            yield Unseen(one.name, "it may hold lines that are in no file until it ends")


def _of_book(book: Book, scope: Scope, search: Search, watch: Watch) -> Iterator[Finding | Unseen]:
    if book.format in FORMATS:
        entries, rest = _of_text(book, search, watch)
    else:
        from devkeys.history.stores import STORES  # sqlite3 takes time, and many users need none

        store = STORES[book.format]
        entries, rest = [], _known_in_files(store.pieces(book.path), search, watch)
        try:
            entries = list(store.entries(book.path))
        except DevkeysError as error:  # it is damaged or locked: its bytes tell all the same
            yield Unseen(book.path, str(error), failed=True)
    found = find([entry for entry in entries if _is_recent(entry, scope.since)], search)
    for known in found:
        yield _typed(book, search, known, found[known])
    if scope.since is None:
        for known in sorted(rest - found.keys()):
            yield _remains(book, search, known)


def _of_text(book: Book, search: Search, watch: Watch) -> tuple[list[Entry], set[int]]:
    """Return the entries of a history if it holds a known value at all, and which it holds."""
    data = files.read_regular(book.path, limit=LIMIT) or b""
    watch.did(len(data))
    plain = searchable(book.format, data)
    rest = {hit.known for hit in search.hits(plain)}
    if plain is not data:
        rest |= {hit.known for hit in search.hits(data)}
    # Node's commands of several lines stand last to first: only its parser sees them whole.
    if not rest and book.format != "node":
        return [], rest
    return list(FORMATS[book.format](data)), rest


def _is_recent(entry: Entry, since: float | None) -> bool:
    return since is None or entry.when is None or entry.when >= since


def find(entries: Sequence[Entry], search: Search) -> dict[int, Found]:
    """Return for each known value that *entries* hold where it is."""
    told = [entry for entry in entries if entry.text]
    starts = list(accumulate((len(entry.text) + len(_BORDER) for entry in told), initial=0))
    found: dict[int, Found] = {}
    holders: dict[int, set[int]] = {}
    for hit in search.hits(_BORDER.join(entry.text for entry in told)):
        index = bisect_right(starts, hit.start) - 1
        holders.setdefault(hit.known, set()).add(index)
        found.setdefault(hit.known, Found(told[index], index + 1, 0, hit))
    return {known: one._replace(times=len(holders[known])) for known, one in found.items()}


def _known_in_files(paths: Sequence[str], search: Search, watch: Watch) -> set[int]:
    found = set()
    for path in paths:
        data = files.read_regular(path, limit=LIMIT)
        if data:
            found |= {hit.known for hit in search.hits(data)}
            watch.did(len(data))
    return found


def _typed(book: Book, search: Search, known: int, found: Found) -> Finding:
    secret = search.known[known]
    commands = "a command" if found.times == 1 else f"{found.times} commands"
    return Finding(
        TYPED,
        Place(book.path, entry=found.number, when=found.entry.when, times=found.times),
        f"{secret.label} stands in {commands} of the history of {book.program}",
        "devkeys doctor --fix",
        (secret.label,),
        ", ".join(word for word in (secret.part, found.hit.form) if word),
        Remedy("scrub", book.path, book.format),
    )


def _remains(book: Book, search: Search, known: int) -> Finding:
    secret = search.known[known]
    return Finding(
        REMAINS,
        Place(book.path, when=_changed(book.path)),
        f"{secret.label} stands in the file, outside of what {book.program} shows as its history",
        f"close every {book.program}, then devkeys doctor --fix",
        (secret.label,),
        secret.part,
        Remedy("scrub", book.path, book.format),
    )


def _changed(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None
