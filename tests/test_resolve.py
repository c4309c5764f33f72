"""Filling templates."""

import pytest

from devkeys.errors import DevkeysError
from devkeys.plan import Variable
from devkeys.resolve import FILLED_LIMIT, resolve


def plain(name: str, default: str) -> Variable:
    """Declare a setting."""
    return Variable(name, 0, default, None, None, None)


def template(name: str, *pieces: tuple[str, str]) -> Variable:
    """Declare a default in pieces."""
    return Variable(name, 0, "", None, pieces, None)


def values(*variables: Variable) -> dict[str, bytes]:
    """Resolve from an empty environment and an empty store."""
    found = resolve(variables, {}, read_store=list, ask_providers=lambda _: {})
    return {name: value.reveal() for name, value in found.values.items()}


def test_a_chain_of_thousands_is_filled() -> None:
    """Each default may need the next one's, in whatever order they stand."""
    chain = [template(f"N{n}", ("", f"N{n + 1}")) for n in range(5000)]
    assert values(*chain, plain("N5000", "end"))["N0"] == b"end"


def test_fallback_and_self_reference() -> None:
    """A name without a value gives its fallback; one that needs itself has none."""
    found = values(template("A", ("x", ""), ("y", "GONE")), template("B", ("z", "B")))
    assert found == {"A": b"xy", "B": b"z"}


def test_what_doubles_forty_times_is_refused() -> None:
    """A few lines that double each other fill no memory."""
    chain = [template(f"N{n}", ("", f"N{n + 1}"), ("", f"N{n + 1}")) for n in range(40)]
    with pytest.raises(DevkeysError, match=f"longer than {FILLED_LIMIT} bytes"):
        values(*chain, plain("N40", "x"))
