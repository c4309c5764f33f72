"""`devkeys doctor --explain`."""

import pytest

from devkeys.errors import UsageError
from devkeys.flows.doctor.explain import explain, kinds


def test_every_kind_is_explained() -> None:
    """Each kind that any module of doctor can find has its text."""
    for rule, kind in kinds().items():
        text = explain(rule)

        assert text.startswith(f"{rule} ({kind.grade}): ")
        assert kind.why in text
        assert kind.how in text


def test_kinds_are_written_alike() -> None:
    """Ids are two words with a slash; reasons and steps are sentences."""
    for rule, kind in kinds().items():
        subject, _, rest = rule.partition("/")
        assert subject
        assert rest
        assert rule == rule.lower()
        assert kind.why.endswith(".")
        assert kind.how.endswith(".")


def test_a_slip_of_the_pen_is_told() -> None:
    """An id that is nearly one is answered with the one that is meant."""
    rule = next(iter(kinds()))

    with pytest.raises(UsageError, match="there is no rule") as caught:
        explain(rule[:-1])

    assert rule in str(caught.value.hint)


def test_an_unknown_id_lists_all() -> None:
    """An id that is like none is answered with all there are."""
    with pytest.raises(UsageError) as caught:
        explain("0")

    assert all(rule in str(caught.value.hint) for rule in kinds())
