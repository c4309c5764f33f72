"""The law of `fuzz.law` for every target, on files damaged in the ways of `fuzz.mutations`."""

from pathlib import Path

import pytest
from fuzz import mutations
from fuzz.law import check
from fuzz.table import TARGETS
from hypothesis import given, settings

EXAMPLES = 200


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_give_a_value_or_one_error(name: str, tmp_path: Path) -> None:
    """Whatever was done to a file, what comes of it is right or a clear error."""
    subject = TARGETS[name](str(tmp_path))

    @settings(max_examples=EXAMPLES)
    @given(mutations.of(subject.seeds))
    def law_holds(data: bytes) -> None:
        check(subject, data)

    law_holds()


@pytest.mark.parametrize("name", TARGETS)
def test_first_seed_is_read(name: str, tmp_path: Path) -> None:
    """What devkeys itself writes gives no error, so that the law says something."""
    subject = TARGETS[name](str(tmp_path))

    subject.read(subject.seeds[0])
