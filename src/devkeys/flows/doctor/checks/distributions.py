"""Which `.env` files a source distribution would take along, by its build backend."""

import os
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from devkeys import git, ignoring, programs
from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.checks.committed import is_repository
from devkeys.flows.doctor.checks.envfiles import Environment
from devkeys.flows.doctor.checks.reading import Texts, is_below, relative_to
from devkeys.flows.doctor.checks.tree import Tree
from devkeys.flows.doctor.packing import sdist
from devkeys.flows.doctor.scope import Scope
from devkeys.ignoring import is_ignored
from devkeys.scan.finding import RISK, Finding, Kind, Place, Unseen

SDIST = Kind(
    "package/sdist",
    RISK,
    "a .env file in the source distribution",
    "Whatever is in a published version can be read by everybody, and indexes keep copies of it.",
    "Leave the file out in the options of the build backend.",
)
KINDS = (SDIST,)
MOST = 200  # projects
_HOW = {
    "hatchling": "add it to exclude under [tool.hatch.build.targets.sdist]",
    "setuptools": "write `global-exclude {name}` at the end of MANIFEST.in",
    "flit_core": "add it to exclude under [tool.flit.sdist]",
    "poetry": "add it to exclude under [tool.poetry]",
    "pdm": "add it to excludes under [tool.pdm.build]",
    "uv_build": "add it to source-exclude under [tool.uv.build-backend]",
    "maturin": "add it to exclude under [tool.maturin]",
}


class _Git:
    """What git knows of the files *here*; it is asked only if a build backend would ask it."""

    def __init__(self, scope: Scope, tree: Tree, here: list[Environment]) -> None:
        path = scope.session.environ.get("PATH", "")
        self._program = programs.find("git", path=path, outside=scope.root)
        self._paths: dict[str, list[str]] = {}
        for environment in here:
            root = tree.repository_of(environment.path)
            if self._program is not None and is_repository(root) and not trap(root):
                self._paths.setdefault(root, []).append(relative_to(environment.path, root))

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The absolute paths of those in the index."""
        found: set[str] = set()
        for root, paths in self._paths.items():
            words = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--", *paths)
            listed = git.ask(root, *words, program=self._program or "") or ""
            found.update(os.path.join(root, name) for name in listed.split("\0") if name)
        return frozenset(found)

    @cached_property
    def ignored(self) -> frozenset[str]:
        """The absolute paths of those that are ignored, and not in the index."""
        found: set[str] = set()
        for root, paths in self._paths.items():
            rules = ignoring.rules(root, paths, program=self._program or "") or {}
            found.update(os.path.join(root, path) for path, r in rules.items() if is_ignored(r))
        return frozenset(found) - self.tracked


def look(
    scope: Scope, tree: Tree, here: list[Environment], texts: Texts
) -> Iterator[Finding | Unseen]:
    """Yield the files *here* that a project's source distribution would take.

    What cannot be read is left to *texts*.
    """
    directories = list(dict.fromkeys(os.path.dirname(path) for path in tree.projects))
    if len(directories) > MOST:
        yield Unseen(tree.root, "more Python projects than are read", len(directories) - MOST)
    known = _Git(scope, tree, here)
    for directory in directories[:MOST]:
        inside = [e for e in here if is_below(e.path, directory)]
        path = os.path.join(directory, "pyproject.toml")
        text = texts.of(path) if inside else None
        if not inside or path in texts.unseen:
            continue
        table = _toml(text or "")
        if table is None:
            yield Unseen(path, "is not valid TOML")
        elif _is_built(directory, table, texts):
            yield from _of_project(directory, table, inside, known, tree.root, texts)


def _toml(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_built(directory: str, table: dict[str, Any], texts: Texts) -> bool:
    """Tell whether there is a package to build, rather than the configuration of linters."""
    setups = (os.path.join(directory, name) for name in ("setup.py", "setup.cfg"))
    poetry = table.get("tool", {}) if isinstance(table.get("tool"), dict) else {}
    declared = "build-system" in table or "project" in table or "poetry" in poetry
    return declared or any("setup" in (texts.of(path) or "") for path in setups)


def _of_project(
    directory: str,
    table: dict[str, Any],
    inside: list[Environment],
    known: _Git,
    root: str,
    texts: Texts,
) -> Iterator[Finding | Unseen]:
    project = sdist.Project(
        table,
        lambda name: texts.of(os.path.join(directory, name)),
        lambda place: os.path.lexists(os.path.join(directory, place, "__init__.py")),
        lambda path: os.path.join(directory, path) in known.tracked,
        lambda path: os.path.join(directory, path) in known.ignored,
    )
    backend = sdist.backend(project)
    for environment in inside:
        relative = relative_to(environment.path, directory)
        taken = sdist.takes(project, relative)
        if taken is None:
            why = f"is built by {backend}, whose rules are not known"
            yield Unseen(os.path.join(directory, "pyproject.toml"), why)
            return
        if taken:
            what = f"the source distribution would take {os.path.relpath(environment.path, root)}"
            how = _HOW[backend].format(name=os.path.basename(relative))
            yield Finding(SDIST, Place(environment.path), what, how, environment.names)
