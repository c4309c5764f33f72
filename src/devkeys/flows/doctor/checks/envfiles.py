"""The `.env` files of a checkout: what stands in them, who can read them, what git does with them.

Their names and those of their variables are told; their values are judged in memory.
"""

import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from devkeys import files, programs
from devkeys.errors import DevkeysError
from devkeys.flows.doctor import steps
from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.checks import committed, ignored
from devkeys.flows.doctor.checks.committed import Past
from devkeys.flows.doctor.checks.literals import assignments, is_kept_here
from devkeys.flows.doctor.checks.tree import Tree, walk
from devkeys.flows.doctor.scope import Scope
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Fine, Kind, Place, Remedy, Unseen

PLAIN = Kind(
    "env/plain-text",
    RISK,
    "secrets in plain text in a .env file",
    "Whatever runs in this checkout can read the file: an install script of a dependency, an agent,"
    " an editor's extension; and it is copied with the directory.",
    "Move the values into the store, and start what needs them with `devkeys run`.",
)
MODE = Kind(
    "env/mode",
    RISK,
    "a .env file that others may read",
    "Its mode lets other users of this machine, and services that run as them, read the values.",
    "Take the rights of group and others away.",
)
TRACKED = Kind(
    "env/tracked",
    LEAKED,
    "a .env file with secrets in git",
    "Every clone and every fork has the values, and the history keeps them when the file is gone.",
    "Rotate the values first, take the file out of git, then out of its history.",
)
KEPT_IN_GIT = Kind(
    "env/tracked-settings",
    ADVICE,
    "a .env file in git",
    "No secret stands in it now; but the first one that somebody adds is committed with it.",
    "Keep it to public settings, and put what is secret into the store.",
)
LINK = Kind(
    "env/link",
    ADVICE,
    "a .env file that is a link out of the checkout",
    "It was not followed: a repository may point it at any file of yours.",
    "Look where it leads; remove the link unless you made it.",
)
OWNER = Kind(
    "env/owner",
    RISK,
    "a .env file of another user",
    "Whoever owns it can read it and decides what the programs that load it get.",
    "Find out how it came there before you use it.",
)
KINDS = (PLAIN, MODE, TRACKED, KEPT_IN_GIT, LINK, OWNER, *committed.KINDS, *ignored.KINDS)
LIMIT = 1 << 20  # bytes
MOST = 500  # files that are read
_THEN_HISTORY = "devkeys doctor then tells how to take it out of the history"


class Environment(NamedTuple):
    """A `.env` file that was read: *names* are those whose values are secrets in plain text.

    *line* is the first one's; *target* is where the file really is, *status* what it is.
    """

    path: str
    names: tuple[str, ...]
    line: int | None
    target: str
    status: os.stat_result

    @property
    def linked(self) -> bool:
        """Whether *path* is a link to it."""
        return self.path != self.target


def look(scope: Scope, tree: Tree | None = None) -> Iterator[Finding | Unseen | Fine]:
    """Yield what is to be said of every `.env*` and `.envrc` of the checkout."""
    tree = tree or walk(scope.root)
    if not tree.whole:
        yield Unseen(scope.root, "has too many files; the rest was not looked through")
    for path in tree.unread:
        yield Unseen(path, "cannot be listed")
    read: dict[str, Environment] = {}
    for found in environments(tree):
        if isinstance(found, Environment):
            read[found.path] = found
            yield from _of_itself(found, tree, scope.session.home)
        else:
            yield found
    yield from _in_git(scope, tree, read)


def environments(tree: Tree) -> Iterator[Environment | Finding | Unseen | Fine]:
    """Read the `.env` files of *tree*; yield what they hold, or why one was not read."""
    for path in tree.environments[:MOST]:
        yield from _read(path, tree)
    if len(tree.environments) > MOST:
        yield Unseen(tree.root, "more .env files than are read", len(tree.environments) - MOST)


def _read(path: str, tree: Tree) -> Iterator[Environment | Finding | Unseen | Fine]:
    name = os.path.relpath(path, tree.root)
    try:
        target = path
        if os.path.islink(path):
            target = os.path.realpath(path)
            if not target.startswith(os.path.join(os.path.realpath(tree.root), "")):
                yield _leads_out(path, name, target)
                return
            if target in tree.environments:
                return  # it is judged where it is
        status = os.stat(target, follow_symlinks=False)
    except FileNotFoundError:
        return  # it went away meanwhile, or the link leads nowhere
    except OSError as error:
        yield Unseen(path, f"cannot be looked at: {files.reason(error)}")
        return
    if stat.S_ISFIFO(status.st_mode):
        yield Fine(f"{name} is a FIFO: a program hands the values out, none lies on the disk")
        return
    try:
        data = files.read_regular(target, limit=LIMIT) or b""
    except DevkeysError as error:
        yield Unseen(path, str(error))
        return
    kept = [found for found in assignments(data, path=path) if is_kept_here(found)]
    names = tuple(dict.fromkeys(found.name for found in kept))
    yield Environment(path, names, kept[0].line if kept else None, target, status)


