"""References and their texts stand one for one, and no message holds a credential."""

import secrets
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from devkeys.references import (
    MUST,
    NO,
    SCHEMES,
    MalformedError,
    Reference,
    describe,
    join,
    parse,
    parse_source,
    scheme_of,
)

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=8)
FOREIGN = ["mine", "gcp-sm", "x.y-1"]


@st.composite
def references(draw: st.DrawFn, scheme: str | None = None) -> Reference:
    """Draw a reference of any scheme, in parts."""
    scheme = scheme or draw(st.sampled_from([*SCHEMES, *FOREIGN]))
    known = describe(scheme)
    part = st.from_regex(known.part, fullmatch=True) if known.part != ".*" else PRINTABLE
    count = draw(st.integers(known.least, min(known.most, known.least + 2)))
    path = draw(st.lists(part, min_size=count, max_size=count))
    if known.rooted and draw(st.booleans()):
        path.insert(0, "")
    names = known.options or (() if scheme in SCHEMES else ("one", "two"))
    options = draw(st.dictionaries(st.sampled_from(names), PRINTABLE)) if names else {}
    fragment = None if known.fragment == NO else draw(PRINTABLE)
    if known.fragment != MUST and draw(st.booleans()):
        fragment = None
    return Reference(scheme, tuple(path), tuple(sorted(options.items())), fragment)


def parsed(text: str) -> Reference | None:
    """Return what *text* is, None if it is no reference."""
    try:
        return parse(text)
    except MalformedError:
        return None


@given(references())
def test_a_reference_comes_back(reference: Reference) -> None:
    """The text of a reference is read as that reference."""
    assume(not any(part in (".", "..") for part in reference.path))
    assume(all(text.isprintable() for text in (*reference.path, *dict(reference.options).values())))
    assume(reference.fragment is None or reference.fragment.isprintable())
    text = str(reference)
    assume(not (":" in text.partition("://")[2] and "@" in text))
    assert parse(text) == reference
    assert text.isprintable()


@given(
    st.sampled_from([*SCHEMES, *FOREIGN]),
    st.text(st.sampled_from("ab/#?%25=2Ff&. .\\é:@"), max_size=14),
)
@example("bw", "a%2fb/c")
@example("bw", "a%61/c")
@example("mine", "a//b")
@example("mine", "a/../b")
@example("mine", "a?")
@example("mine", "a#")
@example("mine", "a?b=1&a=2")
@example("mine", " a")
@example("file", "//a")
def test_a_text_comes_back(scheme: str, rest: str) -> None:
    """What is read as a reference has one text: the one that was read. So no two texts meet."""
    text = f"{scheme}://{rest}"
    reference = parsed(text)
    if reference is not None:
        assert str(reference) == text


@given(references(), references())
def test_two_references_have_two_texts(one: Reference, two: Reference) -> None:
    """Different places never have the same text."""
    assert (one == two) is (str(one) == str(two))


def said(action: Callable[[str], object], text: str) -> str:
    """Return what *action* has to say against *text*."""
    try:
        action(text)
    except MalformedError as error:
        return f"{error} {error.hint}"
    return ""


NAMES = st.from_regex("[A-Za-z_][A-Za-z0-9_]{0,6}", fullmatch=True)
SOURCES = [
    "op://Engineering/chat",
    "op://Engineering/chat?account=team",
    "bw://chat",
    "pass://team/chat",
    "pass://team/chat#",
    "pass://team/",
    "vault://secret/chat?namespace=a/b/",
    "aws-ssm:///team/chat?region=eu-1/",
    "keepassxc://~/team.kdbx/chat",
    "mine://x?one=1/",
    "mine:///x",
]


@given(st.sampled_from(SOURCES), NAMES, NAMES)
def test_a_source_leads_each_name_to_its_own_place(source: str, one: str, two: str) -> None:
    """Two variables of a source never meet, and the name is nothing but the last of the place."""
    first, second = parse(join(source, one)), parse(join(source, two))
    assert (first == second) is (one == two)
    assert one == (first.fragment if first.fragment is not None else first.path[-1])
    assert first.options == parse_source(source).options


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_the_place_without_the_name(source: str) -> None:
    """What is listed is what the names complete."""
    whole, found = parse(join(source, "NAME")), parse_source(source)
    path = whole.path if whole.fragment is not None else whole.path[:-1]
    assert found == whole._replace(path=path, fragment=None)


@pytest.mark.parametrize("source", ["pass://team/chat#1", "vault://secret/chat#key", "mine://x#y#"])
def test_a_source_has_no_field(source: str) -> None:
    """A name is not added to a field's."""
    with pytest.raises(MalformedError, match="a source has several"):
        parse_source(source)


CREDENTIAL_PLACES = [
    "{scheme}://user:{secret}@host/item/field",
    "{scheme}://user:{secret}@",
    "{scheme}://:{secret}@host",
    "{scheme}:///user:{secret}@host/a/b/c/d/e",
    "{scheme}://item/user:{secret}@host/../x",
    "{scheme}://item?x=user:{secret}@host",
    "{scheme}://item/field?token={secret}",
    "{scheme}://item/field?API_KEY={secret}",
    "{scheme}://item/field?a=1&my-password={secret}#x",
    "{scheme}://item//field#user:{secret}@host",
    "{scheme}:/user:{secret}@host",
    "{scheme} ://user:{secret}@host",
    "user:{secret}@host",
]


