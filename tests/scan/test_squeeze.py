"""Squeezing data, and the way back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.scan.squeeze import BETWEEN, WayBack, added, pattern, squeeze, torn, with_own_gaps

MIXED = st.lists(st.sampled_from([b"a", b"\xff", *(bytes((b,)) for b in BETWEEN)])).map(b"".join)


@given(MIXED | st.binary())
def test_squeezing_twice_is_squeezing_once(data: bytes) -> None:
    """Nothing that stands between characters is left."""
    once = squeeze(data)
    assert squeeze(once) == once
    assert not set(once) & set(BETWEEN)


@given(MIXED, st.sampled_from([0, 1, 4095, 4096, 4097, 9000]))
def test_every_place_leads_back(data: bytes, pad: int) -> None:
    """Each byte of the squeezed data is found again in the data, across blocks too."""
    data = b" " * pad + data
    way = WayBack(data)
    places = [way.place(number) for number in range(len(squeeze(data)))]
    assert places == [place for place, byte in enumerate(data) if byte not in BETWEEN]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"abcd", b"abcd"),
        (b"abcd", b"a\0b\0c\0d"),
        (b"abcd", b"ab\ncd"),
        (b"abcd", b"ab\r\n    cd"),
        (b"abcd", b"ab\\\n\tcd"),
        (b"abcd", b"ab'\"'\"'cd"),
        (b"abcd", b"a\0b\0\r\0\n\0c\0d"),
        (b"ab cd", b"ab\\ cd"),
        (b"ab cd", b"ab\n cd"),
        (b"ab\ncd", b"ab\r\n  cd"),
        (b"ab\ncd", b"ab cd"),
        (b"ab\ncd", b"abcd"),
        (b'a"b', b"ab"),
    ],
)
def test_the_pattern_allows_what_encodings_add(text: bytes, written: bytes) -> None:
    """Line ends with indentation, NULs, quotes and backslashes may stand anywhere."""
    assert pattern(text).fullmatch(written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (b"abcd", b"ab cd"),
        (b"abcd", b"ab\tcd"),
        (b"abcd", b"ab \ncd"),
        (b"ab cd", b"abcd"),
        (b"ab cd", b"a b cd"),
        (b"ab \ncd", b"abcd"),
        (b"abcd", b"abcx"),
    ],
)
def test_the_pattern_refuses_blanks_that_are_no_line_end(text: bytes, written: bytes) -> None:
    """Two words beside each other are not one value, and a value's own blank has to be there."""
    assert not pattern(text).fullmatch(written)


@given(MIXED)
def test_what_is_torn_is_what_the_pattern_refuses(data: bytes) -> None:
    """For a text without blanks of its own, the quick look and the pattern say the same."""
    text = squeeze(data)
    whole = data.strip(BETWEEN)
    if text:
        assert (torn(whole, 0, len(whole)) is None) == bool(pattern(text).fullmatch(whole))


@pytest.mark.parametrize(
    ("text", "kept"), [(b'"ab', b"ab"), (b" a\0b\n", b"ab"), (b"a' b", b"a b"), (b"a\nb", b"a\nb")]
)
def test_own_gaps_are_inside(text: bytes, kept: bytes) -> None:
    """Blanks between a value's characters are its own, those around it are not."""
    assert with_own_gaps(text) == kept


@pytest.mark.parametrize("filling", [b"\\", b'"', b"\0", b"\n ", b"' "])
def test_a_megabyte_between_two_characters_takes_no_time(filling: bytes) -> None:
    """The pattern takes one pass over whatever it is held against."""
    data = b"a" + filling * ((1 << 20) // len(filling)) + b"x"
    start = time.perf_counter()
    assert not pattern(b"ab").fullmatch(data)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("written", "word"),
    [(b"abcd", ""), (b"a\0b\0c\0d", "UTF-16"), (b"ab\ncd", "wrapped"), (b"ab\\cd", "escaped")],
)
def test_what_was_added_has_a_name(written: bytes, word: str) -> None:
    """A person is told how the value was written."""
    assert added(b"abcd", written) == word
