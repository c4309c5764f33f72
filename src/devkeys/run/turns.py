"""One after the other: of ten dialogs that ask for the same thing nine are too many."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from devkeys import atomic, fingerprint
from devkeys.errors import DevkeysError
from devkeys.lock import locked
from devkeys.session import Session

PATIENCE = 600.0  # seconds for all those who came before


@contextmanager
def turn(session: Session, *what: str, doing: str) -> Iterator[None]:
    """Wait until no other devkeys is about *what*; those who wait are told what it is *doing*."""
    name = fingerprint.digest(*(word.encode("utf-8", "surrogateescape") for word in what))
    path = os.path.join(session.state_dir, "turns", name)
    try:
        atomic.make_private_dir(os.path.dirname(path))
    except DevkeysError:  # in a home that cannot be written to each is for itself
        yield
        return
    with locked(path, limit=PATIENCE, doing=doing):
        yield
