"""Secrets as arguments: `--password=…`, headers, URLs, and the short options of some programs."""

import re
from collections.abc import Iterator

from devkeys.names import is_secret_name
from devkeys.typed import values

_OPTION = re.compile(r"(?<![\w-])--?([A-Za-z][\w-]{2,60})(=|[ \t]{1,8}(?:\\\n[ \t]*)?)(?=[^\s-])")


def _table(text: str) -> frozenset[str]:
    return frozenset(text.split())


# These say how the secret is given, and are not followed by it.
_MANNER = _table(
    """STDIN FD FILE PROMPT ASK INTERACTIVE COMMAND CMD HELPER ENV VAR FROM STORE ONLY SCRIPT
    GENERATE LIST SHOW DELETE REMOVE STATUS SERVER INFO PATH"""
)
_ASKING = _table("ASK PROMPT NO WITHOUT WITH READ")
# Programs in which `--password` asks for it unless an `=` follows.
_ASKS = re.compile(r"(?<![\w-])(?:my(?:sql|cli)|mariadb|psql|pg_|createdb|dropdb)")
_HEADER = re.compile(
    r"""(?i:authorization)\\?["']?[ \t]*[:=][ \t]*\\?["']?
    (?:(?i:bearer|basic|token|digest|apikey|api-key|key)[ \t]+)?""",
    re.VERBOSE,
)
_BEARER = re.compile(r"(?i:\bbearer)[ \t]+(?=[^\s-])")
_COOKIE = re.compile(r"(?i:(?<![\w-])(?:set-)?cookie):[ \t]*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^/\s:@\"'<>]{0,200}:([^/\s@]{1,500})@")
_TOKEN_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://([A-Za-z0-9_-]{20,200})@")


def secret_option(text: str) -> str | None:
    """Return, as a person would say it, the secret that *text* gives as an argument, or None."""
    for what, name, value in _candidates(text):
        if values.is_literal(name, value):
            return what
    return None


def _candidates(text: str) -> Iterator[tuple[str, str, values.Value]]:
    yield from _options(text)
    for match in _HEADER.finditer(text):
        yield "an Authorization header", "AUTHORIZATION", values.read(text, match.end())
    for match in _BEARER.finditer(text):
        value = values.read(text, match.end())
        if values.looks_random(value.text) or len(value.text) >= 20:
            yield "a bearer token", "BEARER_TOKEN", value
    for match in _COOKIE.finditer(text):
        value = values.read(text, match.end())
        if "=" in value.text:
            yield "a cookie", "COOKIE", values.Value(value.text.partition("=")[2], value.quote)
    for match in _URL.finditer(text):
        yield "a password in a URL", "PASSWORD", values.Value(match[1])
    for match in _TOKEN_URL.finditer(text):
        if values.looks_random(match[1]):
            yield "a token in a URL", "TOKEN", values.Value(match[1])


def _options(text: str) -> Iterator[tuple[str, str, values.Value]]:
    for match in _OPTION.finditer(text):
        option = match[1]
        name = option.replace("-", "_").upper()
        words = name.split("_")
        if not is_secret_name(name) or words[0] in _ASKING or not _MANNER.isdisjoint(words):
            continue
        spaced = match[2] != "="
        value = values.read(text, match.end())
        if spaced and (_ASKS.search(text, 0, match.start()) or values.is_name(value.text)):
            continue
        if value.text.startswith(("id=", "type=", "src=")):
            continue  # docker build --secret id=…
        if name in ("KEY", "SECRET", "SECRETS", "KEYS") and not values.looks_random(value.text):
            continue
        yield f"what follows {match[0][: match[0].index(option)]}{option}", name, value
