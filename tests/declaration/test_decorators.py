"""Decorators: read from comments, written again, checked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.declaration import Declaration, DeclarationFile
from devkeys.declaration.decorators import format_decorator, scan
from devkeys.declaration.syntax import parse
from devkeys.errors import DeclarationError


def read(text: str) -> DeclarationFile:
    """Parse *text*."""
    return parse(text.encode(), path="f")


def one(text: str) -> Declaration:
    """Parse the one variable of *text*."""
    (declaration,) = read(text).declarations
    return declaration


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=30)


@given(st.lists(st.tuples(NAMES, TEXT), max_size=5))
def test_what_is_written_is_read_again(decorators: list[tuple[str, str]]) -> None:
    """Formatting and scanning are each other's inverse, several on a line."""
    text = " ".join(format_decorator(decorator) for decorator in decorators)
    assert scan(text) == (decorators, len(text))
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@required", [("required", "")]),
        ("@a @b=c @d='e f'", [("a", ""), ("b", "c"), ("d", "e f")]),
        ("@generate=hex(32) @x", [("generate", "hex(32)"), ("x", "")]),
        ("@type=enum(a, \"b)\", 'c')", [("type", "enum(a, \"b)\", 'c')")]),
        ("@docs(https://x.example/#y)", [("docs", "(https://x.example/#y)")]),
        ("@s={p=false} @l=[a, [b]]", [("s", "{p=false}"), ("l", "[a, [b]]")]),
        ("@a=b#c", [("a", "b")]),
        ('@a="b # c" # @d', [("a", "b # c")]),
        (r'@a="b \" c"', [("a", 'b " c')]),
        ("@a=`b`", [("a", "b")]),
        ("@a=[\n  b,\n]", [("a", "[   b, ]")]),
    ],
)
def test_the_published_syntax(text: str, found: list[tuple[str, str]]) -> None:
    """Values are bare, quoted, calls, arrays or objects; a # ends the decorators."""
    assert scan(text)[0] == found


def test_decorators_belong_to_the_variable_below() -> None:
    """Comment lines directly above and the comment behind count; prose stays prose."""
    declaration = one("# The key.\n# @required @type=url # why\n# More.\nA= # @owner=team-x\n")
    assert declaration.decorators == (("required", ""), ("type", "url"), ("owner", "team-x"))
    assert declaration.description == "The key.\nwhy\nMore."


@pytest.mark.parametrize("between", ["\n", "# ---\n", "# =====\n"])
def test_a_blank_line_or_a_divider_separates(between: str) -> None:
    """Decorators above it belong to no variable, which is said."""
    file = read(f"X=1\n\n# @required\n{between}A=\n")
    assert file.declarations[1].decorators == ()
    assert [notice.line for notice in file.notices] == [3]


def test_the_header_holds_for_the_file() -> None:
    """Root decorators stand before the first variable, ended by a divider or a blank line."""
    file = read("# @defaultSensitive=false @defaultRequired=false\n# ---\nA=1\n")
    assert file.decorators == (("defaultSensitive", "false"), ("defaultRequired", "false"))
    assert file.notices == ()


def test_a_root_decorator_on_a_variable_is_told() -> None:
    """Without a blank line the header is the first variable's comment."""
    file = read("# @defaultSensitive=false\nA=1\n")
    assert file.decorators == ()
    assert [notice.line for notice in file.notices] == [1]


def test_unknown_decorators_are_kept_and_told() -> None:
    """They may be another tool's."""
    file = read("# @another=1 @icon=x\nA=\n")
    assert file.declarations[0].decorators == (("another", "1"), ("icon", "x"))
    assert [n.message for n in file.notices] == ["@another is not known to devkeys; ignored"]


def test_an_address_in_a_comment_is_prose() -> None:
    """`@` inside a comment, or an unclosed bracket after an unknown name, disturbs nothing."""
    file = read("# ask me@example.com\n# @me(\nA=\n")
    assert file.declarations[0].description == "ask me@example.com\n@me("
    assert file.declarations[0].decorators == ()


def test_a_call_may_go_over_several_comment_lines() -> None:
    """Each of them begins with a #."""
    declaration = one("# @type=enum(\n#   a,\n#   b,\n# )\n# The rest.\nA=a\n")
    assert declaration.decorators == (("type", "enum( a, b, )"),)
    assert declaration.description == "The rest."


GOOD = """@generate=hex(32) @generate=base64(48) @generate=base64url(16) @generate=password(24)
@generate=uuid @rotate=90d @rotate=1y @type=url @type=string(startsWith=sk-) @type=enum(a,b)
@kind=personal @kind=service @as=file @required=false @sensitive={preventLeaks=false} @public
@docsUrl=https://x.example @consumers=api,worker @owner=team-x @limit=10/min @label=x""".split()  # noqa: SIM905 - a table is read more easily without its quotes
BAD = """@generate @generate=hex @generate=hex(4) @generate=hex(99999) @generate=random @rotate=90
@rotate=soon @rotate=0d @type @type=nonsense @kind=team @as=env @as @required=maybe @docsUrl=x
@consumers @consumers=a,,b @owner @verify""".split()  # noqa: SIM905 - the same


@pytest.mark.parametrize("text", GOOD)
def test_values_of_ours(text: str) -> None:
    """Each of our decorators takes what it is documented to take."""
    assert len(one(f"# {text}\nA=\n").decorators) == 1


@pytest.mark.parametrize("text", BAD)
def test_wrong_values_of_ours_are_refused(text: str) -> None:
    """The message has the line, the hint what it takes."""
    with pytest.raises(DeclarationError, match=r"^f:2: ") as caught:
        read(f"# What it is.\n# {text}\nA=\n")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *("@required @optional", "@sensitive @public", "@owner=a @owner=b", "@type=enum(a"),
        *("@owner='x", "@generate=hex(32"),
    ],
)
def test_contradictions_and_halves_are_refused(text: str) -> None:
    """Two decorators that exclude each other, or one without its end, name their line."""
    with pytest.raises(DeclarationError, match=r"^f:1: ") as caught:
        read(f"# {text}\nA=\n")
    assert caught.value.hint


def test_a_wrong_root_value_is_refused() -> None:
    """The header is checked as well."""
    with pytest.raises(DeclarationError, match=r"^f:1: "):
        read("# @defaultSensitive=perhaps\n\nA=\n")
