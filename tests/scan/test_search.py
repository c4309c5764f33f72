"""Known values are found wherever and however they are written, and nothing else is."""

import base64
import json
import random
import re
import shlex
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from searches import ENGINES, search_for, value

from devkeys.scan.engine import Engine
from devkeys.scan.literals import is_long_enough
from devkeys.scan.search import Hit, Search

Make = Callable[[Sequence[bytes]], Engine]
with_both = pytest.mark.parametrize("make", ENGINES)
AWKWARD = "k$y/+1=\"2'3 4&<5>ä`6\\7~8"


def wrapped(text: bytes, column: int, line_end: bytes) -> bytes:
    """Return *text* in lines of *column* bytes."""
    return line_end.join(text[start : start + column] for start in range(0, len(text), column))


def written(text: str) -> Iterator[tuple[str, bytes]]:
    """Yield ways of writing *text* that must be found, each with a name for the test."""
    raw = text.encode()
    yield "raw", raw
    yield "JSON", json.dumps(text).encode()
    yield "JSON in JSON", json.dumps(json.dumps(json.dumps({"a": text}))).encode()
    yield "JSON of PHP", json.dumps(text).replace("/", "\\/").encode()
    yield "JSON u002f", json.dumps(text).replace("/", "\\u002f").encode()
    yield "URL", quote(text, safe="").encode()
    yield "URL in URL", quote(quote(text, safe=""), safe="").encode()
    escapes = re.sub("%..", lambda found: found[0].lower(), quote(text, safe=""))
    yield "URL lower", escapes.encode()
    yield "shell single", shlex.quote(text).encode()
    double = "".join("\\" + char if char in '$`"\\' else char for char in text)
    yield "shell double", f'"{double}"'.encode()
    yield (
        "shell backslash",
        "".join("\\" + char if not char.isalnum() else char for char in text).encode(),
    )
    for before in range(3):
        plain = b"u" * before + raw + b"!"
        yield f"base64 {before}", base64.b64encode(plain)
        yield f"base64url {before}", base64.urlsafe_b64encode(plain)
        for column, end in ((64, b"\n"), (76, b"\r\n"), (7, b"\n    "), (13, b"\r\n\t")):
            long = base64.b64encode(b"x" * 50 + plain + b"y" * 50)
            yield f"base64 {before} at {column}", wrapped(long, column, end)
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    for order in ("utf-16-le", "utf-16-be"):
        yield order, text.encode(order)
        yield f"base64 of {order}", base64.b64encode(text.encode(order))
        yield f"JSON in {order}", json.dumps(text).encode(order)
    yield "utf-16 with BOM", f"a\r\n{text}\r\n".encode("utf-16")


@with_both
@pytest.mark.parametrize("size", [*range(8, 66), 100, 127, 128, 129, 200])
def test_every_length_in_every_form(make: Make, size: int) -> None:
    """A value of any length from eight is found in all forms, at any place modulo eight."""
    text = value(size).decode()
    search = search_for(text.encode(), make=make)
    for name, form in written(text):
        for offset in range(8):
            data = b"~" * offset + form + b"~~"
            assert [hit.known for hit in search.hits(data)] == [0], (name, offset)


@with_both
@pytest.mark.parametrize(
    "text", [AWKWARD, "pa ss wo rd", "two\nlines here", "\u00e4\u00f6\u00fc\u4e2d\u6587-key"]
)
def test_awkward_characters_in_every_form(make: Make, text: str) -> None:
    """Quotes, blanks, line ends and non-ASCII characters in a value hide it in no form."""
    search = search_for(text.encode(), make=make)
    for name, form in written(text):
        assert search.holds(b"~" + form + b"~"), name


@with_both
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=8, max_size=40).filter(
        # Of a character of two bytes in UTF-8, one byte may count in UTF-16.
        lambda text: all(is_long_enough(text.encode(form)) for form in ("utf-8", "utf-16-le"))
    )
)
def test_any_text_in_every_form(make: Make, text: str) -> None:
    """Whatever a value consists of, each way of writing it is found."""
    search = search_for(text.encode(), make=make)
    for name, form in written(text):
        assert search.holds(b"~" + form + b"~"), name


@with_both
@given(value=st.binary(min_size=8, max_size=200).filter(is_long_enough), offset=st.integers(0, 9))
def test_any_bytes_are_found_as_they_are(make: Make, value: bytes, offset: int) -> None:
    """A value need not be text."""
    data = b"~" * offset + value + b"~"
    hits = search_for(value, make=make).hits(data)
    assert len(hits) >= 1
    assert 0 <= hits[0].start < hits[0].end <= len(data)


@pytest.mark.parametrize("chunk", [1, 7, 16, 64, 100])
def test_every_border_between_chunks(chunk: int) -> None:
    """A value that chunks cut anywhere is found once, at its place."""
    secret = value(24)
    search = search_for(secret)
    for offset in range(2 * chunk if chunk > 7 else 20):
        data = b"~" * offset + secret + b"~" * 30
        found = list(search.stream(BytesIO(data).read, chunk=chunk, overlap=64))
        assert found == [Hit(0, "as it is", offset, offset + 24)]


@pytest.mark.parametrize("form", dict(written(value(30).decode())))
def test_every_form_across_borders(form: str) -> None:
    """Whatever the form, a border between chunks cuts nothing off."""
    data = b"~" * 11 + dict(written(value(30).decode()))[form] + b"~" * 40
    search = search_for(value(30))
    for chunk in (13, 32, 61):
        found = list(search.stream(BytesIO(data).read, chunk=chunk, overlap=400))
        assert [hit.known for hit in found] == [0], chunk


