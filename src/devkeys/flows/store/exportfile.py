"""The file that an export becomes: checked before it gets its name, and never in place of another.

A killed export leaves nothing that has the file's name, and the next one removes what it left.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from devkeys import ask, atomic, files, git, openfiles, programs, rewriting
from devkeys.errors import DevkeysError, UsageError
from devkeys.project import find
from devkeys.session import Session

_CREATE = (
    os.O_RDWR
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


class Target(NamedTuple):
    """Where the file is to be, its directory by its real path, and whether it may replace one."""

    path: str
    replace: bool


def look(name: str, *, replace: bool) -> Target:
    """Return where the file *name* is to be; raise UsageError if it cannot be there."""
    directory, base = os.path.split(os.path.join(find.working_directory(), name))
    if not base or not os.path.isdir(directory):
        raise UsageError(f"{directory or name} is no directory", hint="name a file in one")
    path = os.path.join(os.path.realpath(directory), base)
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return Target(path, replace)
    except OSError as error:
        raise UsageError(
            f"cannot look at {path}: {files.reason(error)}", hint="name another file"
        ) from None
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is no regular file", hint="name another file")
    if not replace:
        with suppress(OSError):  # that of an export which was killed when it had its name
            rewriting.remove_leftovers(directory or os.curdir)
        raise _is_there(path)
    return Target(path, replace)


def _is_there(path: str) -> UsageError:
    return UsageError(f"{path} is there already", hint="name another file, or give --force")


def warn_of_git(target: Target, session: Session, *, yes: bool) -> None:
    """Say so if a `git add .` would take the file along; raise UsageError if it is not to be."""
    root = shown_to_git(target.path, session)
    if root is None:
        return
    ask.say(
        f"devkeys: {ask.plain(target.path)} is in the git repository {ask.plain(root)}, which does "
        "not ignore it: what is pushed once can be tried out for ever"
    )
    if not yes and ask.at_terminal() and not ask.confirm("Write it there all the same?"):
        raise UsageError("nothing was written", hint="name a file outside of the repository")


def shown_to_git(path: str, session: Session) -> str | None:
    """Return the repository that a `git add .` would take *path* into; None if none would."""
    checkout = find.checkout_of(os.path.dirname(path), session.home)
    if not checkout.in_git:
        return None
    root = checkout.root
    program = programs.find("git", path=session.environ.get("PATH", ""), outside=root)
    if program is None or git.is_tracked(root, path, program=program):
        return root
    return None if git.is_ignored(root, path, program=program) else root


def place(target: Target, data: bytes, check: Callable[[bytes], None]) -> None:
    """Put *data* there, mode 0600; *check* is given what was read back, and raises if it is wrong.

    Raise DevkeysError if it cannot be done: then what was there is as it was.
    """
    directory = os.path.dirname(target.path)
    try:
        rewriting.remove_leftovers(directory)
        temporary = rewriting.leftover(directory)
        descriptor = os.open(temporary, _CREATE, 0o600)
        try:
            openfiles.claim(descriptor)
            _fill(descriptor, data)
            check(rewriting.content(descriptor))
            _take_name(temporary, target)
        finally:
            with suppress(OSError):
                os.unlink(temporary)
            with suppress(OSError):  # all of it is on disk, and was read back
                os.close(descriptor)
        atomic.sync_directory(directory)
    except OSError as error:
        raise DevkeysError(
            f"cannot write {target.path}: {files.reason(error)}",
            hint="check the disk and the directory; nothing was written",
        ) from None


def _fill(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    if os.name == "posix":
        os.fchmod(descriptor, 0o600)
    os.fsync(descriptor)


def _take_name(temporary: str, target: Target) -> None:
    """Give the file its name unless another has it: renaming would replace that one."""
    if target.replace:
        os.replace(temporary, target.path)
        return
    try:
        os.link(temporary, target.path)
    except FileExistsError:
        raise _is_there(target.path) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(target.path):
            raise _is_there(target.path) from None
        os.rename(temporary, target.path)
