"""What is said of a known value in a repository, and what to do about it.

No step needs a value in a command line or in a file: `devkeys get --reveal` gives it to
git filter-repo through a pipe.
"""

import os
import shlex

from devkeys.forms import AS_IT_IS
from devkeys.git import commits
from devkeys.scan.finding import LEAKED, RISK, Kind

HIDDEN = "(a name that holds the value)"
_ROTATE = "replace the value where it is issued first"
_AGAIN = "git reflog expire --expire=now --all && git gc --prune=now"

PUSHED = Kind(
    "git/pushed",
    LEAKED,
    "a value in a pushed commit",
    "A remote has had this commit, and with it whoever can read or has cloned the repository.",
    "Replace the value where it is issued; rewriting the history does not call it back.",
)
COMMITTED = Kind(
    "git/committed",
    LEAKED,
    "a value in a commit",
    "No remote-tracking branch has this commit, but the next push may take it along, and every "
    "clone and copy has it.",
    "Replace the value where it is issued, and rewrite the commits before they are pushed.",
)
STASHED = Kind(
    "git/stashed",
    LEAKED,
    "a value in a stash",
    "A stash is a commit that stays until it is dropped, and its objects for weeks after that.",
    "Drop the stash, then let git forget what nothing refers to.",
)
NOTE = Kind(
    "git/note",
    LEAKED,
    "a value in a note on a commit",
    "Notes are commits of their own, with a history; they are pushed only if asked for.",
    "Replace the value where it is issued, and rewrite the history of refs/notes.",
)
DISCARDED = Kind(
    "git/discarded",
    LEAKED,
    "a value in what was discarded",
    "git keeps what was reset, amended or unstaged for weeks, and gives it back to anyone who "
    "asks for it by its hash.",
    "Let git forget what no branch and no tag refers to.",
)
MESSAGE = Kind(
    "git/message",
    LEAKED,
    "a value in a commit's or tag's text",
    "Messages and authors are pushed, mirrored and shown on web pages along with the commits.",
    "Replace the value where it is issued, and rewrite the messages.",
)
NAME = Kind(
    "git/name",
    LEAKED,
    "a value in a name",
    "Names of files, branches and tags stand in every listing, log and address.",
    "Replace the value where it is issued, and give the file, branch or tag another name.",
)
DIRECTORY = Kind(
    "git/directory",
    LEAKED,
    "a value in a file of the git directory",
    "No commit holds it, but backups and copies of the directory do.",
    "Take it out of the file; an address of a remote needs none, a credential helper has it.",
)
STAGED = Kind(
    "git/staged",
    RISK,
    "a value in what is staged",
    "The next commit takes it along.",
    "Unstage it, and take the value out of the file.",
)
KINDS = (PUSHED, COMMITTED, STASHED, NOTE, DISCARDED, MESSAGE, NAME, DIRECTORY, STAGED)

_OF_WAYS = {
    commits.PUSHED: (PUSHED, "in a commit that was pushed or fetched: a remote has it"),
    commits.KEPT: (COMMITTED, "in a commit that no remote-tracking branch has"),
    commits.NOTES: (NOTE, "in a note on a commit"),
    commits.STASH: (STASHED, "in a stash"),
    commits.REFLOG: (DISCARDED, "in a commit that only the reflog still has"),
    commits.UNREACHABLE: (DISCARDED, "in a commit that nothing refers to"),
}


def of(way: str) -> Kind:
    """Return the kind of what stands in a file of a commit that is reached by *way*."""
    return _OF_WAYS[way][0]


def where(way: str) -> str:
    """Say where that is, as `in a stash`."""
    return _OF_WAYS[way][1]


def rewrite(label: str, form: str, path: str | None, *, pushed: bool) -> str:
    """Return the steps that take a secret out of all commits; *path* None: out of messages.

    *label* names the secret; without a profile in it `devkeys get` gives that very value.
    """
    after = ", push with --force, and have other clones made anew" if pushed else ""
    return f"{_ROTATE}; then, {_filter(label, form, path)}{after}"


def retell(label: str, form: str, way: str, *, in_message: bool) -> str:
    """Return the step for a text of commits that are reached by *way*."""
    if way in (commits.REFLOG, commits.UNREACHABLE):
        return forget()
    if way == commits.STASH:
        return drop()
    return rewrite(label, form, None, pushed=way == commits.PUSHED) if in_message else AUTHOR


def _filter(label: str, form: str, path: str | None) -> str:
    if path is not None and path.isprintable() and _is_secret_file(path):
        return f"in a fresh clone, git filter-repo --invert-paths --path {shlex.quote(path)}"
    option = "--replace-message" if path is None else "--replace-text"
    if form == AS_IT_IS and label.isidentifier():
        return (
            f"with CLONE a fresh clone, devkeys get --reveal {label} "
            f"| git -C CLONE filter-repo {option} /dev/stdin"
        )
    return f"in a fresh clone, git filter-repo {option} FILE, a FILE that you remove after that"


def _is_secret_file(path: str) -> bool:
    """Tell whether a file is there for its values, so that all of it may go."""
    name = os.path.basename(path)
    if name.startswith(".env"):
        return not name.endswith((".example", ".sample", ".template", ".dist"))
    return name.endswith((".env", ".pem", ".key", ".p12"))


def drop() -> str:
    """Return the step that ends a stash."""
    return f"{_ROTATE} if others use this machine; then git stash drop STASH, and {_AGAIN}"


def remove_note(path: str) -> str:
    """Return the step that ends a note; *path* is its commit's hash, in parts."""
    commit = path.replace("/", "")
    return (
        f"{_ROTATE}; then git notes remove {commit}; older notes go with all others: "
        f"git update-ref -d refs/notes/commits && {_AGAIN}"
    )


def forget() -> str:
    """Return the step that ends what nothing refers to."""
    return f"{_AGAIN} (ends every way back to discarded commits)"


def unstage(path: str | None, *, first: bool) -> str:
    """Return the step that takes a path out of the index; *first*: there is no commit yet."""
    command = "git rm --cached" if first else "git restore --staged"
    shown = shlex.quote(path) if path is not None and path.isprintable() else "PATH"
    return f"{command} -- {shown}, take the value out of the file, then git gc --prune=now"


def edit(path: str) -> str:
    """Return the step for a file of the git directory, *path* within it."""
    if path == "config" or path.endswith("/config"):
        return f"{_ROTATE} if others could read it; git remote set-url REMOTE an address without it"
    if path.startswith("logs/") or "/logs/" in path:
        return _AGAIN
    return f"take it out of {shlex.quote(path)} in the git directory, or remove that file"


RENAME = f"{_ROTATE}; then give it another name, in every commit: git filter-repo --path-rename"
RENAME_REFERENCE = f"{_ROTATE}; then give it another name, here and at every remote that has it"
RETAG = f"{_ROTATE}; then make the tag anew with another text, here and at every remote"
AUTHOR = f"{_ROTATE}; then, in a fresh clone, git filter-repo --mailmap FILE, or --commit-callback"
