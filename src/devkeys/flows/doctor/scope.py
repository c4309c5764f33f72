"""What doctor is asked to look at, and how it tells how far it is."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from devkeys.flows.here import Here
from devkeys.session import Session

CONFIGURATION, CHECKOUT, HISTORIES, GIT, STAGED, HOME, PATHS = SOURCES = (
    "configuration",
    "checkout",
    "histories",
    "git",
    "staged",
    "home",
    "paths",
)


class Scope(NamedTuple):
    """What to look at.

    *here* is the project around the current directory, None outside of one; *directory* is the
    directory doctor was called in. *sources* are some of SOURCES. *paths* are the files and
    directories of `--path`. *since* (seconds since the epoch) leaves out what is older. *names*
    are the secrets to look for; empty means all.
    """

    session: Session
    here: Here | None
    directory: str
    sources: frozenset[str]
    paths: Sequence[str] = ()
    since: float | None = None
    names: frozenset[str] = frozenset()

    @property
    def root(self) -> str:
        """The checkout's root, or the current directory outside of any project."""
        return self.here.checkout.root if self.here else self.directory


class Watch(Protocol):
    """Who wants to know how far doctor is; a progress bar, or nobody."""

    def expect(self, size: int) -> None:
        """Take note of *size* more bytes that are going to be looked at."""

    def at(self, place: str) -> None:
        """Take note of the place that is looked at now."""

    def did(self, size: int) -> None:
        """Take note of *size* bytes that were looked at."""


class Nobody:
    """A Watch that is not interested."""

    def expect(self, size: int) -> None:
        """Pass."""

    def at(self, place: str) -> None:
        """Pass."""

    def did(self, size: int) -> None:
        """Pass."""
