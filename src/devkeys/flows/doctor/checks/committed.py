"""What git has, and once had, of `.env` files: every version that ever was is judged once."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from devkeys import git, ignoring
from devkeys.flows.doctor import steps
from devkeys.flows.doctor.checks.literals import assignments, is_kept_here
from devkeys.flows.doctor.checks.tree import NOT_ENTERED, is_environment
from devkeys.flows.doctor.git_kinds import IN_CLONE
from devkeys.scan.finding import LEAKED, Finding, Kind, Place, Unseen

COMMITTED = Kind(
    "env/committed",
    LEAKED,
    "a .env file with secrets in git's history",
    "It is no longer in the tree, or is not on this branch, but every clone still has the values.",
    "Rotate the values; then rewrite the history, and let everybody clone anew.",
)
KINDS = (COMMITTED,)
MOST_REPOSITORIES = 20
MOST_VERSIONS = 500
LARGEST = 1 << 20  # bytes of a version
PATIENCE = 5.0  # seconds

_PATHS = (":(glob,icase)**/.env*", ":(glob,icase)**/*.env", ":(glob,icase)**/.envs/**")
# Without --full-history git leaves out a branch that was merged with nothing left of the file.
# A signature would be shown, and a program for it run, if the configuration says so.
_HISTORY = (
    *("-c", "log.showRoot=true", "log", "--all", "--full-history", "-m"),
    *("--no-show-signature", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-notes"),
    *("--no-mailmap", "--no-follow", "--no-color", "--ignore-submodules=all", "--diff-filter=AM"),
    *("-O" + os.devnull, "--relative", "--raw", "--no-abbrev", "-z", "--format=%H %ct", "--"),
)


class Version(NamedTuple):
    """One version of a file: its blob, and the commit that brought it."""

    path: str
    blob: str
    commit: str
    when: float


class Past(NamedTuple):
    """What a path held over time: the *names* of secrets, in so many *versions* since *first*."""

    names: tuple[str, ...]
    first: Version
    versions: int


def is_repository(root: str) -> bool:
    """Tell whether *root* is in a repository, as far as one can see without git."""
    return top_of(root) is not None


def top_of(root: str) -> str | None:
    """Return the top of the repository that *root* is in, as far as one can see without git."""
    directory = root
    while not os.path.lexists(os.path.join(directory, ".git")):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return directory


def tracked(root: str, *, program: str) -> list[str] | None:
    """Return the paths of the `.env` files in the index, relative to *root*; None if git fails.

    Links are left out: git has where they lead, not what is there.
    """
    words = ("ls-files", "-z", "--stage", "--", *_PATHS)
    answer = ignoring.feed(root, *words, given=b"", program=program)
    if answer is None:
        return None
    entries = [entry.partition("\t") for entry in os.fsdecode(answer).split("\0")]
    paths = [path for head, _, path in entries if head.startswith("100")]
    return [path for path in dict.fromkeys(paths) if _is_ours(path)]


def _is_ours(path: str) -> bool:
    *directories, name = path.split("/")
    if not NOT_ENTERED.isdisjoint(directories):
        return False
    return is_environment(name) or ".envs" in (part.lower() for part in directories)


def past(root: str, *, program: str) -> tuple[dict[str, Past], list[Unseen]]:
    """Return which `.env` files of the repository *root* ever held secrets, by path.

    What could not be looked at is the second of what is returned.
    """
    answer = ignoring.feed(root, *_HISTORY, *_PATHS, given=b"", program=program, patience=PATIENCE)
    if answer is None:
        # A repository without a commit has no history.
        has_commit = git.ask(root, "rev-parse", "--verify", "--quiet", "HEAD", program=program)
        why = "its history could not be looked through for .env files in time"
        return {}, [Unseen(root, why)] if has_commit else []
    versions = [version for version in _versions(answer) if _is_ours(version.path)]
    left = len(versions) - MOST_VERSIONS
    why = "more versions of .env files in git's history than are read"
    unseen = [Unseen(root, why, left)] if left > 0 else []
    names = _names(root, versions[:MOST_VERSIONS], program=program)
    if names is None:
        return {}, [Unseen(root, "the .env files in git's history could not be read")]
    return _by_path(versions[:MOST_VERSIONS], names), unseen


def _versions(answer: bytes) -> Iterator[Version]:
    commit, when = "", 0.0
    fields = iter(answer.split(b"\0"))
    for field in fields:
        head = field.strip(b"\n")
        if head.startswith(b":"):
            words = head.split()
            path = os.fsdecode(next(fields, b""))
            if words[1] in (b"100644", b"100755"):
                yield Version(path, words[3].decode("ascii", "replace"), commit, when)
        elif head:
            name, _, seconds = head.decode("ascii", "replace").partition(" ")
            commit, when = name, float(seconds) if seconds.isdecimal() else 0.0


def _names(
    root: str, versions: Sequence[Version], *, program: str
) -> dict[str, tuple[str, ...]] | None:
    """Return the names of the secrets in each blob of *versions*; None if git fails."""
    paths = {version.blob: version.path for version in versions}
    if not paths:
        return {}
    given = "".join(f"{blob}\n" for blob in paths).encode()
    sizes = ignoring.feed(root, "cat-file", "--batch-check", given=given, program=program)
    if sizes is None:
        return None
    small = [
        words[0]
        for words in map(bytes.split, sizes.splitlines())
        if len(words) == 3 and words[1] == b"blob" and int(words[2]) <= LARGEST
    ]
    given = b"".join(blob + b"\n" for blob in small)
    answer = ignoring.feed(root, "cat-file", "--batch", given=given, program=program)
    if answer is None:
        return None
    return {blob: _judge(data, paths.get(blob, "")) for blob, data in _blobs(answer)}


def _blobs(answer: bytes) -> Iterator[tuple[str, bytes]]:
    place = 0
    while (end := answer.find(b"\n", place)) >= 0:
        words = answer[place:end].split()
        if len(words) != 3:
            place = end + 1
            continue
        size = int(words[2])
        yield words[0].decode(), answer[end + 1 : end + 1 + size]
        place = end + 1 + size + 1


def _judge(data: bytes, path: str) -> tuple[str, ...]:
    kept = (found.name for found in assignments(data, path=path) if is_kept_here(found))
    return tuple(dict.fromkeys(kept))


def _by_path(versions: Sequence[Version], names: Mapping[str, tuple[str, ...]]) -> dict[str, Past]:
    by_path: dict[str, list[Version]] = {}
    for version in versions:
        if names.get(version.blob):
            by_path.setdefault(version.path, []).append(version)
    return {
        path: Past(
            tuple(dict.fromkeys(name for version in found for name in names[version.blob])),
            min(reversed(found), key=lambda version: version.when),
            len({version.blob for version in found}),
        )
        for path, found in by_path.items()
    }


def finding(root: str, path: str, held: Past) -> Finding:
    """Return the finding about what *path* held in the history of *root*."""
    first, top = held.first, top_of(root) or root
    relative = os.path.relpath(os.path.join(root, path), top)
    place = Place(root, commit=first.commit, member=path, when=first.when, times=held.versions)
    values = "a value" if len(held.names) == 1 else f"{len(held.names)} values"
    what = f"{path} was committed with {values} in plain text"
    command = steps.without_file(top, relative, pushed=False)
    step = f"rotate what stood in it; then {IN_CLONE}: {command}"
    return Finding(COMMITTED, place, what, step, held.names)
