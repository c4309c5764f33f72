"""What stands in a dotenv file, by python-dotenv's word, with lines and notices."""

import contextlib
import io
import time

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from devkeys.declaration import Declaration, DeclarationFile
from devkeys.declaration.syntax import parse, read_dotenv, read_values
from devkeys.errors import DeclarationError


def read(text: str) -> DeclarationFile:
    """Parse *text*."""
    return parse(text.encode(), path="f")


def one(text: str) -> Declaration:
    """Parse the one variable of *text*."""
    (declaration,) = read(text).declarations
    return declaration


def messages(text: str) -> list[str]:
    """Give the notices of *text* with their lines."""
    return [f"{notice.line}: {notice.message}" for notice in read(text).notices]


PIECES = st.sampled_from(
    [
        *("A", "B_KEY", "=", "'", '"', "`", "#", " ", "\n", "\r\n", "\r", "$", "{", "}", "\\", "@"),
        *(
            "export ",
            "é",
            "-",
            ":",
            "(",
            ")",
            "\t",
            "x=y",
            "# A=1",
            "# @required ",
            "---",
            "\ufeff",
        ),
    ]
)


@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00")
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    """Whatever the file holds, parse returns or raises DeclarationError with path and line."""
    for reader in (parse, read_dotenv):
        try:
            reader(data, path="f")
        except DeclarationError as error:
            # Not to raise is right too.
            assert (str(error).startswith("f:"), bool(error.hint)) == (True, True)  # noqa: PT017 - see above


@given(st.lists(PIECES, max_size=30).map("".join))
def test_names_and_values_are_those_of_python_dotenv(text: str) -> None:
    """Every name that python-dotenv finds with a value is found, with that value."""
    try:
        file = read(text)
    except DeclarationError:
        return
    found = {d.name: d.default for d in file.declarations if not d.commented}
    theirs = dotenv_values(stream=io.StringIO(text.lstrip("\ufeff"), newline=""), interpolate=False)
    assert {name: value for name, value in theirs.items() if value is not None}.items() <= (
        found.items()
    )
    assert read_values(text.encode(), path="f") == found


@given(st.lists(PIECES, max_size=30).map("".join))
def test_a_line_number_points_at_the_name(text: str) -> None:
    """The line of a declaration holds its name."""
    try:
        file = read(text)
    except DeclarationError:
        return
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for declaration in file.declarations:
        assert declaration.name in lines[declaration.line - 1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("export A = b  # c", "b"),
        ("  A= 'b # c' # d", "b # c"),
        ('A="b\\nc"', "b\nc"),
        ("A='b\\nc'", "b\\nc"),
        ('A="b\nc"', "b\nc"),
        ("A= # a comment", ""),
        ("A=b#c", "b#c"),
        ('A={"k": "v"}', '{"k": "v"}'),
        ("A=", ""),
        ("A", None),
        ("A=${B}", "${B}"),
        ("a_lower=1", "1"),
    ],
)
def test_values(text: str, value: str | None) -> None:
    """A value is what python-dotenv reads, with nothing filled in."""
    assert one(text).default == value


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_are_counted_across_values_and_dropped_lines(newline: str) -> None:
    """Multi-line values, blank lines and lines that are dropped count."""
    text = newline.join(["", "some words", "A='x", "y'", "", "B=1"])
    assert [(d.name, d.line) for d in read(text).declarations] == [("A", 3), ("B", 6)]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('X=1\n\nA="b\nC=d\n', 3, 'no " closes it'),
        ("A='b' c\n", 1, "follows the closing '"),
        ('A="a"\nB="x"y\n', 2, "follows the closing"),
        ('A="""\nb\n"""\n', 1, "triple quotes"),
        ("A=`b\nc`\n", 1, "backtick"),
        ("MY-KEY=1", 1, "`MY-KEY`"),
        ("X=1\n1KEY=1", 2, "`1KEY`"),
        ("WITH.DOT=1", 1, "`WITH.DOT`"),
        ("SPLIT\n=value\n", 2, "without a name"),
        ("API_KEY: value\n", 1, "syntax"),
        ("set API_KEY=value\n", 1, "syntax"),
        ("- API_KEY=value\n", 1, "syntax"),
        ('A={\n  "k": 1\n}\n', 1, "several lines"),
        ("A=-----BEGIN PRIVATE KEY-----\nMII\n", 1, "PEM"),
        ("\u00c4PFEL=1", 1, "not a variable's name"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, line: int, says: str) -> None:
    """An error names the line where it starts and what to change."""
    with pytest.raises(DeclarationError) as caught:
        read(text)
    assert str(caught.value).startswith(f"f:{line}: ")
    assert says in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "fix"), [("MY-KEY", "MY_KEY"), ("1KEY", "_1KEY"), ("a.b.c", "a_b_c")]
)
def test_the_fix_of_a_name_is_in_the_hint(name: str, fix: str) -> None:
    """A name that is none is shown with one that is."""
    with pytest.raises(DeclarationError) as caught:
        read(f"{name}=1")
    assert caught.value.hint == f"write {fix}="


