"""Values put into a real `.env`, and every other byte of it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devkeys.declaration.filling import differing, fill
from devkeys.declaration.quoting import quote
from devkeys.declaration.syntax import pieces
from devkeys.errors import DeclarationError

LINES = st.lists(
    st.sampled_from(
        [
            "A=1",
            "B='x y' # why",
            '  export C = "q\\"r"#c',
            "A=",
            "D= # nothing",
            "E=a#b  # c",
            "# a comment",
            "",
            "  ",
            "F",
            "not an assignment",
            "G='two\nlines'",
            "'H'=1",
            "I=it's",
            "J=${A:-x}",
            "K='",
            'L="',
        ]
    ),
    max_size=8,
)
VALUES = st.dictionaries(
    st.sampled_from("ABCDEFGH"),
    st.sampled_from(["", "new", "it's", "a\nb", "x\\", "#1", '"']),
    max_size=5,
)


def filled(text: str, **values: str) -> str:
    """Return *text* with *values* in it."""
    quoted = {name: quote(name, value.encode()) for name, value in values.items()}
    return fill(text.encode(), quoted, path="x").decode()


@given(LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), VALUES)
@example(["A=1", "A=2"], "\n", True, {"A": "new"})
@example(['L="'], "\n", True, {"A": '"'})
def test_the_rest_stays_byte_for_byte(
    lines: list[str], newline: str, ended: bool, values: dict[str, str]
) -> None:
    """A program reads the new values, all other pieces are as they were; or nothing is done."""
    text = newline.join(lines) + (newline if ended else "")
    try:
        new = filled(text, **values)
    except DeclarationError:
        assert "K='" in lines or 'L="' in lines
        return
    assert differing(new.encode(), {n: v.encode() for n, v in values.items()}) == []
    kept = [raw for raw, name in pieces(new) if name not in values]
    before = [raw for raw, name in pieces(text) if name not in values]
    assert "".join(kept).split() == "".join(before).split()
    assert filled(new, **values) == new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "A=new\n"),
        ("B=1", "B=1\nA=new\n"),
        ("B=1\n\n", "B=1\n\nA=new\n"),
        ("B=1\n  ", "B=1\n  \nA=new\n"),
        ("A=1\nB=2\n", "A=new\nB=2\n"),
        ("A=1", "A=new"),
        ("A=1\r\nB=2\r\n", "A=new\r\nB=2\r\n"),
        ("B=2\r\n", "B=2\r\nA=new\r\n"),
        ("A=1\nA=2\n", "A=1\nA=new\n"),
        ("  export A = 'x' # why\n", "  export A=new # why\n"),
        ('A="x"# why\n', "A=new # why\n"),
        ("A= # why\n", "A=new # why\n"),
        ("A=#x # why\n", "A=new # why\n"),
        ("A='x\ny'\n\n\nB=1\n", "A=new\n\n\nB=1\n"),
        ("A\n", "A\nA=new\n"),
        ("'A'=1\n", "A=new\n"),
        ("\ufeffA=1\n", "\ufeffA=new\n"),
    ],
)
def test_a_line_is_replaced_or_added(before: str, after: str) -> None:
    """In place, the last of a name, with indent, `export`, comment and line end."""
    assert filled(before, A="new") == after


def test_a_value_that_ends_in_a_backslash_comes_last() -> None:
    """Older python-dotenv and node look for the end of such a value as far as the next quote."""
    assert filled("", A="x\\", B="it's") == 'B="it\'s"\nA="x\\\\"\n'


def test_an_open_quote_is_an_error() -> None:
    """It would be closed by what is written below it, and the line is told."""
    with pytest.raises(DeclarationError, match=r"^x:2: a quote that opens there"):
        filled("A=1\nB='it\n", C="it is")


@pytest.mark.parametrize("data", ["A=1\n".encode("utf-16"), b"A=\xff\n", b"A=\0\n"])
def test_what_is_no_utf8_is_an_error(data: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(DeclarationError, match=r"^x"):
        fill(data, {"A": quote("A", b"1")}, path="x")


def test_differing_reads_as_a_program_does() -> None:
    """The last of a name counts, `${...}` is filled, and what is not there differs."""
    data = b"A=1\nA=2\nB=${A}3\n"
    assert differing(data, {"A": b"2", "B": b"23"}) == []
    assert differing(data, {"A": b"1", "C": b""}) == ["A", "C"]
