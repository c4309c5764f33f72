"""From bytes to text, and what is said of bytes that are none."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.declaration.encoding import Lines, decode
from devkeys.errors import DeclarationError


@pytest.mark.parametrize(
    "data",
    [
        b"A=\xc3\xa9\n",
        codecs.BOM_UTF8 + b"A=\xc3\xa9\n",
        codecs.BOM_UTF16_LE + "A=\u00e9\n".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "A=\u00e9\n".encode("utf-16-be"),
    ],
)
def test_utf8_and_marked_utf16_are_read(data: bytes) -> None:
    """UTF-8 with or without its mark, and UTF-16 with one, are text."""
    assert decode(data, path="f") == "A=\u00e9\n"


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        ("A=1\nB=2\n".encode("utf-16-le"), 1, "UTF-16"),
        ("A=1\nB=2\n".encode("utf-16-be"), 1, "UTF-16"),
        (b"A=1\r\nB=2\rC=\xe9\n", 3, "Latin-1"),
        (b"A=1\n\nB=\0\n", 3, "NUL"),
        (codecs.BOM_UTF16_LE + b"A\0=\0\n\0B", 2, "UTF-16"),
        (b"A=1\nB=x" + b" " * 5000 + b"y\n", 2, "blanks"),
    ],
)
def test_what_is_no_text_is_named_with_its_line(data: bytes, line: int, says: str) -> None:
    """The message has the line, the hint says what to do."""
    with pytest.raises(DeclarationError, match=rf"^f:{line}: .*{says}") as caught:
        decode(data, path="f")
    assert caught.value.hint


@given(st.text(alphabet="a\r\n", max_size=40))
def test_lines_are_counted_as_editors_count_them(text: str) -> None:
    """Each of CRLF, LF and a lone CR ends one line."""
    lines = Lines(text)
    plain = text.replace("\r\n", "\0\n").replace("\r", "\n").replace("\0", "\r")
    for offset in range(len(text)):
        assert lines.at(offset) == plain[:offset].count("\n") + 1