@pytest.mark.parametrize("scheme", [*SCHEMES, *FOREIGN, "https", "OP", ""])
@pytest.mark.parametrize("place", CREDENTIAL_PLACES)
def test_a_credential_is_never_shown(scheme: str, place: str) -> None:
    """Whatever is wrong with a text, `user:password@` and secret options are not in the message."""
    secret = secrets.token_hex(8)
    for action in (parse, parse_source):
        assert secret not in said(action, place.format(scheme=scheme, secret=secret))


@pytest.mark.parametrize("scheme", [*SCHEMES, *FOREIGN])
@pytest.mark.parametrize("place", ["user:{}@host/a/b", "a/b/c?token={}", "a/b?session-id={}#c"])
def test_a_credential_is_refused(scheme: str, place: str) -> None:
    """A reference is written into a repository: a credential in it is an error, with a way out."""
    with pytest.raises(MalformedError, match="holds a credential") as caught:
        parse(f"{scheme}://{place.format(secrets.token_hex(8))}")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("op", "looks like"),
        ("op:vault/item/field", "looks like"),
        ("Op://vault/item/field", "looks like"),
        ("://vault/item", "looks like"),
        ("op://vault/item", "too short"),
        ("op://a/b/c/d/e", "too many"),
        ("op://vault//field", "empty"),
        ("op://vault/item/field#x", "no #"),
        ("op://vault/item/field?other=1", "account"),
        ("op://vault/it'em/field", "wants an id"),
        ("bw://item/field?x=1", "nothing after"),
        ("vault://secret/chat", "needs a #field"),
        ("vault://secret/chat#", "empty"),
        ("pass://a/../b", "`.` and `..`"),
        ("pass://./b", "`.` and `..`"),
        ("mine://a\tb", "cannot be printed"),
        ("mine://a%0Ab", "cannot be printed"),
        ("mine://a%00b", "cannot be printed"),
        ("mine://a%ffb", "cannot be printed"),
        ("mine://a\u202eb", "cannot be printed"),
        ("mine://a\ud800b", "cannot be printed"),
        ("mine://%61", "write it as mine://a"),
        ("mine://a%2fb", "write it as mine://a%2Fb"),
        ("mine://100%", "write it as mine://100%25"),
        ("mine://a?x=1&x=2", "stands twice"),
        ("mine://a?x=", "no value"),
        ("mine://a?y=1&x=2", r"write it as mine://a\?x=2&y=1"),
        ("mine:// a", "write it as mine://%20a"),
        ("env://A-B", "a character that cannot stand there"),
    ],
)
def test_a_malformed_text_is_refused(text: str, reason: str) -> None:
    """Each text that is no reference says why, and what one looks like."""
    with pytest.raises(MalformedError, match=reason) as caught:
        parse(text)
    assert str(caught.value).isprintable()


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is raised, and the message can be printed."""
    assert said(parse, text).isprintable()


def test_the_parts_are_decoded() -> None:
    """A provider gets names as they are; options are found by name."""
    found = parse("bw://a%2Fb%3F%23%25 ż/%20field%20")
    assert found == Reference("bw", ("a/b?#% ż", " field "))
    found = parse("vault://secret/team/chat?namespace=a%26b&version=3#key")
    assert (found.option("namespace"), found.option("version")) == ("a&b", "3")
    assert found.option("other") is None
    assert found.fragment == "key"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_example_is_a_reference(scheme: str) -> None:
    """What a hint shows can be written so."""
    example = describe(scheme).example
    assert str(parse(example)) == example
    assert scheme_of(example) == scheme


def test_a_foreign_scheme_is_its_own_title() -> None:
    """Of a program that somebody else wrote nothing is known but its name."""
    assert describe("mine").title == "mine"
    assert parse("mine:///a/b?x=1#c") == Reference("mine", ("", "a", "b"), (("x", "1"),), "c")


def test_options_without_end_take_no_time() -> None:
    """A text with tens of thousands of options is read at once."""
    text = "mine://a?" + "&".join(f"o{number:05}=x" for number in range(30_000))
    began = time.process_time()
    assert len(parse(text).options) == 30_000
    assert time.process_time() - began < 5


def test_colons_without_end_take_no_time() -> None:
    """A text of nothing but colons, in which a credential may begin anywhere, is read at once."""
    began = time.process_time()
    for text in ("op://a" + ":" * 200_000, "op://a/b/" + ":" * 200_000 + "/c"):
        with pytest.raises(MalformedError):
            parse(text)
    assert time.process_time() - began < 1


def test_credential_behind_more_colons_is_not_shown() -> None:
    """The nearest colon before the @ is enough to tell."""
    secret = secrets.token_hex(8)
    for text in (
        f"vault://a:b:{secret}@c/d#e",
        f"vault://a:{secret}@b@c/d#e",
        f"op://a/:{secret}@b",
    ):
        with pytest.raises(MalformedError) as caught:
            parse(text)
        assert secret not in str(caught.value)


def test_no_better_way_to_write_a_credential() -> None:
    """What is not shown as it was written is not shown as it is to be written either."""
    secret = secrets.token_hex(8)
    for text in (f"mine://a/b%2d/c:{secret}@d", f"mine://a/b%3A{secret}%40c/%41"):
        with pytest.raises(MalformedError) as caught:
            parse(text)
        assert secret not in f"{caught.value}{caught.value.hint}"
