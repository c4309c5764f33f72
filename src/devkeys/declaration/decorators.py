"""Decorators in comments, in the syntax of the published @env-spec: read, written, checked."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from devkeys.declaration import Notice
from devkeys.declaration.decorator_values import KNOWN, check_value
from devkeys.errors import DeclarationError

Decorator = tuple[str, str]

_AT = re.compile(r"@([A-Za-z][A-Za-z0-9_-]*)")
_CALL = re.compile(r"[A-Za-z][A-Za-z0-9_]*\(")
_BARE = re.compile(r"[^\s#]*")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BEFORE_QUOTE = frozenset("([{,= \t\n")
_MOST_LINES = 100


class Unclosed(Exception):  # noqa: N818 - it never leaves this module
    """A bracket or a quotation mark has no other half."""


class Commented(NamedTuple):
    """What a run of comment lines says: decorators with their lines, prose, notices."""

    decorators: tuple[tuple[int, Decorator], ...]
    prose: tuple[str, ...]
    notices: tuple[Notice, ...]


def read_run(run: Sequence[tuple[int, str]], path: str) -> Commented:
    """Take the comment lines *run*, each with its line number, apart.

    Raises DeclarationError where a decorator of ours says what it cannot.
    """
    decorators: list[tuple[int, Decorator]] = []
    prose: list[str] = []
    notices: list[Notice] = []
    place = 0
    reach = _MOST_LINES
    while place < len(run):
        line, text = run[place]
        place += 1
        joined = "\n".join(text.strip() for _, text in run[place - 1 : place - 1 + reach])
        try:
            found, end = scan(joined)
        except Unclosed as error:
            notices.append(_refuse_unclosed(text, str(error), line, path))
            found, end, reach = [], 0, 1
        if not found:
            prose.append(text.strip())
            continue
        rest = joined[end:].partition("\n")[0]
        place += joined.count("\n", 0, end)
        decorators += [(line, check_value(decorator, f"{path}:{line}")) for decorator in found]
        notices += _remarks(found, rest, line)
        if rest.startswith("#"):
            prose.append(rest.lstrip("# ").strip())
    return Commented(tuple(decorators), tuple(prose), tuple(notices))


def _refuse_unclosed(text: str, missing: str, line: int, path: str) -> Notice:
    if any(name in KNOWN for name in _AT.findall(text)):
        raise DeclarationError(
            f"{path}:{line}: a decorator's {missing} is missing",
            hint="close it in this comment, on a line that begins with # too",
        )
    return Notice(line, f"an @ with a {missing} missing; taken as prose")


def _remarks(found: list[Decorator], rest: str, line: int) -> list[Notice]:
    notices = [
        Notice(line, f"@{name} is not known to devkeys; ignored")
        for name, _ in found
        if name not in KNOWN
    ]
    if rest.strip() and not rest.startswith("#"):
        notices.append(Notice(line, "text after decorators is ignored; put a # before it"))
    return notices


def read_inline(text: str, line: int, path: str) -> Commented:
    """Take the comment after a value apart; it holds decorators only if it begins with one."""
    return read_run(((line, text),), path) if text else Commented((), (), ())


def scan(text: str) -> tuple[list[Decorator], int]:
    """Return the decorators that *text* begins with, and where they end.

    A call such as `@docs(x)` has the value `(x)`. Raises Unclosed.
    """
    found: list[Decorator] = []
    place = _skip(text, 0)
    while match := _AT.match(text, place):
        value, end = _value(text, match.end())
        if end < len(text) and text[end] not in " \t\n#":
            break
        found.append((match[1], value))
        place = _skip(text, end)
    return found, place


def _skip(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t":
        place += 1
    return place


def _value(text: str, place: int) -> tuple[str, int]:
    if text.startswith("(", place):
        return _bracketed(text, place, place)
    if not text.startswith("=", place):
        return "", place
    place += 1
    if text[place : place + 1] in ("'", '"', "`"):
        return _quoted(text, place)
    call = _CALL.match(text, place)
    if call or text[place : place + 1] in ("[", "{"):
        return _bracketed(text, place, call.end() - 1 if call else place)
    bare = _BARE.match(text, place)
    end = bare.end() if bare else place
    return text[place:end], end


def _bracketed(text: str, place: int, bracket: int) -> tuple[str, int]:
    end = _close(text, bracket)
    return text[place:end].replace("\n", " "), end


def _quoted(text: str, place: int) -> tuple[str, int]:
    quote = text[place]
    pieces: list[str] = []
    place += 1
    while place < len(text) and text[place] not in ("\n", quote):
        step = 2 if text[place] == "\\" and place + 1 < len(text) else 1
        pieces.append(_unescape(text[place : place + step], quote))
        place += step
    if not text.startswith(quote, place):
        raise Unclosed(quote)
    return "".join(pieces), place + 1


def _unescape(piece: str, quote: str) -> str:
    if piece == "\\n" and quote != "'":
        return "\n"
    return piece[1] if piece in ("\\\\", f"\\{quote}") else piece


def _close(text: str, place: int) -> int:
    expected: list[str] = []
    while place < len(text):
        char = text[place]
        if char in _CLOSING:
            expected.append(_CLOSING[char])
        elif char in "\"'`" and text[place - 1] in _BEFORE_QUOTE:
            place = _quoted(text, place)[1] - 1
        elif expected and char == expected[-1]:
            expected.pop()
            if not expected:
                return place + 1
        place += 1
    raise Unclosed(expected[0] if expected else "(")


def format_decorator(decorator: Decorator) -> str:
    """Write *decorator* so that `scan` reads it again, for `add` and for tests."""
    name, value = decorator
    for text in (f"@{name}{value}", f"@{name}={value}"):
        if _reads_as(text, decorator):
            return text
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'@{name}="{escaped}"'


def _reads_as(text: str, decorator: Decorator) -> bool:
    try:
        return scan(text) == ([decorator], len(text))
    except Unclosed:
        return False
