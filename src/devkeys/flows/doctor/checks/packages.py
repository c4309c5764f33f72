"""What would go into images and packages: `.env` files that a build takes along.

Nothing of the project is run: its files are read, and each tool's rules are applied to the
few paths that matter.
"""

import json
import os
import shlex
import tomllib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from devkeys import files, git, ignoring, programs
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks import contexts
from devkeys.flows.doctor.checks.committed import is_repository
from devkeys.flows.doctor.checks.envfiles import Environment, environments
from devkeys.flows.doctor.checks.tree import Tree, walk
from devkeys.flows.doctor.packing import npm, sdist
from devkeys.flows.doctor.packing.patterns import match_parts
from devkeys.flows.doctor.scope import Scope
from devkeys.ignoring import is_ignored
from devkeys.scan.finding import ADVICE, RISK, Finding, Fine, Kind, Place, Unseen

NPM = Kind(
    "package/npm",
    RISK,
    "a .env file that npm would publish",
    "Whatever is in a published version can be read by everybody, and a version cannot be taken"
    " back for good.",
    "List what belongs into the package under `files` in package.json.",
)
NPM_PRIVATE = Kind(
    "package/npm-private",
    ADVICE,
    "a .env file in a private npm package",
    "npm refuses to publish it, but `npm pack` and tools that deploy take the file along.",
    "List what belongs into the package under `files` in package.json.",
)
SDIST = Kind(
    "package/sdist",
    RISK,
    "a .env file in the source distribution",
    "Whatever is in a published version can be read by everybody, and indexes keep copies of it.",
    "Leave the file out in the options of the build backend.",
)
KINDS = (*contexts.KINDS, NPM, NPM_PRIVATE, SDIST)
LIMIT = 1 << 20  # bytes
MOST = 200  # packages
_HOW = {
    "hatchling": "add it to exclude under [tool.hatch.build.targets.sdist]",
    "setuptools": "write `global-exclude {name}` at the end of MANIFEST.in",
    "flit_core": "add it to exclude under [tool.flit.sdist]",
    "poetry": "add it to exclude under [tool.poetry]",
    "pdm": "add it to excludes under [tool.pdm.build]",
    "uv_build": "add it to source-exclude under [tool.uv.build-backend]",
    "maturin": "add it to exclude under [tool.maturin]",
}


def look(scope: Scope, tree: Tree | None = None) -> Iterator[Finding | Unseen | Fine]:
    """Yield the `.env` files with secrets that an image or a package would take along."""
    tree = tree or walk(scope.root)
    builds = bool(tree.dockerfiles or tree.composes)
    if not (builds or tree.packages or tree.projects):
        return
    with_secrets = [e for e in environments(tree) if isinstance(e, Environment) and e.names]
    found = list(contexts.look(tree, with_secrets)) if builds else []
    # What is a link is packed as a link, or not at all.
    files_here = [environment for environment in with_secrets if not environment.linked]
    if files_here:
        found += _npm(tree, files_here)
        found += _sdist(scope, tree, files_here)
    yield from found
    if not found:
        yield Fine("no image and no package would take a .env file along")


def text_of(path: str) -> str | None:
    """Return the text of a file of the checkout; None if there is none that can be read."""
    if os.path.islink(path):
        return None
    try:
        data = files.read_regular(path, limit=LIMIT)
    except DevkeysError:
        return None
    return None if data is None else data.decode("utf-8", "replace")


def _below(path: str, directory: str) -> bool:
    return path.startswith(os.path.join(directory, ""))


def _relative(path: str, directory: str) -> str:
    return os.path.relpath(path, directory).replace(os.sep, "/")


def _npm(tree: Tree, here: list[Environment]) -> Iterator[Finding | Unseen]:
    manifests = {}
    for path in tree.packages[:MOST]:
        directory = os.path.dirname(path)
        if any(_below(environment.path, directory) for environment in here):
            manifest = _json(path)
            if manifest is None:
                yield Unseen(path, "is no JSON object")
            else:
                manifests[directory] = manifest
    for directory, manifest in manifests.items():
        package = npm.Package(
            directory,
            manifest,
            lambda name, directory=directory: text_of(os.path.join(directory, name)),  # type: ignore[misc]  # the default binds it
            _outer(directory, manifests),
        )
        for environment in here:
            if _below(environment.path, directory):
                relative = _relative(environment.path, directory)
                if package.takes(relative):
                    yield _of_npm(directory, manifest, environment, relative, tree.root)


