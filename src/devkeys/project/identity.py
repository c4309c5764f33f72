"""A checkout's identity, read from its `.git`; on the way of `run`, so no git is started.

Nothing is believed that a cloned repository could have written about another one.
"""

import os
import stat

from devkeys import files
from devkeys.errors import DevkeysError

DOTGIT_LIMIT = 4096


def common_directory(root: str) -> str | None:
    """Return the real path of the git directory that all worktrees of *root*, a real path, share.

    None if *root* is no repository or its `.git` names a directory that does not name it
    back: a `.git` file or a `commondir` that a repository brought with it proves nothing.
    """
    dotgit = os.path.join(root, ".git")
    status = look(dotgit)
    if status is not None and stat.S_ISDIR(status.st_mode):
        return dotgit
    if status is not None and stat.S_ISREG(status.st_mode):
        return _of_worktree(dotgit)
    return None


def look(path: str) -> os.stat_result | None:
    """Return the status of *path* itself; None if nothing is there that the user could use.

    What a failing disk or a full table of files hides is not taken for nothing: the values of
    a repository would go to another project.
    """
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except OSError as error:
        raise DevkeysError(
            f"cannot look at {path}: {files.reason(error)}", hint="check the disk, then try again"
        ) from None


def _of_worktree(dotgit: str) -> str | None:
    pointer = _first_line(dotgit)
    if not pointer.startswith("gitdir: "):
        return None
    private = os.path.realpath(os.path.join(os.path.dirname(dotgit), pointer[8:]))
    worktrees = os.path.dirname(private)
    named_back = _first_line(os.path.join(private, "gitdir"))
    if os.path.basename(worktrees) != "worktrees" or not named_back:
        return None
    named = os.path.join(private, named_back)
    if os.path.realpath(named) != os.path.realpath(dotgit):
        return None
    return os.path.dirname(worktrees)


def _first_line(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        data = os.read(descriptor, DOTGIT_LIMIT)
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return os.fsdecode(data.partition(b"\n")[0].partition(b"\0")[0])  # as git has it
