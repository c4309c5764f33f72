"""What a build context hands to docker: `.dockerignore` as moby reads it, and `COPY` of it."""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devkeys.flows.doctor.packing.patterns import LONGEST, match_parts

_INSTRUCTION = re.compile(r"\s*(?:ONBUILD\s+)?(?:COPY|ADD)\s+(?P<rest>\S.*)", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


class _Pattern(NamedTuple):
    takes_out: bool
    test: re.Pattern[str]


def ignores(text: str, path: str) -> bool:
    """Tell whether the `.dockerignore` *text* keeps *path* out of the context.

    The last pattern decides that matches the path or a directory above it.
    """
    parts = path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    out = False
    for pattern in _patterns(text):
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
        try:
            yield _Pattern(takes_out, re.compile(_translate(clean) + r"\Z", re.DOTALL))
        except re.error:
            continue  # docker refuses to build with it


def _translate(pattern: str) -> str:
    """Return moby's regular expression of *pattern*: `**` goes over directories, `*` does not."""
    out: list[str] = []
    place = 0
    while place < len(pattern):
        char = pattern[place]
        place += 1
        if char == "*" and pattern.startswith("*", place):
            while pattern.startswith("*", place):
                place += 1
            if pattern.startswith("/", place):
                place += 1
            text = ".*" if place == len(pattern) else "(?:.*/)?"
        elif char == "*":
            text = "[^/]*"
        elif char == "?":
            text = "[^/]"
        elif char == "\\" and place < len(pattern):
            text = re.escape(pattern[place])
            place += 1
        elif char in "[]^":
            text = char  # a class is the same in Go's regular expressions and here
        else:
            text = re.escape(char)
        if not out or out[-1] != text or text not in (".*", "(?:.*/)?", "[^/]*"):
            out.append(text)
    return "".join(out)


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