def _of_npm(
    directory: str, manifest: dict[str, Any], environment: Environment, relative: str, root: str
) -> Finding:
    kind = NPM_PRIVATE if manifest.get("private") is True else NPM
    name = os.path.relpath(environment.path, root)
    what = f"npm pack in {os.path.relpath(directory, root)} would take {name} along"
    ignore_file = os.path.join(directory, ".npmignore")
    if isinstance(manifest.get("files"), list):
        step = f"take {relative} out of files in {os.path.join(directory, 'package.json')}"
    elif os.path.lexists(ignore_file):
        step = f"printf '%s\\n' {shlex.quote('/' + relative)} >> {shlex.quote(ignore_file)}"
    else:
        step = (
            f"list what is to be published under files in {os.path.join(directory, 'package.json')}"
        )
    return Finding(kind, Place(environment.path), what, step, environment.names)


def _json(path: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text_of(path) or "")
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _outer(directory: str, manifests: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    """Return the rules that npm adds for a workspace: those of the directories above it."""
    for root, manifest in manifests.items():
        if _below(directory, root):
            relative = _relative(directory, root)
            if _is_workspace(relative, _workspaces(manifest)):
                return _ignores_above(root, os.path.dirname(relative))
    return ()


def _workspaces(manifest: dict[str, Any]) -> list[str]:
    found = manifest.get("workspaces")
    if isinstance(found, dict):
        found = found.get("packages")
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _is_workspace(relative: str, patterns: list[str]) -> bool:
    parts = relative.split("/")
    return any(match_parts(p.removeprefix("./").strip("/").split("/"), parts) for p in patterns)


def _ignores_above(root: str, relative: str) -> tuple[str, ...]:
    places, lines = [root], []
    for part in relative.split("/") if relative else ():
        places.append(os.path.join(places[-1], part))
    for place in places:
        text = text_of(os.path.join(place, ".npmignore"))
        if text is None:
            text = text_of(os.path.join(place, ".gitignore"))
        lines += (text or "").splitlines()
    return tuple(lines)


def _sdist(scope: Scope, tree: Tree, here: list[Environment]) -> Iterator[Finding | Unseen]:
    directories = dict.fromkeys(os.path.dirname(path) for path in tree.projects[:MOST])
    known = _Git(scope, tree, here)
    for directory in directories:
        inside = [e for e in here if _below(e.path, directory)]
        table = _toml(os.path.join(directory, "pyproject.toml")) if inside else {}
        if table is None:
            yield Unseen(os.path.join(directory, "pyproject.toml"), "is not valid TOML")
        elif inside and _is_built(directory, table):
            yield from _of_project(directory, table, inside, known, tree.root)


def _toml(path: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text_of(path) or "")
    except (ValueError, RecursionError):
        return None


def _is_built(directory: str, table: dict[str, Any]) -> bool:
    """Tell whether there is a package to build, rather than the configuration of linters."""
    setups = (os.path.join(directory, name) for name in ("setup.py", "setup.cfg"))
    poetry = table.get("tool", {}) if isinstance(table.get("tool"), dict) else {}
    declared = "build-system" in table or "project" in table or "poetry" in poetry
    return declared or any("setup" in (text_of(path) or "") for path in setups)


def _of_project(
    directory: str, table: dict[str, Any], inside: list[Environment], known: _Git, root: str
) -> Iterator[Finding | Unseen]:
    project = sdist.Project(
        table,
        lambda name: text_of(os.path.join(directory, name)),
        lambda place: os.path.lexists(os.path.join(directory, place, "__init__.py")),
        lambda path: os.path.join(directory, path) in known.tracked,
        lambda path: os.path.join(directory, path) in known.ignored,
    )
    backend = sdist.backend(project)
    for environment in inside:
        relative = _relative(environment.path, directory)
        taken = sdist.takes(project, relative)
        if taken is None:
            why = f"is built by {backend}, whose rules are not known"
            yield Unseen(os.path.join(directory, "pyproject.toml"), why)
            return
        if taken:
            what = f"the source distribution would take {os.path.relpath(environment.path, root)}"
            how = _HOW[backend].format(name=os.path.basename(relative))
            yield Finding(SDIST, Place(environment.path), what, how, environment.names)


class _Git:
    """What git knows of the files *here*; it is asked only if a build backend would ask it."""

    def __init__(self, scope: Scope, tree: Tree, here: list[Environment]) -> None:
        path = scope.session.environ.get("PATH", "")
        self._program = programs.find("git", path=path, outside=scope.root)
        self._paths: dict[str, list[str]] = {}
        for environment in here:
            root = tree.repository_of(environment.path)
            if self._program is not None and is_repository(root):
                self._paths.setdefault(root, []).append(_relative(environment.path, root))

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The absolute paths of those in the index."""
        found: set[str] = set()
        for root, paths in self._paths.items():
            words = ("ls-files", "-z", "--cached", "--", *paths)
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