def _leads_out(path: str, name: str, target: str) -> Finding:
    what = f"{name} is a symbolic link out of the checkout, to {target}, and was not read"
    return Finding(LINK, Place(path), what, f"ls -l {shlex.quote(path)}")


def _of_itself(found: Environment, tree: Tree, home: str) -> Iterator[Finding]:
    name = os.path.relpath(found.path, tree.root)
    place = Place(found.path, line=found.line)
    if found.names:
        yield Finding(
            PLAIN,
            place,
            f"{name} holds {_count(found.names)} in plain text",
            steps.take_in(found.path, home),
            found.names,
            remedy=Remedy("store", found.path),
        )
    if os.name != "posix":
        return
    mode = stat.S_IMODE(found.status.st_mode)
    if found.names and mode & 0o077:
        yield Finding(
            MODE,
            Place(found.path),
            f"{name} can be read by others (mode {mode:04o})",
            f"chmod 600 {shlex.quote(found.target)}",
            found.names,
            remedy=Remedy("mode", found.target, "600"),
        )
    if found.status.st_uid not in _owners(tree.root):
        what = f"{name} belongs to another user (uid {found.status.st_uid})"
        yield Finding(OWNER, Place(found.path), what, f"ls -l {shlex.quote(found.path)}")


def _owners(root: str) -> set[int]:
    try:
        return {os.geteuid(), os.stat(root).st_uid}
    except OSError:
        return {os.geteuid()}


def _count(names: tuple[str, ...]) -> str:
    return "1 secret" if len(names) == 1 else f"{len(names)} secrets"


def _in_git(
    scope: Scope, tree: Tree, read: dict[str, Environment]
) -> Iterator[Finding | Unseen | Fine]:
    path = scope.session.environ.get("PATH", "")
    program = programs.find("git", path=path, outside=scope.root)
    repositories = [root for root in tree.repositories if committed.is_repository(root)]
    if not repositories:
        return
    if program is None:
        yield Unseen(scope.root, "git is not installed, so nobody can tell what it ignores")
        return
    for root in repositories[: committed.MOST_REPOSITORIES]:
        yield from _of_repository(root, tree, read, program)
    if len(repositories) > committed.MOST_REPOSITORIES:
        left = len(repositories) - committed.MOST_REPOSITORIES
        yield Unseen(scope.root, "more repositories than git is asked about", left)


def _of_repository(
    root: str, tree: Tree, read: Mapping[str, Environment], program: str
) -> Iterator[Finding | Unseen | Fine]:
    why = trap(root)
    if why is not None:
        yield Unseen(root, why)
        return
    tracked = committed.tracked(root, program=program)
    if tracked is None:
        yield Unseen(root, "git refuses to say what it tracks there")
        return
    past, unseen = committed.past(root, program=program)
    yield from unseen
    for relative in tracked:
        now = read.get(os.path.join(root, relative))
        held = past.get(relative)
        if now is None or now.names:
            past.pop(relative, None)
        yield _tracked(root, relative, now, held)
    for relative, held in past.items():
        yield committed.finding(root, relative, held)
    paths = [path for path in tree.environments if tree.repository_of(path) == root]
    # Of a link git would take in only where it leads.
    here = {
        path: read[path].names if path in read and not read[path].linked else () for path in paths
    }
    yield from ignored.look(root, tree, here, tracked, program=program)


def _tracked(root: str, relative: str, now: Environment | None, held: Past | None) -> Finding:
    path = os.path.join(root, relative)
    if now is not None and not now.names:
        what = f"{relative} is in git; no secret stands in it now"
        return Finding(KEPT_IN_GIT, Place(path), what, steps.git(root, "show", f":./{relative}"))
    names = tuple(dict.fromkeys((*(now.names if now else ()), *(held.names if held else ()))))
    what = f"{relative} is in git" + (f", with {_count(names)}" if names else "")
    take_out = steps.untrack(root, relative)
    step = f"rotate what stands in it, and commit after this; {_THEN_HISTORY}: {take_out}"
    first = held.first if held else None
    place = Place(path, commit=first.commit if first else "", when=first.when if first else None)
    return Finding(TRACKED, place, what, step, names, remedy=Remedy("untrack", path))
