"""What is to go into an export: of all profiles, or of some, all that can be opened."""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from devkeys import ask, keep
from devkeys.errors import DevkeysError, StoreError
from devkeys.flows.store.contents import Opened
from devkeys.session import Session
from devkeys.store import ledger, previous, values
from devkeys.store.bundle import Bundle, Part
from devkeys.store.projects import list_projects


class Trouble(NamedTuple):
    """What cannot be read of a profile, empty for its values and all, and *why* in words."""

    project: str
    profile: str
    what: str
    why: str


def chosen(
    session: Session, projects: Collection[str], profile: str | None
) -> list[tuple[str, str]]:
    """Return (project, profile) of those that are asked for; raise DevkeysError if there is none.

    A repository's name stands for the projects of its directories too; no name is all.
    """
    known = list_projects(session.data_dir)
    strange = [one for one in projects if not any(belongs(name, [one]) for name, _ in known)]
    if strange or not known:
        held = ", ".join(dict.fromkeys(ask.plain(name) for name, _ in known)) or "nothing"
        what = ", ".join(map(ask.plain, strange)) or "any project"
        raise DevkeysError(f"nothing is stored for {what}", hint=f"there is: {held}")
    found = [
        (name, kept_in)
        for name, kept_in in known
        if belongs(name, projects) and profile in (None, kept_in)
    ]
    if not found:
        raise DevkeysError(
            f"nothing is stored in the profile {ask.plain(profile or '')}",
            hint="devkeys list --all shows what is stored",
        )
    return found


def belongs(name: str, projects: Collection[str]) -> bool:
    """Say whether the project *name* is asked for: all if *projects* are none."""
    return not projects or any(name == one or name.startswith(one + "/") for one in projects)


def collect(session: Session, pairs: Sequence[tuple[str, str]]) -> tuple[Bundle, list[Trouble]]:
    """Return what the store has of *pairs*, and what cannot be read of them.

    A profile without any value is passed over. Raise if the store itself cannot be opened.
    """
    opened = Opened(session)
    parts: list[Part] = []
    troubles: list[Trouble] = []
    for project, profile in pairs:
        try:
            part = _part(opened, project, profile, troubles)
        except DevkeysError as error:
            troubles.append(Trouble(project, profile, "", str(error)))
        else:
            parts += [part] if part.values.values else []
    return Bundle(ledger.utc(time.time()), keep.who(), parts), troubles


def _part(opened: Opened, project: str, profile: str, troubles: list[Trouble]) -> Part:
    """Return what can be read of one profile; raise if that is not even its values."""
    session = opened.session
    identity, confirmed = opened.identity(project, profile)
    held = values.read(session.data_dir, session.state_dir, project, profile, identity)
    if held is None:
        raise StoreError("its values are gone", hint="see devkeys store verify")
    former: Sequence[previous.Former] = ()
    notes: Mapping[str, ledger.Note] = {}
    try:
        former = previous.read(session.data_dir, project, profile, identity)
    except DevkeysError as error:
        troubles.append(Trouble(project, profile, "earlier values", str(error)))
    try:
        notes = ledger.read(session.data_dir, project, profile)
    except DevkeysError as error:
        troubles.append(Trouble(project, profile, "what is noted about them", str(error)))
    known = ledger.revise(notes, held, (), source="", who="", now=time.time())
    kept = [one for one in former if one.name in held.values]
    return Part(project, profile, confirmed, held, kept, {n: known[n] for n in held.values})
