"""What of the store `eject` writes: what `run` would give the project, and all else of its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from devkeys import keep
from devkeys.consent.record import Record
from devkeys.declaration.syntax import as_programs_read
from devkeys.flows.here import Here
from devkeys.plan import AGREED, AS_FILE, WANTED, Plan
from devkeys.plan.compile import Project
from devkeys.secret import Secret
from devkeys.store.values import Values


class Chosen(NamedTuple):
    """What is to be written, by name, and the names of what is not.

    *references* are by name, and *disagreed* the names that a parent has a value of, but that
    were not agreed to. *unknown* are wanted names that the store has nothing of. *undeclared*
    and *paths* (`@as=file`) are among *values*.
    """

    values: Mapping[str, Secret]
    references: Mapping[str, str]
    disagreed: Sequence[str]
    unknown: Sequence[str]
    undeclared: Sequence[str]
    paths: Sequence[str]


def choose(here: Here, project: Project, record: Record, there: bytes) -> Chosen:
    """Return what the store has for the project, its own values before those of its parents.

    A setting as it is declared is only among them if *there*, the file as it is, has a line for it.
    """
    plan = here.plan(project, record)
    layers = [
        keep.read(here.session, store, here.profile, confirm=plan.confirm) for store in plan.stores
    ]
    own = layers[0].values if layers[0] is not None else {}
    values, disagreed = _stored(plan, [layer for layer in layers if layer is not None], own)
    undeclared = sorted(own.keys() - {variable.name for variable in plan.variables})
    values |= {name: own[name] for name in undeclared}
    _leave_defaults(project, values, there)
    held = {*values, *disagreed}
    return Chosen(
        values,
        {v.name: v.reference for v in plan.variables if v.reference and v.name not in held},
        disagreed,
        [v.name for v in plan.variables if v.flags & WANTED and _has_no(v.reference, v.name, held)],
        undeclared,
        [v.name for v in plan.variables if v.flags & AS_FILE and v.name in values],
    )


def _stored(
    plan: Plan, layers: Sequence[Values], own: Collection[str]
) -> tuple[dict[str, Secret], list[str]]:
    """Return the values of declared names, and the names of those that were not agreed to.

    It is the user who asks, so *own* values need no consent; those of parents do, as for `run`.
    """
    values: dict[str, Secret] = {}
    disagreed = []
    for variable in plan.variables:
        name = variable.name
        holding = [layer for layer in layers if name in layer.values]
        if not holding:
            continue
        if name in own or variable.flags & AGREED or holding[0].kinds[name] == "setting":
            values[name] = holding[0].values[name]
        else:
            disagreed.append(name)
    return values, disagreed


def _has_no(reference: str | None, name: str, held: Collection[str]) -> bool:
    return reference is None and name not in held


def _leave_defaults(project: Project, values: dict[str, Secret], there: bytes) -> None:
    """Take out of *values* what the declaration says too, and *there* does not say at all."""
    defaults = {
        declared.name: declared.default.encode()
        for declared in project.declared
        if declared.default is not None and not declared.template and not declared.secret
    }
    same = {
        name: default
        for name, default in defaults.items()
        if name in values and values[name].reveal() == default
    }
    said = as_programs_read(there)
    for name in same:
        if name not in said:
            del values[name]
