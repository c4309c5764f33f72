"""The words by which the standard library's search finds literals."""

import pytest
from searches import value

from devkeys.scan.stride import Stride, Words


@pytest.mark.parametrize("size", [7, 8, 14])
def test_short_literals_have_words_of_four_bytes(size: int) -> None:
    """A literal of less than fifteen bytes need not hold a whole word of eight."""
    literal = value(size)
    assert Words([literal], 4).candidates(literal + b"~" * 8) == {0}
    assert Words([literal], 8).candidates(literal + b"~" * 8) == set()


def test_random_data_has_no_candidates() -> None:
    """What is not there is not looked for twice."""
    assert not list(Stride([value(20), value(10)]).present(value(100_000, seed=7)))


def test_a_word_in_common_is_no_hit() -> None:
    """Data that shares words with a literal, and is another text, holds nothing."""
    literal = value(15)
    data = b"".join(literal[n : n + 8] + b"~" * 8 for n in range(8))
    assert Stride([literal]).ends(data, 9) == []
