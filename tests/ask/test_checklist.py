"""The checklist: numbers, ranges, families."""

import pytest

from devkeys.ask.checklist import number, parse, render
from devkeys.errors import UsageError

FAMILIES = {
    "OPENAI": ["OPENAI_KEY", "OPENAI_ORG"],
    "EXA": ["EXA_KEY"],
    "AWS": ["AWS_ID", "AWS_KEY"],
}
NUMBERS = number(FAMILIES)


def test_families_of_two_have_a_number_of_their_own() -> None:
    """The numbers follow the list, a family's own before those of its names."""
    assert NUMBERS == {
        "1": ("OPENAI_KEY", "OPENAI_ORG"),
        "2": ("OPENAI_KEY",),
        "3": ("OPENAI_ORG",),
        "4": ("EXA_KEY",),
        "5": ("AWS_ID", "AWS_KEY"),
        "6": ("AWS_ID",),
        "7": ("AWS_KEY",),
    }


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("", []),
        ("2", ["OPENAI_KEY"]),
        ("4, 2", ["OPENAI_KEY", "EXA_KEY"]),
        ("1", ["OPENAI_KEY", "OPENAI_ORG"]),
        ("2 6-7", ["OPENAI_KEY", "AWS_ID", "AWS_KEY"]),
        ("3-4", ["OPENAI_ORG", "EXA_KEY"]),
        ("EXA_KEY 4", ["EXA_KEY"]),
    ],
)
def test_an_answer_ticks_names(answer: str, expected: list[str]) -> None:
    """Numbers, ranges, families and names tick, each name once, in the list's order."""
    assert parse(answer, NUMBERS) == expected


def test_a_name_that_is_not_shown_can_be_typed() -> None:
    """An optional key is what most people want of a template that demands none."""
    others = ["GROQ_KEY", "MISTRAL_KEY"]
    assert parse("MISTRAL_KEY 4", NUMBERS, others) == ["EXA_KEY", "MISTRAL_KEY"]


@pytest.mark.parametrize("answer", ["0", "8", "1-", "-3", "6-99", "x", "1.5", "2 y", "9" * 5000])
def test_what_is_not_in_the_list_is_refused(answer: str) -> None:
    """A slip of the finger ticks nothing."""
    with pytest.raises(UsageError, match="is no number"):
        parse(answer, NUMBERS)


def test_a_family_is_one_line_and_wraps() -> None:
    """Each family begins a line, and a line keeps to the width."""
    assert render(FAMILIES, NUMBERS, 80)[0] == "  1 all of OPENAI:  2 OPENAI_KEY  3 OPENAI_ORG"
    assert max(map(len, render(FAMILIES, NUMBERS, 30))) <= 30
