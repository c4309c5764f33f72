"""Findings that the user has accepted: `--accept`.

`STATE/doctor-accepted` holds keyed hashes, counts and days; no path, no name. A finding is
covered as long as it is the same secret at the same place, and not there more often.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from devkeys import atomic, files
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.doctor.marks import ID_DIGITS, Marks
from devkeys.lock import locked
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import Finding

FILE = "doctor-accepted"
KIND, FORMAT = "devkeys-accepted", "1"
LIMIT = 16 << 20  # bytes; some 300,000 findings
ALL, REPOSITORY = "all", "repository"  # what --accept takes besides ids
FINDING, LIST = "finding", "list"
_ENTRY = re.compile(r"(finding|list) ([0-9a-f]{32}) ([0-9]{1,18}) ([0-9]{4}-[0-9]{2}-[0-9]{2})")


class Accepted(NamedTuple):
    """What was accepted: how often each finding stood there, and which lists of repositories."""

    findings: Mapping[str, int] = {}
    lists: frozenset[str] = frozenset()

    def has_list(self, marks: Marks, allowed: Iterable[Allowed]) -> bool:
        """Tell whether what the repository asks to leave out was accepted as it stands."""
        return marks.of_list(allowed) in self.lists


def read(state_dir: str) -> Accepted:
    """Return what was accepted on this machine."""
    entries = _read(os.path.join(state_dir, FILE))
    return Accepted(
        {mark: entry.times for (word, mark), entry in entries.items() if word == FINDING},
        frozenset(mark for word, mark in entries if word == LIST),
    )


def apart(
    findings: Iterable[Finding], accepted: Accepted, marks: Marks
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that are not *accepted*, and those that are.

    Where a value stands more often than was accepted all of it counts: which is new, nobody
    can tell.
    """
    marked = [(marks.of(finding), finding) for finding in findings]
    times = _times(marked)
    covered = {mark for mark in times if times[mark] <= accepted.findings.get(mark, 0)}
    return (
        tuple(finding for mark, finding in marked if mark not in covered),
        tuple(finding for mark, finding in marked if mark in covered),
    )


def is_accepted(finding: Finding, accepted: Accepted, marks: Marks) -> bool:
    """Tell whether *finding*, alone with its mark, was accepted."""
    return finding.place.times <= accepted.findings.get(marks.of(finding), 0)


def _times(marked: Iterable[tuple[str, Finding]]) -> Counter[str]:
    times: Counter[str] = Counter()
    for mark, finding in marked:
        times[mark] += finding.place.times
    return times


def accept(state_dir: str, findings: Sequence[Finding], ids: Collection[str], marks: Marks) -> int:
    """Remember the findings with these *ids*, or ALL of them; return how many there are.

    Raises UsageError, with nothing remembered, if one of *ids* is none of theirs.
    """
    marked = [(marks.of(finding), finding) for finding in findings]
    wanted = _wanted(ids, {mark for mark, _ in marked})
    chosen = [(mark, finding) for mark, finding in marked if mark in wanted]
    new = {(FINDING, mark): _Entry(n, _today()) for mark, n in _times(chosen).items()}
    if new:
        _change(
            state_dir, lambda old: old | {key: max(new[key], old.get(key, new[key])) for key in new}
        )
    return len(chosen)


def unaccept(state_dir: str, ids: Collection[str]) -> int:
    """Forget the findings with these *ids*, or ALL that was accepted; return how many those are."""
    gone: set[tuple[str, str]] = set()

    def without(entries: _Entries) -> _Entries:
        found = _wanted(ids, {mark for word, mark in entries if word == FINDING})
        gone.update(key for key in entries if ALL in ids or key[1] in found)
        return {key: entry for key, entry in entries.items() if key not in gone}

    _change(state_dir, without)
    return len(gone)


def _wanted(ids: Collection[str], marks: Collection[str]) -> set[str]:
    for one in ids:
        if one != ALL and not any(mark[:ID_DIGITS] == one for mark in marks):
            raise UsageError(
                f"there is no finding {one}",
                hint=f"the {ID_DIGITS} digits before a finding are its id; {ALL} means every one",
            )
    return {mark for mark in marks if ALL in ids or mark[:ID_DIGITS] in ids}


def accept_list(state_dir: str, allowed: Iterable[Allowed], marks: Marks) -> None:
    """Remember that what this checkout's repository asks to leave out counts, as it stands."""
    key = (LIST, marks.of_list(allowed))
    _change(state_dir, lambda old: {**old, key: _Entry(1, _today())})


class _Entry(NamedTuple):
    times: int
    day: str


_Entries = dict[tuple[str, str], _Entry]


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _read(path: str) -> _Entries:
    data = files.read_private(path, limit=LIMIT)
    if data is None:
        return {}
    first, *lines = data.decode("ascii", "replace").split("\n")
    kind, _, number = first.partition(" ")
    if kind == KIND and number != FORMAT and number.isdecimal():
        raise DevkeysError(
            f"{path} was written by a newer devkeys (format {number})",
            hint="upgrade devkeys; the file was left as it is",
        )
    matches = [match for line in lines if (match := _ENTRY.fullmatch(line))]
    if first != f"{KIND} {FORMAT}" or lines[-1:] != [""] or len(matches) != len(lines) - 1:
        raise DevkeysError(f"{path} is damaged", hint="remove it, and accept again what you accept")
    return {(match[1], match[2]): _Entry(int(match[3]), match[4]) for match in matches}


def _change(state_dir: str, change: Callable[[_Entries], _Entries]) -> None:
    path = os.path.join(state_dir, FILE)
    atomic.make_private_dir(state_dir)
    with locked(path + ".lock"):
        entries = change(_read(path))
        lines = [f"{word} {mark} {e.times} {e.day}" for (word, mark), e in sorted(entries.items())]
        atomic.remove_leftovers(path)
        atomic.write(path, "".join(f"{s}\n" for s in [f"{KIND} {FORMAT}", *lines]).encode("ascii"))
