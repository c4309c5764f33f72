"""How `list` shows what is stored: as text, and as data."""

from collections.abc import Sequence
from typing import Any

from devkeys import ask
from devkeys.cli.output import emit, emit_json, table
from devkeys.flows.ages import age
from devkeys.flows.inventory import Item

HEAD = ("NAME", "KIND", "PROJECT", "PROFILE", "AGE", "GENERATION", "FROM", "BY")


def show(items: Sequence[Item], *, as_json: bool) -> None:
    """Print *items* to stdout."""
    if as_json:
        emit_json({"values": [_as_data(item) for item in items]})
    elif items:
        emit(table([HEAD, *map(_row, items)]))
    else:
        ask.say("devkeys: nothing is stored here; devkeys list --all shows every project")


def _row(item: Item) -> tuple[str, ...]:
    note = item.note
    project = ask.plain(item.project)
    if item.name is None or note is None:
        return ("?", "?", project, item.profile, "unknown", "?", "its notes are gone", "")
    return (
        item.name,
        note.kind,
        project,
        item.profile,
        age(note.changed),
        str(note.generation),
        ask.plain(note.source or ""),
        ask.plain(note.who or ""),
    )


def _as_data(item: Item) -> dict[str, Any]:
    note = item.note
    return {
        "project": item.project,
        "profile": item.profile,
        "name": item.name,
        "kind": note.kind if note else None,
        "generation": note.generation if note else None,
        "created": note.created if note else None,
        "changed": note.changed if note else None,
        "source": note.source if note else None,
        "who": note.who if note else None,
    }
