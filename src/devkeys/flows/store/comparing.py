"""What an import shows before it changes anything: names and dates, no value."""

from collections.abc import Sequence

from devkeys import ask
from devkeys.flows.store.exporting import in_number
from devkeys.flows.store.receiving import Received
from devkeys.store.ledger import Note
from devkeys.store.merging import ADDED, ONLY_HERE, REPLACED, SAME, STAYS, UNDECIDED, Change, Row

_WORDS = {
    ADDED: "new",
    REPLACED: "replaced",
    STAYS: "stays as it is here",
    UNDECIDED: "differs: which?",
}


def show(received: Received, changes: Sequence[Change]) -> None:
    """Say what the export is, and for each profile what becomes of it."""
    made, by = received.bundle.made, ask.plain(received.bundle.by)
    ask.say(f"The export says that it was made {made} by {by}.")
    if not received.from_who_knows:
        ask.say("It is encrypted to a key: anybody who knows its public half can have made it.")
    for change in changes:
        _show_profile(change)


def _show_profile(change: Change) -> None:
    part = change.part
    confirmed = ", to be confirmed at each use" if part.confirmed else ""
    ask.say(f"{ask.plain(part.project)} ({ask.plain(part.profile)}){confirmed}")
    for line in _table([_cells(row) for row in change.names]):
        ask.say("  " + line)
    for outcome, words in ((SAME, "the same"), (ONLY_HERE, "only here, kept")):
        count = sum(row.outcome == outcome for row in change.rows)
        if count:
            ask.say(f"  {in_number(count, 'value')}: {words}")
    if part.former:
        ask.say(f"  {in_number(len(part.former), 'earlier value')}: kept for doctor to search for")


def _cells(row: Row) -> tuple[str, str, str, str]:
    here = "" if row.outcome == ADDED and row.here is None else f"here: {_dated(row.here)}"
    return ask.plain(row.name), _WORDS[row.outcome], f"file: {_dated(row.there)}", here


def _dated(note: Note | None) -> str:
    if note is None:
        return "unknown"
    if note.removed:
        return f"removed {note.removed}"
    by = f" by {note.who}" if note.who else ""
    return ask.plain(f"{note.changed}{by}" if note.changed else "date unknown")


def _table(rows: Sequence[tuple[str, str, str, str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
