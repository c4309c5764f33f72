"""What git knows: a checkout's identity, read from its files, and questions put to git itself.

`common_directory` is on the way of `run` and starts no process; it believes nothing that a
cloned repository could have written about another one.
"""

import os
import stat

DOTGIT_LIMIT = 4096


def common_directory(root: str) -> str | None:
    """Return the real path of the git directory that all worktrees of *root* share.

    None if *root* is no repository or its `.git` names a directory that does not name it
    back: a `.git` file or a `commondir` that a repository brought with it proves nothing.
    """
    dotgit = os.path.join(root, ".git")
    try:
        mode = os.lstat(dotgit).st_mode
    except OSError:
        return None
    if stat.S_ISDIR(mode):
        return os.path.realpath(dotgit)
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
    return os.fsdecode(data.partition(b"\n")[0])


def ask(root: str, *words: str, program: str) -> str | None:
    """Return what git prints for *words* in *root*, or None if it fails.

    *program* is git's absolute path. Nothing that the repository configures is run.
    """
    import subprocess

    inert = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            [program, "-C", root, *inert, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environ,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None


def is_ignored(root: str, path: str, *, program: str) -> bool:
    """Tell whether git's rules ignore *path*, tracked or not; False where git cannot say."""
    words = ("check-ignore", "--quiet", "--no-index", "--", path)
    return ask(root, *words, program=program) is not None


def is_tracked(root: str, path: str, *, program: str) -> bool:
    """Tell whether the index of *root* holds *path*."""
    return ask(root, "ls-files", "--error-unmatch", "--", path, program=program) is not None


def remote(root: str, *, program: str) -> str | None:
    """Return the address of the remote `origin`, without a user name or password in it."""
    address = (ask(root, "config", "--get", "remote.origin.url", program=program) or "").strip()
    scheme, separator, rest = address.partition("://")
    if separator and "@" in rest.partition("/")[0]:
        rest = rest.partition("@")[2]
    return scheme + separator + rest or None
