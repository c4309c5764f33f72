"""Noting for the shells, in the index, what a command has changed.

The row of a checkout counts its wanted secrets, in the profile dev, and those of them that
`devkeys status` would call missing in a shell that exports nothing.
"""

import os
from collections.abc import Iterable

from devkeys import ask, hookfiles, index
from devkeys.consent import record as records
from devkeys.consent.record import Record
from devkeys.errors import DevkeysError
from devkeys.index import Index, Lack
from devkeys.names import is_secret_name
from devkeys.plan import DEFAULT_PROFILE, SECRET, WANTED
from devkeys.plan.compile import compile_plan, read_project
from devkeys.project import find
from devkeys.project.find import Checkout
from devkeys.session import Session
from devkeys.whereabouts import MISSING, Notes, place_of


def note(session: Session, checkout: Checkout | None = None, *, silence: bool = False) -> None:
    """Bring the index up to date with *checkout*, and with those that share its values.

    Without a checkout, with all that it knows. With *silence* no shell will ask for the
    checkout's consent: the user has just taken it back. Never fails: what the command did is
    done. Also brings the shells' copies of the hook up to this version.
    """
    try:
        index.update(
            session.state_dir,
            lambda before: _revised(session, before, checkout),
            silence=checkout.directory if checkout and silence else None,
        )
        hookfiles.renew(session.data_dir)
    except (DevkeysError, OSError, ValueError) as error:
        why = ask.plain(str(error))
        ask.say(f"devkeys: what the shells' hooks know was not brought up to date: {why}")


def _revised(session: Session, before: Index, checkout: Checkout | None) -> Index:
    known = {record.identity: record for record in records.everything(session.data_dir)}
    ours = known.get(checkout.identity) if checkout else None
    lacks = {}
    for directory in {*before.lacks, *([checkout.directory] if checkout else [])}:
        place = find.checkout_of(directory, session.home)
        record = known.get(place.identity)
        lack = before.lacks.get(directory)
        # Only who has the same values can be concerned; a record that is gone may be any's.
        if ours is None or lack is None or (record and record.project == ours.project):
            lack = _counted(session, place, record, lack)
        if lack is not None and os.path.isdir(directory):
            lacks[directory] = lack
    return Index(_quiet_names(known.values()), lacks)


def _counted(
    session: Session, place: Checkout, record: Record | None, before: Lack | None
) -> Lack | None:
    """Return the row of *place*; as it was *before* where its files cannot be understood."""
    if record is None or not os.path.lexists(os.path.join(place.directory, find.DECLARATION)):
        return None
    try:
        return _count(session, place, record)
    except DevkeysError:
        return before


def _count(session: Session, place: Checkout, record: Record) -> Lack | None:
    project = read_project(place, DEFAULT_PROFILE, named=None, session=session)
    here = (place.relative, DEFAULT_PROFILE)
    if project.asked and here not in {(fact.relative, fact.profile) for fact in record.agreed}:
        return None
    plan = compile_plan(project, record, "")
    notes = Notes(session.data_dir, plan)
    nothing_exported: dict[str, str] = {}
    places = [
        place_of(project, declared, variable, nothing_exported, notes)[0]
        for declared, variable in zip(project.declared, plan.variables, strict=True)
        if variable.flags & SECRET and variable.flags & WANTED
    ]
    return Lack(places.count(MISSING), len(places))


def _quiet_names(known: Iterable[Record]) -> frozenset[str]:
    """Return the names of declared secrets that were agreed to and do not look like any."""
    return frozenset(
        fact.name
        for record in known
        for fact in record.agreed
        if "secret" in fact.details and not is_secret_name(fact.name)
    )
