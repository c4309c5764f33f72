"""A checkout's identity, read from its `.git`; on the way of `run`, so no git is started.

Nothing is believed that a cloned repository could have written about another one.
"""

import os
import stat

DOTGIT_LIMIT = 4096


def common_directory(root: str) -> str | None:
    """Return the real path of the git directory that all worktrees of *root*, a real path, share.

    None if *root* is no repository or its `.git` names a directory that does not name it
    back: a `.git` file or a `commondir` that a repository brought with it proves nothing.
    """
    dotgit = os.path.join(root, ".git")
    try:
        mode = os.lstat(dotgit).st_mode
    except OSError:
        return None
    if stat.S_ISDIR(mode):
        return dotgit
    if stat.S_ISREG(mode):
        return _of_worktree(dotgit)
    return None


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
