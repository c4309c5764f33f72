"""Questions put to git itself; nothing that a repository configures is run."""

import os
import subprocess


def ask(root: str, *words: str, program: str) -> str | None:
    """Return what git prints for *words* in *root*, or None if it fails.

    *program* is git's absolute path. Nothing that the repository configures is run.
    """
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
