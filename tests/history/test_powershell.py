"""PSReadLine's history, as its sources write it: there is no PowerShell here."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.history.powershell import parse


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@given(commands=st.lists(st.text(st.sampled_from("a `'$\né"), min_size=1).filter(str.strip)))
def test_what_it_writes_comes_back(end: str, commands: list[str]) -> None:
    """Commands of any number of lines, with the line ends of either system."""
    whole = [command for command in commands if not command.endswith(("`", "\n", "\r"))]
    data = "".join(command.replace("\n", "`\n") + end for command in whole)
    assert [entry.text.decode() for entry in parse(data.encode())] == whole


def test_a_byte_order_mark_is_not_of_a_command() -> None:
    """The mark stays when the first command goes."""
    entries = [(entry.raw, entry.text) for entry in parse(b"\xef\xbb\xbfls\r\n")]
    assert entries == [(b"\xef\xbb\xbf", b""), (b"ls\r\n", b"ls")]
