"""Commands that steps name: each does the same in any directory, pasted into a POSIX shell.

Where a step has words of its own they come first, and a colon ends them: what follows, to the
end of the line, is one command.
"""

import os
import shlex
from collections.abc import Iterable

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks.tree import profile_of
from devkeys.plan import option
from devkeys.project import find

REWRITTEN = ".rewritten"  # what a clone is called beyond the repository it is of
_LIMIT = 1 << 20  # bytes
_MAGIC = frozenset("*?[\\:")


def git(root: str, *words: str) -> str:
    """Return the command that runs git on the repository at *root*."""
    return f"git -C {shlex.quote(root)} {shlex.join(words)}"


def pathspec(path: str) -> str:
    """Return what means *path* and no other to git; patterns and magic would mean more."""
    return path if _MAGIC.isdisjoint(path) else f":(literal){path}"


def untrack(root: str, path: str) -> str:
    """Return the command that takes *path* out of git's index; the file stays as it is.

    With -f, without which git leaves a file alone that was staged and then changed.
    """
    return git(root, "rm", "-q", "-f", "--cached", "--", pathspec(path))


def forget(root: str) -> str:
    """Return the command after which git has nothing any more that nothing refers to.

    Stashes stay, for gc keeps their reflog; `git reflog expire --expire=now --all` drops them.
    """
    now = ("-c", "gc.reflogExpire=now", "-c", "gc.reflogExpireUnreachable=now")
    return git(root, *now, "gc", "--quiet", "--prune=now")


def clone(root: str, *, pushed: bool) -> str:
    """Return the command that makes a clone beside *root*: git filter-repo takes a fresh one only.

    What was *pushed* is cloned from the remote: it has branches that are not here.
    """
    source = f'"$({git(root, "remote", "get-url", "origin")})"' if pushed else shlex.quote(root)
    return (
        f"git -C {shlex.quote(root)} clone -q --no-local {source} {shlex.quote(root + REWRITTEN)}"
    )


def rewrite(root: str, *words: str) -> str:
    """Return the command that runs git filter-repo in the clone."""
    return git(root + REWRITTEN, "filter-repo", *words)


def without_file(root: str, path: str, *, pushed: bool) -> str:
    """Return the commands that take *path* out of all commits of a clone of *root*."""
    words = rewrite(root, "--invert-paths", f"--path={path}")
    return f"{clone(root, pushed=pushed)} && {words}"


def take_in(path: str, home: str) -> str:
    """Return the step that moves the values of the file *path* into the store.

    In its directory, for the nearest project from there is the one that gets them.
    """
    directory, name = os.path.split(path)
    first = ""
    if find.locate(directory, home) is None:
        first = f"write its names into {os.path.join(directory, find.DECLARATION)}; then "
    profile = profile_of(name)
    name = shlex.quote(f"./{name}" if name.startswith("-") else name)
    if profile is None:
        words = f"devkeys import {name} --remove, with -p and the profile that it is of"
        return f"{first}in {directory}, {words}"
    command = f"cd {shlex.quote(directory)} && devkeys import{option(profile)} {name} --remove"
    return f"{first.rstrip()}: {command}" if first else command


def append(path: str, lines: Iterable[str]) -> str:
    """Return the command that adds *lines* to the file *path*, behind its last one."""
    target = shlex.quote(path)
    end = "" if _ends_with_a_line(path) else f"echo >> {target} && "
    return f"{end}printf '%s\\n' {shlex.join(lines)} >> {target}"


def _ends_with_a_line(path: str) -> bool:
    try:
        data = files.read_regular(path, limit=_LIMIT)
    except DevkeysError:
        return True
    return not data or data.endswith(b"\n")
