"""Which values are secrets as they stand."""

import secrets
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from env_checkout import live
from hypothesis import given
from hypothesis import strategies as st
from key_shapes import SHAPES, make

from devkeys.flows.doctor.checks.literals import assignments, is_kept_here, is_live, looks_made


def names_live(text: str, path: str = "/p/.env.example") -> list[str]:
    """Return the names whose values look live in a template of this *text*."""
    return [found.name for found in assignments(text.encode(), path=path) if is_live(found)]


@pytest.mark.parametrize("rule", sorted(set(SHAPES) - {"private-key"}))
def test_every_provider_s_format_is_live_under_any_name(rule: str) -> None:
    """A key is one whatever the variable is called."""
    for shape in SHAPES[rule]:
        assert names_live(f"THING='{make(shape)}'\n") == ["THING"]


def test_a_private_key_is_live_with_its_body() -> None:
    """Its first and last line alone show where one is to come."""
    head, tail = (
        make("-----BEGIN{blank} PRIVATE KEY-----"),
        make("-----END{blank} PRIVATE KEY-----"),
    )
    assert names_live(f'A="{head}\\n{secrets.token_hex(40)}\\n{tail}"\n') == ["A"]
    assert names_live(f'A="{head}\\n...\\n{tail}"\n') == []


@pytest.mark.parametrize(
    "make_value", [lambda: secrets.token_hex(20), lambda: str(uuid.uuid4()), live]
)
def test_what_a_machine_made_is_live_under_a_secret_name(make_value: Callable[[], str]) -> None:
    """Under a name that tells of no secret it may be anything."""
    value = make_value()
    assert names_live(f"API_TOKEN={value}\n") == ["API_TOKEN"]
    assert names_live(f"BUILD={value}\n") == []


@pytest.mark.parametrize(
    "value",
    [
        *("your-api-key", "changeme", "<token>", "sk-...", "xxxxxxxxxxxxxxxxxxxx", "postgres"),
        *("0123456789abcdef0123456789abcdef", "00000000-0000-0000-0000-000000000000"),
        *(
            "my_super_secret_password_1",
            "correct-horse-battery-staple",
            "this-is-32-characters-long-1",
        ),
        *("some-long-random-string-at-least-32-chars", "Sup3rS3cr3tK3y!2024"),
        *("thisIsAVeryLongSecretKeyThatIsUsedForTesting1", "arn:aws:iam::123456789012:role/name"),
        *("/run/secrets/api_token", "op://vault/item/field", "${OTHER_TOKEN}", "$(pass show x)"),
        *("https://example.org/callback", "redis://localhost:6379/0", "a" * 40, "deadbeef" * 4),
    ],
)
def test_examples_and_references_are_not_live(value: str) -> None:
    """What a template is full of."""
    assert names_live(f"API_TOKEN={value}\n") == []


def test_a_password_in_a_url_is_live_if_a_machine_made_it() -> None:
    """`postgres:postgres` is an example."""
    assert names_live(f"DB=postgres://u:{live()}@h/db\n") == ["DB"]
    assert names_live("DB=postgres://postgres:postgres@h/db\n") == []


def test_what_stands_in_for_a_variable_counts() -> None:
    """`${NAME:-value}` has a value in it."""
    assert names_live("API_TOKEN=${OTHER:-" + live() + "}\n") == ["API_TOKEN"]


def test_public_names_are_public() -> None:
    """What is shipped to browsers is no secret, however it looks."""
    assert names_live(f"NEXT_PUBLIC_KEY={live()}\nSTRIPE_PUBLISHABLE_KEY={live()}\n") == []


def test_a_name_that_the_template_calls_public_is_public() -> None:
    """The decorators of `.env.example` count."""
    assert names_live(f"# @sensitive=false\nAPP_KEY={live()}\n") == []


def test_real_templates_hold_only_what_really_looks_live(shared: Path) -> None:
    """In some hundred of them: hexadecimal, base64 and keys of a format, and nothing of words."""
    found = [
        (path.name, one.value)
        for path in sorted((shared / "env-examples").glob("*.env.example"))
        for one in assignments(path.read_bytes(), path=str(path))
        if is_live(one)
    ]
    assert len({name for name, _ in found}) <= 12
    assert all(looks_made(value.removeprefix("sk-")) for _, value in found)


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    """Whatever a checkout calls a `.env`."""
    for path in ("/p/.env", "/p/.envrc"):
        for found in assignments(data, path=path):
            is_kept_here(found)
            is_live(found)


def test_a_value_is_in_no_repr() -> None:
    """So that no traceback shows it."""
    value = live()
    assert value not in repr(assignments(f"API_KEY={value}\n".encode(), path="/p/.env"))
