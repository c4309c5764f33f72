"""`devkeys allow` and `deny`: show what is asked for, ask, record; or take it back."""

from devkeys import allow, ask
from devkeys.errors import DevkeysError
from devkeys.flows.here import Here
from devkeys.noting import note
from devkeys.run.prepare import keep_plan
from devkeys.store import layout


def show(here: Here) -> tuple[str, bool]:
    """Return what is asked for and not agreed to yet, in words, and whether that is nothing."""
    project = here.project()
    changes = project.changes(here.record)
    if not changes:
        return f"{ask.plain(here.checkout.directory)} asks for nothing new", True
    return allow.describe(project, changes), False


def consent(here: Here, *, yes: bool, name: str | None) -> None:
    """Ask the user about all that is new, and keep the plan that follows from the answer.

    *yes* is the answer beforehand; *name* the repository's name in the store, chosen.
    """
    project, record = here.project(), here.record
    if name is not None:
        layout.encode(name)
    changes = project.changes(record)
    rebound = name is not None and (record is None or record.project != name)
    if changes:
        ask.say(allow.describe(project, changes))
    if rebound and name is not None:
        _say_shared(here, name)
    if not changes and not rebound:
        ask.say(f"devkeys: {ask.plain(here.checkout.directory)} asks for nothing new")
        if record is None:
            return
    elif not yes and not _agreed():
        raise DevkeysError("nothing was allowed")
    shown = [change.asked for change in changes]
    record = allow.agree(here.session, project, shown, name=name)
    keep_plan(here.session, project, record, here.plan(project, record), here.location)
    note(here.session, here.checkout)
    if changes or rebound:
        ask.say(
            f"devkeys: allowed {ask.plain(here.checkout.directory)} (profile {here.profile}), "
            f"with the values of {ask.plain(allow.name_of(record, here.checkout))}"
        )


def _say_shared(here: Here, name: str) -> None:
    holders = allow.claims(here.session, here.checkout, name)
    if holders:
        values = allow.in_number(allow.count_values(here.session, name))
        ask.say(f"{name}, with {values}, belongs to {ask.plain(', '.join(holders))}.")
    else:
        ask.say(f"Its values will be kept under the name {name}.")


def _agreed() -> bool:
    if not ask.at_terminal():
        raise DevkeysError(
            "there is no terminal to ask at",
            hint="devkeys allow --show shows what is asked for, --yes agrees to it",
        )
    return ask.confirm("Allow it?")


def withdraw(here: Here, *, everywhere: bool) -> None:
    """Take back what was agreed to for the directory, or for its whole repository."""
    allow.deny(here.session, here.checkout, everywhere=everywhere)
    note(here.session, here.checkout, silence=True)
    where = here.checkout.root if everywhere else here.checkout.directory
    ask.say(
        f"devkeys: nothing is allowed in {ask.plain(where)} any more; the stored values are kept "
        "(devkeys forget removes them)"
    )
