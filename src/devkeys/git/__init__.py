"""Questions put to git itself; nothing that a repository configures is run.

running       a git whose output is read while it runs
repositories  which git directories there are   commits   which commits brought an object
"""

import os
import subprocess

TIMEOUT = 10.0  # seconds for one question
# Settings of a repository that name a program, or make git hold more than it needs to.
INERT = (
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.bigFileThreshold=16m",
    "-c",
    "core.deltaBaseCacheLimit=128m",
)
# No lock, no prompt, no network: an object that a partial clone lacks is missing. A repository
# may allow protocols in its own configuration, and this variable overrules that.
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}


def environment() -> dict[str, str]:
    """Return the caller's environment as git is given it: none of git's variables but ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | _VARIABLES


def ask(root: str, *words: str, program: str) -> str | None:
    """Return what git prints for *words* in *root*, or None if it fails.

    *program* is git's absolute path. Nothing that the repository configures is run.
    """
    try:
        done = subprocess.run(
            [program, "-C", root, *INERT, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            check=False,
            timeout=TIMEOUT,
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
    words = ("--literal-pathspecs", "ls-files", "--error-unmatch", "--", path)
    return ask(root, *words, program=program) is not None


def remote(root: str, *, program: str) -> str | None:
    """Return the address of the remote `origin`, without a user name or password in it."""
    address = (ask(root, "config", "--get", "remote.origin.url", program=program) or "").strip()
    scheme, separator, rest = address.partition("://")
    if separator and "@" in rest.partition("/")[0]:
        rest = rest.partition("@")[2]
    return scheme + separator + rest or None
