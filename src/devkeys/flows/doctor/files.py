"""The sources `checkout`, `home` and `paths`: known values in files."""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from devkeys import git, programs
from devkeys.files import reason
from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.checks.tree import is_environment
from devkeys.flows.doctor.scope import CHECKOUT, HOME, PATHS, Scope, Watch
from devkeys.scan import contents
from devkeys.scan.contents import MOST, Content, Held
from devkeys.scan.finding import LEAKED, RISK, Finding, Fine, Kind, Place, Remedy, Unseen
from devkeys.scan.search import Search
from devkeys.scan.walk import File, Identity, Walk
from devkeys.scan.workers import Progress, look_at

KNOWN = Kind(
    "files/known-value",
    LEAKED,
    "a secret in a file",
    "Whatever reads the file has the value: backups, synchronised directories, an install script, "
    "a coding agent.",
    "Take the value out of the file and keep it in the store: devkeys run gives it to the one "
    "program that needs it. Then replace the key at its provider.",
)
TRACKED = Kind(
    "files/tracked",
    LEAKED,
    "a secret in a file that git tracks",
    "Every clone has the value, and the commits so far keep it when the file no longer does.",
    "Replace the key at its provider, take the value out of the file, and let devkeys run give the "
    "new one to the program that needs it.",
)
IN_ENV = Kind(
    "files/env",
    RISK,
    "a secret in a .env file",
    "Whatever runs in this directory can read the file: an install script of a dependency, a "
    "coding agent; and it is copied with the directory.",
    "Move the values into the store, and start what needs them with devkeys run.",
)
KINDS = (KNOWN, TRACKED, IN_ENV)
_SLAB = 50_000  # files that are listed before they are searched


class Root(NamedTuple):
    """A directory or a file where a look begins; if *named*, by the user with `--path`."""

    path: str
    named: bool


def look(
    scope: Scope, search: Search, watch: Watch, covered: frozenset[str] = frozenset()
) -> Iterator[Finding | Unseen | Fine]:
    """Yield where files hold known values; *covered* are real paths that others look at."""
    roots = _roots(scope)
    singles = [root for root in roots if root.named and not os.path.isdir(root.path)]
    own = (scope.session.data_dir, scope.session.state_dir, scope.session.config_dir)
    left_out = {*own, *covered, *(one.path for one in singles)}
    walk = Walk(_identities(left_out), scope.since)
    clean = True
    files = 0
    for slab in _slabs(walk, roots, singles):
        paths = [one for one in slab if isinstance(one, File)]
        files += len(paths) + len(singles)
        watch.expect(sum(file.size for file in paths), len(paths))
        yield from (one for one in slab if isinstance(one, Unseen))
        progress = Progress(watch.at, watch.did)
        found = [*look_at(paths, search, progress), *_singles(singles, search, watch)]
        singles = []
        files -= sum(content.unseen is not None for content in found)
        clean = clean and not any(content.held for content in found)
        yield from _findings(scope, search, found)
        yield from _merged(content.unseen for content in found if content.unseen)
    if clean and files and search.known:
        yield Fine(f"no known value in {files} {'file' if files == 1 else 'files'}")


def _roots(scope: Scope) -> list[Root]:
    roots = []
    if PATHS in scope.sources:
        roots += [Root(os.path.join(scope.directory, path), named=True) for path in scope.paths]
    if CHECKOUT in scope.sources:
        roots.append(Root(scope.root, named=False))
    if HOME in scope.sources:
        roots.append(Root(scope.session.home, named=False))
    return roots


def _identities(paths: Iterable[str]) -> set[Identity]:
    found = set()
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        found.add((status.st_dev, status.st_ino))
    return found


def _slabs(
    walk: Walk, roots: Sequence[Root], singles: Sequence[Root]
) -> Iterator[list[File | Unseen]]:
    slab: list[File | Unseen] = []
    for root in roots:
        if root in singles:
            continue
        for one in walk.below(root.path):
            slab.append(one)
            if len(slab) >= _SLAB:
                yield slab
                slab = []
    yield slab


