"""Words as they were typed, without their quotes.

Quotes are looked at, not obeyed, in whatever shell, because values also stand inside quoted
commands (`bash -c "export A_KEY='…'"`). Patterns are compiled when they are first needed.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

_T = TypeVar("_T")

_END = r"[\s;|&<>()\"'`]"
# `\"` is a quote inside quotes; `$'`, `@'` and `r'` are quotes of some shells.
_OPENING = r"""\\?(?:[$@]|[rbf]{1,2}|r\#+)?\\?["'`]"""
_PLAIN = r"""(?:\\.|[^\s;|&<>()"'`\\]){0,1000}+\\?"""
_LONGEST = 1000  # characters of a value; the rest changes nothing
_COUNTED = 1 << 16  # characters in which quotes are counted
_MOST = 1000  # values in a command


class TooMany(Exception):  # noqa: N818  # no error: the text is what it is
    """There is more in a command than is looked at."""


def each(found: Iterable[_T]) -> Iterator[_T]:
    """Yield what was *found*, up to a number that no command of a person has.

    Raises TooMany then.
    """
    rest = iter(found)
    yield from islice(rest, _MOST)
    for _ in rest:
        raise TooMany


class Value(NamedTuple):
    """A word as it was typed, without its quotes; *quote* is what it began with, if anything.

    What is called, `getpass(…)`, keeps its parenthesis.
    """

    text: str
    quote: str = ""


def read(text: str, start: int) -> Value:
    """Return the word that begins at *start*; an unbalanced quote goes to the end of *text*."""
    while text.startswith("\\\n", start):
        start += 2
    opening = re.compile(_OPENING).match(text, start)
    if opening is None or text.startswith(("`", "\\`"), start):
        return _plain(text, start)
    quote = opening[0][-1]
    if len(opening[0]) == 1 and _closes(text, start):
        return _plain(text, start + 1)  # what was open ends here: "Bearer "$TOKEN
    escaped = opening[0].startswith("\\")
    stop = _closing(text, opening.end(), quote, escaped=escaped)
    found = text[opening.end() : stop]
    if escaped:
        found = found.removesuffix("\\")
    after = text[stop + 1 : stop + 2]
    if not found and after and after not in "]},:" and not re.match(_END, after):
        return read(text, stop + 1)  # ''secret
    kind = "f" if "f" in opening[0] else quote
    return Value(found, kind)


def _plain(text: str, start: int) -> Value:
    if text.startswith(("`", "$(", "${", "("), start):
        part = re.compile(r"\$\{[^{}\s]{0,200}\}" + _PLAIN).match(text, start)
        return Value(part[0] if part else text[start : start + 2])
    word = re.compile(_PLAIN, re.DOTALL).match(text, start)
    stop = word.end() if word else start
    return Value(text[start : stop + 1] if text.startswith("(", stop) else text[start:stop])


def _closing(text: str, start: int, quote: str, *, escaped: bool) -> int:
    while True:
        stop = text.find(quote, start, start + _LONGEST)
        if stop < 0:
            return min(len(text), start + _LONGEST)
        if escaped or text[stop - 1] != "\\" or quote != '"':
            return stop
        start = stop + 1


def _closes(text: str, start: int) -> bool:
    """Say whether the quote at *start* ends what an earlier one began."""
    if start > _COUNTED:
        return False
    quote = text[start]
    return (text.count(quote, 0, start) - text.count("\\" + quote, 0, start)) % 2 == 1


def is_name(value: Value) -> bool:
    """Say whether *value* is a variable's name, as in `set A_KEY B_KEY`."""
    return not value.quote and bool(re.fullmatch(r"[A-Z]+(?:_[A-Z]+)+\d{0,2}", value.text))


def looks_random(text: str) -> bool:
    """Say whether nobody would write *text* as a word: the test where a name alone says little."""
    if len(text) < 6 or any(char.isspace() for char in text):
        return False
    digits = sum(char.isdigit() for char in text)
    letters = sum(char.isalpha() for char in text)
    if digits and letters:
        # version-2, web01, 2024-05-01T10:00 and 3000ms are no keys.
        return not re.fullmatch(r"[A-Za-z_./-]+\d{1,3}|v?\d+[\d._:TZ-]*[a-z]{0,2}", text)
    if letters and len(text) >= 16:
        return text.lower() != text and text.upper() != text and not re.search(r"[_.:/ -]", text)
    return letters > 3 and bool(re.search(r"[!#$%^&*+~?@]", text)) and "/" not in text
