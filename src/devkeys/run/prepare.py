"""The slow way of `run`: read the project, settle the consent, compile, keep the plan."""

from collections.abc import Collection, Mapping, Sequence

from devkeys import allow, ask, atomic, keep, snapshot
from devkeys.ask.hidden import hidden
from devkeys.consent import record as records
from devkeys.consent.asks import Change
from devkeys.consent.record import Record
from devkeys.errors import DevkeysError
from devkeys.generate import generate
from devkeys.noting import note
from devkeys.plan import AGREED, SECRET, Plan, Variable, cache
from devkeys.plan.compile import Project, compile_plan, read_project
from devkeys.project.find import Checkout
from devkeys.session import Session


def prepare(session: Session, checkout: Checkout, profile: str, named: str | None) -> Plan:
    """Return the plan of *checkout*, asking for the consent that it lacks."""
    project = read_project(checkout, profile, named=named, session=session)
    record = records.read(session.data_dir, project.checkout.identity)
    changes = project.changes(record)
    open_changes = [] if is_ci(session) else not_exported(changes, session.environ)
    if open_changes:
        if not ask.at_terminal():
            raise allow.not_allowed(project, open_changes)
        ask.say(allow.describe(project, changes))
        if not ask.confirm("Allow it?"):
            raise allow.not_allowed(project, open_changes)
        record = allow.agree(session, project, [change.asked for change in changes])
        changes = []
    elif record is None and not changes and ask.at_terminal() and not is_ci(session):
        record = allow.bind(session, checkout)  # so that what is entered has a place of its own
    location = cache.locate(project.checkout.directory, profile, named or "")
    plan = compile_plan(project, record, location)
    if record is not None and not changes:
        try:
            keep_plan(session, project, record, plan, location)
            note(session, checkout)
        except DevkeysError:  # a full disk: the next run compiles the plan again
            return plan
    return plan


def is_ci(session: Session) -> bool:
    """Tell whether this is a CI job: it has no one to ask, and its own environment."""
    return session.environ.get("CI", "").lower() not in ("", "0", "false")


def not_exported(changes: Sequence[Change], environ: Mapping[str, str]) -> list[Change]:
    """Return the changes that matter although names are exported.

    Neither store nor provider is asked for an exported name; a decorator or an address in
    a default matters all the same.
    """
    return [
        change
        for change in changes
        if not environ.get(change.asked.name)
        or any(detail.startswith(("@", "default ")) for detail in change.asked.details)
    ]


def keep_plan(
    session: Session, project: Project, record: Record, plan: Plan, location: str
) -> None:
    """Keep *plan* for the next `run`, and note its digest beside the consent."""
    path = cache.path_of(session.state_dir, location)
    digest = cache.write(path, plan, project.inputs)
    for dropped in records.remember_plan(session.data_dir, record.identity, location, digest):
        atomic.remove(cache.path_of(session.state_dir, dropped))
    snapshot.keep()


def mend(session: Session, plan: Plan, missing: Collection[str]) -> bool:
    """Give the *missing* names values: made, or entered at a terminal; tell if all got one."""
    variables = [variable for variable in plan.variables if variable.name in missing]
    made = [v for v in variables if v.generate and v.flags & AGREED]
    try:
        return _give(session, plan, variables, made)
    finally:
        note(session)


def _give(
    session: Session, plan: Plan, variables: Sequence[Variable], made: Sequence[Variable]
) -> bool:
    if made:
        new = {v.name: (generate(v.generate or "", name=v.name), "secret") for v in made}
        keep.put_new(session, plan.project, plan.profile, new, confirm=plan.confirm)
        ask.say(f"devkeys: generated {', '.join(new)} for {plan.project} ({plan.profile})")
    left = [variable for variable in variables if variable not in made]
    return not left or _enter(session, plan, left)


def _enter(session: Session, plan: Plan, variables: Sequence[Variable]) -> bool:
    if is_ci(session) or not plan.stores or not ask.at_terminal():
        return False
    names = ", ".join(variable.name for variable in variables)
    ask.say(f"devkeys: missing in {plan.project} ({plan.profile}): {names}")
    if not ask.confirm("Enter them now?", default=True):
        return False
    for variable in variables:
        value = hidden(f"{variable.name}:")
        if not value:
            return False
        kind = "secret" if variable.flags & SECRET else "setting"
        new = {variable.name: (value, kind)}
        where = (session, plan.project, plan.profile)
        keep.put(*where, new, source="prompt", confirm=plan.confirm)
    return True
