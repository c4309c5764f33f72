"""One bounded walk of a checkout, for all the checks: by name only, nothing is opened."""

import os
import re
from typing import NamedTuple

from devkeys.plan import DEFAULT_PROFILE
from devkeys.project.find import VENDORED

MOST = 200_000  # entries
NOT_ENTERED = VENDORED | {
    *(".git", ".hg", ".svn", ".jj", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache"),
    *("__pycache__", ".terraform", ".gradle", ".pnpm-store", ".yarn", ".direnv", ".eggs"),
}
_TEMPLATE_WORDS_TEXT = """
    example examples sample samples template templates tmpl tpl dist defaults default schema skel
"""
_TEMPLATE_WORDS = frozenset(_TEMPLATE_WORDS_TEXT.split())
# Words in the name of a `.env` file that say nothing, or what goes without saying; and profiles.
_NO_PROFILE_TEXT = "env envrc local dev development"
_PROFILE_TEXT = """
    prod production prd live staging stage stg preprod preview uat qa test testing ci e2e sandbox
"""
_NO_PROFILE = frozenset(_NO_PROFILE_TEXT.split())
_PROFILES = frozenset(_PROFILE_TEXT.split())
# What begins with `.env` and is code, documentation or a ciphertext.
_OTHER = (
    *(".ts", ".js", ".mjs", ".cjs", ".py", ".md", ".rst", ".html"),
    *(".enc", ".age", ".gpg", ".asc", ".sops", ".vault", ".pub"),
)
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml", re.ASCII)
_DOCKERFILE = re.compile(
    r"(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?|[\w.-]+\.(?:Dockerfile|dockerfile)"
)
# What one of the tests below may be about: most names are not looked at any further.
_INTERESTING = re.compile(
    r"env|docker|container|compose|\Apackage\.json\Z|\Apyproject\.toml\Z|\Asetup\.", re.IGNORECASE
)


class Tree(NamedTuple):
    """What a checkout has of the files that the checks look at; paths are absolute.

    *repositories* are the directories with a `.git`, *root* always first; *unread* are
    directories that could not be listed; *whole* tells that the walk came to its end.
    """

    root: str
    repositories: tuple[str, ...]
    environments: tuple[str, ...]
    templates: tuple[str, ...]
    composes: tuple[str, ...]
    dockerfiles: tuple[str, ...]
    packages: tuple[str, ...]
    projects: tuple[str, ...]
    unread: tuple[str, ...]
    whole: bool

    def repository_of(self, path: str) -> str:
        """Return the innermost repository of this tree that *path* is in."""
        around = [r for r in self.repositories if path.startswith(os.path.join(r, ""))]
        return max(around, key=len, default=self.root)


def is_template(name: str) -> bool:
    """Tell whether a file *name* is that of a template of a `.env`."""
    words = re.split(r"[._-]", name.lower())
    return "env" in words and not _TEMPLATE_WORDS.isdisjoint(words)


def is_environment(name: str) -> bool:
    """Tell whether a file *name* is that of a `.env` or an `.envrc` with values of its own."""
    lower = name.lower()
    if lower.endswith(_OTHER) or is_template(name):
        return False
    return lower.startswith(".env") or lower.endswith(".env")


def profile_of(name: str) -> str | None:
    """Return the profile that a `.env` file is of by its *name*, None where that cannot be told.

    `.env.prod.local` is of prod; `.env.bak` may be anything's.
    """
    words = [word for word in name.lower().split(".") if word and word not in _NO_PROFILE]
    if not words:
        return DEFAULT_PROFILE
    return words[0] if len(words) == 1 and words[0] in _PROFILES else None


def walk(root: str) -> Tree:
    """Look through *root*; links to directories, and what others' tools filled, are not entered."""
    return _Walk(root).run()


class _Walk:
    def __init__(self, root: str) -> None:
        self.root = root
        self.found: dict[str, list[str]] = {field: [] for field in Tree._fields}
        self.count = 0

    def run(self) -> Tree:
        waiting = [(self.root, False)]
        while waiting and self.count <= MOST:
            directory, inside_envs = waiting.pop()
            waiting += self._list(directory, inside_envs=inside_envs)
        lists = {
            field: tuple(sorted(self.found[field]))
            for field in Tree._fields
            if field not in ("root", "repositories", "whole")
        }
        nested = sorted(set(self.found["repositories"]) - {self.root})
        return Tree(
            root=self.root,
            repositories=(self.root, *nested),
            whole=not waiting and self.count <= MOST,
            **lists,
        )

    def _list(self, directory: str, *, inside_envs: bool) -> list[tuple[str, bool]]:
        try:
            with os.scandir(directory) as entries:
                listed = list(entries)
        except OSError:
            self.found["unread"].append(directory)
            return []
        self.count += len(listed)
        names = {entry.name for entry in listed}
        if ".git" in names:
            self.found["repositories"].append(directory)
        if "pyvenv.cfg" in names and directory != self.root:
            return []
        below = []
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in NOT_ENTERED:
                    below.append((entry.path, inside_envs or entry.name.lower() == ".envs"))
            elif inside_envs or _INTERESTING.search(entry.name):
                self._sort(entry.name, entry.path, inside_envs=inside_envs)
        return below

    def _sort(self, name: str, path: str, *, inside_envs: bool) -> None:
        if inside_envs or is_environment(name):
            self.found["environments"].append(path)
        elif name == "package.json":
            self.found["packages"].append(path)
        elif name in ("pyproject.toml", "setup.py", "setup.cfg"):
            self.found["projects"].append(path)
        elif is_template(name):
            self.found["templates"].append(path)
        elif _COMPOSE.fullmatch(name):
            self.found["composes"].append(path)
        elif _DOCKERFILE.fullmatch(name) and not name.endswith(".dockerignore"):
            self.found["dockerfiles"].append(path)
