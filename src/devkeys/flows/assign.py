"""`devkeys set`, `unset`: one project's values, as the user gives and takes them."""

import os
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from devkeys import allow, ask, keep
from devkeys.consent.record import Record
from devkeys.declaration.classify import Variable
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows import entry
from devkeys.flows.here import Here
from devkeys.generate import generate
from devkeys.names import is_secret_name
from devkeys.noting import note
from devkeys.plan import option
from devkeys.plan.compile import Project
from devkeys.project.find import project_name
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import ledger

GENERATED_BY_DEFAULT = "hex(32)"


class Wish(NamedTuple):
    """What `set` was told: *text* is a setting's value, *specification* how one is generated."""

    variable: Variable
    text: str | None
    specification: str | None


def set_value(here: Here, words: Sequence[str], specification: str | None) -> None:
    """Store what `set *words*` says; *specification* generates the value (empty: as declared)."""
    project = here.project()
    wish = understand(project, words, specification)
    record = allow.bind(here.session, here.checkout)
    value, source = value_of(wish)
    entry.store(here, record, wish.variable, value, source)
    note(here.session, here.checkout)
    mention_consent(here, project, record, wish.variable.name)


def understand(project: Project, words: Sequence[str], specification: str | None) -> Wish:
    """Return what `set *words*` asks for; raise UsageError before anything is asked for."""
    name, text = _name_and_text(words)
    variable = declared(project, name, also_secret=text is not None)
    if text is not None and variable.secret:
        raise _exposed(name)
    if text is not None and specification is not None:
        raise UsageError(f"{name} has a value already, there is nothing to generate")
    return Wish(variable, text, specification)


def value_of(wish: Wish) -> tuple[Secret, str]:
    """Return the value that *wish* leads to, asked for if need be, and where it is from."""
    if wish.specification is not None:
        return _generated(wish.variable, wish.specification), entry.GENERATED
    if wish.text is not None:
        return Secret(os.fsencode(wish.text)), entry.ARGUMENT
    return entry.enter(wish.variable.name)


def mention_consent(here: Here, project: Project, record: Record | None, name: str) -> None:
    """Say what lets commands have *name*, if that was not agreed to yet."""
    if any(change.asked.name == name for change in project.changes(record)):
        ask.say(
            f"devkeys: hint: devkeys allow{option(here.profile)} lets commands of this "
            "checkout have it"
        )


def _name_and_text(words: Sequence[str]) -> tuple[str, str | None]:
    name, equals, text = words[0].partition("=")
    if not entry.NAME.fullmatch(name):
        raise UsageError(
            "the first word after set is no variable's name",
            hint="devkeys set NAME asks for the value; if that word is a secret, it is now in "
            "your shell's history: delete the line there, and replace the secret",
        )
    given = [text] if equals else []
    given += words[1:]
    if len(given) > 1 and not is_secret_name(name):
        raise UsageError(
            f"there is more than one value for {name}; nothing was changed",
            hint=f"one name at a time, its value in quotes: devkeys set {name}='...'",
        )
    return name, given[0] if given else None


def _exposed(name: str) -> UsageError:
    from devkeys.flows.hooks.state import has_hook

    session = Session()
    hook = has_hook(session)
    refused = f"{name} is a secret, so its value is not taken from the command line"
    if hook and session.environ.get("DEVKEYS_HOOK") != "off":
        return UsageError(
            f"{refused}; a shell that has loaded the hook kept that line out of its history",
            hint=f"devkeys set {name} asks for the value",
        )
    return UsageError(
        f"{refused}; by now it stands in your shell's history",
        hint=f"delete that line from the history; then devkeys set {name} asks for the value, "
        "best for a new one, with the old one revoked"
        + ("; devkeys hook install keeps such lines out" if hook is False else ""),
    )


def declared(project: Project, name: str, *, also_secret: bool = False) -> Variable:
    """Return the variable *name* of *project*; raise, with a guess, if it declares none."""
    for variable in project.declared:
        if variable.name == name:
            return variable
    if also_secret and is_secret_name(name):
        raise _exposed(name)
    near = get_close_matches(name, [v.name for v in project.declared], n=1)
    guess = f"did you mean {near[0]}? else " if near else ""
    raise UsageError(
        f"{name} is not declared in {project.path}", hint=f"{guess}devkeys add {name} declares it"
    )


def _generated(variable: Variable, specification: str) -> Secret:
    said = specification or variable.decorators.get("generate") or GENERATED_BY_DEFAULT
    return generate(said, name=variable.name)


def unset(here: Here, names: Collection[str]) -> None:
    """Take the values of *names* out of the store; all of them or, if one has none, nothing."""
    record = here.record
    project = allow.name_of(record, here.checkout)
    confirm = here.confirm
    kept = keep.read(here.session, project, here.profile, confirm=confirm) if record else None
    missing = [name for name in names if kept is None or name not in kept.values]
    if missing:
        raise DevkeysError(
            f"no value of {', '.join(missing)} is stored for {project} ({here.profile}); "
            "nothing was changed",
            hint=_elsewhere(here, record, missing),
        )
    keep.remove(here.session, project, here.profile, names, confirm=confirm)
    note(here.session, here.checkout)
    ask.say(f"devkeys: removed {', '.join(names)} of {project} ({here.profile})")


def _elsewhere(here: Here, record: Record | None, names: Sequence[str]) -> str:
    """Say which project around this one has a value of one of *names*, if one does."""
    if record is not None:
        for relative in here.checkout.parents:
            above = project_name(record.project, relative)
            kept = ledger.names(ledger.read(here.session.data_dir, above, here.profile))
            if not set(kept).isdisjoint(names):
                directory = os.path.join(here.checkout.root, relative)
                return f"{above} has it: go to {directory}"
    return "devkeys list shows what is stored"
