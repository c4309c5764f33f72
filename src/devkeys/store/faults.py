"""What can be wrong with the store, in which words, and which remedy there is for it."""

from typing import NamedTuple

from devkeys.store.identity import Identity

# Remedies: what `repairing` can do.
RESTORE, LEDGER, BEFORE, COUNTER = "restore", "ledger", "before", "counter"
ASIDE, REMOVE, MODE, RECORD, COPY = "aside", "remove", "mode", "record", "copy"
FINISH, OLD = "finish", "old"


class Fault(NamedTuple):
    """What is wrong with the file *path*: *what*, a clause; *remedy* is empty if nothing helps.

    *project* and *profile* are those it belongs to, if it does to one.
    """

    path: str
    what: str
    remedy: str = ""
    project: str = ""
    profile: str = ""


class Store(NamedTuple):
    """What is looked at: two directories, and what opens the files, if anything does."""

    data_dir: str
    state_dir: str
    identity: Identity | None
