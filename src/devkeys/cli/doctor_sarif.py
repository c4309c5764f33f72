"""Doctor's report as SARIF 2.1.0: `--sarif`, for code scanning in CI.

Nothing in it tells of the machine it was made on: places are relative to SRCROOT or HOME, and
fingerprints are the same everywhere, so that a service knows a finding again.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from devkeys import VERSION, ask
from devkeys.cli.doctor_words import COMMIT_DIGITS, as_bytes, iso
from devkeys.errors import UNRESOLVED
from devkeys.flows.doctor.marks import portable
from devkeys.flows.doctor.report import Frame, Report, below
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Kind, Place, Unseen

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {LEAKED: "error", RISK: "warning", ADVICE: "note"}
SEVERITIES = {LEAKED: "9.0", RISK: "5.0", ADVICE: "1.0"}  # what code scanning sorts by
FINGERPRINT = "devkeys/v1"


def as_data(report: Report, frame: Frame) -> dict[str, Any]:
    """Return *report* as a SARIF log."""
    left_out = [(one, "accepted on this machine") for one in report.accepted]
    left_out += [(one.finding, ask.plain(one.by.reason)) for one in report.allowed]
    kinds = {f.kind.id: f.kind for f in [*report.findings, *(one for one, _ in left_out)]}
    rules = sorted(kinds)
    results = [_result(finding, rules, frame) for finding in report.findings]
    results += [
        {
            **_result(finding, rules, frame),
            "suppressions": [{"kind": "external", "status": "accepted", "justification": why}],
        }
        for finding, why in left_out
    ]
    run = {
        "tool": {"driver": _driver(kinds[rule] for rule in rules)},
        "originalUriBaseIds": {
            "SRCROOT": _described("the root of the checkout"),
            "HOME": _described("the home directory of the user"),
        },
        "invocations": [_invocation(report, frame)],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _described(text: str) -> dict[str, Any]:
    return {"description": {"text": text}}


def _driver(kinds: Iterable[Kind]) -> dict[str, Any]:
    return {
        "name": "devkeys doctor",
        "semanticVersion": VERSION,
        "rules": [_rule(kind) for kind in kinds],
    }


def _rule(kind: Kind) -> dict[str, Any]:
    return {
        "id": kind.id,
        "shortDescription": {"text": kind.title},
        "fullDescription": {"text": kind.why},
        "help": {"text": kind.how},
        "defaultConfiguration": {"level": LEVELS[kind.grade]},
        "properties": {"tags": ["security"], "security-severity": SEVERITIES[kind.grade]},
    }


def _result(finding: Finding, rules: list[str], frame: Frame) -> dict[str, Any]:
    about = f"{', '.join(finding.secrets)}: " if finding.secrets else ""
    return {
        "ruleId": finding.kind.id,
        "ruleIndex": rules.index(finding.kind.id),
        "level": LEVELS[finding.kind.grade],
        "message": _message(f"{about}{finding.what}. Next: {finding.step}", frame),
        "locations": [_location(finding.place, frame)],
        "partialFingerprints": {FINGERPRINT: portable(finding, frame)},
        "occurrenceCount": max(1, finding.place.times),
        "properties": _properties(finding),
    }


def _properties(finding: Finding) -> dict[str, Any]:
    place = finding.place
    known = {
        "secrets": [ask.plain(label) for label in finding.secrets],
        "form": ask.plain(finding.form),
        "commit": place.commit,
        "entry": place.entry,
        "when": iso(place.when),
    }
    return {key: value for key, value in known.items() if value}


def _location(place: Place, frame: Frame) -> dict[str, Any]:
    path = place.path
    if place.commit and place.member:  # a path in the commit
        path = f"{path.rstrip('/')}/{place.member}"
    physical: dict[str, Any] = {"artifactLocation": _artifact(path, frame)}
    if place.line is not None:
        physical["region"] = {"startLine": max(1, place.line)}
    name = ask.plain(place.member)
    if place.commit:
        name = f"commit {place.commit[:COMMIT_DIGITS]}" + (f": {name}" if name else "")
    location: dict[str, Any] = {"physicalLocation": physical}
    if name:
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    return location


def _artifact(path: str, frame: Frame) -> dict[str, str]:
    # A result without a file is about the checkout, or about the machine: its root stands for it.
    for directory, base in ((frame.root, "SRCROOT"), (frame.home, "HOME")):
        inside = below(path or frame.root, directory)
        if inside is not None:
            return {"uri": quote(as_bytes(inside)), "uriBaseId": base}
    return {"uri": "file://" + quote(as_bytes(path))}


def _message(text: str, frame: Frame) -> dict[str, str]:
    for directory, name in ((frame.root, ""), (frame.home, "~/")):
        if directory.strip("/"):
            text = text.replace(directory.rstrip("/") + "/", name)
    return {"text": ask.plain(text)}


def _invocation(report: Report, frame: Frame) -> dict[str, Any]:
    return {
        "executionSuccessful": report.exit_code != UNRESOLVED,
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [_notification(unseen, frame) for unseen in report.unseen],
    }


def _notification(unseen: Unseen, frame: Frame) -> dict[str, Any]:
    many = f" ({unseen.number:,})" if unseen.number > 1 else ""
    text = f"not looked at: {unseen.place}{many}: {unseen.why}"
    return {"level": "error" if unseen.failed else "note", "message": _message(text, frame)}
