"""The ledger: when each value came, from where and by whom, without any value.

It can be read without unlocking anything. The age file is the truth about names, kinds and
generations; a ledger that is missing, damaged or behind is made up from it at the next
write, with None for what nobody knows any more.
"""

import json
import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from devkeys import atomic
from devkeys.store import layout
from devkeys.store.values import KINDS, Values, is_name

FORMAT = 1
# A generation beyond this is damage; it must not become the next one's basis.
GENERATION_LIMIT = 10**12


class Note(NamedTuple):
    """What is known about the value of one name.

    The three moments are UTC, `2026-01-31T23:59:59Z`. *removed* is set once the name has no
    value any more; its generation stays, for the next value continues it.
    """

    kind: str
    generation: int
    created: str | None
    changed: str | None
    removed: str | None
    source: str | None
    who: str | None


def read(data_dir: str, project: str, profile: str) -> dict[str, Note]:
    """Return the notes of one profile, also those of removed names; {} if there are none.

    A damaged ledger gives what can be understood; one of a newer format is a StoreError.
    """
    path = layout.ledger_path(data_dir, project, profile)
    data = layout.read(path, limit=layout.LIMIT)
    try:
        content = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(content, dict):
        return {}
    number = content.get("format")
    if isinstance(number, int) and number > FORMAT:
        layout.newer(path, str(number))
    if (content.get("project"), content.get("profile")) != (project, profile):
        return {}  # another's, which was put here
    notes = content.get("names")
    if not isinstance(notes, dict):
        return {}
    found = {name: _note(fields) for name, fields in notes.items() if is_name(name)}
    return {name: note for name, note in found.items() if note is not None}


def _note(fields: object) -> Note | None:
    if not isinstance(fields, dict):
        return None
    generation = fields.get("generation")
    kind = fields.get("kind")
    if type(generation) is not int or not 0 < generation < GENERATION_LIMIT or kind not in KINDS:
        return None
    texts = [fields.get(field) for field in Note._fields[2:]]
    return Note(kind, generation, *(text if isinstance(text, str) else None for text in texts))


def names(notes: Mapping[str, Note]) -> list[str]:
    """Return the names that have a value, sorted."""
    return sorted(name for name, note in notes.items() if note.removed is None)


def agrees(notes: Mapping[str, Note], values: Values) -> bool:
    """Say whether *notes* are about the names, kinds and generations of *values*."""
    noted = {name: (n.kind, n.generation) for name, n in notes.items() if n.removed is None}
    return noted == {name: (values.kinds[name], values.generations[name]) for name in values.values}


def revise(
    notes: Mapping[str, Note],
    values: Values,
    changed: Iterable[str],
    *,
    source: str,
    who: str,
    now: float,
) -> dict[str, Note]:
    """Return *notes* brought up to *values*, of which *changed* were given now.

    *now* is in seconds since the epoch.
    """
    moment = utc(now)
    revised = {
        name: note if note.removed else note._replace(removed=moment, who=who)
        for name, note in notes.items()
        if name not in values.values
    }
    new = frozenset(changed)
    for name, kind in values.kinds.items():
        generation = values.generations[name]
        note = notes.get(name)
        if name in new:
            created = note.created if note and not note.removed else None
            if created is None and (generation == 1 or (note and note.removed)):
                created = moment
            revised[name] = Note(kind, generation, created, moment, None, source, who)
        elif note and note.generation == generation and not note.removed:
            revised[name] = note._replace(kind=kind)
        else:
            revised[name] = Note(
                kind, generation, note.created if note else None, None, None, None, None
            )
    return revised


def utc(now: float) -> str:
    """Return the moment *now*, in seconds since the epoch, in ISO 8601."""
    try:
        parts = time.gmtime(now)
    except (ValueError, OverflowError, OSError):
        parts = time.gmtime(0)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", parts)


def write(data_dir: str, project: str, profile: str, notes: Mapping[str, Note]) -> None:
    """Replace the ledger of one profile; only under the store's lock."""
    content = {
        "format": FORMAT,
        "project": project,
        "profile": profile,
        "names": {name: notes[name]._asdict() for name in sorted(notes)},
    }
    path = layout.ledger_path(data_dir, project, profile)
    atomic.remove_leftovers(path)
    atomic.write(path, json.dumps(content, indent=1).encode() + b"\n")
