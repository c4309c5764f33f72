"""Globs that a repository wrote, matched in a time that nothing in them can make long.

All places that a text has reached in the pattern are followed at once, so that `*a*a*a*a…` costs
the length of the pattern times that of the text. A regular expression could cost years.
"""

import re
from typing import NamedTuple

LONGEST = 300  # characters of a pattern
STAR, DEEP, DIRECTORIES = "*", "**", "**/"  # up to a slash, all, any number of directories


class Token(NamedTuple):
    """A character, a class of characters, or a kind of wildcard."""

    kind: str = ""
    char: str = ""
    chars: re.Pattern[str] | None = None

    def takes(self, char: str) -> bool:
        """Tell whether the token, if it stands for one character, stands for *char*."""
        if self.chars is not None:
            return bool(self.chars.match(char))
        return self.char == char


class Glob:
    """A pattern, taken apart into *tokens*."""

    def __init__(self, tokens: list[Token], *, ignore_case: bool = False) -> None:
        self.tokens = tokens
        self.ignore_case = ignore_case
        plain = not any(token.kind or token.chars for token in tokens)
        self.literal = "".join(token.char for token in tokens) if plain else None

    def match(self, text: str) -> bool:
        """Tell whether the pattern is about all of *text*."""
        if self.literal is not None:
            return self.literal == (text.lower() if self.ignore_case else text)
        # A place is a token's number, twice; odd inside of the directories of a `**/`.
        places = self._onward({0})
        for char in text.lower() if self.ignore_case else text:
            places = self._onward(self._after(places, char))
            if not places:
                return False
        return 2 * len(self.tokens) in places

    def _after(self, places: set[int], char: str) -> set[int]:
        reached = set()
        for place in places:
            if place >> 1 == len(self.tokens):
                continue
            token = self.tokens[place >> 1]
            if token.kind == DIRECTORIES:
                reached.add(place | 1)
                if char == "/":
                    reached.add((place | 1) + 1)
            elif token.kind:
                if token.kind == DEEP or char != "/":
                    reached.add(place)
            elif token.takes(char):
                reached.add(place + 2)
        return reached

    def _onward(self, places: set[int]) -> set[int]:
        """Return *places* with those that are reached from them by nothing at all."""
        reached = set(places)
        for place in places:
            step = place
            while not step & 1 and step >> 1 < len(self.tokens) and self.tokens[step >> 1].kind:
                step += 2
                if step in reached:
                    break
                reached.add(step)
        return reached


def character(char: str, *, ignore_case: bool = False) -> Token:
    """Return the token of one character."""
    return Token(char=char.lower() if ignore_case else char)


ANY = Token(chars=re.compile(r"[^/]", re.DOTALL))


def class_at(
    pattern: str, place: int, negations: str, *, ignore_case: bool = False
) -> tuple[Token | None, int]:
    """Return the class that begins behind the `[` before *place*, and where the pattern goes on.

    *negations* are the characters that turn it round. None is for a `[` that is only itself.
    """
    start = place + (pattern[place : place + 1] in tuple(negations))
    end = pattern.find("]", start + 1)
    if end < 0:
        return None, place
    body = "".join("\\" + char if char in "[]^&~|\\" else char for char in pattern[start:end])
    flags = re.IGNORECASE if ignore_case else 0
    try:
        test = re.compile(f"(?!/)[{'^' if start > place else ''}{body}]", flags)
    except re.error:
        test = re.compile("(?!)")  # a range that runs backwards is about nothing
    return Token(chars=test), end + 1
