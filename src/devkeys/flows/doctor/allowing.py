"""What `[doctor] allow` leaves out: the user's own entries, and a repository's after consent."""

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from devkeys.flows.doctor.baseline import Accepted
from devkeys.flows.doctor.marks import Marks
from devkeys.flows.doctor.report import Frame, LeftOut, below
from devkeys.flows.here import Here
from devkeys.project import config, user
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import Finding, Place
from devkeys.session import Session


class Allowing(NamedTuple):
    """The entries that count: *own* ones, and *repository* ones of the checkout's `devkeys.toml`.

    *asked* are those of the repository that wait for consent; *directory* is the file's.
    """

    own: tuple[Allowed, ...] = ()
    repository: tuple[Allowed, ...] = ()
    asked: tuple[Allowed, ...] = ()
    directory: str = ""


def gather(session: Session, here: Here | None, accepted: Accepted, marks: Marks) -> Allowing:
    """Return what both configuration files leave out; raise DeclarationError for a mistake."""
    own = user.read(session.config_dir).allowed
    settings = config.read(here.checkout) if here else None
    if settings is None or settings.path is None or not settings.allowed:
        return Allowing(own)
    directory = os.path.dirname(settings.path)
    if accepted.has_list(marks, settings.allowed):
        return Allowing(own, settings.allowed, (), directory)
    return Allowing(own, (), settings.allowed, directory)


def apart(
    findings: Iterable[Finding], allowing: Allowing, frame: Frame
) -> tuple[tuple[Finding, ...], tuple[LeftOut, ...]]:
    """Return the findings that stay, and those that an entry leaves out, each with it."""
    stay, out = [], []
    for finding in findings:
        by = _entry_for(finding, allowing, frame)
        if by is None:
            stay.append(finding)
        else:
            out.append(LeftOut(finding, by))
    return tuple(stay), tuple(out)


def _entry_for(finding: Finding, allowing: Allowing, frame: Frame) -> Allowed | None:
    for entry in allowing.own:
        if _fits(entry, finding, _own_ways(finding.place, frame)):
            return entry
    # A repository says nothing about what is outside of it, such as the user's histories.
    way = _way(finding.place, allowing.directory) if allowing.repository else None
    if way is not None:
        for entry in allowing.repository:
            if _fits(entry, finding, [way]):
                return entry
    return None


def _fits(entry: Allowed, finding: Finding, ways: Iterable[str]) -> bool:
    names = [label.partition(" (")[0] for label in finding.secrets]
    return (
        (not entry.rule or fnmatchcase(finding.kind.id, entry.rule))
        and (not entry.name or (bool(names) and all(fnmatchcase(n, entry.name) for n in names)))
        and (not entry.path or any(matches(way, entry.path) for way in ways))
    )


def _own_ways(place: Place, frame: Frame) -> list[str]:
    """Return the ways in which the user may write *place*: in the checkout, in HOME, whole."""
    home = _way(place, frame.home)
    ways = [_way(place, frame.root), None if home is None else f"~/{home}", place.path]
    return [way for way in ways if way is not None]


def _way(place: Place, directory: str) -> str | None:
    """Return the way from *directory* to the file, in a commit too; None if it is not below."""
    inside = below(place.path, directory)
    if inside is None or not place.commit:
        return inside
    return place.member if inside == "." else f"{inside}/{place.member}"


def matches(path: str, pattern: str) -> bool:
    """Tell whether *pattern* fits all of *path*; `**` stands for any directories, even none."""
    parts, patterns = path.split("/"), pattern.split("/")
    # Which ends of *parts* the patterns behind fit, from the last pattern to the first: this
    # takes their product and no more, however a repository writes its patterns.
    fits = [False] * len(parts) + [True]
    for one in reversed(patterns):
        if one == "**":
            fits = [any(fits[start:]) for start in range(len(fits))]
        else:
            heads = [fnmatchcase(part, one) for part in parts]
            fits = [head and rest for head, rest in zip(heads, fits[1:], strict=True)] + [False]
    return fits[0]
