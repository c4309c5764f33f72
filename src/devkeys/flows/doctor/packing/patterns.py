"""Globs and ignore rules of paths, in the dialects of git, minimatch and Python."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice

from devkeys.flows.doctor.packing.globs import (
    ANY,
    LONGEST,
    STAR,
    Glob,
    Token,
    character,
    class_at,
)

MOST_BRACES = 200  # alternatives
MOST_RULES = 1000

_GROUP = re.compile(r"(?<!\\)\{([^{}]*)\}")
_RANGE = re.compile(r"(-?\d{1,3})\.\.(-?\d{1,3})")


@lru_cache(maxsize=2000)
def segment(pattern: str, *, ignore_case: bool = False) -> Glob:
    """Return what matches one part of a path, between slashes, by a glob without `**`."""
    tokens: list[Token] = []
    place = 0
    pattern = pattern[:LONGEST]
    while place < len(pattern):
        char = pattern[place]
        place += 1
        token: Token | None = None
        if char == "*":
            token = Token(STAR)
        elif char == "?":
            token = ANY
        elif char == "[":
            token, place = class_at(pattern, place, "!^", ignore_case=ignore_case)
        elif char == "\\" and place < len(pattern):
            char = pattern[place]
            place += 1
        tokens.append(token or character(char, ignore_case=ignore_case))
    return Glob(tokens, ignore_case=ignore_case)


def match_parts(pattern: Sequence[str], path: Sequence[str], *, ignore_case: bool = False) -> bool:
    """Tell whether the parts of a pattern match those of a path; `**` is any number of parts."""
    return len(path) in reach(pattern, path, ignore_case=ignore_case)


def reach(pattern: Sequence[str], path: Sequence[str], *, ignore_case: bool = False) -> set[int]:
    """Return how many parts of *path*, from its beginning, *pattern* matches: all such numbers."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached, default=len(path) + 1), len(path) + 1))
        else:
            test = segment(part, ignore_case=ignore_case)
            reached = {n + 1 for n in reached if n < len(path) and test.match(path[n])}
        if not reached:
            break
    return reached


def glob(pattern: str, path: str) -> bool:
    """Tell whether Python's `glob` with `recursive` finds *path*: a `*` begins no dot file."""
    parts, wanted = pattern.strip("/").removeprefix("./").split("/"), path.split("/")
    if len(parts) > LONGEST:
        return False
    reached = {0}
    for part in parts:
        if part == "**":
            grown = set(reached)
            for start in reached:
                for stop in range(start, len(wanted)):
                    if wanted[stop].startswith("."):
                        break
                    grown.add(stop + 1)
            reached = grown
            continue
        hidden = part.startswith((".", "\\."))
        reached = {
            n + 1
            for n in reached
            if n < len(wanted)
            and (hidden or not wanted[n].startswith("."))
            and segment(part).match(wanted[n])
        }
    return len(wanted) in reached


def braces(pattern: str) -> list[str]:
    """Return the patterns that `{a,b}` and `{1..3}` in *pattern* stand for."""
    waiting, done = [pattern[:LONGEST]], list[str]()
    while waiting and len(waiting) + len(done) < MOST_BRACES:
        text = waiting.pop()
        for group in _GROUP.finditer(text):
            choices = _choices(group[1])
            if choices:
                waiting += [text[: group.start()] + c + text[group.end() :] for c in choices]
                break
        else:
            done.append(text)
    return done


def _choices(text: str) -> list[str]:
    if span := _RANGE.fullmatch(text):
        first, last = int(span[1]), int(span[2])
        return [str(n) for n in range(min(first, last), max(first, last) + 1)]
    return text.split(",") if "," in text else []


class IgnoreFile:
    """The rules of one `.gitignore`, which also hatchling and others write in their options."""

    def __init__(self, lines: Iterable[str]) -> None:
        rules = (rule for rule in map(_rule, lines) if rule is not None)
        self.rules = list(islice(rules, MOST_RULES))

    def matches(self, path: str) -> bool:
        """Tell whether the rules take in *path*, a file, by itself or by a directory above it."""
        return bool(self.verdict(path))

    def verdict(self, path: str) -> bool | None:
        """Return what the last rule that is about *path* says, None if none is.

        A rule about the path itself counts for more than one about a directory above it only if
        it comes later: that is pathspec's reading, which hatchling uses.
        """
        parts = path.split("/")
        said: bool | None = None
        for takes, pattern, only_directories in self.rules:
            reached = reach(pattern, parts) - {0}
            if only_directories:
                reached.discard(len(parts))
            if reached:
                said = takes
        return said


def _rule(line: str) -> tuple[bool, tuple[str, ...], bool] | None:
    text = line.rstrip("\r\n")
    if text.startswith("#"):
        return None
    text = _without_trailing_blanks(text)
    takes = not text.startswith("!")
    text = text.removeprefix("!")
    only_directories = text.endswith("/")
    text = text.rstrip("/")
    if not text or len(text) > LONGEST:
        return None
    anchored = "/" in text
    parts = text.lstrip("/").split("/")
    if parts[-1] == "**" and len(parts) > 1:
        parts = [*parts[:-1], "**", "*"]
    return takes, tuple(parts if anchored else ["**", *parts]), only_directories


def _without_trailing_blanks(text: str) -> str:
    while text.endswith((" ", "\t")) and not text.endswith("\\ "):
        text = text[:-1]
    return text
