"""One profile's values from an export and those that are here: what becomes of each name.

Only there: added. Only here: kept. Equal: nothing. Both and different: the one that was changed
later stays, by the notes about them, and the other becomes a former value; without dates that
tell, somebody has to decide. Nothing is taken away.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from devkeys.secret import Secret
from devkeys.store import ledger, previous
from devkeys.store.bundle import MOMENT, Part
from devkeys.store.ledger import Note
from devkeys.store.previous import Former
from devkeys.store.values import Values

HERE, FILE = "here", "file"
ADDED, SAME, ONLY_HERE, UNDECIDED = "added", "same", "only-here", "undecided"
REPLACED, STAYS = "replaced", "stays"
_AHEAD = 24 * 3600  # seconds that another machine's clock may be ahead


class Here(NamedTuple):
    """What the store has of a profile; *seen* is the counter that is kept apart."""

    values: Values | None
    notes: Mapping[str, Note]
    former: Sequence[Former]
    seen: int

    def is_as(self, other: "Here") -> bool:
        """Say whether nobody wrote in between."""
        counters = [found.values and found.values.counter for found in (self, other)]
        return counters[0] == counters[1] and self[1:] == other[1:]


NOTHING = Here(None, {}, [], 0)


class Row(NamedTuple):
    """What becomes of one name, and what is noted on both sides."""

    name: str
    outcome: str
    here: Note | None
    there: Note | None


class Merged(NamedTuple):
    """What a profile is to be afterwards; *former* are values to be added to the former ones."""

    values: Values
    notes: dict[str, Note]
    former: list[Former]


class Change(NamedTuple):
    """What an import makes of one profile: what is here, what comes, and what becomes of both."""

    part: Part
    here: Here
    rows: Sequence[Row]

    @property
    def names(self) -> list[Row]:
        """The rows in which something happens, or has to be decided."""
        return [row for row in self.rows if row.outcome in (ADDED, REPLACED, STAYS, UNDECIDED)]

    def merged(self, now: float) -> Merged:
        """Return what the profile is to be afterwards."""
        return merge(self.here, self.part, self.rows, now)

    def is_done(self, now: float) -> bool:
        """Say whether there is nothing to write."""
        new, old = self.merged(now), self.here
        count = old.values.counter if old.values else old.seen
        known = new.notes == dict(old.notes) and old.seen == count
        return new.values.counter == count and not new.former and known


def compare(
    here: Here, part: Part, prefer: Mapping[str, str] | str | None, now: float
) -> list[Row]:
    """Return what becomes of each name, sorted.

    *prefer* is HERE or FILE for whatever differs, or which of them by name. *now* is in seconds
    since the epoch: a date in the future tells nothing.
    """
    ours = here.values.values if here.values else {}
    theirs = part.values.values
    known = _noted(here, now)
    latest = ledger.utc(now + _AHEAD)
    rows = []
    for name in sorted({*ours, *theirs}):
        mine, other = known.get(name), part.notes.get(name)
        if name not in theirs:
            outcome = ONLY_HERE
        elif name not in ours:
            outcome = ADDED
        elif ours[name] == theirs[name]:
            outcome = SAME
        else:
            wanted = prefer if isinstance(prefer, str) else (prefer or {}).get(name)
            wanted = wanted or _later(mine, other, latest)
            outcome = {HERE: STAYS, FILE: REPLACED, None: UNDECIDED}[wanted]
        rows.append(Row(name, outcome, mine, other))
    return rows


def _noted(here: Here, now: float) -> dict[str, Note]:
    """Return the notes, without those that are about another value than the present one."""
    held = here.values or Values(here.seen, {}, {}, {})
    return ledger.revise(here.notes, held, (), source="", who="", now=now)


def _later(mine: Note | None, other: Note | None, latest: str) -> str | None:
    moments = [note.changed if note else None for note in (mine, other)]
    if not all(moment and MOMENT.fullmatch(moment) and moment <= latest for moment in moments):
        return None
    ours, theirs = (moment or "" for moment in moments)
    return None if ours == theirs else HERE if ours > theirs else FILE


def merge(here: Here, part: Part, rows: Iterable[Row], now: float) -> Merged:
    """Return what the profile is to be, as *rows* say, of which none is undecided."""
    old = here.values or Values(here.seen, {}, {}, {})
    values, kinds, generations = dict(old.values), dict(old.kinds), dict(old.generations)
    notes = _noted(here, now)
    lost: list[Former] = []
    for name, outcome, _, there in rows:
        if outcome in (ADDED, REPLACED):
            if outcome == REPLACED and kinds[name] == "secret":
                lost.append(Former(name, generations[name], values[name]))
            values[name], kinds[name] = part.values.values[name], part.values.kinds[name]
            generations[name] = _generation(name, old, here.notes, part)
            notes[name] = _moved(there, kinds[name], generations[name])
        elif outcome == STAYS and part.values.kinds[name] == "secret":
            lost.append(Former(name, part.values.generations[name], part.values.values[name]))
        elif outcome == SAME and notes[name].changed is None:
            notes[name] = _moved(there, kinds[name], generations[name])
    changed = any(row.outcome in (ADDED, REPLACED) for row in rows)
    new = Values(old.counter + changed, values, kinds, generations)
    return Merged(new, notes, _former(here.former, part.former, lost, values))


def _generation(name: str, old: Values, notes: Mapping[str, Note], part: Part) -> int:
    """Return a generation that no value here has had, and not below the export's."""
    noted = notes[name].generation if name in notes else 0
    return max(old.generations.get(name, 0) + 1, noted + 1, part.values.generations[name])


def _moved(note: Note | None, kind: str, generation: int) -> Note:
    if note is None:
        return Note(kind, generation, None, None, None, None, None)
    return note._replace(kind=kind, generation=generation)


def _former(
    ours: Iterable[Former],
    theirs: Sequence[Former],
    lost: Sequence[Former],
    values: Mapping[str, Secret],
) -> list[Former]:
    """Return which former values to add: those just *lost*, and of *theirs* what has room."""
    held: dict[str, list[Secret]] = {name: [] for name in values}
    for one in (*ours, *lost):
        held.setdefault(one.name, []).append(one.value)
    known = list(ours)
    added = []
    for one in reversed(theirs):
        if one.name not in values or one.value == values[one.name]:
            continue
        if one.value not in held[one.name] and len(held[one.name]) < previous.KEPT:
            held[one.name].append(one.value)
            added.append(one)
    new = [one for one in lost if one.value not in [o.value for o in known if o.name == one.name]]
    return [*reversed(added), *new]
