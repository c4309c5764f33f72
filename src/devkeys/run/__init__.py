"""`devkeys run`: find -> plan -> resolve -> inject -> become.

The way of every command that a developer starts, so it imports almost nothing; what is
needed only when something is to be compiled, asked or mended is imported then.
"""

import os
import sys

from devkeys import files, fingerprint, memory
from devkeys.bootstrap import PASSPHRASE_FD, is_withheld
from devkeys.consent import path_of as consent_path
from devkeys.consent import plan_digest
from devkeys.errors import NOT_EXECUTABLE, NOT_FOUND, RUN_FAILED, DevkeysError, UsageError
from devkeys.plan import AS_FILE, DEFAULT_PROFILE, cache
from devkeys.project import find
from devkeys.resolve import ENVIRONMENT, STORE, Resolution, missing_error, resolve
from devkeys.run import arguments, become, marker, stored
from devkeys.run import environ as environment
from devkeys.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from devkeys.plan import Plan, Variable
    from devkeys.run.asking import Answers
    from devkeys.store.values import Values


def main(words: list[str]) -> int:
    """Run the command that *words*, the arguments of `devkeys run`, end in."""
    try:
        options = arguments.parse(words)
        if options.help:
            sys.stdout.write(arguments.HELP)
            return 0
        _run(options)
    except DevkeysError as error:
        if error.exit_code not in (NOT_FOUND, NOT_EXECUTABLE):  # the command's own
            error.exit_code = RUN_FAILED
        raise
    return 0


def _run(options: arguments.Options) -> None:
    session = Session()
    wanted_core = memory.guard_until_exec()
    plan = find_plan(session, options)
    variables = select(plan, options)
    key = fingerprint.tag_key(session.state_dir)
    seen = stored.counters(session, plan)
    inherited = session.environ
    settled: dict[str, int] = {}
    if marker.VARIABLE in inherited:
        from devkeys.run.outer import own_environment

        inherited, settled = own_environment(session, plan, key, seen)
    found = _resolve(session, plan, variables, inherited, seen, settled, options)
    if found.missing:
        if found.unasked or not _mend(session, plan, found):
            raise missing_error(found.missing, plan.profile, found.unasked)
        seen = stored.counters(session, plan)
        found = _resolve(session, plan, variables, inherited, seen, settled, options)
        if found.missing:
            raise missing_error(found.missing, plan.profile, found.unasked)
    _report_shadowed(found, options, plan)
    _remind_of_hidden(session, plan, variables, found)
    child = inject(plan, variables, found, inherited, settled, options)
    child[marker.VARIABLE] = _mark(plan, found, child, seen, key)
    environment.check_values(child)
    environment.check_total(child, options.command)
    memory.release(wanted_core)
    if PASSPHRASE_FD in session.environ:
        from devkeys.passphrase import close_descriptor

        close_descriptor(session.environ)
    become.become(options.command, child, path=session.environ.get("PATH", os.defpath))


def find_plan(session: Session, options: arguments.Options) -> "Plan":
    """Return the plan of the project around the current directory, compiled if need be."""
    profile = options.profile or DEFAULT_PROFILE
    checkout, named = find.here(options.file, session.home)
    location = cache.locate(checkout.directory, profile, named)
    record = files.read_private(consent_path(session.data_dir, checkout.identity))
    digest = plan_digest(record, location) if record else None
    if digest is not None:
        plan = cache.read(cache.path_of(session.state_dir, location), digest)
        if plan is not None:
            return plan
    from devkeys.run.prepare import prepare

    return prepare(session, checkout, profile, named or None)


def select(plan: "Plan", options: arguments.Options) -> "list[Variable]":
    """Return the variables that the command is to get."""
    if options.only is None and options.scope is None:
        return list(plan.variables)
    if options.only is not None:
        names: Sequence[str] = options.only
    elif options.scope in plan.scopes:
        names = plan.scopes[options.scope]
    else:
        known = ", ".join(plan.scopes) or "none"
        raise UsageError(
            f"no scope {options.scope} in {find.CONFIGURATION}", hint=f"its scopes are: {known}"
        )
    declared = {variable.name: variable for variable in plan.variables}
    for name in names:
        if name not in declared:
            raise UsageError(
                f"{name} is not declared in this project",
                hint=f"devkeys add {name} declares it; devkeys status shows what is",
            )
    return [declared[name] for name in dict.fromkeys(names)]


