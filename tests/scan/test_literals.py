"""What is searched for, of which value."""

import time

import pytest
from searches import value

from devkeys.scan.literals import LONGEST_WRITTEN, is_long_enough, literals


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        (b"1234567", False),
        (b"12345678", True),
        (b"123456 8", True),
        (b"12345\" '", False),
        (b" " * 100, False),
        (b"\\\"'" * 100, False),
        (b"", False),
    ],
)
def test_short_values_and_blanks_are_not_searched(text: bytes, enough: bool) -> None:
    """Eight bytes are needed, and seven that are no blanks, quotes or backslashes."""
    assert is_long_enough(text) is enough
    assert bool(literals([text])) is enough


@pytest.mark.parametrize("filling", [b"k", b" ", b"\n", b"\\", b'"', b"\xff", "ä".encode()])
def test_sixteen_megabytes_take_no_time(filling: bytes) -> None:
    """Of a huge value only its beginning is searched for, whatever it consists of."""
    huge = filling * ((16 << 20) // len(filling)) + value(20)
    start = time.perf_counter()
    found = literals([huge])
    assert time.perf_counter() - start < 3
    assert all(len(one.form.text) <= 8 * LONGEST_WRITTEN for one in found)


def test_no_two_literals_of_a_value_are_the_same() -> None:
    """Each text is searched for once."""
    texts = [one.text for one in literals([value(40) + b'+/"\\ $&'])]
    assert len(texts) == len(set(texts))


def test_the_same_letters_with_other_gaps_are_two_literals() -> None:
    """U+2001 has a byte that is a blank, before or behind the other one: both orders count."""
    found = literals(["0000000\u2001".encode()])
    assert {one.has_own_gaps for one in found if one.form.name == "UTF-16"} == {True, False}
