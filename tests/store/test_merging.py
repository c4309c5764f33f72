"""What becomes of two values of one name: nothing is lost, and no generation goes back."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.secret import Secret
from devkeys.store import merging, previous
from devkeys.store.bundle import Part
from devkeys.store.ledger import Note
from devkeys.store.merging import FILE, HERE, Here, Merged
from devkeys.store.previous import Former
from devkeys.store.values import Values

NOW = 1_790_000_000.0  # 2026-09-21
OLD, NEW, AHEAD = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2999-01-01T00:00:00Z"


class Held(NamedTuple):
    """What one side has for a name."""

    value: str
    changed: str | None = OLD
    generation: int = 1
    kind: str = "secret"


def side(held: dict[str, Held]) -> tuple[Values, dict[str, Note]]:
    """Return values and notes."""
    values = Values(
        5,
        {name: Secret(one.value.encode()) for name, one in held.items()},
        {name: one.kind for name, one in held.items()},
        {name: one.generation for name, one in held.items()},
    )
    notes = {
        name: Note(one.kind, one.generation, None, one.changed, None, "prompt", "me")
        for name, one in held.items()
    }
    return values, notes


def here(former: list[Former] | None = None, **held: Held) -> Here:
    """Return what the store has."""
    return Here(*side(held), former or [], 5)


def part(former: list[Former] | None = None, **held: Held) -> Part:
    """Return what an export has."""
    values, notes = side(held)
    return Part("chat", "dev", False, values, former or [], notes)


def outcomes(
    ours: Here, theirs: Part, prefer: dict[str, str] | str | None = None
) -> dict[str, str]:
    """Return what becomes of each name."""
    return {row.name: row.outcome for row in merging.compare(ours, theirs, prefer, NOW)}


def merged(ours: Here, theirs: Part, prefer: str | None = None) -> Merged:
    """Return what the profile is to be."""
    return merging.merge(ours, theirs, merging.compare(ours, theirs, prefer, NOW), NOW)


def test_what_is_on_one_side_only_is_kept() -> None:
    """Names of both sides are there afterwards."""
    ours, theirs = here(A=Held("a"), B=Held("b")), part(B=Held("b"), C=Held("c"))
    assert outcomes(ours, theirs) == {"A": "only-here", "B": "same", "C": "added"}
    new = merged(ours, theirs)
    assert {name: value.reveal() for name, value in new.values.values.items()} == {
        "A": b"a",
        "B": b"b",
        "C": b"c",
    }
    assert new.former == []
    assert new.values.counter == 6


@pytest.mark.parametrize(
    ("mine", "other", "outcome"),
    [
        (OLD, NEW, "replaced"),
        (NEW, OLD, "stays"),
        (OLD, OLD, "undecided"),
        (None, NEW, "undecided"),
        (NEW, None, "undecided"),
        (None, None, "undecided"),
        (OLD, AHEAD, "undecided"),
        (AHEAD, NEW, "undecided"),
        ("yesterday", NEW, "undecided"),
    ],
)
def test_the_later_one_wins(mine: str | None, other: str | None, outcome: str) -> None:
    """By what is noted; a date that is unknown, equal or in the future decides nothing."""
    ours, theirs = here(A=Held("a", mine)), part(A=Held("z", other))
    assert outcomes(ours, theirs) == {"A": outcome}
    assert outcomes(ours, theirs, HERE) == {"A": "stays"}
    assert outcomes(ours, theirs, FILE) == {"A": "replaced"}
    assert outcomes(ours, theirs, {"A": FILE, "B": HERE}) == {"A": "replaced"}


def test_notes_about_another_value_decide_nothing() -> None:
    """A ledger that is behind the values has no date for the present one."""
    values, notes = side({"A": Held("a", OLD, 2)})
    behind = Here(values, {"A": notes["A"]._replace(generation=1)}, [], 5)
    assert outcomes(behind, part(A=Held("z", NEW))) == {"A": "undecided"}


@pytest.mark.parametrize("prefer", [HERE, FILE])
def test_the_other_one_becomes_a_former_value(prefer: str) -> None:
    """Whichever loses can be had back; a setting is no secret, and is not kept."""
    ours = here(A=Held("a"), S=Held("s", kind="setting"))
    theirs = part(A=Held("z"), S=Held("t", kind="setting"))
    new = merged(ours, theirs, prefer)
    lost = b"z" if prefer == HERE else b"a"
    assert [(one.name, one.value.reveal()) for one in new.former] == [("A", lost)]


def test_notes_come_along() -> None:
    """When, from where and by whom stay those of the machine that the value was entered on."""
    new = merged(here(A=Held("a", OLD)), part(A=Held("z", NEW, 9), B=Held("b", OLD, 3)))
    assert new.notes["A"] == Note("secret", 9, None, NEW, None, "prompt", "me")
    assert new.notes["B"] == Note("secret", 3, None, OLD, None, "prompt", "me")


def test_a_removed_name_goes_on_counting() -> None:
    """A value that comes back gets a generation that no value here has had."""
    values, notes = side({"B": Held("b")})
    gone = {"A": Note("secret", 7, None, OLD, NEW, None, None), **notes}
    new = merged(Here(values, gone, [], 5), part(A=Held("a", OLD, 2)))
    assert new.values.generations["A"] == 8
    assert new.notes["A"].removed is None


def test_notes_that_were_lost_are_filled_in() -> None:
    """A write that was killed before its ledger: the next import of the same makes up for it."""
    values, _ = side({"A": Held("a", OLD, 2)})
    theirs = part(A=Held("a", NEW, 2))
    new = merged(Here(values, {}, [], 4), theirs)
    assert new.notes["A"].changed == NEW
    assert new.values.counter == 5


def formers(name: str, *values: str) -> list[Former]:
    """Return former values, oldest first."""
    return [Former(name, place, Secret(value.encode())) for place, value in enumerate(values, 1)]


def test_former_values_of_both_are_kept_while_there_is_room() -> None:
    """Our own first, then the newest of the export's, and never a present value."""
    ours = here(formers("A", "1", "2", "3"), A=Held("a", OLD))
    theirs = part(formers("A", "u", "v", "w", "2", "z"), A=Held("z", NEW))
    assert [one.value.reveal() for one in merged(ours, theirs).former] == [b"w", b"a"]
    empty = merging.merge(
        merging.NOTHING,
        theirs,
        merging.compare(merging.NOTHING, theirs, None, NOW),
        NOW,
    )
    assert [one.value.reveal() for one in empty.former] == [b"u", b"v", b"w", b"2"]