def _resolve(
    session: Session,
    plan: "Plan",
    variables: "list[Variable]",
    inherited: "Mapping[str, str]",
    seen: "Mapping[str, int]",
    settled: dict[str, int],
    options: arguments.Options,
) -> Resolution:
    def read_store() -> "list[Values]":
        return stored.read(
            session,
            plan,
            variables,
            inherited,
            seen=seen,
            settled=settled,
            prefer_store=options.prefer_store,
        )

    def ask_providers(references: "Sequence[str]") -> "Answers":
        if plan.cache:
            from devkeys.run.remembered import ask

            return ask(session, plan, references, file=options.file, refresh=options.refresh)
        from devkeys.run.asking import ask_providers

        return ask_providers(session, plan, references, file=options.file)

    found = resolve(
        variables,
        inherited,
        read_store=read_store,
        ask_providers=ask_providers,
        prefer_store=options.prefer_store,
    )
    found.generations = {**settled, **found.generations}
    # A file's path is no other value than the stored one that it leads to.
    found.shadowed = [name for name in found.shadowed if name not in settled]
    return found


def _mend(session: Session, plan: "Plan", found: Resolution) -> bool:
    """Make or ask for what is missing; tell whether there is now a value for each."""
    from devkeys.run.prepare import mend

    return mend(session, plan, found.missing)


def _report_shadowed(found: Resolution, options: arguments.Options, plan: "Plan") -> None:
    if not found.shadowed or options.prefer_env or options.prefer_store:
        return
    names = ", ".join(found.shadowed)
    if options.profile is not None or plan.confirm:
        raise DevkeysError(
            f"the environment has another value than profile {plan.profile} for {names}",
            hint="say which one counts with --prefer-store or --prefer-env",
        )
    sys.stderr.write(
        f"devkeys: the environment's value is used, the stored one differs: {names} "
        "(see --prefer-store)\n"
    )


def _remind_of_hidden(
    session: Session, plan: "Plan", variables: "list[Variable]", found: Resolution
) -> None:
    names = [v.name for v in variables if v.reference and found.places.get(v.name) == STORE]
    if names:
        from devkeys.run.hidden import remind

        remind(session, plan.key, names)


def inject(
    plan: "Plan",
    variables: "list[Variable]",
    found: Resolution,
    inherited: "Mapping[str, str]",
    settled: "Mapping[str, int]",
    options: arguments.Options,
) -> dict[str, str]:
    """Return the child's environment: what it inherits, less and more by the plan.

    What is *settled* and comes from the environment is there as it has to be, a file's
    path included.
    """
    declared = {variable.name for variable in plan.variables}
    child = dict(inherited)
    if options.clean:
        from devkeys.run.inherited import clean

        child = clean(inherited, declared)
    # A password manager's own credential opens everything, not this project's values only.
    for name in [name for name in child if is_withheld(name) and name not in declared]:
        from devkeys.run.inherited import matches

        if not matches(name, options.keep):
            del child[name]
    for name in declared.difference(variable.name for variable in variables):
        child.pop(name, None)
    for variable in variables:
        value = found.values.get(variable.name)
        if value is None:
            child.pop(variable.name, None)
        elif variable.name in settled and found.places[variable.name] == ENVIRONMENT:
            continue
        elif variable.flags & AS_FILE:
            from devkeys.run.memfile import hand_over

            child[variable.name] = hand_over(variable.name, value)
        else:
            child[variable.name] = os.fsdecode(value.reveal())
    return child


def _mark(
    plan: "Plan",
    found: Resolution,
    child: "Mapping[str, str]",
    seen: "Mapping[str, int]",
    key: bytes,
) -> str:
    names = [name for name in found.values if name in child]
    tags = marker.tags_of(child, names, key)
    return marker.write(plan, stored.text_of(seen), tags, found.generations)
