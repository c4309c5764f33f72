"""What setuptools puts into a source distribution: `MANIFEST.in`, package data, what git has."""

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from devkeys.flows.doctor.packing.patterns import glob, match_parts

# By these names setuptools finds an extension that lists all that git tracks.
FILE_FINDERS = (
    "setuptools_scm",
    "setuptools-scm",
    "setuptools_git",
    "setuptools-git",
    "vcs-versioning",
)


def takes(text: str | None, path: str) -> bool | None:
    """Return what the last command of the `MANIFEST.in` *text* about *path* says; None if none."""
    said: bool | None = None
    for line in _commands(text or ""):
        command, *words = line.split()
        if _is_about(command, words, path):
            said = command not in ("exclude", "global-exclude", "recursive-exclude", "prune")
    return said


def _commands(text: str) -> list[str]:
    joined = re.sub(r"\\\r?\n", " ", text)
    lines = (re.sub(r"(?:^|\s)#.*", "", line).strip() for line in joined.splitlines())
    return [line for line in lines if line]


def _is_about(command: str, words: list[str], path: str) -> bool:
    parts = path.split("/")
    if command in ("include", "exclude"):
        return any(match_parts(_split(word), parts) for word in words)
    if command in ("global-include", "global-exclude"):
        return any(match_parts(["**", *_split(word)], parts) for word in words)
    if command in ("recursive-include", "recursive-exclude") and words:
        base = _split(words[0])
        return any(match_parts([*base, "**", *_split(word)], parts) for word in words[1:])
    if command in ("graft", "prune") and words:
        return match_parts([*_split(words[0]), "**", "*"], parts)
    return False


def _split(word: str) -> list[str]:
    clean = posixpath.normpath(word).strip("/")
    return [] if clean in ("", ".") else clean.split("/")


def has_finder(project: Mapping[str, Any], setup: str) -> bool:
    """Tell whether the build requires an extension that takes all that git tracks."""
    system = project.get("build-system")
    required = system.get("requires") if isinstance(system, dict) else None
    texts = (
        [text for text in required or () if isinstance(text, str)]
        if isinstance(required, list)
        else []
    )
    return any(finder in text.lower() for finder in FILE_FINDERS for text in (*texts, setup))


def is_package_data(project: Mapping[str, Any], path: str, has_init: Callable[[str], bool]) -> bool:
    """Tell whether `[tool.setuptools.package-data]` names *path*."""
    data = _table(project, "tool", "setuptools", "package-data")
    parts = path.split("/")
    for count in range(1, len(parts)):
        package = "/".join(parts[:count])
        if not has_init(package):
            continue
        name = package.removeprefix("src/").replace("/", ".")
        patterns = [p for key in ("*", "", name) for p in _strings(data.get(key))]
        if any(glob(pattern, "/".join(parts[count:])) for pattern in patterns):
            return True
    return False


def _table(project: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    found: Any = project
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _strings(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
