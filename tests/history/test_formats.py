"""What holds for every format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.history.formats import FORMATS, searchable

# What some format has a use for, among anything else.
_PIECES = (
    *(b"\n", b"\r\n", b"\r", b"\\", b"\\\n", b"`\n", b"`\r\n", b" ", b"\0", b"\x01", b"\x83"),
    *(b"\x83\xa7", b": 1700000000:0;", b":", b"\\:", b"#1700000000\n", b"#12", b"#+1700000000\n"),
    *(b"- cmd: ", b"\n- cmd: ", b"  when: 1700000000\n", b"  paths:\n    - x\n", b"\\n", b"\\\\"),
    *(b"<\\n>", b"\xef\xbb\xbf", b"\x81\x01", b"\x82\0\0\0\x07\0", b"\x81\0", b"\xab\xcd"),
    *(b"\xff\0\0\0\x01", b"_HiStOrY_V2_\n", b"\\040", b"\\^A", b"\\M-a", b"\\M^A", b"\\M^\\"),
    *(b".search\n", b'"x\n', b"echo 'a\n", b"cat <<X\n", b"X\n", b"for i in 1\n", b"done\n"),
)
_data = st.lists(st.sampled_from(_PIECES) | st.binary(max_size=8), max_size=24).map(b"".join)
_headed = st.tuples(st.sampled_from((b"", b"_HiStOrY_V2_\n", b"\xab\xcd", b"\x81\x01")), _data)


@pytest.mark.parametrize("name", FORMATS)
@given(pieces=_headed)
def test_no_byte_is_lost(name: str, pieces: tuple[bytes, bytes]) -> None:
    """Joining the entries of any data gives that data, and none of them is empty."""
    data = b"".join(pieces)
    raws = [entry.raw for entry in FORMATS[name](data)]
    assert b"".join(raws) == data
    assert b"" not in raws


def _squeezed(data: bytes) -> bytes:
    return data.translate(None, b" \t\r\n\\\0'\"")


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"node"}))
@given(pieces=_headed)
def test_what_is_searched_holds_every_command(name: str, pieces: tuple[bytes, bytes]) -> None:
    """The data that a search takes holds each entry's text, but for blanks and backslashes."""
    data = b"".join(pieces)
    found = _squeezed(searchable(name, data))
    for entry in FORMATS[name](data):
        assert _squeezed(entry.text) in found


def test_an_opaque_history_has_nothing_to_cut_out() -> None:
    """What is not understood is one piece without a command."""
    entries = list(FORMATS["opaque"](b"a\nb\0"))
    assert [(entry.raw, entry.text) for entry in entries] == [(b"a\nb\0", b"")]
