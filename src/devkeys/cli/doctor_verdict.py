"""The first lines of doctor's report: how it stands, and how much of it was looked at."""

from collections.abc import Iterable, Iterator, Sequence

from devkeys import ask
from devkeys.cli.doctor_words import counted, listed
from devkeys.cli.paint import Line
from devkeys.errors import FOUND
from devkeys.flows.doctor.report import Frame, Report, short
from devkeys.flows.doctor.sizes import size
from devkeys.scan.finding import Finding, Unseen

HEAD = 17  # columns of the words on the left
NO_VALUE = "no value is known that could be searched for"
NAMES, FINE, UNSEEN = 6, 4, 2  # how many are named
_GIT = {True: "looked at", False: "not looked at: devkeys doctor --git-history does"}


def verdict(report: Report, frame: Frame) -> Iterator[Line]:
    """Yield the first lines of *report*: with nothing found they are all of it."""
    yield _sentence(report)
    if report.failed and report.exit_code == FOUND:
        yield Line(f"{_failed(report)} could not be looked at.", "bold yellow")
    if report.leaked:
        yield _fact("leaked", _about(report.leaked))
    if report.risks:
        yield _fact("at risk", _about(report.risks))
    if report.advice:
        yield _fact("advice", _about(report.advice))
    yield _fact("looked at", _looked_at(report))
    if report.covered.git_history is not None:
        yield _fact("git history", _GIT[report.covered.git_history])
    if report.unseen:
        yield _fact("not looked at", _not_looked_at(report.unseen, frame))
    if report.fine:
        yield _fact("fine", _fine(report.fine))
    not_searched = _not_searched(report)
    if not_searched:
        yield _fact("not searched", not_searched)
    if report.accepted or report.allowed:
        yield _fact("left out", _left_out(report))


def _fact(head: str, text: str) -> Line:
    return Line(text, "", f"{head:<{HEAD - 2}}", "dim", indent=2)


def _sentence(report: Report) -> Line:
    places = counted(len(report.leaked), "place")
    secrets = len(_labels(report.leaked))
    if secrets:
        return Line(f"{counted(secrets, 'secret')} leaked, in {places}.", "bold red")
    if report.leaked:
        return Line(f"Secrets leaked, in {places}.", "bold red")
    if report.risks:
        some = counted(len(report.risks), "thing is", "things are")
        text = f"Nothing{_else(report)} leaked where doctor looked, but {some} at risk."
        if not report.covered.secrets:
            text = f"{some} at risk; {NO_VALUE}."
        return Line(text, "bold yellow")
    if report.failed:
        text = f"Nothing was found, but {_failed(report)} could not be looked at."
        return Line(text, "bold yellow")
    if not report.covered.secrets:
        return Line(f"Nothing is at risk; {NO_VALUE}.", "bold")
    more = _else(report)
    text = f"Nothing{more} leaked and nothing{more} is at risk, where doctor looked."
    return Line(text, "bold green")


def _else(report: Report) -> str:
    """Return the word that keeps what is left out from being denied."""
    return " else" if report.accepted or report.allowed else ""


def _failed(report: Report) -> str:
    return counted(sum(one.number for one in report.failed), "place")


def _labels(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(label for finding in findings for label in finding.secrets))


def _about(findings: tuple[Finding, ...]) -> str:
    count = counted(len(findings), "place")
    named = listed(_labels(findings), NAMES)
    others = any(not finding.secrets for finding in findings)
    subjects = [word for word in (named, "the configuration" if others else "") if word]
    return f"{' and '.join(subjects)}: {count}"


def _looked_at(report: Report) -> str:
    covered = report.covered
    files = counted(covered.files, "file")
    histories = counted(covered.histories, "history", "histories")
    searched = f", for {counted(covered.secrets, 'secret')}" if covered.secrets else ""
    return f"{files} and {histories} ({size(covered.bytes)}){searched}"


def _not_looked_at(unseen: Sequence[Unseen], frame: Frame) -> str:
    if len(unseen) > UNSEEN:
        return f"{counted(sum(one.number for one in unseen), 'place')}, see the end"
    return "; ".join(unseen_in_words(one, frame) for one in unseen)


def unseen_in_words(unseen: Unseen, frame: Frame) -> str:
    """Return what was not looked at, and why."""
    many = f" ({unseen.number:,} of them)" if unseen.number > 1 else ""
    return ask.plain(f"{short(unseen.place, frame)}{many}: {unseen.why}")


def _fine(fine: tuple[str, ...]) -> str:
    shown = "; ".join(ask.plain(one) for one in fine[:FINE])
    return shown + (f"; and {len(fine) - FINE:,} more" if len(fine) > FINE else "")


def _not_searched(report: Report) -> str:
    covered = report.covered
    parts = []
    if covered.too_short:
        parts.append(f"{listed(covered.too_short, NAMES)} (shorter than 8 bytes)")
    if covered.too_common:
        parts.append(f"{listed(covered.too_common, NAMES)} (too common)")
    return ", ".join(parts)


def _left_out(report: Report) -> str:
    parts = []
    if report.accepted:
        parts.append(f"{counted(len(report.accepted), 'finding')} accepted before")
    if report.allowed:
        parts.append(f"{counted(len(report.allowed), 'finding')} by [doctor] allow")
    return ", ".join(parts)
