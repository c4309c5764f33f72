"""How a value is taken out of a file of the git directory, by what git keeps in that file.

Most of them git cannot do without. Where a name holds the value, a pattern stands for it in the
command: the value itself would be in the shell's history, too.
"""

import shlex
from collections.abc import Callable, Mapping

from devkeys.flows.doctor import steps
from devkeys.flows.doctor.git_kinds import HIDDEN, ROTATE

# Texts that git reads if they are there, and does without if not.
_NOT_NEEDED = ("hooks", "description", "rr-cache", "branches", "remotes", "FETCH_HEAD")
_MESSAGES = ("_EDITMSG", "_MSG")


def edit(path: str, root: str) -> str:
    """Return the step for the file *path*, within the git directory, of the repository *root*."""
    own = path.split("/", 2)[-1] if path.startswith("worktrees/") else path
    if own == "logs/refs/stash":
        return "drop the stash; git stash list has its number, git stash drop takes it"
    first = own.partition("/")[0]
    step = _STEPS.get("index" if first.startswith("sharedindex.") else first)
    if step is not None:
        return step(root)
    shown = "it" if HIDDEN in path else f"{shlex.quote(path)} in the git directory"
    if first in _NOT_NEEDED or first.endswith(_MESSAGES):
        return f"edit or delete {shown}: git does without it"
    return f"take it out of {shown}, but do not delete the file: git may need it"


def _config(root: str) -> str:
    edited = steps.git(root, "config", "--local", "--edit")
    return (
        f"{ROTATE} if others could read it; then give a remote an address without it, with git"
        f" remote set-url, take a key away with git config --unset KEY, or edit the file: {edited}"
    )


def _log(root: str) -> str:
    expire = steps.git(root, "reflog", "expire", "--expire=now", "--all")
    return f"this ends every way back to discarded commits, and stashes: {expire}"


def _head(root: str) -> str:
    renamed = steps.git(root, "branch", "-m", "NEW")
    return f"the name of the branch holds it; give it a NEW one: {renamed}"


def _reference(root: str) -> str:
    listed = steps.git(root, "for-each-ref", "--format=delete %(refname)", "PATTERN")
    return (
        "the name of a branch or tag holds it; git branch -D or git tag -d ends it, or for a"
        " PATTERN, such as refs/heads/fix-*, that means it alone:"
        f" {listed} | {steps.git(root, 'update-ref', '--stdin')}"
    )


def _index(root: str) -> str:
    command = steps.git(root, "rm", "-q", "-f", "--cached", "--", "PATTERN")
    return (
        "the name of a file holds it; give the file another name, and take the old one out of"
        f" the index, with a PATTERN, such as fix-*, that means it alone: {command}"
    )


def _copy(root: str) -> str:
    return f"once no commit has the file that it is for: {steps.git(root, 'lfs', 'prune')}"


def _under_way(root: str) -> str:
    return f"end what is under way, such as a rebase; this tells what: {steps.git(root, 'status')}"


_STEPS: Mapping[str, Callable[[str], str]] = {
    "config": _config,
    "logs": _log,
    "HEAD": _head,
    **dict.fromkeys(("refs", "packed-refs", "ORIG_HEAD", "reftable"), _reference),
    "index": _index,
    "lfs": _copy,
    **dict.fromkeys(("rebase-merge", "rebase-apply", "sequencer", "BISECT_LOG"), _under_way),
}
