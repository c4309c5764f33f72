"""Where each value would come from, as far as it is known with nothing unlocked.

The order of places is that of `resolve`; what the store holds is known from its ledgers.
"""

import os
from collections.abc import Mapping

from devkeys.declaration.classify import Variable as Declared
from devkeys.plan import WANTED, Plan, Variable
from devkeys.plan.compile import Project
from devkeys.store import layout, ledger
from devkeys.store.ledger import Note

# Where a value would come from, and four ways of coming from nowhere.
ENVIRONMENT, STORE, REFERENCE, SOURCE = "environment", "store", "reference", "source"
DEFAULT, GENERATED = "default", "generated"
UNKNOWN, MISSING, SKIPPED, NOTHING = "unknown", "missing", "skipped", "nothing"


def place_of(
    project: Project,
    declared: Declared,
    variable: Variable,
    environ: Mapping[str, str],
    notes: "Notes | None",
) -> tuple[str, str | None]:
    """Return the place that *variable*'s value would come from, and which one of its kind.

    *notes* are None where consent is lacking, and nobody can be asked for it.
    """
    name = variable.name
    exported = environ.get(name)
    if exported or (exported is not None and not variable.flags & WANTED):
        return ENVIRONMENT, None
    found = _agreed_place(declared, variable, notes) if notes else None
    if found is not None:
        return found
    if variable.default is not None and variable.reference is None:
        return DEFAULT, None
    if variable.flags & WANTED:
        return MISSING, None
    return (SKIPPED if name in project.skipped else NOTHING), None


def _agreed_place(
    declared: Declared, variable: Variable, notes: "Notes"
) -> tuple[str, str | None] | None:
    """Return the place that only consent opens: the store, a provider, a generated value."""
    kept = notes.of(variable.name)
    if kept is not None:
        return STORE, kept[0]
    if notes.lost and declared.secret:
        return UNKNOWN, notes.lost
    if variable.reference is not None:
        return (REFERENCE if declared.reference else SOURCE), variable.reference
    if variable.generate and variable.flags & WANTED:
        return GENERATED, None
    return None


class Notes:
    """The ledgers of a plan's projects, own first.

    *lost* is a project whose values are there and whose ledger is not.
    """

    def __init__(self, data_dir: str, plan: Plan) -> None:
        self._layers: list[tuple[str, Mapping[str, Note]]] = []
        self.lost: str | None = None
        for project in plan.stores:
            notes = ledger.read(data_dir, project, plan.profile)
            self._layers.append((project, notes))
            values = layout.values_path(data_dir, project, plan.profile)
            if not notes and os.path.exists(values):
                self.lost = self.lost or project

    def of(self, name: str) -> tuple[str, Note] | None:
        """Return the project that has a value of *name*, and what is noted about it."""
        for project, notes in self._layers:
            note = notes.get(name)
            if note is not None and note.removed is None:
                return project, note
        return None
