"""Which commits brought an object or a name, from where they can be reached, and when."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from devkeys.errors import DevkeysError
from devkeys.git.running import Repository, ask, running

LISTING = ("cat-file", "--batch-all-objects", "--unordered", "--buffer")
_DIFF = (
    *("diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-abbrev", "--no-renames"),
    *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--diff-filter=AMT"),
)
_AT_ONCE = 200  # objects that are named in one command line

# From where a commit can be reached, the farthest first. What is in none of them is unreachable.
PUSHED, KEPT, NOTES, STASH, REFLOG, UNREACHABLE = (
    "pushed",
    "kept",
    "notes",
    "stash",
    "reflog",
    "unreachable",
)


class Brought(NamedTuple):
    """An object that came with a commit, at a path of it; names are git's hexadecimal ones."""

    object: str
    commit: str
    path: bytes


def introduced(repository: Repository, objects: Collection[str] | None) -> Iterator[Brought]:
    """Yield where *objects* came into the history; None: where each file did.

    Every commit that is in the repository counts, reachable or not. Raises DevkeysError where
    git cannot go on; what was yielded before still holds.
    """
    named = sorted(objects or ())
    if len(named) > _AT_ONCE:
        named = []
    words = [*_DIFF, *(f"--find-object={name}" for name in named)]
    with running(repository, *words, feed=_commits(repository)) as output:
        commit, brought = "", ""
        for record in output.records(b"\0"):
            if brought:
                if objects is None or brought in objects:
                    yield Brought(brought, commit, record)
                brought = ""
            elif record.startswith(b":"):
                brought = record.split(b" ")[3].decode()
            else:
                commit = record.decode()
        output.finish()


def _commits(repository: Repository) -> Iterator[bytes]:
    words = (*LISTING, "--batch-check=%(objecttype) %(objectname)")
    with running(repository, *words) as output:
        lines = []
        for line in output.records(b"\n"):
            if line.startswith(b"commit "):
                lines.append(line[7:] + b"\n")
            if len(lines) > 500:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)


def reach(repository: Repository, commits: Iterable[str]) -> dict[str, str]:
    """Return for each of *commits* the farthest from where it can be reached.

    Raises DevkeysError if git cannot walk the history.
    """
    left = {commit.encode() for commit in commits}
    found = dict.fromkeys(left, UNREACHABLE)
    stashes = ["--no-walk=unsorted", *_stashes(repository)]
    kept = ["--exclude=refs/stash", "--exclude=refs/notes/*", "--exclude=refs/remotes/*", "--all"]
    ways: tuple[tuple[str, list[str]], ...] = (
        (PUSHED, ["--remotes"]),
        (KEPT, kept),
        (NOTES, ["--glob=refs/notes"]),
        (STASH, stashes if len(stashes) > 1 else []),
        (REFLOG, ["--reflog"]),
    )
    for way, words in ways:
        if left and words:
            with running(repository, "rev-list", *words) as output:
                for commit in output.records(b"\n"):
                    if commit in left:
                        left.discard(commit)
                        found[commit] = way
                output.finish()
    return {commit.decode(): way for commit, way in found.items()}


def _stashes(repository: Repository) -> list[str]:
    """Return the commits of all stashes, with those that hold an index and untracked files."""
    found: list[str] = []
    with suppress(DevkeysError):  # no stash is an error, too
        own = _lines(repository, "rev-list", "--walk-reflogs", "refs/stash")
        for line in _lines(repository, "rev-list", "--no-walk=unsorted", "--parents", *own):
            commit, _stashed_upon, *others = line.split()
            found += [commit, *others]
    return found


def _lines(repository: Repository, *words: str) -> list[str]:
    with running(repository, *words) as output:
        lines = [line.decode(errors="surrogateescape") for line in output.records(b"\n")]
        output.finish()
    return lines


def times(repository: Repository, commits: Collection[str]) -> dict[str, float]:
    """Return when *commits* were made, in seconds since the epoch, for those git can tell of."""
    found: dict[str, float] = {}
    feed = (f"{commit}\n".encode() for commit in commits)
    words = ("rev-list", "--no-walk=unsorted", "--ignore-missing", "--timestamp", "--stdin")
    with suppress(DevkeysError), running(repository, *words, feed=feed) as output:
        for line in output.records(b"\n"):
            time, _, commit = line.decode().partition(" ")
            found[commit] = float(time)
    return found


def staged(repository: Repository, *, all_of_it: bool) -> Iterator[tuple[str, bytes]]:
    """Yield object and path of what the index holds: *all_of_it*, or what HEAD does not."""
    if all_of_it or not has_commit(repository):
        for record in ask(repository, "ls-files", "--stage", "-z"):
            entry, _, path = record.partition(b"\t")
            if entry and not entry.startswith(b"160000"):
                yield entry.split(b" ")[1].decode(), path
        return
    words = ("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames")
    records = iter(ask(repository, *words, "--diff-filter=AMT", "HEAD", "--"))
    for record in records:
        mode, name = record.split(b" ")[1::2][:2]
        path = next(records, b"")
        if mode != b"160000":
            yield name.decode(), path


def has_commit(repository: Repository) -> bool:
    """Tell whether HEAD leads to a commit."""
    try:
        return bool(ask(repository, "rev-parse", "--verify", "--quiet", "HEAD^{tree}"))
    except DevkeysError:  # before the first one
        return False


def references(repository: Repository) -> list[tuple[str, str]]:
    """Return the whole name of each branch, tag and other reference, and its object."""
    lines = _lines(repository, "for-each-ref", "--format=%(refname) %(objectname)")
    return [(name, target) for name, _, target in (line.rpartition(" ") for line in lines)]
