"""Doctor's report for a person: the verdict, what was found, the worst first, what was not seen."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from devkeys import ask
from devkeys.cli.doctor_verdict import UNSEEN, unseen_in_words, verdict
from devkeys.cli.doctor_words import counted, location, moment
from devkeys.cli.paint import Line
from devkeys.flows.doctor.marks import Marks
from devkeys.flows.doctor.report import Frame, Report, short
from devkeys.plan import DEFAULT_PROFILE
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Kind, Unseen

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST = 10  # places of one kind that are shown
SEE_ALL = "devkeys doctor --json lists every one"
WORST = (LEAKED, RISK, ADVICE)
GRADES = {
    LEAKED: ("leaked", "bold red"),
    RISK: ("at risk", "bold yellow"),
    ADVICE: ("advice", "bold"),
}
AS_IT_IS = "as it is"
CONFIGURATION = "Configuration"
ROTATE = "Cleaning up is not rotation: whoever saw a value still has it. "
REPLACE = "Revoke and replace it at its provider, then:"
REVOKE = "Revoke and replace it at its provider."
REVOKED = "Revoke it at its provider."
EARLIER = "an earlier value"  # as `knowing` remarks on a label


def lines(report: Report, marks: Marks, *, now: float | None = None) -> list[Line]:
    """Return *report* as lines; *now* is in seconds since the epoch."""
    found = list(verdict(report, marks.frame))
    explained: set[str] = set()
    for group in _groups(report.findings):
        found += [Line(""), *_group(group, marks, explained, time.time() if now is None else now)]
    if report.asked_to_ignore:
        found += [Line(""), *_asked(report.asked_to_ignore)]
    if len(report.unseen) > UNSEEN:
        found += [Line(""), *_unseen(report.unseen, marks.frame)]
    if report.leaked:
        found += [Line(""), *_rotation(report.leaked)]
    return found


def _rotation(leaked: Iterable[Finding]) -> Iterator[Line]:
    """Yield what is left to do about the values that leaked: a command for each stored one."""
    labels = {label for finding in leaked for label in finding.secrets}
    stored = sorted({command for label in labels for command in _commands(label)})
    if not stored:
        replaced = bool(labels) and all(label.endswith(f"{EARLIER})") for label in labels)
        yield Line(ROTATE + (REVOKED if replaced else REVOKE), "bold")
        return
    yield Line(ROTATE + REPLACE, "bold")
    for project, command in stored[:MOST]:
        head = f"in {ask.plain(project)}:  " if project else ""
        yield Line(ask.plain(command), "", head, "dim", indent=2, whole=True)
    if len(stored) > MOST:
        yield Line(f"and {len(stored) - MOST:,} more", indent=2)


def _commands(label: str) -> Iterator[tuple[str, str]]:
    """Yield the project and the command that gives a new value to what *label* tells.

    None for what is no variable, such as a reference, and for a value that was replaced before.
    """
    for one in label.split(" = "):
        name, _, remark = one.partition(" (")
        remarks = remark.removesuffix(")").split(", ")
        if not _VARIABLE.fullmatch(name) or remarks[-1] == EARLIER:
            continue
        project, profile = remarks if len(remarks) == 2 else ("", DEFAULT_PROFILE)
        option = "" if profile == DEFAULT_PROFILE else f" -p {profile}"
        yield project, f"devkeys set {name}{option}"


def _rank(kind: Kind) -> tuple[int, str]:
    return WORST.index(kind.grade), kind.id


def _groups(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return *findings* by secret: the worst first, of the worst the most; configuration last."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.secrets, []).append(finding)
    return sorted(
        groups.values(),
        key=lambda group: (
            not group[0].secrets,
            min(_rank(finding.kind) for finding in group)[0],
            -len(group),
            group[0].secrets,
        ),
    )


def _group(group: list[Finding], marks: Marks, explained: set[str], now: float) -> Iterator[Line]:
    group.sort(key=lambda finding: (_rank(finding.kind), _order(finding)))
    style = GRADES[group[0].kind.grade][1]
    name = ", ".join(map(ask.plain, group[0].secrets)) or CONFIGURATION
    yield Line("; ".join(_grades(group)), style, f"{name}: ", "bold")
    for kind, of_kind in groupby(group, key=lambda finding: finding.kind):
        yield Line(kind.title, "", f"{kind.id}  ", "cyan", indent=2)
        if kind.id not in explained:
            explained.add(kind.id)
            yield Line(kind.why, "dim", indent=2)
        yield from _places(list(of_kind), marks, now)


def _grades(group: Sequence[Finding]) -> Iterator[str]:
    for grade in WORST:
        number = sum(finding.kind.grade == grade for finding in group)
        if number:
            yield f"{GRADES[grade][0]}, {counted(number, 'place')}"


def _order(finding: Finding) -> tuple[str, str, str, int, int]:
    place = finding.place
    return place.path, place.member, place.commit, place.line or 0, place.entry or 0


def _places(findings: Sequence[Finding], marks: Marks, now: float) -> Iterator[Line]:
    one_step = len({finding.step for finding in findings}) == 1
    told = ""
    for finding in findings[:MOST]:
        where, what = _told(finding, marks, now)
        yield Line(where or what, "", f"{marks.id(finding)}  ", "dim", indent=4)
        if where and what and what != told:
            yield Line(what, indent=14)
        told = what
        if not one_step:
            yield _step(finding, 14)
    if len(findings) > MOST:
        yield Line(f"and {counted(len(findings) - MOST, 'more', 'more')}: {SEE_ALL}", indent=14)
    if one_step:
        yield _step(findings[0], 4)


def _step(finding: Finding, indent: int) -> Line:
    return Line(ask.plain(finding.step), "bold", "next: ", "green", indent=indent, whole=True)


def _told(finding: Finding, marks: Marks, now: float) -> tuple[str, str]:
    """Return where *finding* is and what it is; both as one if that begins with its path."""
    where, what = _where(finding, marks, now), ask.plain(finding.what)
    path = ask.plain(short(finding.place.path, marks.frame)) if finding.place.path else ""
    for start, known in (
        (f"{path}:{finding.place.line} ", f"{path}, line {finding.place.line}"),
        (f"{path} ", path),
    ):
        if path and what.startswith(start) and where.startswith(known):
            rest = where.removeprefix(known).lstrip(",; ")
            return (f"{what}; {rest}" if rest else what), ""
    return where, what


def _where(finding: Finding, marks: Marks, now: float) -> str:
    place = finding.place
    parts = [
        location(place, marks.frame),
        f"in the form {finding.form}" if finding.form not in ("", AS_IT_IS) else "",
        f"{place.times:,} times" if place.times > 1 else "",
        moment(place.when, now),
    ]
    return "; ".join(ask.plain(part) for part in parts if part)


def _asked(asked: Sequence[Allowed]) -> Iterator[Line]:
    yield Line("This repository asks not to be told of (devkeys.toml):", "bold")
    for entry in asked[:MOST]:
        patterns = [
            f"{word} {ask.plain(pattern)}"
            for word, pattern in zip(entry._fields, entry[:3], strict=False)
            if pattern
        ]
        yield Line(ask.plain(entry.reason), "dim", ", ".join(patterns) + ": ", indent=4)
    if len(asked) > MOST:
        yield Line(f"and {len(asked) - MOST:,} more, see devkeys.toml", indent=4)
    yield Line("It does not count until you agree:  devkeys doctor --accept repository", indent=2)


def _unseen(unseen: Sequence[Unseen], frame: Frame) -> Iterator[Line]:
    yield Line("Not looked at", "bold")
    for one in sorted(unseen, key=lambda one: not one.failed)[:MOST]:
        yield Line(unseen_in_words(one, frame), "yellow" if one.failed else "", indent=2)
    if len(unseen) > MOST:
        yield Line(f"and {len(unseen) - MOST:,} more: {SEE_ALL}", indent=2)
