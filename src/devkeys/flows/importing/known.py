"""What a project declares and has stored, with the values: the store is opened for it."""

from collections.abc import Mapping
from typing import NamedTuple

from devkeys import files, keep
from devkeys.consent.record import Record
from devkeys.declaration.classify import Variable
from devkeys.declaration.syntax import parse
from devkeys.flows.here import Here
from devkeys.plan.compile import Project, overlay_of
from devkeys.project.find import project_name
from devkeys.secret import Secret


class Known(NamedTuple):
    """What there is already.

    *stand_ins* are each name's texts that are no values; *own* the project's stored values
    with their kinds, *inherited* those of the projects around it.
    """

    declared: Mapping[str, Variable]
    source: str | None
    stand_ins: Mapping[str, frozenset[str]]
    own: Mapping[str, tuple[Secret, str]]
    inherited: Mapping[str, tuple[Secret, str]]


def what_is_known(here: Here, record: Record) -> Known:
    """Return what is declared and what is stored, which opens the store."""
    project = here.project()
    relatives = (here.checkout.relative, *project.parents)
    layers = [_stored(here, project_name(record.project, relative)) for relative in relatives]
    inherited: dict[str, tuple[Secret, str]] = {}
    for layer in reversed(layers[1:]):
        inherited |= layer
    declared = {variable.name: variable for variable in project.declared}
    return Known(declared, project.source, _stand_ins(project), layers[0], inherited)


def _stored(here: Here, project: str) -> dict[str, tuple[Secret, str]]:
    kept = keep.read(here.session, project, here.profile, confirm=here.confirm)
    if kept is None:
        return {}
    return {name: (value, kept.kinds[name]) for name, value in kept.values.items()}


def _stand_ins(project: Project) -> dict[str, frozenset[str]]:
    """Return the texts by name that only say where a value is to come: placeholders, examples."""
    texts: dict[str, set[str]] = {}
    for path in (project.path, overlay_of(project.path, project.profile)):
        data = files.read_regular(path)
        for declaration in parse(data, path=path).declarations if data is not None else ():
            if not declaration.commented:
                texts.setdefault(declaration.name, set()).add(declaration.default or "")
    return {
        v.name: frozenset({*texts.get(v.name, ()), v.placeholder or ""} - {""})
        for v in project.declared
        if v.default is None and v.reference is None and not v.commented
    }
