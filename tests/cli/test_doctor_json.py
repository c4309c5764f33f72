"""Doctor's report as JSON, by its published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doctor_report import CLEAN, COMMITTED_KEY, EVERYTHING, MARKS, READABLE, report
from hypothesis import given
from hypothesis import strategies as st

from devkeys.cli.doctor_json import as_data
from devkeys.cli.output import emit_json
from devkeys.flows.doctor.report import Report
from devkeys.scan.finding import Finding, Place, Unseen

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/doctor.schema.json").read_text())
VALID = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def printed(found: Report, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return *found* as it is printed and read again."""
    emit_json(as_data(found, MARKS))
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def test_the_schema_is_one() -> None:
    """The published schema is itself valid."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "found", [report(*EVERYTHING), CLEAN, Report()], ids=["all", "clean", "no"]
)
def test_a_report_is_valid(found: Report, capsys: pytest.CaptureFixture[str]) -> None:
    """What is printed is what the schema promises, with its format's number first."""
    data = printed(found, capsys)

    assert next(iter(data)) == "format"
    VALID.validate(data)


def test_every_key_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is printed that the schema does not name."""
    strict = json.loads(json.dumps(SCHEMA))
    for part in (strict, *strict["$defs"].values(), *strict["properties"].values()):
        if "properties" in part:
            part["additionalProperties"] = False

    jsonschema.Draft202012Validator(strict).validate(printed(report(*EVERYTHING), capsys))


def test_all_findings_are_there() -> None:
    """Nothing is folded, and each has the id that the text shows."""
    data = as_data(report(*EVERYTHING), MARKS)

    assert [one["id"] for one in data["findings"]] == [MARKS.id(one) for one in EVERYTHING]
    assert set(data["rules"]) == {one["rule"] for one in data["findings"]}
    assert data["exit_code"] == 1


def test_a_finding() -> None:
    """Each fact has a key; what does not apply is null."""
    (one,) = as_data(Report((COMMITTED_KEY,)), MARKS)["findings"]

    assert one["place"]["commit"] == COMMITTED_KEY.place.commit
    assert one["place"]["entry"] is None
    assert one["place"]["when"] == "2026-10-17T08:00:00Z"
    assert one["place"]["times"] == 3
    assert (one["fixable"], one["form"]) == (False, "base64, wrapped")


NASTY = st.text(st.characters(codec=None), max_size=30)


@given(NASTY, st.binary(max_size=20), st.floats())
def test_any_text_is_valid(text: str, name: bytes, when: float) -> None:
    """Names in any bytes, and times that no calendar has, make JSON that any program can read."""
    path = "/" + name.decode("utf-8", "surrogateescape")
    place = Place(path, member=text, when=when)
    finding = Finding(READABLE.kind, place, text, text, (text,), text)
    data = as_data(Report((finding,), (text,), (Unseen(path, text),)), MARKS)

    VALID.validate({"format": 1, **json.loads(json.dumps(data))})
    json.dumps(data, ensure_ascii=False).encode()
