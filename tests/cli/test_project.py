"""allow, deny, skip: what this checkout may have, and what this machine does without."""

import re
from pathlib import Path

import pytest
from desk import Desk, key

RUN = ("run", "--", "sh", "-c", 'printf %s "$LLM_API_KEY"')


def test_what_is_allowed_runs_and_what_is_denied_does_not(desk: Desk) -> None:
    """`deny` takes back what `allow` gave; the value stays."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    assert desk.devkeys(*RUN).code == 125
    assert desk.devkeys("allow", "--yes").code == 0
    assert desk.devkeys(*RUN).text == value
    assert desk.devkeys("deny").code == 0
    assert desk.devkeys(*RUN).code == 125
    desk.devkeys("allow", "--yes")
    assert desk.devkeys(*RUN).text == value


def test_allow_keeps_the_plan(desk: Desk) -> None:
    """After `allow` the plan is there, so the first run need not compile it; deny deletes it."""
    plans = desk.home / ".local/state/devkeys/plans"
    desk.devkeys("allow", "--yes")
    assert len(list(plans.iterdir())) == 1
    desk.devkeys("deny")
    assert list(plans.iterdir()) == []


def test_without_a_terminal_allow_needs_yes(desk: Desk) -> None:
    """No terminal and no --yes is no consent."""
    done = desk.devkeys("allow")
    assert done.code == 3
    assert "LLM_API_KEY: secret" in done.err
    assert "--yes agrees to it" in done.err
    assert desk.devkeys("allow", "--show").code == 3


def test_nothing_new_is_said(desk: Desk) -> None:
    """A second `allow` asks nothing."""
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("allow")
    assert done.code == 0
    assert "asks for nothing new" in done.err
    assert desk.devkeys("allow", "--show").text.endswith("asks for nothing new\n")


def test_a_second_checkout_gets_a_project_of_its_own_or_shares(desk: Desk) -> None:
    """Only `allow --project` gives another checkout the first one's values, also afterwards."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    other = desk.home / "elsewhere/chat"
    other.mkdir(parents=True)
    (other / ".env.example").write_text("LLM_API_KEY=\n")
    done = desk.devkeys("allow", "--yes", cwd=other)
    assert "this checkout gets a new, empty project, chat-2" in done.err
    assert desk.devkeys(*RUN, cwd=other).code == 125
    done = desk.devkeys("allow", "--project", "chat", "--yes", cwd=other)
    assert f"chat, with 1 value, belongs to {desk.project}" in done.err
    assert desk.devkeys(*RUN, cwd=other).text == value


def test_an_impossible_project_name_is_refused(desk: Desk) -> None:
    """A name that cannot be kept is a usage error, before anything is agreed to."""
    assert desk.devkeys("allow", "--yes", "--project", "a\nb").code == 2
    assert desk.devkeys("allow", "--show").code == 3


@pytest.mark.parametrize("garbage", [b"", b"garbage\n", b"devkeys-consent 1\nagreed [\n"])
def test_a_damaged_consent_is_no_consent(desk: Desk, garbage: bytes) -> None:
    """A garbage record is one clear error; `deny` mends it, and no value is lost."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    desk.devkeys("allow", "--yes")
    _record(desk).write_bytes(garbage)
    for words, code in ((("status",), 3), (("allow", "--yes"), 3), (RUN, 125)):
        done = desk.devkeys(*words)
        assert done.code == code
        assert re.fullmatch(
            r"devkeys: error: the consent record \S+ is damaged\ndevkeys: hint: .*deny.*\n",
            done.err,
        )
    assert desk.devkeys("deny").code == 0
    desk.devkeys("allow", "--yes", "--project", "chat")
    assert desk.devkeys(*RUN).text == value


def test_a_garbage_plan_is_made_anew(desk: Desk) -> None:
    """A damaged plan changes nothing but the time that `run` takes."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    desk.devkeys("allow", "--yes")
    (plan,) = (desk.home / ".local/state/devkeys/plans").iterdir()
    plan.write_bytes(b"garbage")
    assert desk.devkeys(*RUN).text == value
    assert plan.read_bytes() != b"garbage"


def test_skipped_names_are_not_missing(desk: Desk) -> None:
    """`skip` lets commands run without a name, `--undo` asks for it again."""
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("skip", "LLM_API_KEY")
    assert "skipped on this machine, profile dev: LLM_API_KEY" in done.err
    assert desk.devkeys(*RUN).code == 0
    assert "skipped" in desk.devkeys("status").text
    assert desk.devkeys("skip", "--undo", "LLM_API_KEY").code == 0
    assert desk.devkeys(*RUN).code == 125


def test_the_rest_is_what_is_missing(desk: Desk) -> None:
    """`skip --rest` skips what has no value; what a reference gives is not missing."""
    desk.declare("LLM_API_KEY=\n\nOTHER_TOKEN=\n\nTEAM_TOKEN=op://Team/chat/token\n")
    desk.devkeys("allow", "--yes")
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    done = desk.devkeys("skip", "--rest")
    assert done.err.endswith(": OTHER_TOKEN\n")
    only = ("run", "--only", "LLM_API_KEY,OTHER_TOKEN", *RUN[1:])
    assert desk.devkeys(*only).text == "x"
    assert "nothing is missing" in desk.devkeys("skip", "--rest").err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("NOBODY",), 2),
        (("--rest", "LLM_API_KEY"), 2),
        (("--rest", "--undo"), 2),
        (("--undo", "LLM_API_KEY"), 3),
    ],
)
def test_skip_refuses_what_makes_no_sense(desk: Desk, words: tuple[str, ...], code: int) -> None:
    """Neither names nor --rest, both, undeclared or unskipped names are errors."""
    assert desk.devkeys("skip", *words).code == code


def _record(desk: Desk) -> Path:
    (record,) = [
        path
        for path in (desk.home / ".local/share/devkeys/consent").iterdir()
        if path.name.isalnum()
    ]
    return record
