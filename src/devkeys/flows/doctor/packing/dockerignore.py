"""What a build context hands to docker: `.dockerignore` as moby reads it, and `COPY` of it."""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from devkeys.flows.doctor.packing.globs import (
    ANY,
    DEEP,
    DIRECTORIES,
    LONGEST,
    STAR,
    Glob,
    Token,
    character,
    class_at,
)
from devkeys.flows.doctor.packing.patterns import match_parts

MOST = 1000  # patterns
_INSTRUCTION = re.compile(r"\s*(?:ONBUILD\s+)?(?:COPY|ADD)\s+(?P<rest>\S.*)", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


class _Pattern(NamedTuple):
    takes_out: bool
    test: Glob


def ignores(text: str, path: str) -> bool:
    """Tell whether the `.dockerignore` *text* keeps *path* out of the context.

    The last pattern decides that matches the path or a directory above it.
    """
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    out = False
    for pattern in islice(_patterns(text), MOST):
        if any(pattern.test.match(place) for place in above):
            out = pattern.takes_out
    return out


def _patterns(text: str) -> Iterator[_Pattern]:
    for raw in text.removeprefix("\ufeff").splitlines():
        if raw.startswith("#"):
            continue
        line = raw.strip()
        takes_out = not line.startswith("!")
        line = line.removeprefix("!").strip()
        if not line or len(line) > LONGEST:
            continue
        clean = posixpath.normpath(line).lstrip("/")
        if clean in ("", "."):
            continue
        yield _Pattern(takes_out, _glob(clean))


def _glob(pattern: str) -> Glob:
    """Take *pattern* apart as moby does: `**` goes over directories, `*` does not."""
    tokens: list[Token] = []
    place = 0
    while place < len(pattern):
        char = pattern[place]
        place += 1
        token: Token | None = None
        if char == "*" and pattern.startswith("*", place):
            rest = pattern[place:].lstrip("*").removeprefix("/")
            place = len(pattern) - len(rest)
            token = Token(DIRECTORIES if rest else DEEP)
        elif char == "*":
            token = Token(STAR)
        elif char == "?":
            token = ANY
        elif char == "[":
            token, place = class_at(pattern, place, "^")
        elif char == "\\" and place < len(pattern):
            char = pattern[place]
            place += 1
        tokens.append(token or character(char))
    return Glob(tokens)


def copies(dockerfile: str, path: str) -> bool:
    """Tell whether an instruction of *dockerfile* copies *path* out of the context."""
    return any(_takes(source, path) for source in _sources(dockerfile))


def _sources(dockerfile: str) -> Iterator[str]:
    for line in _lines(dockerfile):
        found = _INSTRUCTION.match(line)
        if found is None:
            continue
        words = _words(found["rest"])
        if not any(word.startswith("--from") for word in words):
            yield from [word for word in words if not word.startswith("--")][:-1]


def _lines(dockerfile: str) -> Iterator[str]:
    """Yield instructions, each as one line, without what is handed to them as a document."""
    whole, document = "", ""
    for line in dockerfile.splitlines():
        if document:
            document = "" if line.strip() == document else document
        elif not line.lstrip().startswith("#"):
            whole += line.rstrip()
            if whole.endswith("\\"):
                whole = whole[:-1] + " "
                continue
            started = _HEREDOC.search(whole)
            document = started[1] if started else ""
            yield whole
            whole = ""
    yield whole


def _words(rest: str) -> Sequence[str]:
    flags = [word for word in rest.split() if word.startswith("--")]
    start = rest.find("[")
    if start >= 0 and rest.rstrip().endswith("]"):
        try:
            words = json.loads(rest[start:])
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return [*flags, *words]
    return [word.strip("\"'") for word in rest.split()]


def _takes(source: str, path: str) -> bool:
    if "://" in source or source.startswith(("git@", "<<", "$")):
        return False
    clean = posixpath.normpath("/" + source).lstrip("/")
    if not clean:
        return True
    parts, wanted = path.split("/"), clean.split("/")
    return match_parts(wanted, parts[: len(wanted)]) and len(wanted) <= len(parts)
