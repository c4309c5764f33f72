"""What the store holds, by its ledgers: nothing is unlocked."""

from collections.abc import Iterable
from typing import NamedTuple

from devkeys.allow import name_of
from devkeys.flows.here import Here
from devkeys.session import Session
from devkeys.store import ledger
from devkeys.store.ledger import Note
from devkeys.store.projects import list_projects


class Item(NamedTuple):
    """One stored value. Without a *name* it stands for values whose ledger is gone."""

    project: str
    profile: str
    name: str | None
    note: Note | None


def of_all(session: Session, profile: str | None) -> list[Item]:
    """Return everything that is stored, or everything in *profile*."""
    return _items(session, list_projects(session.data_dir), profile)


def of_project(here: Here, profile: str | None) -> list[Item]:
    """Return what is stored for the project *here*: in all profiles, or in *profile*."""
    record = here.record
    if record is None:
        return []
    project = name_of(record, here.checkout)
    known = list_projects(here.session.data_dir)
    return _items(here.session, [pair for pair in known if pair[0] == project], profile)


def _items(session: Session, pairs: Iterable[tuple[str, str]], profile: str | None) -> list[Item]:
    items = []
    for project, kept_in in pairs:
        if profile not in (None, kept_in):
            continue
        notes = ledger.read(session.data_dir, project, kept_in)
        items += [Item(project, kept_in, name, notes[name]) for name in ledger.names(notes)]
        if not notes:
            items.append(Item(project, kept_in, None, None))
    return items
