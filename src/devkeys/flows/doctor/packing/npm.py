"""What `npm pack` takes: the rules of npm-packlist and ignore-walk, for one path at a time.

From the top down each directory of the path is asked for, then the path. A `files` in
`package.json` is a list of what is taken; without one `.npmignore` counts, or else
`.gitignore`, in each directory on its own. All of it is minimatch, without regard to case.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from devkeys.flows.doctor.packing.globs import LONGEST
from devkeys.flows.doctor.packing.patterns import MOST_RULES, braces, segment

Read = Callable[[str], str | None]  # the text of a file of the package, by its relative path

DEEPEST = 30  # directories
_DEFAULTS = (
    *(".npmignore", ".gitignore", "**/.git", "**/.svn", "**/.hg", "**/CVS", "**/.git/**"),
    *("**/.svn/**", "**/.hg/**", "**/CVS/**", "/.lock-wscript", "/.wafpickle-*"),
    *("/build/config.gypi", "npm-debug.log", "**/.npmrc", ".*.swp", ".DS_Store"),
    *("**/.DS_Store/**", "._*", "**/._*/**", "*.orig", "/archived-packages/**"),
)
_STRICT = (
    *("/.git", "!/package.json", "!/readme{,.*[^~$]}", "!/copying{,.*[^~$]}"),
    *("!/license{,.*[^~$]}", "!/licence{,.*[^~$]}", "/.git", "/node_modules", ".npmrc"),
    *("/package-lock.json", "/yarn.lock", "/pnpm-lock.yaml", "/bun.lockb"),
)


class _Rule(NamedTuple):
    includes: bool
    globs: tuple[tuple[str, ...], ...]

    def matches(self, path: str, *, partial: bool = False) -> bool:
        parts = [part for n, part in enumerate(path.split("/")) if part or n == 0]
        if path.endswith("/"):
            parts.append("")
        return any(_matches(glob, parts, partial=partial) for glob in self.globs)


def _matches(glob: Sequence[str], parts: Sequence[str], *, partial: bool) -> bool:
    if len(glob) == 1:
        parts = [next((part for part in reversed(parts) if part), "")]
    reached = {0}
    for part in glob:
        if partial and len(parts) in reached:
            return True
        if part == "**":
            reached = set(range(min(reached, default=len(parts) + 1), len(parts) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(parts) and _is(part, parts[n])}
    # What is left over may be the empty part after a slash at the end.
    ends = {len(parts)} | ({len(parts) - 1} if parts[-1] == "" and len(parts) > 1 else set())
    return not ends.isdisjoint(reached)


def _is(glob: str, part: str) -> bool:
    if not glob or not part:
        return glob == part
    return bool(segment(glob, ignore_case=True).match(part))


def _rules(lines: Sequence[str]) -> list[_Rule]:
    found = []
    for raw in lines[:MOST_RULES]:
        line = raw.strip()
        if not line or line.startswith("#") or len(line) > LONGEST:
            continue
        bare = line.lstrip("!")
        includes = (len(line) - len(bare)) % 2 == 1
        globs = tuple(tuple(re.sub("//+", "/", text).split("/")) for text in braces(bare))
        found.append(_Rule(includes, globs))
    return found


class Package(NamedTuple):
    """A package: where it lies, its `package.json`, and how files of it are read.

    *outer* are further rules: the lines of the ignore files above a workspace.
    """

    root: str
    manifest: Mapping[str, Any]
    read: Read
    outer: tuple[str, ...] = ()

    def takes(self, path: str) -> bool:
        """Tell whether `npm pack` takes the file *path* of the package."""
        return _Walk(self).takes(path)


class _Walk:
    """ignore-walk's `filterEntry`: the rules of each directory on the way to a path."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.levels: list[list[_Rule]] = []
        self.exact: list[bool] = []

    def takes(self, path: str) -> bool:
        *directories, name = path.split("/")
        if "*" in path or "node_modules" in directories[:1]:
            return False
        if len(directories) > DEEPEST:
            return True  # nobody's layout, and each level asks all those above it
        self.levels, self.exact = [self._top()], [False]
        above = ""
        for directory in directories:
            as_file = self._passes(directory, partial=False)
            if not self._passes(directory, partial=True):
                return False
            exact = as_file or self._passes(directory + "/", partial=False)
            above += directory + "/"
            self.levels.append(self._below(above))
            self.exact.append(exact)
            self.names = [part for part in above.split("/") if part]
        return self._passes(name, partial=False)

    names: Sequence[str] = ()

    def _passes(self, entry: str, *, partial: bool) -> bool:
        return self._asked(len(self.levels) - 1, entry, entry, partial=partial, own=True)

    def _asked(self, level: int, entry: str, base: str, *, partial: bool, own: bool) -> bool:
        included = True
        if level:
            above = f"{self.names[level - 1]}/{entry}"
            included = self._asked(level - 1, above, base, partial=partial, own=False)
            if not included and not self.exact[level]:
                return False
        for rule in self.levels[level]:
            if rule.includes != included and _is_about(rule, entry, base, partial, own=own):
                included = rule.includes
        return included

    def _top(self) -> list[_Rule]:
        manifest = self.package.manifest
        files = manifest.get("files")
        strict = list(_STRICT)
        listed: list[str] = []
        if isinstance(files, list):
            listed = ["*"]
            for file in files:
                if isinstance(file, str):
                    self._list(file, listed, strict)
        strict += [f"!/{path}" for path in _required(manifest)]
        rules = _rules((*_DEFAULTS, *self.package.outer))
        rules += _rules(listed) if isinstance(files, list) else self._ignore_file("")
        return rules + _rules(strict)

    def _list(self, file: str, listed: list[str], strict: list[str]) -> None:
        text = file[1:] if file.startswith("./") else file
        text += "*" if text.endswith("/*") else ""
        try:
            mode = os.lstat(os.path.join(self.package.root, text.lstrip("!/"))).st_mode
        except (OSError, ValueError):
            listed.append(f"!{text}")  # a pattern
            return
        if stat.S_ISREG(mode):
            strict.insert(0, f"!{text}")
        elif stat.S_ISDIR(mode):
            listed += [f"!{text}", f"!{text}/**"]

    def _below(self, directory: str) -> list[_Rule]:
        # Files that `files` names one by one are required in their directory, too.
        return (
            _rules(_DEFAULTS)
            + self._ignore_file(directory)
            + _rules(["/.git", *self._required(directory)])
        )

    def _required(self, directory: str) -> list[str]:
        files = self.package.manifest.get("files")
        found = []
        for file in files if isinstance(files, list) else ():
            text = str(file).removeprefix("./").removeprefix("/")
            if text.startswith(directory) and "/" not in text[len(directory) :]:
                found.append(f"!{text[len(directory) :]}")
        return found if directory.count("/") == 1 else []

    def _ignore_file(self, directory: str) -> list[_Rule]:
        for name in (".npmignore", ".gitignore"):
            text = self.package.read(directory + name)
            if text is not None:
                return _rules(text.splitlines())
        return []


def _is_about(rule: _Rule, entry: str, base: str, partial: bool, *, own: bool) -> bool:
    if rule.matches("/" + entry) or rule.matches(entry):
        return True
    if not partial:
        return False
    short = not own and any(len(glob) <= (1 if glob[-1] else 2) for glob in rule.globs)
    for text in (entry, base) if short else (entry,):
        if rule.matches(f"/{text}/") or rule.matches(f"{text}/"):
            return True
        if rule.includes and (
            rule.matches("/" + text, partial=True) or rule.matches(text, partial=True)
        ):
            return True
    return False


def _required(manifest: Mapping[str, Any]) -> list[str]:
    """Return what is taken whatever the rules say: the entry points."""
    binary = manifest.get("bin")
    named = [manifest.get("main"), manifest.get("browser")]
    named += list(binary.values()) if isinstance(binary, dict) else [binary]
    return [path.removeprefix("./") for path in named if isinstance(path, str)]
