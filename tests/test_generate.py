"""Random values as `@generate` asks for them."""

import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.errors import DeclarationError
from devkeys.generate import generate


@given(size=st.integers(1, 4096))
def test_sizes_are_in_bytes_of_randomness(size: int) -> None:
    """hex, base64 and base64url hold as many random bytes as was said, password characters."""
    padding = b"=" * (-size * 4 % 3 and 4)
    assert len(bytes.fromhex(generate(f"hex({size})", name="A").reveal().decode())) == size
    assert len(base64.b64decode(generate(f"base64({size})", name="A").reveal())) == size
    url = generate(f"base64url({size})", name="A").reveal()
    assert len(base64.urlsafe_b64decode(url + padding)) == size
    assert len(generate(f"password({size})", name="A").reveal()) == size


def test_uuid() -> None:
    """Uuid makes a random UUID."""
    assert uuid.UUID(generate("uuid", name="A").reveal().decode()).version == 4


@pytest.mark.parametrize("kind", ["hex(32)", "base64(32)", "password(32)", "uuid"])
def test_never_twice_the_same(kind: str) -> None:
    """No two values are the same."""
    assert len({generate(kind, name="A").reveal() for _ in range(50)}) == 50


@pytest.mark.parametrize("kind", ["", "hex", "hex(0)", "hex(9999)", "hex(a)", "dice(3)", "uuid(3)"])
def test_what_cannot_be_generated(kind: str) -> None:
    """An unknown kind or size is an error that names the variable and what is known."""
    with pytest.raises(DeclarationError, match="A: cannot generate") as caught:
        generate(kind, name="A")

    assert "hex(BYTES)" in (caught.value.hint or "")
