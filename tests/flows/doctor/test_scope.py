"""What is looked at for which options."""

from datetime import UTC, datetime

import pytest

from devkeys.errors import UsageError
from devkeys.flows.doctor import scope

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "ago"), [("24h", 86400), ("7d", 7 * 86400), ("2w", 14 * 86400), ("0d", 0)]
)
def test_how_long_ago(text: str, ago: int) -> None:
    """Hours, days and weeks count back from now."""
    assert scope.moment(text, NOW) == NOW - ago


def test_a_date() -> None:
    """A date is told as ISO 8601 has it, with a time of the day or without."""
    assert scope.moment("2026-11-24T10:00:00Z", NOW) == NOW - 7200
    assert scope.moment("2026-11-22", NOW) < NOW - 86400


@pytest.mark.parametrize("text", ["", "yesterday", "7", "-7d", "7m", "2026-13-01", "2030-01-01"])
def test_no_moment(text: str) -> None:
    """What is no time is refused, and so is a time to come: all would be older than it."""
    with pytest.raises(UsageError, match="--since"):
        scope.moment(text, NOW)
