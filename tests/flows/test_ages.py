"""Ages in days."""

import pytest

from devkeys.flows.ages import age, days
from devkeys.store.ledger import utc

DAY = 86400


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "today"), (DAY - 1, "today"), (DAY, "1 day"), (12 * DAY + 5, "12 days"), (-5, "today")],
)
def test_an_age_is_in_whole_days(seconds: int, words: str) -> None:
    """A moment of the ledger is so many whole days old; a clock set back makes it today's."""
    now = 1_800_000_000.0
    assert age(utc(now - seconds), now) == words


@pytest.mark.parametrize("moment", [None, "", "yesterday"])
def test_an_unknown_moment_has_no_age(moment: str | None) -> None:
    """What nobody noted is not guessed."""
    assert days(moment, 0) is None
    assert age(moment) == "unknown age"
