"""How `store import` tells programs what it did; no value."""

from typing import Any

from devkeys.cli.output import emit_json
from devkeys.flows.store.taking_in import Taken
from devkeys.store.ledger import Note
from devkeys.store.merging import Change, Row


def show(taken: Taken) -> None:
    """Print *taken* to stdout as JSON."""
    bundle = taken.received.bundle
    emit_json(
        {
            "made": bundle.made,
            "by": bundle.by,
            "written": taken.written,
            "undecided": taken.undecided,
            "profiles": [_profile(change) for change in taken.changes],
        }
    )


def _profile(change: Change) -> dict[str, Any]:
    return {
        "project": change.part.project,
        "profile": change.part.profile,
        "confirmed": change.part.confirmed,
        "names": [_row(row) for row in change.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "outcome": row.outcome,
        "here": _note(row.here),
        "file": _note(row.there),
    }


def _note(note: Note | None) -> dict[str, Any] | None:
    if note is None:
        return None
    fields = ("kind", "created", "changed", "removed", "source", "who")
    return {field: getattr(note, field) for field in fields}
