"""Sizes in words."""

import pytest

from devkeys.flows.doctor.sizes import size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        *((0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (12_345, "12 kB")),
        *((999_499, "999 kB"), (999_500, "1.0 MB"), (1_400_000_000, "1.4 GB")),
    ],
)
def test_a_size_has_the_unit_that_fits(count: int, words: str) -> None:
    """A small one is not 0.0 of a large unit."""
    assert size(count) == words
