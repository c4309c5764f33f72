"""What doctor is asked to look at, and how it tells how far it is."""

import os
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from devkeys.errors import UsageError
from devkeys.flows.here import Here
from devkeys.session import Session

_AGO = re.compile(r"([0-9]{1,5})([hdw])")
_UNITS = {"h": 3600, "d": 86400, "w": 7 * 86400}

CONFIGURATION, CHECKOUT, HISTORIES, GIT, STAGED, HOME, PATHS = SOURCES = (
    "configuration",
    "checkout",
    "histories",
    "git",
    "staged",
    "home",
    "paths",
)
NAMED = SOURCES[:-1]  # what --source names; --path names the last


class Scope(NamedTuple):
    """What to look at.

    *here* is the project around the current directory, None outside of one; *directory* is the
    top of the repository around it, or the current directory itself. *sources* are some of
    SOURCES. *paths* are the files and directories of `--path`. *since* (seconds since the epoch)
    leaves out what is older. *names* are the secrets to look for; empty means all.
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
        """The checkout's root, or *directory* outside of any project."""
        return self.here.checkout.root if self.here else self.directory

    @property
    def in_checkout(self) -> bool:
        """Whether there is a project around, or what looks like one; *root* may be all of HOME."""
        signs = (".git",) if self.root == self.session.home else (".git", ".env")
        return self.here is not None or any(
            os.path.lexists(os.path.join(self.root, sign)) for sign in signs
        )


class Watch(Protocol):
    """Who wants to know how far doctor is; a progress bar, or nobody."""

    def expect(self, size: int, files: int = 0) -> None:
        """Take note of *size* more bytes, of so many *files*, that are going to be looked at."""

    def at(self, place: str) -> None:
        """Take note of the place that is looked at now."""

    def did(self, size: int) -> None:
        """Take note of *size* bytes that were looked at."""


class Nobody:
    """A Watch that is not interested."""

    def expect(self, size: int, files: int = 0) -> None:
        """Pass."""

    def at(self, place: str) -> None:
        """Pass."""

    def did(self, size: int) -> None:
        """Pass."""


def sources_of(
    *, home: bool, git: bool, staged: bool, paths: bool, chosen: Collection[str], only_values: bool
) -> frozenset[str]:
    """Return which sources are meant by the options of the command.

    *chosen* are those of `--source`, which with `--staged` and `--path` replace what is looked
    at otherwise; *only_values* leaves the configuration out: it has nothing to do with one value.
    """
    sources = {*chosen, *([STAGED] if staged else []), *([PATHS] if paths else [])}
    if not sources:
        sources = {CHECKOUT, HISTORIES} if only_values else {CONFIGURATION, CHECKOUT, HISTORIES}
    return frozenset(sources | ({HOME} if home else set()) | ({GIT} if git else set()))


def moment(text: str, now: float) -> float:
    """Return the moment that *text* means: `7d`, `24h`, `2w`, or a date, in seconds since 1970.

    Raise UsageError if it means none, or one that is to come: nothing is younger than that.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        when = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"--since {text!a} is no time", hint="write it as 7d, 24h or 2026-11-01"
        ) from None
    if when > now:
        raise UsageError(f"--since {text} is still to come", hint="name a time that has passed")
    return when