HELDS = st.builds(
    Held,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, OLD, NEW]),
    st.integers(1, 9),
    st.sampled_from(["secret", "setting"]),
)
SIDES = st.dictionaries(st.sampled_from(["A", "B", "C"]), HELDS)
FORMERS = st.lists(
    st.builds(
        Former,
        st.sampled_from(["A", "B", "C"]),
        st.integers(1, 9),
        st.sampled_from("defghi").map(lambda value: Secret(value.encode())),
    ),
    max_size=8,
)


def after(ours: Here, new: Merged) -> Here:
    """Return what the store has once *new* is in it, former values as `previous` keeps them."""
    kept = previous._latest([*ours.former, *new.former], ())  # what it does on disk
    return Here(new.values, new.notes, kept, new.values.counter)


@given(SIDES, SIDES, FORMERS, FORMERS, st.sampled_from([HERE, FILE]))
def test_no_value_is_lost_and_a_second_time_changes_nothing(
    mine: dict[str, Held],
    other: dict[str, Held],
    ours_before: list[Former],
    theirs_before: list[Former],
    prefer: str,
) -> None:
    """Each secret of either side is the present one or a former; generations only grow."""
    ours = here(previous._latest(ours_before, ()), **mine)  # as it is on disk
    theirs = part(theirs_before, **other)
    new = after(ours, merged(ours, theirs, prefer))
    assert new.values is not None
    assert set(new.values.values) == {*mine, *other}
    for held in (mine, other):
        for name, one in held.items():
            kept = [f.value for f in new.former if f.name == name]
            here_now = new.values.values[name]
            if one.kind == "secret":
                assert Secret(one.value.encode()) in [here_now, *kept]
    for name, one in mine.items():
        assert new.values.generations[name] >= one.generation
        changed = new.values.values[name] != Secret(one.value.encode())
        assert (new.values.generations[name] > one.generation) == changed
    again = merged(new, theirs, prefer)
    assert again.values.counter == new.values.counter
    assert again.notes == new.notes
    assert after(new, again).former == new.former
