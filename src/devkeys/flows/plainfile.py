"""The plain file that `eject` writes: what may be there, what git makes of it, how it is replaced.

At any moment it is as it was or complete. What is written is read back before it gets its name
where there was no file, and right after it where there was one.
"""

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from devkeys import atomic, files, git, openfiles, programs, rewriting
from devkeys.declaration.filling import differing
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows import gitignore
from devkeys.session import Session

LIMIT = 16 << 20  # bytes
_OTHERS = 0o077
_CREATE = (
    os.O_RDWR
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)


class Target(NamedTuple):
    """Where it is to be, and what is there: *data* is None for nothing.

    *path* is real but for its last part. *mode* is that of the file that is there. *root* is the
    repository around it, None outside of any; *program* is the git that is asked about it, and
    *ignored* whether that ignores the file already.
    """

    path: str
    data: bytes | None
    mode: int
    root: str | None
    program: str
    ignored: bool

    def __repr__(self) -> str:
        return f"<{self.path}>"  # what is there may be values

    @property
    def open_to_others(self) -> bool:
        """Whether others may read what is there by its mode."""
        return os.name == "posix" and self.data is not None and bool(self.mode & _OTHERS)


def look(path: str, session: Session) -> Target:
    """Return what is at *path*, absolute; raise DevkeysError if no values are to be put there."""
    directory, name = os.path.split(path)
    if not name or not os.path.isdir(directory):
        raise UsageError(f"{directory or path} is no directory", hint="name a file: --to FILE")
    path = os.path.join(os.path.realpath(directory), name)
    data, mode = _content(path)
    root = _repository(os.path.dirname(path))
    if root is None:
        return Target(path, data, mode, None, "", ignored=True)
    program = programs.find("git", path=session.environ.get("PATH", ""), outside=root)
    if program is None:
        raise DevkeysError(
            f"{path} is in a git repository, and there is no git to ask whether it ignores it",
            hint="install git, or name a file outside of the repository: --to FILE",
        )
    if git.is_tracked(root, path, program=program):
        raise _tracked(path, root)
    return Target(path, data, mode, root, program, git.is_ignored(root, path, program=program))


def _content(path: str) -> tuple[bytes | None, int]:
    """Return what the user's own regular file *path* holds, and its mode."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None, 0
    except OSError as error:
        raise DevkeysError(
            f"cannot look at {path}: {files.reason(error)}", hint="check the directory above it"
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise DevkeysError(
            f"{path} is {_kind(status.st_mode)}; no value is written there",
            hint="move it away, or name another file: --to FILE",
        )
    try:
        with rewriting.opened(path, LIMIT) as original:
            if (original.status.st_dev, original.status.st_ino) != (status.st_dev, status.st_ino):
                raise _changed(path)
            return original.data, stat.S_IMODE(status.st_mode)
    except OSError as error:
        raise DevkeysError(
            f"cannot read {path}: {files.reason(error)}", hint="check its owner and its mode"
        ) from None


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO, perhaps a password manager's",
    }
    return kinds.get(stat.S_IFMT(mode), "a device or socket")


def _repository(directory: str) -> str | None:
    """Return the nearest directory upward that git would take for a repository's top."""
    while not os.path.lexists(os.path.join(directory, ".git")):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return directory


def _tracked(path: str, root: str) -> DevkeysError:
    return DevkeysError(
        f"git tracks {path}: the next commit would have the values",
        hint=f"git rm --cached {os.path.relpath(path, root)} takes it out of git and leaves the "
        "file; what was ever committed in it has to be replaced",
    )


def _changed(path: str) -> DevkeysError:
    return DevkeysError(f"{path} was changed meanwhile; no value was written", hint="try again")


def cover(target: Target) -> str | None:
    """See to it that git ignores the file; return the `.gitignore` that got a line for it."""
    if target.root is None:
        return None
    found = gitignore.cover(target.path, target.root, program=target.program)
    if found.tracked:
        raise _tracked(target.path, target.root)
    if found.trouble:
        where = f" (a line was added to {found.added_to})" if found.added_to else ""
        raise DevkeysError(
            f"git does not ignore {target.path}: {found.trouble}{where}; no value was written",
            hint=f"see git check-ignore -v --no-index {os.path.basename(target.path)}, or name a "
            "file outside of the repository: --to FILE",
        )
    return found.added_to


def write(target: Target, data: bytes, values: Mapping[str, bytes]) -> tuple[str, ...]:
    """Put *data* there, in which a program reads *values*; return what is to be said of it.

    Raise DevkeysError if it cannot be done, or does not read back: then the file is as it was.
    """
    try:
        if target.data is None:
            _create(target, data, values)
            return ()
        return _replace(target, target.data, data, values)
    except OSError as error:
        raise DevkeysError(
            f"cannot write {target.path}: {files.reason(error)}", hint="nothing was changed there"
        ) from None


def _create(target: Target, data: bytes, values: Mapping[str, bytes]) -> None:
    path = target.path
    directory = os.path.dirname(path)
    nursery = _nursery(directory, target.root)
    for place in {directory, nursery}:
        rewriting.remove_leftovers(place)
    temporary = rewriting.leftover(nursery)
    descriptor = os.open(temporary, _CREATE, 0o600)
    try:
        openfiles.claim(descriptor)
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if os.name == "posix":
            os.fchmod(descriptor, 0o600)
        os.fsync(descriptor)
        _check(rewriting.content(descriptor), values, path)
        _take_name(temporary, path)
    finally:
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(temporary)
    atomic.sync_directory(directory)


def _nursery(directory: str, root: str | None) -> str:
    """Return where the file is made: where no `git add .` finds what a killed eject leaves."""
    inside = os.path.join(root or directory, ".git")
    try:
        status = os.lstat(inside)
        usable = stat.S_ISDIR(status.st_mode) and os.access(inside, os.W_OK)
        if usable and status.st_dev == os.stat(directory).st_dev:
            return inside
    except OSError:
        pass
    return directory


def _take_name(temporary: str, path: str) -> None:
    """Give the file its name unless another has it: renaming would replace that one."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise _changed(path) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise _changed(path) from None
        os.rename(temporary, path)


def _replace(
    target: Target, old: bytes, data: bytes, values: Mapping[str, bytes]
) -> tuple[str, ...]:
    if target.open_to_others:
        _close_to_others(target)
    done = rewriting.rewrite(target.path, lambda now: data if now == old else None, limit=LIMIT)
    if not done.changed:
        raise _changed(target.path)
    try:
        _check(files.read_regular(target.path, limit=LIMIT) or b"", values, target.path)
    except DevkeysError:
        rewriting.rewrite(target.path, lambda now: old if now == data else None, limit=LIMIT)
        raise
    return done.left


def _close_to_others(target: Target) -> None:
    """Take the rights of others away, before there is anything to be read."""
    with rewriting.opened(target.path, LIMIT) as original:
        if original.path != target.path or original.data != target.data:
            raise _changed(target.path)
        os.fchmod(original.descriptor, stat.S_IMODE(original.status.st_mode) & ~_OTHERS)


def _check(data: bytes, values: Mapping[str, bytes], path: str) -> None:
    try:
        wrong = differing(data, values)
    except ValueError:
        wrong = list(values)
    if wrong:
        raise DevkeysError(
            f"what was written to {path} does not read back: {', '.join(wrong)}",
            hint="the file is as it was, and the store has the values; see whether another "
            "program writes to the file, and check the disk",
        )
