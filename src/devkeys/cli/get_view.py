"""How `get` answers: where a value comes from, or the value itself and nothing else."""

import os
import sys

from devkeys import ask
from devkeys.cli.output import emit, emit_json
from devkeys.cli.status_view import kind, place_in_words, row_as_data
from devkeys.flows.ages import age
from devkeys.flows.assign import declared
from devkeys.flows.here import Here
from devkeys.flows.lookup import look_up
from devkeys.flows.status import Row, row_of, survey
from devkeys.resolve import missing_error
from devkeys.whereabouts import MISSING, NOTHING, SKIPPED


def reveal(here: Here, name: str) -> None:
    """Write the value's bytes to stdout, with a line end only where a person reads them."""
    value = look_up(here, name).reveal()
    sys.stdout.flush()
    sys.stdout.buffer.write(value + b"\n" if os.isatty(1) else value)


def show(here: Here, name: str, *, as_json: bool) -> None:
    """Print what is known about the value; raise DevkeysError if there is none."""
    found = survey(here)
    declared(found.project, name)
    row = row_of(found, name)
    if as_json:
        emit_json({"project": found.plan.project, "profile": here.profile, **row_as_data(row)})
    if row.place in (MISSING, SKIPPED, NOTHING):
        raise missing_error({name: ""}, here.profile, {})
    if not as_json:
        emit("\n".join(_lines(row)))


def _lines(row: Row) -> list[str]:
    lines = [f"{row.declared.name}: {kind(row)}, from {place_in_words(row)}"]
    note = row.note
    if note is not None:
        lines.append(
            f"  stored: {note.changed or '?'} ({age(note.changed)}), generation "
            f"{note.generation}, from {note.source or '?'}, by {note.who or '?'}"
        )
    if row.hides:
        lines.append(ask.plain(f"  it hides {row.hides} (devkeys unset goes back to that)"))
    if row.shadows:
        lines.append("  the environment's value hides the stored one (run --prefer-store)")
    return lines
