"""One variable's value, as `run` would give it: for `get --reveal`."""

from collections.abc import Sequence

from devkeys import allow, ask, fingerprint
from devkeys.flows.assign import declared
from devkeys.flows.here import Here
from devkeys.plan import AGREED, AS_FILE, Plan, Variable
from devkeys.resolve import missing_error, resolve
from devkeys.run import asking, marker, remembered, stored
from devkeys.run.outer import own_environment
from devkeys.secret import Secret
from devkeys.store.values import Values


def look_up(here: Here, name: str) -> Secret:
    """Return the value of *name*; raise DevkeysError if it has none.

    What is stored for this checkout's own project is given without further consent: it is
    the user who asks, for one name. A provider is only asked if that was agreed to.
    """
    project, record = here.project(), here.record
    declared(project, name)
    plan = here.plan(project, record)
    variables = [variable for variable in plan.variables if variable.name == name]
    if variables[0].template is not None:
        variables = list(plan.variables)
    if record is not None:
        for variable in variables:
            if variable.reference is None:
                variable.flags |= AGREED
    value = _resolve(here, plan, variables, name)
    lacking = [change for change in project.changes(record) if change.asked.name == name]
    if value is None and lacking and variables[0].reference is not None:
        raise allow.not_allowed(project, lacking)
    if value is None:
        raise missing_error({name: ""}, plan.profile, {})
    return value


def _resolve(here: Here, plan: Plan, variables: Sequence[Variable], name: str) -> Secret | None:
    marked = marker.VARIABLE in here.session.environ
    key = fingerprint.tag_key(here.session.state_dir) if marked else b""
    seen = stored.counters(here.session, plan)
    environ, settled = own_environment(here.session, plan, key, seen)
    for variable in variables:
        if variable.flags & AS_FILE and variable.name in settled:
            del environ[variable.name], settled[variable.name]  # a path, not the value

    def read_store() -> list[Values]:
        if here.record is None:  # the name may be another checkout's
            return []
        return stored.read(
            here.session,
            plan,
            list(variables),
            environ,
            seen=seen,
            settled=settled,
            prefer_store=False,
        )

    def ask_providers(references: Sequence[str]) -> asking.Answers:
        if plan.cache:
            return remembered.ask(here.session, plan, references, file=here.named, refresh=False)
        return asking.ask_providers(here.session, plan, references, file=here.named)

    found = resolve(variables, environ, read_store=read_store, ask_providers=ask_providers)
    if name in found.shadowed:
        ask.say(f"devkeys: this is the environment's value; the stored one of {name} differs")
    if found.missing.get(name):
        raise missing_error({name: found.missing[name]}, plan.profile, found.unasked)
    return found.values.get(name)
