"""Doctor's report as SARIF 2.1.0."""

import json
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from doctor_report import (
    CLEAN,
    COMMITTED_KEY,
    DUMPS,
    EVERYTHING,
    FRAME,
    HOME,
    READABLE,
    ROOT,
    report,
    typed,
)
from hypothesis import given
from hypothesis import strategies as st

from devkeys.cli.doctor_sarif import FINGERPRINT, as_data
from devkeys.flows.doctor.report import Report
from devkeys.scan.finding import Place

LEVELS = {"none", "note", "warning", "error"}


def run_of(found: Report) -> dict[str, Any]:
    """Return the one run of *found*, as it is read again, after the checks of the format."""
    log = json.loads(json.dumps(as_data(found, FRAME)))
    check(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def check(log: dict[str, Any]) -> None:
    """Hold *log* to what SARIF 2.1.0 requires of the parts that are used."""
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"]
        check_rules(driver["rules"])
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
            for notification in invocation["toolExecutionNotifications"]:
                assert notification["level"] in LEVELS
                assert notification["message"]["text"]
        for result in run["results"]:
            check_result(result, driver["rules"], run["originalUriBaseIds"])


def check_rules(rules: list[dict[str, Any]]) -> None:
    """Hold *rules* to what a reportingDescriptor has to be."""
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in LEVELS
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))


def check_result(result: dict[str, Any], rules: list[dict[str, Any]], bases: Any) -> None:
    """Hold *result* to its rules and bases, and to the numbers the format allows."""
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in LEVELS
    assert result["message"]["text"]
    assert result["occurrenceCount"] >= 1
    assert all(isinstance(value, str) for value in result["partialFingerprints"].values())
    for location in result["locations"]:
        artifact = location["physicalLocation"]["artifactLocation"]
        assert artifact["uri"].isascii()
        assert artifact["uri"].isprintable()
        assert " " not in artifact["uri"]
        if "uriBaseId" in artifact:
            assert artifact["uriBaseId"] in bases
            assert not artifact["uri"].startswith("/")
        else:
            assert artifact["uri"].startswith("file:///")
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1
    for suppression in result.get("suppressions", []):
        assert suppression["kind"] in {"inSource", "external"}
        assert suppression["status"] in {"accepted", "underReview", "rejected"}


def artifact_of(found: Report) -> dict[str, str]:
    """Return where the one result of *found* is."""
    (result,) = run_of(found)["results"]
    artifact: dict[str, str] = result["locations"][0]["physicalLocation"]["artifactLocation"]
    return artifact


@pytest.mark.parametrize(
    "found", [report(*EVERYTHING), CLEAN, Report()], ids=["all", "clean", "no"]
)
def test_a_report_is_valid(found: Report) -> None:
    """Every kind of report is SARIF."""
    run_of(found)


def test_levels() -> None:
    """A leak is an error, a risk a warning, advice a note."""
    results = run_of(Report((COMMITTED_KEY, READABLE, DUMPS)))["results"]

    assert [result["level"] for result in results] == ["error", "warning", "note"]


def test_what_is_left_out_is_suppressed() -> None:
    """Accepted and allowed findings are there, with why they do not count."""
    results = run_of(report(COMMITTED_KEY))["results"]

    assert [len(result.get("suppressions", [])) for result in results] == [0, 1, 1]
    assert results[2]["suppressions"][0]["justification"] == "a container"


@pytest.mark.parametrize(
    ("place", "uri", "base"),
    [
        (Place(ROOT + "/src/a b.py", line=3), "src/a%20b.py", "SRCROOT"),
        (Place(ROOT, commit="a" * 40, member="src/x.py"), "src/x.py", "SRCROOT"),
        (Place(HOME + "/.zsh_history", entry=3), ".zsh_history", "HOME"),
        (Place("/etc/env"), "file:///etc/env", None),
        (Place(""), ".", "SRCROOT"),
        (Place(ROOT + "/%41:#?"), "%2541%3A%23%3F", "SRCROOT"),
    ],
)
def test_where_it_is(place: Place, uri: str, base: str | None) -> None:
    """A place is a URI relative to the checkout or HOME, and whole elsewhere."""
    artifact = artifact_of(Report((READABLE._replace(place=place),)))

    assert (artifact["uri"], artifact.get("uriBaseId")) == (uri, base)


@given(
    st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name and b"/" not in name)
)
def test_any_name_is_a_uri(name: bytes) -> None:
    """A file name in any bytes is percent-encoded, and comes back."""
    path = f"{ROOT}/{name.decode('utf-8', 'surrogateescape')}"
    artifact = artifact_of(Report((READABLE._replace(place=Place(path)),)))

    assert unquote_to_bytes(artifact["uri"]) == name


def test_nothing_of_the_machine_is_told() -> None:
    """A log that is uploaded does not say who the user is or where the checkout lies."""
    told = READABLE._replace(what=f"as {HOME}/x has it", step=f"chmod 600 '{ROOT}/.env'")
    text = json.dumps(as_data(report(*EVERYTHING, told), FRAME))

    assert HOME not in text
    assert "Next: chmod 600 '.env'" in text


def test_a_moved_line_is_the_same_result() -> None:
    """A service knows a result again when lines move, and tells two places apart."""

    def fingerprint(place: Place) -> str:
        (result,) = run_of(Report((READABLE._replace(place=place),)))["results"]
        found: str = result["partialFingerprints"][FINGERPRINT]
        return found

    assert fingerprint(Place(ROOT + "/.env", line=1)) == fingerprint(Place(ROOT + "/.env", line=9))
    assert fingerprint(Place(ROOT + "/.env")) != fingerprint(Place(ROOT + "/b/.env"))


def test_a_failed_look_is_no_success() -> None:
    """Where something could not be looked at, the run says so."""
    (invocation,) = run_of(report(typed(1))._replace(findings=()))["invocations"]

    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    assert "permission denied" in invocation["toolExecutionNotifications"][0]["message"]["text"]
