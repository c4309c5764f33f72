"""The forms in which values get written down, beside what real writers of them make."""

import base64
import html
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.forms import AS_IT_IS, forms, password_in

AWKWARD = "a/b+c=d&e<f>'g\"h`i~j k$l*m!n(o)@p:q;r,s?t#u\u00e4v\U0001f511"


def texts(value: str) -> set[bytes]:
    """Return all forms of *value*."""
    return {form.text for form in forms(value.encode())}


def test_the_value_itself_comes_first() -> None:
    """The first form is the value, as it is."""
    assert forms(b"some-value")[0] == (AS_IT_IS, b"some-value")


@given(st.binary(min_size=1, max_size=60))
def test_each_text_comes_once(value: bytes) -> None:
    """No text is there twice, whatever the value."""
    found = [form.text for form in forms(value)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(AWKWARD)[1:-1],
        json.dumps(AWKWARD, ensure_ascii=False)[1:-1],
        quote(AWKWARD),
        quote(AWKWARD, safe=""),
        quote(AWKWARD, safe="").replace("%2F", "%2f").replace("%2B", "%2b"),
        quote_plus(AWKWARD),
        urlencode({"": AWKWARD})[1:],
        html.escape(AWKWARD),
        AWKWARD.encode().hex(),
        AWKWARD.encode().hex().upper(),
        AWKWARD.replace("$", "$$"),
    ],
)
def test_what_python_writes_is_a_form(written: str) -> None:
    """What the standard library and simple tools make of a value is among its forms."""
    found = {text.lower() if b"%" in text else text for text in texts(AWKWARD)}
    assert (written.lower() if "%" in written else written).encode() in found


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("k<e>y&1'2", r"k\u003ce\u003ey\u00261'2"),  # Go's encoding/json
        ("k<e>y&1'2", r"k\u003Ce\u003Ey\u00261\u00272"),  # .NET, PHP with JSON_HEX_*
        ("key+1/2=3`4", r"key\u002B1/2=3\u00604"),  # .NET
        ("key/1/2/3", r"key\u002f1\u002f2\u002f3"),
        ("key'1=2/3`4", "key&#39;1&#x3D;2/3&#x60;4"),  # Handlebars spells a quote &#x27; or &#39;
        ("key'1=2/3`4", "key&#39;1&#x3D;2&#x2F;3&#x60;4"),  # Mustache
        ("key+1+2+3", "key&#43;1&#43;2&#43;3"),  # Go's html/template
        ("key~1 2*3", "key%7E1+2*3"),  # URLSearchParams, java.net.URLEncoder
        ("key~1 2*3", "key%7E1+2%2A3"),  # PHP's urlencode
        ("key$1+2/3", "key$1+2%2F3"),  # Go's url.PathEscape
        ("key`1$2", "key``1`$2"),  # PowerShell
    ],
)
def test_what_others_write_is_a_form(plain: str, written: str) -> None:
    """Escapes that only other languages' writers make are among the forms."""
    assert written.encode() in texts(plain)


@given(st.binary(min_size=8, max_size=80), st.binary(max_size=9), st.binary(max_size=9))
def test_any_base64_around_a_value_holds_one_of_its_forms(
    value: bytes, before: bytes, after: bytes
) -> None:
    """Wherever a value stands in what is encoded, one of three alignments is in the text."""
    found = [form.text for form in forms(value) if form.name == "base64"]
    assert any(text in base64.b64encode(before + value + after) for text in found)
    assert any(text in base64.urlsafe_b64encode(before + value + after) for text in found)


def test_a_value_that_is_no_text_has_forms_too() -> None:
    """Bytes that are no UTF-8 have no JSON, and are found as they are, in URLs and base64."""
    names = {form.name for form in forms(b"\xff\xfe" + b"k" * 10)}
    assert names == {AS_IT_IS, "URL", "base64", "hex"}


@pytest.mark.parametrize(
    ("value", "password"),
    [
        (b"postgres://app:s3cr3t@db/chat", b"s3cr3t"),
        (b"postgres://app@db/chat", None),
        (b"no address", None),
        (b"http://[broken", None),
        (b"\xff://a:b@c", None),
    ],
)
def test_the_password_of_an_address_is_taken_out(value: bytes, password: bytes | None) -> None:
    """An address gives its password; what is no address gives none."""
    assert password_in(value) == password
