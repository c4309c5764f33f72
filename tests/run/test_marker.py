"""The mark of a run: what was injected, without a value."""

from hypothesis import given
from hypothesis import strategies as st

from devkeys.plan import Plan
from devkeys.run import marker, outer
from devkeys.run.outer import Marker

NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@given(
    project=TEXT,
    profile=TEXT,
    values=st.dictionaries(NAMES, TEXT, max_size=5),
    generation=st.integers(0, 99),
)
def test_mark_reads_back(
    project: str, profile: str, values: dict[str, str], generation: int
) -> None:
    """What is written is read back, whatever the project is called."""
    key = b"k" * 32
    tags = marker.tags_of(values, list(values), key)
    generations = dict.fromkeys(values, generation)

    plan = Plan("plan", project, profile, (), (), {}, 0.0, False, 0)
    text = marker.write(plan, "3,4", tags, generations)
    found = outer.read({marker.VARIABLE: text})

    assert found is not None
    assert (found.project, found.profile, found.plan, found.counters) == (
        project,
        profile,
        "plan",
        "3,4",
    )
    assert found.tags == tags
    assert found.generations == generations


def test_changed_value_is_the_environments_own() -> None:
    """A value that no longer matches its tag was not put there by a run."""
    key = b"k" * 32
    mark = Marker("p", "dev", "plan", "", marker.tags_of({"A": "1", "B": "2"}, ["A", "B"], key), {})

    assert mark.injected({"A": "1", "B": "changed"}, key) == ["A"]


NINES = "1 p dev plan 3 A=b=" + "9" * 5000  # more digits than Python reads


def test_garbage_is_no_mark() -> None:
    """A variable that somebody else wrote is not understood as a mark."""
    for text in ("", "1", "2 p dev plan 3", "1 p dev plan 3 A=b", "1 p dev plan 3 A=b=c", NINES):
        assert outer.read({marker.VARIABLE: text}) is None


@given(value=TEXT)
def test_mark_holds_no_value(value: str) -> None:
    """The mark of a value is a tag of twelve digits, under a key of this machine."""
    first = marker.tags_of({"A": value}, ["A"], b"k" * 32)
    second = marker.tags_of({"A": value}, ["A"], b"l" * 32)

    assert len(first["A"]) == 12
    assert first != second
