"""JSON that comes back as it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.providers import exact_json

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(TREES)
def test_written_back_is_the_same(tree: object) -> None:
    """What is parsed and written says the same, in the same order."""
    told = exact_json.text(exact_json.parse(json.dumps(tree).encode()))
    assert json.loads(told) == tree
    assert told == json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("number", ["1.10", "1e400", "-0", "0.1e-7", "1" * 60])
def test_numbers_stay_as_written(number: str) -> None:
    """A number is not rounded, shortened or made infinite."""
    assert exact_json.value(exact_json.parse(f'{{"n": {number}}}'.encode())["n"]) == number.encode()


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"a":1,"a":2}', b"NaN", b"\xff", b"[" * 100_000, b'"a" b']
)
def test_what_is_no_json_is_an_error_without_it(text: bytes) -> None:
    """Broken, ambiguous or endless JSON is a ValueError that carries none of it."""
    with pytest.raises(ValueError, match="no JSON") as caught:
        exact_json.parse(text)
    assert caught.value.__context__ is None


def test_half_a_character_is_no_value() -> None:
    """A string that is no text cannot be a value."""
    with pytest.raises(ValueError, match="no text"):
        exact_json.value(exact_json.parse(b'"\\ud800"'))
