"""From the words of the command to what is looked at."""

import io
import os
import sys
from types import SimpleNamespace

import pytest

from devkeys.errors import UsageError
from devkeys.flows.doctor import asking, scope


@pytest.mark.parametrize("source", ["paths", "everything", ""])
def test_a_source_that_is_none(source: str) -> None:
    """What --source does not know is refused with what there is; files are for --path."""
    with pytest.raises(UsageError) as raised:
        asking.asked(frozenset((source,)))
    assert raised.value.hint is not None
    assert "paths" not in raised.value.hint
    assert "histories" in raised.value.hint


def test_paths_are_a_source_of_their_own() -> None:
    """With --path its files are what is looked at."""
    assert asking.asked(frozenset((scope.PATHS,)), paths=["."]).paths == [os.getcwd()]


@pytest.mark.parametrize("data", [b"", b"\n", b"short", b"1234567\n"])
def test_a_value_that_cannot_be_looked_for(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, and what would be found everywhere, is refused rather than found nowhere."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    monkeypatch.setattr(os, "isatty", lambda _descriptor: False)
    with pytest.raises(UsageError):
        asking.given()