@given(
    st.lists(st.sampled_from([value(8), value(20), b"~", b" ", b"\n", value(8)[:5]]), max_size=60),
    st.integers(1, 90),
)
def test_a_stream_finds_what_one_piece_has(parts: list[bytes], chunk: int) -> None:
    """Chunks change neither what is found nor how often."""
    data = b"".join(parts)
    search = search_for(value(8), value(20))
    assert list(search.stream(BytesIO(data).read, chunk=chunk, overlap=80)) == search.hits(data)


@with_both
@pytest.mark.parametrize("size", [8, 12, 20, 40])
def test_what_is_nearly_a_value_is_none(make: Make, size: int) -> None:
    """One byte off, another case, a blank between, the first part alone: no hit."""
    secret = value(size, seed=3)
    search = search_for(secret, make=make)
    half = size // 2
    near = [
        secret[:half] + b" " + secret[half:],
        secret[:half] + b"\t" + secret[half:],
        secret[:half] + b" \n" + secret[half:],
        secret[:half] + b"." + secret[half:],
        secret[:half] + secret[half + 1 :],
        secret[:-1] + bytes((secret[-1] ^ 1,)),
        secret.swapcase(),
        secret[::-1],
        secret[:-1],
        secret[1:],
    ]
    for data in near:
        assert not search.hits(b"~" + data + b"~"), data


@with_both
def test_random_data_holds_nothing(make: Make) -> None:
    """Neither bytes nor letters by chance are a value."""
    search = search_for(*(value(size) for size in range(8, 60)), make=make)
    dice = random.Random(5)  # noqa: S311  # the same data each time
    for data in (dice.randbytes(1 << 20), value(1 << 18, seed=9)):
        assert not search.hits(data)


def test_a_torn_value_does_not_hide_the_next() -> None:
    """A place that looks like the value and is none is passed over, not more."""
    secret = b"ab" * 6
    data = b"abab " + b"ab" * 4 + b" " + secret + b" ab"
    assert [(hit.start, hit.end) for hit in search_for(secret).hits(data)] == [(14, 26)]


def test_wrapped_lines_are_no_quotes_of_words() -> None:
    """The form of what is found says how it is written."""
    secret = value(20)
    cases = {
        "as it is": secret,
        "UTF-16": secret.decode().encode("utf-16-le"),
        "wrapped": secret[:9] + b"\n" + secret[9:],
        "base64": base64.b64encode(secret),
        "base64, wrapped": wrapped(base64.b64encode(secret), 10, b"\n"),
        "hex": secret.hex().encode(),
    }
    search = search_for(secret)
    assert {hit.form for data in cases.values() for hit in search.hits(data)} == set(cases)


def test_two_values_at_one_place_are_both_found() -> None:
    """A value inside another one is found with it."""
    inner, outer = value(12), b"postgres://u:" + value(12) + b"@host"
    assert {hit.known for hit in search_for(inner, outer).hits(b"~" + outer)} == {0, 1}


def test_a_key_in_lines_is_found_without_them() -> None:
    """A private key is found indented, in JSON, in one line, and with other line ends."""
    body = "\n".join(textwrap.wrap(value(400).decode(), 64))
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    search = search_for(key.encode())
    for data in (
        key.encode(),
        key.replace("\n", "\r\n").encode(),
        textwrap.indent(key, "    ").encode(),
        json.dumps({"key": key}).encode(),
        json.dumps(json.dumps({"key": key})).encode(),
        key.replace("\n", " ").encode(),
        key.replace("\n", "").encode(),
        base64.b64encode(key.encode()),
        key.encode("utf-16"),
    ):
        assert search.holds(data)
    assert not search.holds(key.replace(body[70:80], "0" * 10).encode())


def test_a_huge_value_is_found_by_its_beginning() -> None:
    """Half a kilobyte of a value is proof enough that it is there."""
    huge = value(1 << 16)
    assert search_for(huge).holds(b"~" + huge[:600] + b"~")
    assert not search_for(huge).holds(b"~" + huge[:400] + b"~")


FLOODS = {
    "a value again and again": (value(32), value(32)),
    "the same in lines": (value(32), value(32) + b"\n"),
    "the shortest value": (value(8), value(8)),
    "one character": (b"a" * 8, b"a"),
    "one character, torn": (b"a" * 16, b"a" * 15 + b" "),
    "half a kilobyte of it, torn": (b"a" * 512, b"a" * 511 + b" "),
    "one character in UTF-16": (b"a" * 16, b"a\0"),
    "blanks": (b"a b a b a b a b", b"a b "),
    "nothing but NUL": (value(20), b"\0"),
    "nothing but blanks": (value(20), b" "),
    "nothing but quotes": (value(20), b'\\"'),
}


@with_both
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_takes_no_longer_than_its_size(make: Make, flood: str) -> None:
    """A megabyte that is nothing but a value, or nearly one, is searched in a moment."""
    secret, piece = FLOODS[flood]
    search = search_for(secret, make=make)
    data = piece * ((1 << 20) // len(piece))
    start = time.perf_counter()
    hits = search.hits(data)
    assert time.perf_counter() - start < 8
    assert bool(hits) == (secret in data or piece == b"a\0")


def test_what_is_known_enough_is_not_looked_for_any_more() -> None:
    """In a flood of one value, the others are still found."""
    often, once = value(16, seed=1), value(16, seed=2)
    enough: set[int] = set()
    found = []
    data = often * 3000 + once + often * 3000
    for hit in search_for(often, once).stream(BytesIO(data).read, enough, chunk=4096):
        found.append(hit.known)
        enough.add(0)
    assert 1 in found
    assert len(found) < 400


def test_no_values_find_nothing() -> None:
    """A search for nothing is no error."""
    assert Search([]).hits(b"data") == []
    assert list(Search([]).stream(BytesIO(b"data").read)) == []
