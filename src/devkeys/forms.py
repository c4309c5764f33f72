"""The forms in which a value gets written down: encodings of it, each a text to search for.

What only adds backslashes, quotes, line ends or NUL bytes to another form (a shell's quoting,
most of JSON's, wrapped lines, UTF-16) is no form of its own: `scan.squeeze` takes it away.
"""

import binascii
import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, urlsplit

AS_IT_IS = "as it is"
# What is left as it is in a URL's parts by (in order): most of them, Python's quote, JavaScript's
# encodeURIComponent and encodeURI, URLSearchParams, Go's paths and user names, WHATWG's user names,
# and what RFC 3986 lets stand in a path.
_URL_SAFE = (
    "",
    "/",
    "!'()*",
    "!'()*;,/?:@&=+$#",
    "*",
    "$&+:=@",
    "$&+,;=",
    "!$&'()*+,",
    "!$&'()*+,;=:@",
)
# What JSON writers spell as \uXXXX besides: Go, Jinja, .NET, PHP when asked; and some the slash.
_JSON_MORE = ("", "<>&", "<>&'", "<>&'\"+`", "<>&'\"", "/")
# What writers of HTML escape besides & < > and quotes: Handlebars, Mustache, Go.
_HTML_MORE: tuple[dict[str, str], ...] = (
    {},
    {"`": "&#x60;", "=": "&#x3D;"},
    {"`": "&#x60;", "=": "&#x3D;", "/": "&#x2F;"},
    {"+": "&#43;"},
)
_PLAIN = re.compile(rb"[A-Za-z0-9_.-]*")  # which no writer escapes
_SIMPLE = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


class Form(NamedTuple):
    """A *name* for people, and the *text* as it is written, in bytes."""

    name: str
    text: bytes


def forms(value: bytes) -> list[Form]:
    """Return the forms of *value*, each text once, beginning with the value itself."""
    found: dict[bytes, str] = {}
    for name, text in _all(value):
        found.setdefault(text, name)
    return [Form(name, text) for text, name in found.items()]


def _all(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield AS_IT_IS, value
    text = _decoded(value)
    if not _PLAIN.fullmatch(value):
        yield from _escaped(value, text)
    yield from (("base64", form) for form in _base64(value))
    if text is not None:
        for order in ("utf-16-le", "utf-16-be"):
            wide = text.encode(order)
            if not text.isascii():  # else it is the value with NUL bytes
                yield "UTF-16", wide
            yield from (("base64 of UTF-16", form) for form in _base64(wide))
    digits = binascii.hexlify(value)
    yield "hex", digits
    yield "hex", digits.upper()


def _escaped(value: bytes, text: str | None) -> Iterator[tuple[str, bytes]]:
    if text is not None:
        yield from (("JSON", form) for form in _json(text))
        yield from (("HTML", form) for form in _html(text))
        yield "shell", text.replace("$", "$$").encode()
        yield "PowerShell", _backticks(text).encode()
    yield from (("URL", form) for form in _url(value))


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _json(text: str) -> Iterator[bytes]:
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    for more in _JSON_MORE:
        for ascii_only in (True, False):
            for upper in (False, True):
                escapes = {ord(c): _json_char(c, more, ascii_only, upper) for c in set(text)}
                yield text.translate(escapes).encode()


def _json_char(char: str, more: str, ascii_only: bool, upper: bool) -> str:
    if char in _SIMPLE:
        return _SIMPLE[char]
    if char >= " " and char not in more and (char < "\x7f" or not ascii_only):
        return "\\" + char if char in '"\\' else char
    units = char.encode("utf-16-be")
    digits = [units[place : place + 2].hex() for place in range(0, len(units), 2)]
    return "".join("\\u" + (unit.upper() if upper else unit) for unit in digits)


def _html(text: str) -> Iterator[bytes]:
    escapes = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    for more in _HTML_MORE:
        for double in ("&quot;", "&#34;", '"'):
            for single in ("&#39;", "&#x27;", "&apos;", "'"):
                table = str.maketrans({**escapes, **more, '"': double, "'": single})
                yield text.translate(table).encode()


def _backticks(text: str) -> str:
    return "".join("`" + char if char in '`$"' else char for char in text)


def _url(value: bytes) -> Iterator[bytes]:
    for safe in _URL_SAFE:
        once = quote(value, safe=safe)
        tilde = once.replace("~", "%7E")  # forms in browsers, Java and PHP
        for form in (
            once,
            once.replace("%20", "+"),
            tilde.replace("%20", "+"),
            quote(once, safe=""),
        ):
            yield form.encode()
            yield _lower_escapes(form).encode()


def _lower_escapes(text: str) -> str:
    head, *rest = text.split("%")
    return head + "".join("%" + part[:2].lower() + part[2:] for part in rest)


def _base64(value: bytes) -> Iterator[bytes]:
    """Yield what of any base64 of a text with *value* in it depends on the value alone."""
    for before in range(3):
        encoded = binascii.b2a_base64(bytes(before) + value, newline=False)
        # Six bits a character: the first that is the value's only, and the last.
        whole = encoded[(8 * before + 5) // 6 : 8 * (before + len(value)) // 6]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def password_in(value: bytes) -> bytes | None:
    """Return the password of the URL that *value* is, as it is written there; None without."""
    try:
        password = urlsplit(value.decode()).password if b"://" in value else None
    except ValueError:
        return None
    return password.encode() if password else None
