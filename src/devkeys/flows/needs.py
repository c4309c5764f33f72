"""Which declared names still need a value, seen from `init`.

What is stored counts; what the shell that happens to run exports is told apart.
"""

from collections.abc import Collection
from typing import NamedTuple

from devkeys import fingerprint
from devkeys.consent.record import Record
from devkeys.declaration.classify import Variable as Declared
from devkeys.flows.here import Here
from devkeys.flows.importing.known import what_is_known
from devkeys.plan import AGREED, WANTED
from devkeys.run.outer import own_environment


class Need(NamedTuple):
    """A name without a stored value. *exported* is its value in the environment, if any.

    *generate* is what @generate says, or None.
    """

    declared: Declared
    exported: str | None
    generate: str | None


class Needs(NamedTuple):
    """All names without a stored value or a reference, in the order of the file.

    *wanted* have to get one, *generated* are made, *offered* are asked along with the
    wanted ones of their family, *others* only on request.
    """

    wanted: list[Need]
    generated: list[Need]
    offered: list[Need]
    others: list[Need]


def survey(here: Here, record: Record, *, absent: Collection[str] = ()) -> Needs:
    """Return what is lacking, which opens the store; what the user skips is not.

    *absent* are names that a provider is known not to have.
    """
    project = here.project()
    plan = here.plan(project, record)
    known = what_is_known(here, record)
    key = fingerprint.tag_key(here.session.state_dir)
    environ = own_environment(here.session, plan, key)[0]
    needs = Needs([], [], [], [])
    for declared, variable in zip(project.declared, plan.variables, strict=True):
        name = declared.name
        if name in known.own or name in known.inherited or name in project.skipped:
            continue
        if variable.reference is not None and name not in absent:
            continue
        need = Need(declared, environ.get(name) or None, variable.generate)
        if variable.generate and variable.flags & WANTED and not need.exported:
            (needs.generated if variable.flags & AGREED else needs.wanted).append(need)
        elif variable.flags & WANTED and not declared.default:
            needs.wanted.append(need)
        elif declared.offered:
            needs.offered.append(need)
        else:
            needs.others.append(need)
    return needs
