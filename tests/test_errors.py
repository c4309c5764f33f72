"""Errors: what they say of what may be a damaged file."""

from devkeys.errors import LONGEST, DevkeysError


def test_no_error_repeats_a_whole_file() -> None:
    """A word of a megabyte loses its middle; how the message begins and ends stays."""
    error = DevkeysError(f"cannot {'x' * 1_000_000} here", hint=f"use {'y' * 1_000_000}")

    assert str(error).startswith("cannot xxx")
    assert str(error).endswith("xxx here")
    assert error.hint is not None
    assert len(str(error)) < LONGEST
    assert len(error.hint) < LONGEST
    assert DevkeysError("x" * LONGEST).args == ("x" * LONGEST,)
