"""Changing dotenv files: what is asked for, and no other byte."""

import codecs
import io

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from devkeys.declaration.edit import append, without
from devkeys.declaration.syntax import parse, read_values
from devkeys.errors import UsageError

PATH = ".env.example"
NAMES = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)


def added(data: bytes, default: str = "") -> bytes:
    """Declare NEW_KEY at the end of *data*."""
    return append(data, "NEW_KEY", default=default, path=PATH)


def test_a_declaration_is_a_paragraph_of_its_own() -> None:
    """What stands above it in the file says nothing about it."""
    assert added(b"# optional\nA=1\n") == b"# optional\nA=1\n\nNEW_KEY=\n"


def test_a_description_and_decorators_stand_above_it() -> None:
    """They are what the file then says of the name."""
    data = append(
        b"A=1\n",
        "NEW_KEY",
        description="The key of the model.\nAsk Ada.",
        decorators=(("required", ""), ("docsUrl", "https://example.com/keys")),
        path=PATH,
    )
    assert data == (
        b"A=1\n\n# The key of the model.\n# Ask Ada.\n# @required\n"
        b"# @docsUrl=https://example.com/keys\nNEW_KEY=\n"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", b"NEW_KEY=\n"),
        (b"A=1", b"A=1\n\nNEW_KEY="),
        (b"A=1\n\n", b"A=1\n\nNEW_KEY=\n"),
        (b"A=1\r\n", b"A=1\r\n\r\nNEW_KEY=\r\n"),
        (codecs.BOM_UTF8 + b"A=1\n", codecs.BOM_UTF8 + b"A=1\n\nNEW_KEY=\n"),
    ],
)
def test_line_ends_and_encoding_stay(data: bytes, expected: bytes) -> None:
    """CR LF, a byte order mark and a missing final line end are kept."""
    assert added(data) == expected


def test_utf16_stays_utf16() -> None:
    """The whole file keeps one encoding."""
    data = codecs.BOM_UTF16_LE + "A=1\r\n".encode("utf-16-le")
    assert added(data).decode("utf-16") == "A=1\r\n\r\nNEW_KEY=\r\n"


def test_a_declared_name_is_not_declared_again() -> None:
    """The second declaration would win."""
    with pytest.raises(UsageError, match="already"):
        added(b"NEW_KEY=\n")


@pytest.mark.parametrize("description", ["@required", "OTHER=1", "=====", "a\n@sensitive=false"])
def test_a_description_that_says_something_else_is_refused(description: str) -> None:
    """Prose that would be read as a decorator or a declaration is not written."""
    with pytest.raises(UsageError, match="cannot be declared so"):
        append(b"A=1\n", "NEW_KEY", description=description, path=PATH)


@given(default=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20))
def test_a_default_reads_as_it_was_given(default: str) -> None:
    """python-dotenv reads the default back, or it is refused."""
    try:
        data = added(b"A=1\n", default)
    except UsageError:
        return
    assert parse(data, path=PATH).declarations[-1].default == default
    read = dotenv_values(stream=io.StringIO(data.decode(), newline=""), interpolate=False)
    assert read["NEW_KEY"] == default


@st.composite
def dotenv_files(draw: st.DrawFn) -> bytes:
    """Make a `.env`: assignments in all quotes, comments, blank lines, either line end."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    value = st.one_of(
        st.from_regex(r"[a-z0-9$#=]{0,6}", fullmatch=True),
        st.from_regex(r"'[a-z $\n\"]{0,8}'", fullmatch=True),
        st.from_regex(r'"[a-z $\n\']{0,8}"', fullmatch=True),
    )
    assignment = st.tuples(st.sampled_from(["", "export ", "  "]), NAMES, value).map(
        lambda parts: f"{parts[0]}{parts[1]}={parts[2]}"
    )
    other = st.sampled_from(["", "# a comment", "#OLD=1", "   ", "BARE"])
    lines = draw(st.lists(st.one_of(assignment, other), max_size=8))
    mark = draw(st.sampled_from([b"", codecs.BOM_UTF8]))
    return mark + (end.join(lines) + draw(st.sampled_from(["", end]))).encode()


@given(data=dotenv_files(), bare=st.booleans(), choice=st.data())
def test_taking_names_away_leaves_the_rest(data: bytes, bare: bool, choice: st.DataObject) -> None:
    """The values of the names are gone, and every other name has the value it had."""
    before = read_values(data, path=PATH)
    names = {name for name in before if choice.draw(st.booleans())}
    rest = without(data, names, bare=bare, path=PATH)
    after = read_values(rest, path=PATH)
    assert {n: v for n, v in after.items() if v is not None} == {
        n: v for n, v in before.items() if n not in names and v is not None
    }
    assert without(data, (), bare=bare, path=PATH) == data


def test_comments_and_odd_spacing_stay() -> None:
    """Only the lines of the names go, however many lines a value has."""
    data = b"# keys\r\n\r\n  export A='x\r\ny' # why\r\nB = 2\r\n#A=old\r\n\r\nC=3"
    assert without(data, {"A", "C"}, bare=False, path=PATH) == (
        b"# keys\r\n\r\nB = 2\r\n#A=old\r\n\r\n"
    )


def test_bare_names_stay_for_compose() -> None:
    """A name without `=` is taken from compose's own environment."""
    data = b'export A="1\n2"\nB=2 # two\nC\n'
    assert without(data, {"A", "B", "C"}, bare=True, path=PATH) == b"A\nB\nC\n"
