"""Values that everybody knows."""

import base64
import json

import pytest
from env_checkout import live
from hypothesis import given
from hypothesis import strategies as st

from devkeys.flows.doctor.checks.published import is_known, is_published, password_in


def token(**claims: str) -> str:
    """Return an unsigned token with these claims, as documentation prints them."""
    parts = [{"alg": "HS256"}, claims]
    coded = (base64.urlsafe_b64encode(json.dumps(part, indent=1).encode()) for part in parts)
    return ".".join((*(part.decode().rstrip("=") for part in coded), "x" * 43))


@pytest.mark.parametrize(
    "value",
    [
        *("changeme", "postgres", "minioadmin", "your-256-bit-secret", "CHANGEME", " admin "),
        *(
            "django-insecure-" + "x1&" * 9,
            "changeme-please",
            "P@ssw0rd",
            "keyboard cat",
            "12345678",
        ),
    ],
)
def test_well_known_defaults_are_known(value: str) -> None:
    """In either case, and with what generators put behind their own prefix."""
    assert is_published(value)


def test_tokens_of_documentation_are_known() -> None:
    """By what they say in plain text; any other is somebody's own."""
    assert is_published(token(iss="supabase-demo", role="anon"))
    assert is_published(token(sub="1234567890", name="John Doe"))
    assert not is_published(token(iss="https://example.org", sub="17"))


@given(st.text(max_size=60))
def test_any_text_can_be_asked_about(text: str) -> None:
    """What looks like a token and is none raises nothing."""
    for value in (text, f"a.eyJ{text}.b", f"postgres://u:{text}@h/db"):
        is_published(value)
        is_known("DB_PASSWORD", value)


def test_what_is_made_by_a_machine_is_not_known() -> None:
    """Random values are nobody's default."""
    assert not any(is_published(live()) for _ in range(200))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_PASSWORD", "postgres", True),
        ("DB_USER", "postgres", False),
        ("DB_NAME", "test", False),
        ("API_KEY", "your-api-key", True),
        ("DATABASE_URL", "postgres://app:postgres@db/app", True),
        ("DATABASE_URL", "postgres://db/app", False),
        ("API_KEY", "", False),
        ("API_KEY", "https://secret", False),
    ],
)
def test_only_a_secret_can_be_too_well_known(name: str, value: str, *, expected: bool) -> None:
    """A user name or a database's name may be what it likes; of a URL the password counts."""
    assert is_known(name, value) is expected


def test_the_password_of_a_url() -> None:
    """What stands between the colon and the at sign."""
    assert password_in("redis://:abc@h:1/0") == "abc"
    assert password_in("redis://h:1/0") is None
