"""What is said of a known value in a repository, and what to do about it.

No step needs a value in a command line or in a file: `devkeys get --reveal` gives it to
git filter-repo through a pipe.
"""

import os
import shlex
from typing import NamedTuple

from devkeys.flows.doctor import steps
from devkeys.forms import AS_IT_IS
from devkeys.git import commits
from devkeys.scan.finding import LEAKED, RISK, Kind

HIDDEN = "(a name that holds the value)"
ROTATE = "replace the value where it is issued first"
IN_CLONE = f"in a fresh clone, which this makes beside the repository, as *{steps.REWRITTEN}"
_NOTES = "refs/notes/commits"

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


class Secret(NamedTuple):
    """What names a secret: a *label*, which if it is a bare name means it in *project*."""

    label: str
    project: str


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


def rewrite(secret: Secret, form: str, path: str | None, root: str, *, pushed: bool) -> str:
    """Return the steps that take *secret* out of all commits; *path* None: out of messages."""
    after = "; push it with --force, and have other clones made anew" if pushed else ""
    if path is not None and path.isprintable() and _is_secret_file(path):
        return f"{ROTATE}; {IN_CLONE}{after}: {steps.without_file(root, path, pushed=pushed)}"
    option = "--replace-message" if path is None else "--replace-text"
    if form == AS_IT_IS and secret.label.isidentifier():
        get = f"cd {shlex.quote(secret.project)} && devkeys get --reveal {secret.label}"
        words = f"{get} | {steps.rewrite(root, option, '/dev/stdin')}"
        command = f"{steps.clone(root, pushed=pushed)} && {words}"
        return f"{ROTATE}; before you store the new one, {IN_CLONE}{after}: {command}"
    return (
        f"{ROTATE}; write the old one, as it stands there, into a FILE; then, in a fresh clone,"
        f" git filter-repo {option} FILE; remove the FILE{after}"
    )


def retell(secret: Secret, form: str, way: str, root: str, *, in_message: bool) -> str:
    """Return the step for a text of commits that are reached by *way*."""
    if way in (commits.REFLOG, commits.UNREACHABLE):
        return forget(root)
    if way == commits.STASH:
        return drop(root)
    pushed = way == commits.PUSHED
    return rewrite(secret, form, None, root, pushed=pushed) if in_message else AUTHOR


def _is_secret_file(path: str) -> bool:
    """Tell whether a file is there for its values, so that all of it may go."""
    name = os.path.basename(path)
    if name.startswith(".env"):
        return not name.endswith((".example", ".sample", ".template", ".dist"))
    return name.endswith((".env", ".pem", ".key", ".p12"))


def drop(root: str) -> str:
    """Return the step that ends a stash."""
    return (
        f"{ROTATE} if others use this machine; then drop the stash (git stash list has its number,"
        f" git stash drop takes it), and let git forget it: {steps.forget(root)}"
    )


def remove_note(path: str, root: str) -> str:
    """Return the steps that end a note, but no other one; *path* is its commit's hash, in parts.

    The notes of before are commits, too: the notes that are left become the first ones.
    """
    remove = steps.git(root, "notes", "remove", "--ignore-missing", path.replace("/", ""))
    words = ("commit-tree", "-m", "notes", f"{_NOTES}^{{tree}}")
    anew = f'{steps.git(root, "update-ref", _NOTES)} "$({steps.git(root, *words)})"'
    return f"{ROTATE}; then: {remove} && {anew} && {steps.forget(root)}"


def forget(root: str) -> str:
    """Return the step that ends what nothing refers to."""
    return f"this ends every way back to discarded commits: {steps.forget(root)}"


def unstage(path: str | None, root: str, *, first: bool) -> str:
    """Return the step that takes a path out of the index; *first*: there is no commit yet."""
    if path is None or not path.isprintable():
        return "unstage it, and take the value out of the file; then: " + steps.forget(root)
    command = (
        steps.untrack(root, path)
        if first
        else steps.git(root, "restore", "--staged", "--", steps.pathspec(path))
    )
    return f"take the value out of the file, too: {command} && {steps.forget(root)}"


RENAME = f"{ROTATE}; then give it another name in every commit, with git filter-repo --path-rename"
RENAME_REFERENCE = f"{ROTATE}; then give it another name, here and at every remote that has it"
RETAG = f"{ROTATE}; then make the tag anew with another text, here and at every remote"
AUTHOR = f"{ROTATE}; then, in a fresh clone, git filter-repo --mailmap FILE, or --commit-callback"
