"""Doctor's report as data: `--json`; docs/doctor.schema.json describes it."""

from typing import Any

from devkeys.cli.doctor_words import iso, text_of
from devkeys.flows.doctor.marks import Marks
from devkeys.flows.doctor.report import Report
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import Finding, Kind, Unseen


def as_data(report: Report, marks: Marks) -> dict[str, Any]:
    """Return *report* as `doctor --json` prints it, but for the format's number."""
    kinds = {finding.kind.id: finding.kind for finding in report.findings}
    return {
        "exit_code": report.exit_code,
        "root": text_of(marks.frame.root),
        "counts": {
            "leaked": len(report.leaked),
            "risk": len(report.risks),
            "advice": len(report.advice),
            "accepted": len(report.accepted),
            "allowed": len(report.allowed),
        },
        "covered": _covered(report),
        "findings": [_finding(finding, marks) for finding in report.findings],
        "rules": {rule: _rule(kinds[rule]) for rule in sorted(kinds)},
        "fine": [text_of(text) for text in report.fine],
        "not_looked_at": [_unseen(unseen) for unseen in report.unseen],
        "asked_to_ignore": [_allowed(entry) for entry in report.asked_to_ignore],
    }


def _covered(report: Report) -> dict[str, Any]:
    covered = report.covered
    return {
        "files": covered.files,
        "bytes": covered.bytes,
        "histories": covered.histories,
        "git_history": covered.git_history,
        "secrets": covered.secrets,
        "too_short": list(map(text_of, covered.too_short)),
        "too_common": list(map(text_of, covered.too_common)),
    }


def _finding(finding: Finding, marks: Marks) -> dict[str, Any]:
    place = finding.place
    return {
        "id": marks.id(finding),
        "rule": finding.kind.id,
        "grade": finding.kind.grade,
        "secrets": list(map(text_of, finding.secrets)),
        "what": text_of(finding.what),
        "step": text_of(finding.step),
        "form": text_of(finding.form) or None,
        "fixable": finding.remedy is not None,
        "place": {
            "path": text_of(place.path),
            "line": place.line,
            "entry": place.entry,
            "commit": place.commit or None,
            "member": text_of(place.member) or None,
            "when": iso(place.when),
            "times": place.times,
        },
    }


def _rule(kind: Kind) -> dict[str, str]:
    return {"grade": kind.grade, "title": kind.title, "why": kind.why, "how": kind.how}


def _unseen(unseen: Unseen) -> dict[str, Any]:
    return {
        "place": text_of(unseen.place),
        "why": text_of(unseen.why),
        "number": unseen.number,
        "failed": unseen.failed,
    }


def _allowed(entry: Allowed) -> dict[str, str | None]:
    return {key: text_of(text) or None for key, text in entry._asdict().items()}
