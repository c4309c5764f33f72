"""No report of doctor holds a value, or a piece of one, whatever is found wherever."""

import base64
import json
from urllib.parse import unquote_to_bytes

from doctor_report import DUMPS, FRAME, HOME, MARKS, READABLE, ROOT
from hypothesis import assume, given
from hypothesis import strategies as st

from devkeys.cli import doctor_json, doctor_sarif, doctor_text
from devkeys.cli.paint import lay_out
from devkeys.flows.doctor.report import Report, hidden, hidden_unseen
from devkeys.scan.finding import Finding, Place, Unseen
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret

PIECE = 5  # bytes
VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=8, max_size=40
)


def found_in(name: str, search: Search) -> Report:
    """Return a report as the flow makes it of what *search* finds in a file called *name*."""
    path = f"{ROOT}/dir-{name}-x/{name}"
    data = f"export A='{name}'\n{name}\n".encode()
    findings = [
        Finding(
            READABLE.kind,
            Place(path, line=data.count(b"\n", 0, hit.start) + 1, member=name),
            f"the value, in {path}",
            f"chmod 600 '{path}'",
            (search.known[hit.known].label,),
            hit.form,
        )
        for hit in search.hits(data)
    ]
    unseen = [Unseen(f"{HOME}/{name}", f"cannot read {path}", failed=True)] * 3
    return Report(
        (*hidden([*findings, DUMPS], search.hits), *hidden(findings, search.hits)),
        unseen=hidden_unseen(unseen, search.hits),
        accepted=hidden(findings[:1], search.hits),
    )


def everything(found: Report) -> bytes:
    """Return all that is shown of *found*, in each way."""
    data = doctor_json.as_data(found, MARKS)
    sarif = json.dumps(doctor_sarif.as_data(found, FRAME), ensure_ascii=False)
    return b"\n".join(
        [
            lay_out(doctor_text.lines(found, MARKS, now=0.0), None).encode(),
            lay_out(doctor_text.lines(found, MARKS, now=0.0), 40).encode(),
            json.dumps(data, ensure_ascii=False).encode(),
            json.dumps(data).encode(),
            sarif.encode(),
            unquote_to_bytes(sarif),
        ]
    )


@given(VALUES, st.sampled_from(["as it is", "base64", "hex"]))
def test_no_report_holds_a_piece_of_a_value(value: str, form: str) -> None:
    """A value that stands in a file and in its name is in no report; nor is any piece of it."""
    search = Search([Known("LLM_API_KEY (chat, dev)", Secret(value.encode()))])
    written = {
        "as it is": value,
        "base64": base64.b64encode(value.encode()).decode(),
        "hex": value.encode().hex(),
    }[form]
    assume(search.hits(written.encode()))
    shown = everything(found_in(written, search))
    # What the report's own words have in common with the value tells nothing of it.
    words = everything(found_in("x", search)) + everything(found_in("[hidden]", search))
    words += form.encode() + everything(Report((READABLE,)))

    for text in (value.encode(), written.encode()):
        pieces = {text[start : start + PIECE] for start in range(len(text) - PIECE + 1)}
        assert not [piece for piece in pieces if piece in shown and piece not in words]
    assert b"[hidden]" in shown
