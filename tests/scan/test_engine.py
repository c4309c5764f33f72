"""Both engines find the same: all that `bytes.find` does."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from searches import ENGINES, value

from devkeys.scan.engine import Engine, engine

Make = Callable[[Sequence[bytes]], Engine]
LITERALS = st.lists(
    st.binary(min_size=7, max_size=20).map(lambda data: data.replace(b"\0", b"0"))
    | st.text("ab", min_size=7, max_size=20).map(str.encode),
    min_size=1,
    max_size=8,
    unique=True,
)


def all_ends(literals: Sequence[bytes], data: bytes) -> set[tuple[int, int]]:
    """Return what an engine has to find."""
    return {
        (index, place + len(literal))
        for index, literal in enumerate(literals)
        for place in range(len(data))
        if data.startswith(literal, place)
    }


@pytest.mark.parametrize("make", ENGINES)
@given(literals=LITERALS, data=st.data())
def test_all_ends_are_found(make: Make, literals: list[bytes], data: st.DataObject) -> None:
    """Every place of every literal is found, those that overlap and those at the ends too."""
    part = st.sampled_from(literals) | st.binary(max_size=5) | st.text("ab").map(str.encode)
    text = b"".join(data.draw(st.lists(part, max_size=6)))
    made = make(literals)
    expected = all_ends(literals, text)
    ends = made.ends(text, 10_000)
    assert ends is not None
    assert set(ends) == expected
    assert len(ends) == len(expected)
    assert set(made.present(text)) == {index for index, _ in expected}


@pytest.mark.parametrize("make", ENGINES)
@pytest.mark.parametrize("size", range(7, 41))
def test_every_length_is_found_at_every_offset(make: Make, size: int) -> None:
    """A literal of any length stands out at any place modulo eight."""
    literal = value(size)
    made = make([literal])
    for offset in range(17):
        assert list(made.ends(b"~" * offset + literal + b"~", 9) or ()) == [(0, offset + size)]


@pytest.mark.parametrize("make", ENGINES)
def test_more_than_asked_for_is_told(make: Make) -> None:
    """A flood is no list: who asked gets None, and may ask what is there at all."""
    made = make([b"a" * 8, b"b" * 8])
    assert made.ends(b"a" * 1000, 100) is None
    assert list(made.present(b"a" * 1000)) == [0]


@pytest.mark.parametrize("make", ENGINES)
def test_no_data_holds_nothing(make: Make) -> None:
    """Empty data is no error."""
    assert not list(make([b"something"]).ends(b"", 9) or ())


def test_no_literals_find_nothing() -> None:
    """There is an engine for no literals as well."""
    assert not list(engine([]).ends(b"data", 9) or ())


def test_literals_that_one_engine_refuses_are_searched_by_another() -> None:
    """A NUL byte is an error of hyperscan's; the standard library stands in."""
    assert engine([b"1234567", b"\0" * 8]).ends(b"-1234567-", 9) == [(0, 8)]
