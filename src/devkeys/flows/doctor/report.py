"""What doctor found, put together; and how a place is named to a person."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from devkeys.errors import FOUND, UNRESOLVED
from devkeys.flows.doctor.scope import Scope
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Unseen

HIDDEN = "[hidden]"
# Instead of a step that would hold a value. With HIDDEN in it, a shell would take it for a pattern.
RENAME = "the name holds the value, too: give it another one, then devkeys doctor again"
# What ends a part of a path, or a word of a command. Bytes: a path need not be text.
_BORDERS = b"/\\ \t\r\n\0'\"`=:;,()"


class Coverage(NamedTuple):
    """How much was looked at, and for what.

    *bytes* is the size of all that was read, *git_history* whether commits were, None outside of
    git. *secrets* is
    the number of names whose values were searched for; *too_short* and *too_common* are names
    whose values were not.
    """

    files: int = 0
    bytes: int = 0
    histories: int = 0
    git_history: bool | None = False
    secrets: int = 0
    too_short: tuple[str, ...] = ()
    too_common: tuple[str, ...] = ()


class LeftOut(NamedTuple):
    """A finding that an entry of `[doctor] allow` leaves out."""

    finding: Finding
    by: Allowed


class Report(NamedTuple):
    """What a look ended in.

    *findings* are those to act on. *accepted* are left out by the baseline, *allowed* by
    `[doctor] allow`. *asked_to_ignore* is what a repository asks to leave out, without consent.
    """

    findings: tuple[Finding, ...] = ()
    fine: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    accepted: tuple[Finding, ...] = ()
    asked_to_ignore: tuple[Allowed, ...] = ()
    covered: Coverage = Coverage()
    allowed: tuple[LeftOut, ...] = ()

    @property
    def leaked(self) -> tuple[Finding, ...]:
        """The findings that say where a secret got out."""
        return self._of(LEAKED)

    @property
    def risks(self) -> tuple[Finding, ...]:
        """The findings that say where one will get out."""
        return self._of(RISK)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """The findings that are only worth knowing."""
        return self._of(ADVICE)

    def _of(self, grade: str) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.kind.grade == grade)

    @property
    def failed(self) -> tuple[Unseen, ...]:
        """What was asked for and could not be looked at."""
        return tuple(unseen for unseen in self.unseen if unseen.failed)

    @property
    def exit_code(self) -> int:
        """1 for a leak or a risk, else 3 if something asked for was not looked at, else 0."""
        if self.leaked or self.risks:
            return FOUND
        return UNRESOLVED if self.failed else 0


class Frame(NamedTuple):
    """What places are named relative to.

    *home* and *root*, the checkout's top, are real paths; *identity* proves which checkout it is.
    """

    home: str
    root: str
    identity: str


def frame(scope: Scope) -> Frame:
    """Return what the places of *scope* are named relative to."""
    identity = scope.here.checkout.identity if scope.here else scope.root
    return Frame(scope.session.home, scope.root, identity)


def below(path: str, directory: str) -> str | None:
    """Return the way from *directory* to *path*, `.` for itself; None if it is not below.

    What is everywhere (`/`) is no place to be named relative to.
    """
    if path == directory:
        return "."
    top = directory.rstrip("/")
    return path[len(top) + 1 :] if top and path.startswith(top + "/") else None


def short(path: str, frame: Frame) -> str:
    """Return *path* as a person is told it: relative in the checkout, `~/...` in HOME."""
    home = below(path, frame.home)
    inside = below(path, frame.root) if frame.root != frame.home else None
    if inside is not None:
        return inside
    return path if home is None else "~" if home == "." else "~/" + home


class Span(Protocol):
    """A part of a text that holds a value: from the byte *start* to before *end*."""

    @property
    def start(self) -> int:
        """Where it begins."""

    @property
    def end(self) -> int:
        """Where it has ended."""


Hits = Callable[[bytes], Sequence[Span]]  # what `scan.search.Search.hits` is


def hide(text: str, hits: Hits) -> str:
    """Return *text* with each word or part of a path in which a value stands as `[hidden]`."""
    encoding = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
    try:
        data = text.encode(*encoding)
    except UnicodeEncodeError:  # a text that is no path
        encoding = "utf-8", "surrogatepass"
        data = text.encode(*encoding)
    found = hits(data) if data else ()
    if not found:
        return text
    pieces, done = [], 0
    for start, end in _whole_parts(data, found):
        pieces += [data[done:start], HIDDEN.encode()]
        done = end
    return b"".join([*pieces, data[done:]]).decode(*encoding)


def _whole_parts(data: bytes, found: Iterable[Span]) -> list[tuple[int, int]]:
    """Return the spans grown to the borders around them, in order; none touches the next."""
    parts: list[tuple[int, int]] = []
    for start, end in sorted(_grown(data, span.start, span.end) for span in found):
        if parts and start <= parts[-1][1]:
            parts[-1] = parts[-1][0], max(end, parts[-1][1])
        else:
            parts.append((start, end))
    return parts


def _grown(data: bytes, start: int, end: int) -> tuple[int, int]:
    while start > 0 and data[start - 1] not in _BORDERS:
        start -= 1
    while end < len(data) and data[end] not in _BORDERS:
        end += 1
    return start, end


def hidden(findings: Iterable[Finding], hits: Hits) -> tuple[Finding, ...]:
    """Return *findings* without a value in any place or text: file names may hold one.

    Their remedies stay as they are, for they have to name the real file; they are not shown.
    """
    cover = _covering(hits)
    return tuple(
        one._replace(
            place=one.place._replace(path=cover(one.place.path), member=cover(one.place.member)),
            what=cover(one.what),
            step=one.step if cover(one.step) == one.step else RENAME,
            secrets=tuple(map(cover, one.secrets)),
        )
        for one in findings
    )


def hidden_unseen(unseen: Iterable[Unseen], hits: Hits) -> tuple[Unseen, ...]:
    """Return *unseen* without a value in any place or reason."""
    cover = _covering(hits)
    return tuple(one._replace(place=cover(one.place), why=cover(one.why)) for one in unseen)


def _covering(hits: Hits) -> Callable[[str], str]:
    known: dict[str, str] = {}  # many findings stand in one file

    def cover(text: str) -> str:
        if text not in known:
            known[text] = hide(text, hits)
        return known[text]

    return cover