def _singles(singles: Sequence[Root], search: Search, watch: Watch) -> Iterator[Content]:
    for root in singles:
        watch.at(root.path)
        try:
            status = os.stat(root.path)
        except OSError as error:
            yield Content(root.path, unseen=Unseen(root.path, reason(error), failed=True))
            continue
        if not stat.S_ISREG(status.st_mode):
            yield Content(root.path, unseen=Unseen(root.path, "no regular file", failed=True))
            continue
        watch.expect(status.st_size, 1)
        yield contents.look(root.path, search, named=True)
        watch.did(status.st_size)


def _findings(scope: Scope, search: Search, found: Sequence[Content]) -> Iterator[Finding | Unseen]:
    holding = sorted((content for content in found if content.held), key=lambda one: one.path)
    repositories = _by_repository([content.path for content in holding])
    traps = {top: why for top in repositories if (why := trap(top))}
    yield from (Unseen(top, why) for top, why in traps.items())
    asked = {top: paths for top, paths in repositories.items() if top not in traps}
    tracked = _tracked(scope, asked)
    for content in holding:
        for held in content.held:
            yield _finding(search, content, held, tracked=content.path in tracked)


def _finding(search: Search, content: Content, held: Held, *, tracked: bool) -> Finding:
    known = search.known[held.known]
    path = content.path
    kind, step, remedy = _advice(path, tracked=tracked)
    what = f"{known.label} stands in it"
    if held.times >= MOST:
        what += f", at least {MOST} times"
    return Finding(
        kind,
        Place(path, line=held.line, when=content.modified, times=held.times),
        what,
        step,
        (known.label,),
        ", ".join(word for word in (known.part, held.form) if word),
        remedy,
    )


def _advice(path: str, *, tracked: bool) -> tuple[Kind, str, Remedy | None]:
    """Return what it is that a value stands in *path*, what to do, and what `--fix` can do."""
    if is_environment(os.path.basename(path)):
        return TRACKED if tracked else IN_ENV, "devkeys doctor --fix", Remedy("store", path)
    if f"{os.sep}.git{os.sep}" in path:
        return KNOWN, "take it out of the file; git needs its files, so delete none", None
    if tracked:
        step = "replace it at its provider; take it out of the file, and commit that"
        return TRACKED, step, None
    return KNOWN, "take it out of the file, or delete the file", None


def _by_repository(paths: Sequence[str]) -> dict[str, list[str]]:
    """Return *paths* by the top of the repository around each; of what is in none, nothing."""
    by_top: dict[str, list[str]] = {}
    tops: dict[str, str | None] = {}
    for path in paths:
        top = _repository(os.path.dirname(path), tops)
        if top is not None:
            by_top.setdefault(top, []).append(path)
    return by_top


def _tracked(scope: Scope, repositories: Mapping[str, Sequence[str]]) -> set[str]:
    """Return those of the paths in *repositories* that are in the index of theirs."""
    path_variable = scope.session.environ.get("PATH", "")
    found: set[str] = set()
    for top, below in repositories.items():
        # Of all files, and not of those: a path that holds a value is no argument of a program.
        program = programs.find("git", path=path_variable, outside=top)
        answer = git.ask(top, "ls-files", "-z", "--cached", program=program) if program else None
        names = (answer or "").split("\0")
        found |= {os.path.join(top, name) for name in names if name} & set(below)
    return found


def _repository(directory: str, tops: dict[str, str | None]) -> str | None:
    """Return the nearest directory upward that has a `.git`, or None; *tops* are known ones."""
    passed = []
    top = None
    while directory not in tops:
        passed.append(directory)
        above = os.path.dirname(directory)
        if above == directory or os.path.basename(directory) == ".git":
            break
        if os.path.lexists(os.path.join(directory, ".git")):
            top = directory
            break
        directory = above
    top = tops.get(directory, top)
    tops.update(dict.fromkeys(passed, top))
    return top


def _merged(unseen: Iterable[Unseen]) -> Iterator[Unseen]:
    """Yield one for many of one directory and one reason."""
    alike: dict[tuple[str, str, bool], list[Unseen]] = {}
    for one in unseen:
        key = os.path.dirname(one.place), one.why, one.failed
        alike.setdefault(key, []).append(one)
    for (directory, why, failed), ones in alike.items():
        yield ones[0] if len(ones) == 1 else Unseen(directory, why, len(ones), failed)
