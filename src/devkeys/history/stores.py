"""Histories that are stores, not text: how each is read, and how commands are taken out of it."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from devkeys.history import Entry, Holds, Outcome, atuin, bolt, database, elvish, erasing, xonsh
from devkeys.history.layouts import LAYOUTS


class Store(NamedTuple):
    """What can be done with a history at a path.

    *entries* are its commands, with no `raw`. *scrub* takes out those that hold something, and
    their bytes. *pieces* are the files that may hold some of it, which need not be there. All
    may raise HistoryError, a DevkeysError, and nothing was changed then.
    """

    entries: Callable[[str], Iterator[Entry]]
    scrub: Callable[[str, Holds], Outcome]
    pieces: Callable[[str], list[str]]


def _one(path: str) -> list[str]:
    return [path]


def _database(form: str) -> Store:
    def scrub(path: str, holds: Holds) -> Outcome:
        return erasing.scrub(path, form, holds)

    return Store(partial(database.entries, form=form), scrub, database.pieces)


def _hishtory(path: str, holds: Holds) -> Outcome:
    outcome = erasing.scrub(path, "hishtory", holds)
    if not outcome.removed:
        return outcome
    copies = "hishtory's server and your other machines keep copies: type `hishtory redact` there"
    return outcome._replace(left=(*outcome.left, copies))


STORES: dict[str, Store] = {
    **{form: _database(form) for form in LAYOUTS},
    "atuin": _database("atuin")._replace(scrub=atuin.scrub),
    "hishtory": _database("hishtory")._replace(scrub=_hishtory),
    "xonsh-json": Store(xonsh.entries, xonsh.scrub, _one),
    "elvish": Store(bolt.entries, elvish.scrub, _one),
}