def test_what_may_be_a_piece_of_a_key_is_not_shown() -> None:
    """A line of base64 is no name, also in a file that is meant to be public."""
    piece = "Q+" + "mZ" * 31 + "/="
    with pytest.raises(DeclarationError) as caught:
        read(f"{piece}\n")
    assert piece.rstrip("=") not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("A=1\nA=2", "2: A stands on line 1 too; this later one counts"),
        ("A=\u201cb\u201d", "1: A: typographic quotation marks are part of the value"),
        ("A=#b", "1: A: `#` right after `=` begins the value, not a comment"),
        ("A=`b`", "1: A: backticks are part of the value; write quotes"),
        ('A=b"', "1: A: a single quotation mark at its end is part of the value"),
        ("A=$HOME/x", "1: A: `$NAME` is not filled; write ${NAME}"),
        ("A=$(date)", "1: A: `$(...)` is not run"),
        ("A=${B:-${C}}", "1: A: only ${NAME} and ${NAME:-text} are filled"),
        ('A="b\nC=d"', "1: A: its quoted value takes in further lines"),
        ("\nsource ../x", "2: no assignment and no comment; ignored, as python-dotenv does"),
        ("fi", "1: a word without `=`; ignored"),
        ("A", "1: A has no `=`; it is declared without a default"),
    ],
)
def test_notices(text: str, notice: str) -> None:
    """Where python-dotenv and the evident meaning differ, a notice has the line."""
    assert messages(text) == [notice]


@pytest.mark.parametrize("text", ["A='$HOME'", "A=b # c", "A=it's", "A=a#b", "A=pa$$word"])
def test_no_notice_without_need(text: str) -> None:
    """Common and clear lines say nothing."""
    assert messages(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#A=", ""),
        ("# A=b", "b"),
        ("## A=b # c", "b"),
        ("# export A='b'", "b"),
        ("#A = b", "b"),
        ("# A_TEXT=several words of text", "several words of text"),
    ],
)
def test_commented_out_declarations(text: str, value: str) -> None:
    """A whole comment line that assigns to a name is a declaration, commented out."""
    declaration = one(text)
    assert declaration.commented
    assert declaration.default == value


@pytest.mark.parametrize(
    "text",
    [
        "# Note: set FOO=bar when it rains",
        "# FOO = false will use the other one",
        "# FOO=1 enables it",
        '# FOO="bar" missing hashtag',
        "# see https://example.com/?FOO=bar",
        "# `FOO=bar`",
        "### FOO=bar",
        "# foo=bar",
        "# - FOO=bar",
    ],
)
def test_prose_is_no_declaration(text: str) -> None:
    """Comments that speak of an assignment declare nothing."""
    assert read(text).declarations == ()


def test_the_active_declaration_counts() -> None:
    """A commented-out alternative of a declared name is no second declaration."""
    file = read("# A=1\nA=2\n# A=3\n")
    assert [(d.default, d.line, d.commented) for d in file.declarations] == [("2", 2, False)]
    assert file.notices == ()


def test_later_duplicates_win_in_a_real_file() -> None:
    """`import` gets the last value, and is told that there are two."""
    values, notices = read_dotenv(b"A=1\nB=2\nA=3\n", path=".env")
    assert values == {"A": "3", "B": "2"}
    assert [(n.line, n.message) for n in notices] == [
        (3, "A stands on line 1 too; this later one counts")
    ]


@pytest.mark.parametrize("tail", ["=", "==", "-x=", ".y=1"])
def test_errors_of_a_real_file_do_not_quote_it(tail: str) -> None:
    """A line of a key that runs over several lines looks like a name, and is not shown."""
    value = "MIIEvQIBADANBgkq" + "abc/def"
    with pytest.raises(DeclarationError) as caught:
        read_values(f"KEY=1\n{value}{tail}\n".encode(), path=".env")
    assert value not in str(caught.value)
    assert value not in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"# what it is\nA{i}_KEY=your-key\n\n" for i in range(25_000)),
        "# a" + "-" * (1 << 20) + "x",
        "A=" + "${" * (1 << 19),
        "A='" + "\\'" * (1 << 19),
        "# optional " * 4000 + "\n" + "".join(f"A{i}_KEY=\n" for i in range(20_000)),
        "A=b" + (" " * 399 + "x") * 2600,
    ],
    ids=["real", "divider", "unclosed", "escapes", "heading", "blanks"],
)
def test_time_grows_with_the_size_only(text: str) -> None:
    """A file of a megabyte, also one made to be slow, is read in seconds."""
    start = time.process_time()
    with contextlib.suppress(DeclarationError):
        read(text)
    assert time.process_time() - start < 10
