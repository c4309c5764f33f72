"""What git's ignore rules say of many paths at once, and questions to git that need input.

The settings are those of `git.ask`; nothing that the repository configures is run, and nothing
is fetched.
"""

import os
import subprocess
from collections.abc import Iterable
from typing import NamedTuple

from devkeys import git
from devkeys.git.traps import obstacle

PATIENCE = 5.0  # seconds

_SPECIAL = "\\*?["


class Rule(NamedTuple):
    """The rule that decides about a path: the file that it stands in, its line, its text."""

    source: str
    line: int
    pattern: str

    @property
    def ignores(self) -> bool:
        """Whether the path is ignored by it, rather than taken out again."""
        return not self.pattern.startswith("!")


def feed(
    root: str,
    *words: str,
    given: bytes,
    program: str,
    patience: float = PATIENCE,
) -> bytes | None:
    """Return what git prints for *words* in *root* with *given* as its input, or None if it fails.

    Exit code 1, by which some of git's commands say "none", is no failure. *program* is git's
    absolute path.
    """
    try:
        done = subprocess.run(
            [program, "-C", root, *git.INERT, *words],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(),
            check=False,
            timeout=patience,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode in (0, 1) else None


def rules(root: str, paths: Iterable[str], *, program: str) -> dict[str, Rule | None] | None:
    """Return for each of *paths*, relative to *root*, the rule that decides, or None for no rule.

    Paths that do not exist, and those that are tracked, are judged as any other. None as a
    whole means that git cannot say. A path in a submodule, or beyond a symbolic link, is one
    that git cannot say anything about.
    """
    asked = list(paths)
    if not asked:
        return {}
    if blocked(root, asked):
        return None
    # A name that begins with a colon would be a pattern with magic.
    given = b"".join(b"./" + os.fsencode(path) + b"\0" for path in asked)
    words = ("check-ignore", "--stdin", "-z", "--verbose", "--non-matching", "--no-index")
    answer = feed(root, *words, given=given, program=program)
    if answer is None:
        return None
    fields = [os.fsdecode(field) for field in answer.split(b"\0")[:-1]]
    if len(fields) != 4 * len(asked):
        return None
    found: dict[str, Rule | None] = {}
    for place in range(0, len(fields), 4):
        source, line, pattern, path = fields[place : place + 4]
        found[path.removeprefix("./")] = Rule(source, int(line), pattern) if source else None
    return found


def blocked(root: str, paths: Iterable[str]) -> str | None:
    """Return which `.gitignore` git would hang on, as `web/.gitignore is a FIFO`; None if none."""
    places = {""}
    for path in paths:
        while (path := os.path.dirname(path)) not in places:
            places.add(path)
    for place in sorted(places):
        name = os.path.join(place, ".gitignore")
        if why := obstacle(os.path.join(root, name)):
            return f"{name} {why}"
    return None


def is_ignored(rule: Rule | None) -> bool:
    """Tell whether *rule*, of `rules`, ignores its path."""
    return rule is not None and rule.ignores


def line_for(path: str) -> str:
    """Return the line of a `.gitignore` that ignores *path*, a name or a path from there.

    A path with a `/` in it is only itself; a name is meant in every directory below.
    """
    line = "".join("\\" + char if char in _SPECIAL else char for char in path)
    line = line.replace("\n", "?").replace("\r", "?")  # a line cannot hold a line end
    if line.endswith(" "):
        line = line[:-1] + "\\ "
    if "/" in line:
        return "/" + line.lstrip("/")
    return "\\" + line if line.startswith(("#", "!")) else line
