"""Which `.env` files an image would get: what its Dockerfile copies out of the build context."""

import os
import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from devkeys.flows.doctor.checks.envfiles import Environment
from devkeys.flows.doctor.checks.reading import Texts
from devkeys.flows.doctor.checks.tree import Tree
from devkeys.flows.doctor.packing import dockerignore
from devkeys.scan.finding import ADVICE, RISK, Finding, Kind, Place, Remedy, Unseen

IMAGE = Kind(
    "package/image",
    RISK,
    "a .env file in an image",
    "A layer keeps the file even if a later one deletes it, and whoever can pull the image can"
    " read it.",
    "Add the file to .dockerignore, and give values when the container starts.",
)
IMAGE_YET = Kind(
    "package/image-later",
    ADVICE,
    "a .env file would get into the image",
    "There is none today; the first one that is made gets into every image that is built.",
    "Add the line to .dockerignore.",
)
KINDS = (IMAGE, IMAGE_YET)
MOST = 100  # Dockerfiles
DOCKERIGNORE = ".dockerignore"
# Directories that hold Dockerfiles which are built from above.
_APART = frozenset(("docker", ".docker", "dockerfiles", "containers", "build", "deploy", "ci"))
_KEY = re.compile(
    r"\s*(?:-\s+)?(build|context|dockerfile)\s*:\s*(['\"]?)([^'\"#\s][^'\"#]*?)?\2\s*(?:#.*)?"
)


class Build(NamedTuple):
    """A Dockerfile and the directory that it is built from."""

    dockerfile: str
    context: str


def look(tree: Tree, here: list[Environment], texts: Texts) -> Iterator[Finding | Unseen]:
    """Yield which of the files *here*, or of those to come, would be copied into an image.

    What cannot be read is left to *texts*.
    """
    said = set()
    found = sorted(set(builds(tree, texts)))
    if len(found) > MOST:
        yield Unseen(tree.root, "more Dockerfiles than are read", len(found) - MOST)
    for build in found[:MOST]:
        ignore_file = _ignore_file(build)
        text, ignores = texts.of(build.dockerfile), texts.of(ignore_file)
        if text is None or ignore_file in texts.unseen:
            continue
        for finding in _of_build(build, text, ignore_file, ignores or "", here, tree.root):
            if (finding.place, finding.remedy) not in said:
                said.add((finding.place, finding.remedy))
                yield finding


def builds(tree: Tree, texts: Texts) -> Iterator[Build]:
    """Yield what is built, by compose files and by where Dockerfiles lie."""
    for path in tree.composes:
        yield from _composed(texts.of(path) or "", os.path.dirname(path), tree.root)
    for path in tree.dockerfiles:
        directory, place = path, path
        while os.path.basename(place := os.path.dirname(place)) in _APART and place != tree.root:
            directory = place
        yield Build(path, os.path.dirname(directory))


def _composed(text: str, directory: str, root: str) -> Iterator[Build]:
    context, dockerfile = "", "Dockerfile"
    for line in [*text.splitlines(), "build:"]:
        found = _KEY.fullmatch(line[:1000])
        if found is None:
            continue
        key, value = found[1], (found[3] or "").strip()
        if key == "dockerfile":
            dockerfile = value
            continue
        if context:
            yield from _build(directory, context, dockerfile, root)
            context, dockerfile = "", "Dockerfile"
        context = value or context


def _build(directory: str, context: str, dockerfile: str, root: str) -> Iterator[Build]:
    place = os.path.normpath(os.path.join(directory, context))
    file = os.path.normpath(os.path.join(place, dockerfile))
    inside = os.path.join(root, "")
    if f"{place}/".startswith(inside) and file.startswith(inside) and os.path.lexists(file):
        yield Build(file, place)


def _ignore_file(build: Build) -> str:
    own = f"{build.dockerfile}.dockerignore"
    return own if os.path.lexists(own) else os.path.join(build.context, DOCKERIGNORE)


def _of_build(
    build: Build, text: str, ignore_file: str, ignores: str, here: list[Environment], root: str
) -> Iterator[Finding]:
    below = os.path.join(build.context, "")
    inside = {
        os.path.relpath(e.path, build.context).replace(os.sep, "/"): e
        for e in here
        if e.path.startswith(below)
    }
    for path, environment in inside.items():
        if dockerignore.copies(text, path) and not dockerignore.ignores(ignores, path):
            yield _finding(IMAGE, build, ignore_file, path, environment.names, root)
    if os.path.lexists(os.path.join(build.context, ".env")):
        return
    if dockerignore.copies(text, ".env") and not dockerignore.ignores(ignores, ".env"):
        yield _finding(IMAGE_YET, build, ignore_file, ".env", (), root)


def _finding(
    kind: Kind, build: Build, ignore_file: str, path: str, names: tuple[str, ...], root: str
) -> Finding:
    dockerfile = os.path.relpath(build.dockerfile, root)
    line = line_for(path)
    would = "copies" if names else "would copy"
    step = f"printf '%s\\n' {shlex.quote(line)} >> {shlex.quote(ignore_file)}"
    return Finding(
        kind,
        Place(os.path.join(build.context, path)),
        f"{dockerfile} {would} {path} into the image",
        step,
        names,
        remedy=Remedy("dockerignore", ignore_file, line),
    )


def line_for(path: str) -> str:
    """Return the line of a `.dockerignore` that keeps out every file of the name of *path*."""
    name = path.rpartition("/")[2]
    line = "".join("\\" + char if char in "\\*?[" else char for char in name)
    return "**/" + line.replace("\n", "?").replace("\r", "?")
