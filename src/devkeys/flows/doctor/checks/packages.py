"""What would go into images and packages: `.env` files that a build takes along.

Nothing of the project is run: its files are read, and each tool's rules are applied to the
few paths that matter.
"""

import json
import os
import shlex
from collections.abc import Iterator
from typing import Any

from devkeys.flows.doctor.checks import contexts, distributions
from devkeys.flows.doctor.checks.envfiles import Environment, environments
from devkeys.flows.doctor.checks.reading import Texts, is_below, relative_to
from devkeys.flows.doctor.checks.tree import Tree, walk
from devkeys.flows.doctor.packing import npm
from devkeys.flows.doctor.packing.patterns import match_parts
from devkeys.flows.doctor.scope import Scope
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
KINDS = (*contexts.KINDS, NPM, NPM_PRIVATE, *distributions.KINDS)
MOST = 200  # packages


def look(scope: Scope, tree: Tree | None = None) -> Iterator[Finding | Unseen | Fine]:
    """Yield the `.env` files with secrets that an image or a package would take along."""
    tree = tree or walk(scope.root)
    builds = bool(tree.dockerfiles or tree.composes)
    if not (builds or tree.packages or tree.projects):
        return
    read = list(environments(tree))
    with_secrets = [e for e in read if isinstance(e, Environment) and e.names]
    texts = Texts()
    found = list(contexts.look(tree, with_secrets, texts)) if builds else []
    # What is a link is packed as a link, or not at all.
    files_here = [environment for environment in with_secrets if not environment.linked]
    if files_here:
        found += _npm(tree, files_here, texts)
        found += distributions.look(scope, tree, files_here, texts)
    found += texts.unseen.values()
    yield from found
    # Of files that were not read, or not come upon, another check tells.
    all_read = tree.whole and not tree.unread and not any(isinstance(e, Unseen) for e in read)
    if all_read and not found:
        yield Fine("no image and no package would take a .env file along")


def _npm(tree: Tree, here: list[Environment], texts: Texts) -> Iterator[Finding | Unseen]:
    if len(tree.packages) > MOST:
        yield Unseen(tree.root, "more package.json files than are read", len(tree.packages) - MOST)
    manifests = {}
    for path in tree.packages[:MOST]:
        directory = os.path.dirname(path)
        if any(is_below(environment.path, directory) for environment in here):
            text = texts.of(path)
            manifest = None if text is None else _json(text)
            if manifest is not None:
                manifests[directory] = manifest
            elif text is not None:
                yield Unseen(path, "is no JSON object")
    for directory, manifest in manifests.items():
        package = npm.Package(
            directory, manifest, _reader(directory, texts), _outer(directory, manifests, texts)
        )
        for environment in here:
            if is_below(environment.path, directory):
                relative = relative_to(environment.path, directory)
                if package.takes(relative):
                    yield _of_npm(directory, manifest, environment, relative, tree.root)


def _reader(directory: str, texts: Texts) -> npm.Read:
    return lambda name: texts.of(os.path.join(directory, name))


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


def _json(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _outer(directory: str, manifests: dict[str, dict[str, Any]], texts: Texts) -> tuple[str, ...]:
    """Return the rules that npm adds for a workspace: those of the directories above it."""
    for root, manifest in manifests.items():
        if is_below(directory, root):
            relative = relative_to(directory, root)
            if _is_workspace(relative, _workspaces(manifest)):
                return _ignores_above(root, os.path.dirname(relative), texts)
    return ()


def _workspaces(manifest: dict[str, Any]) -> list[str]:
    found = manifest.get("workspaces")
    if isinstance(found, dict):
        found = found.get("packages")
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _is_workspace(relative: str, patterns: list[str]) -> bool:
    parts = relative.split("/")
    return any(match_parts(p.removeprefix("./").strip("/").split("/"), parts) for p in patterns)


def _ignores_above(root: str, relative: str, texts: Texts) -> tuple[str, ...]:
    places, lines = [root], []
    for part in relative.split("/") if relative else ():
        places.append(os.path.join(places[-1], part))
    for place in places:
        text = texts.of(os.path.join(place, ".npmignore"))
        if text is None:
            text = texts.of(os.path.join(place, ".gitignore"))
        lines += (text or "").splitlines()
    return tuple(lines)
