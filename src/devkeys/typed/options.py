"""Secrets as arguments whatever the program: `--password=…`, headers, URLs, SQL."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from devkeys.typed import literal, values
from devkeys.typed.naming import is_secret, snake
from devkeys.typed.values import Value
from devkeys.typed.wording import shown_option

_OPTION = r"""(?<![\w-])(?P<dashes>--?)(?P<option>[A-Za-z][\w-]{1,60}+)
    (?:(?P<sign>[=:])|[ \t]{1,8}(?:\\\n[ \t]*)?+(?!-))(?=\S)"""


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


# These say how the secret is given, and are not followed by it ...
_MANNER = _table(
    """STDIN FD FILE PROMPT ASK INTERACTIVE COMMAND CMD HELPER ENV VAR FROM STORE ONLY SCRIPT
    GENERATE LIST SHOW DELETE REMOVE STATUS SERVER INFO PATH"""
)
# ... or what is done with it.
_DOING = _table(
    """ASK PROMPT NO WITHOUT WITH READ EXPORT IMPORT LIST SHOW GET DELETE CREATE NEW PRINT OUTPUT
    PRESERVE CHECK RECV SEND SEARCH REFRESH"""
)
_WEAK = _table("KEY SECRET SECRETS KEYS")  # often a file's or an object's name
# docker build --secret id=…; openssl -pass env:…
_SAYS_WHERE = ("id=", "type=", "src=", "file:", "env:", "fd:")
# Programs in which `--password` asks for it unless an `=` follows.
_ASKS = r"(?<![\w-])(?:my(?:sql|cli)|mariadb|psql|pg_|createdb|dropdb)"
_HEADER = r"""(?i:authorization)\\?["']?[ \t]*[:=][ \t]*\\?["']?
    (?P<scheme>(?i:bearer|basic|token|digest|apikey|api-key|key)[ \t]+)?"""
_OTHER_SCHEME = r"[A-Za-z][\w-]{0,30}[ \t]+(?=[^\s-])"  # Bot, SSWS, OAuth, ...
_BEARER = r"(?i:\bbearer)[ \t]+(?=[^\s-])"
_COOKIE = r"(?i:(?<![\w-])(?:set-)?cookie):([^\n\"']{0,4000})"
_USER_AND_MORE = (
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://[^/\s:@\"'<>]{0,200}:([^/\s\"'<>]{1,500})@"
)
_USER_ONLY = r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://([A-Za-z0-9_-]{20,200})@"
_SQL = r"""(?i)\b(?:password|identified[ \t]+by(?:[ \t]+password)?)[ \t]+(?=\\?"?')"""
_SECURE = r"""(?i)convertto-securestring[ \t]+(?:-string[ \t]+)?(?=["'])"""
_NETRC = r"machine[ \t]+\S{1,200}[ \t]+login[ \t]+\S{1,200}[ \t]+password[ \t]+(?=\S)"


class _Argument(NamedTuple):
    what: str
    name: str
    value: Value


def secret_option(text: str) -> str | None:
    """Return, as a person would say it, the secret that *text* gives as an argument, or None."""
    for argument in values.each(_arguments(text)):
        if literal.is_literal(argument.name, argument.value):
            return argument.what
    return None


def _arguments(text: str) -> Iterator[_Argument]:
    lower = text.lower()
    if "-" in text:
        yield from _options(text)
    if "authorization" in lower:
        yield from _headers(text)
    if "bearer" in lower:
        for found in _each(text, _BEARER, "a bearer token", "BEARER_TOKEN"):
            if values.looks_random(found.value.text) or len(found.value.text) >= 20:
                yield found
    if "cookie:" in lower:
        yield from _cookies(text)
    if "://" in text and "@" in text:
        yield from _urls(text)
    if "password" in lower or "identified" in lower:
        yield from _each(text, _SQL, "a password in SQL", "PASSWORD")
        yield from _each(text, _NETRC, "a password of .netrc", "PASSWORD")
    if "securestring" in lower:
        yield from _each(text, _SECURE, "a secure string", "PASSWORD")


def _each(text: str, pattern: str, what: str, name: str) -> Iterator[_Argument]:
    for match in re.finditer(pattern, text, re.VERBOSE if "\n" in pattern else 0):
        yield _Argument(what, name, values.read(text, match.end()))


def _headers(text: str) -> Iterator[_Argument]:
    what, name = "an Authorization header", "AUTHORIZATION"
    for match in re.finditer(_HEADER, text, re.VERBOSE):
        value = values.read(text, match.end())
        if match["scheme"] or values.looks_random(value.text) or len(value.text) >= 20:
            yield _Argument(what, name, value)
        other = None if match["scheme"] else re.compile(_OTHER_SCHEME).match(text, match.end())
        value = values.read(text, other.end()) if other else value
        if other and values.looks_random(value.text):
            yield _Argument(what, name, value)


def _cookies(text: str) -> Iterator[_Argument]:
    for match in re.finditer(_COOKIE, text):
        for pair in re.finditer(r"=([^;\s]{6,})", match[1]):
            if values.looks_random(pair[1]):
                yield _Argument("a cookie", "COOKIE", Value(pair[1]))


def _urls(text: str) -> Iterator[_Argument]:
    for match in re.finditer(_USER_AND_MORE, text):
        yield _Argument("a password in a URL", "PASSWORD", Value(match[1]))
    for match in re.finditer(_USER_ONLY, text):
        if values.looks_random(match[1]):
            yield _Argument("a token in a URL", "TOKEN", Value(match[1]))


def _options(text: str) -> Iterator[_Argument]:
    for match in re.finditer(_OPTION, text, re.VERBOSE):
        name = snake(match["option"])
        words = name.split("_")
        if not is_secret(match["option"]) or words[0] in _DOING or not _MANNER.isdisjoint(words):
            continue
        value = values.read(text, match.end())
        if not match["sign"] and (_is_asked(text, match.start()) or values.is_name(value)):
            continue
        if value.text.startswith(_SAYS_WHERE):
            continue
        if name in _WEAK and not _looks_like_a_key(value):
            continue
        yield _Argument(shown_option(match["dashes"], match["option"]), name, value)


def _looks_like_a_key(value: Value) -> bool:
    return values.looks_random(value.text) and not value.text.startswith(("{", "["))  # no JSON


def _is_asked(text: str, start: int) -> bool:
    line = text[max(start - 300, 0) : start]
    return bool(re.search(_ASKS, line))
