"""Which values stand everywhere: addresses, words, numbers, published defaults; keys never."""

import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.flows.doctor.common import is_common

COMMON = (
    *("localhost:5432", "postgres", "development", "Password1", "changeme", "minioadmin"),
    *("https://llm.example.com/v1", "redis://localhost:6379/0", "db.internal.example.com:5432"),
    *(
        "me@example.com",
        "10.0.0.1:8080",
        "2026-11-24",
        "/var/run/app.sock",
        "us-east-1",
        "00000000",
    ),
)


@pytest.mark.parametrize("value", COMMON)
def test_what_stands_everywhere_is_common(value: str) -> None:
    """An address, a word, a number or a default that everybody knows is not worth a search."""
    assert is_common("APP_SECRET", value)


def made() -> list[str]:
    """Make up values that are no such thing."""
    return [
        "sk-" + secrets.token_hex(20),
        secrets.token_urlsafe(24),
        secrets.token_hex(16),
        f"postgres://app:{secrets.token_hex(8)}@db.example.com/app",
        f"https://hooks.example.com/services/{secrets.token_hex(12)}",
        "".join(secrets.choice(string.ascii_letters + string.digits + "+/") for _ in range(40)),
        "XLeMf" + "".join(secrets.choice("abcXYZ") for _ in range(4)) + "dF",
        "wJalr" + "/K7".join(secrets.token_urlsafe(6) for _ in range(3)),
        f"correct-{secrets.token_hex(3)}-staple-{secrets.token_hex(3)}!",
    ]


@pytest.mark.parametrize("kind", range(len(made())))
def test_what_was_made_for_one_is_not(kind: int) -> None:
    """A key, an address with a password or with a key in its path is searched for."""
    assert not is_common("APP_SECRET", made()[kind])


@given(st.text(string.ascii_letters + string.digits + "-_", min_size=20, max_size=80))
def test_a_long_mixed_value_is_searched_for(value: str) -> None:
    """Whatever is long and has capitals, letters and digits is no common value."""
    assert not is_common("APP_TOKEN", value + "7qZ4wXk2")
