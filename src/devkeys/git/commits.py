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
_TEXTS = 1 << 24  # bytes; a larger message is not looked at for what it is

# From where a commit can be reached, the farthest first. What is in none of them is unreachable.
PUSHED, KEPT, NOTES, STASH, REFLOG, UNREACHABLE = WAYS = (
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
    words = [f"--find-object={name}" for name in named] if len(named) <= _AT_ONCE else []
    for one in _differences(repository, words, _commits(repository)):
        if objects is None or one.object in objects:
            yield one


def brought_since(repository: Repository, since: float) -> Iterator[bytes]:
    """Yield the names of all objects that came with commits since then, a line each.

    So do the tags, and what is staged. Raises DevkeysError where git cannot go on.
    """
    words = ("--all", "--reflog", f"--max-age={since:.0f}")
    commits = [line.encode() + b"\n" for line in _lines(repository, "rev-list", *words)]
    seen = {one.object for one in _differences(repository, ["-t"], commits)}
    seen |= {name for name, _ in staged(repository, all_of_it=False)}
    tags = _lines(repository, "for-each-ref", "--format=%(objecttype) %(objectname)", "refs/tags")
    seen |= {tag[4:] for tag in tags if tag.startswith("tag ")}
    yield from (f"{name}\n".encode() for name in seen)
    yield from (line for commit in commits for line in (commit, commit[:-1] + b"^{tree}\n"))


def _differences(
    repository: Repository, words: list[str], commits: Iterable[bytes]
) -> Iterator[Brought]:
    with running(repository, *_DIFF, *words, feed=commits) as output:
        commit, brought = "", ""
        for record in output.records(b"\0"):
            if brought:
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


class Origin(NamedTuple):
    """From where a commit can be reached, *way*, and when it was made.

    *time* is in seconds since the epoch, None if git cannot tell. *age* is greater than that of
    its children, which may be of the same second.
    """

    way: str = UNREACHABLE
    time: float | None = None
    age: int = 0

    @property
    def order(self) -> tuple[float, int]:
        """What sorts the oldest first."""
        return (float("inf") if self.time is None else self.time, -self.age)


def origins(repository: Repository, commits: Iterable[str]) -> dict[str, Origin]:
    """Return the origin of each of *commits*, by the farthest from where it can be reached.

    Raises DevkeysError if git cannot walk the history.
    """
    names = set(commits)
    times = _times(repository, names)
    found = {name: Origin(time=times.get(name)) for name in names}
    left = {name.encode() for name in names}
    for way, words in _ways(repository) if left else ():
        with running(repository, "rev-list", *words) as output:
            for age, line in enumerate(output.records(b"\n")):
                if line in left:
                    left.discard(line)
                    found[line.decode()] = found[line.decode()]._replace(way=way, age=age)
            output.finish()
        if not left:
            break
    return found


def _ways(repository: Repository) -> Iterator[tuple[str, list[str]]]:
    kept = ["--exclude=refs/stash", "--exclude=refs/notes/*", "--exclude=refs/remotes/*", "--all"]
    yield PUSHED, ["--remotes"]
    yield KEPT, kept
    yield NOTES, ["--glob=refs/notes"]
    stashes = _stashes(repository)
    if stashes:
        yield STASH, ["--no-walk=unsorted", *stashes]
    yield REFLOG, ["--reflog", "--all"]  # an empty reflog alone is an error


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


def _times(repository: Repository, commits: Iterable[str]) -> dict[str, float]:
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


def references(repository: Repository) -> list[bytes]:
    """Return the whole name of each branch, tag and other reference."""
    with running(repository, "for-each-ref", "--format=%(refname)") as output:
        names = list(output.records(b"\n"))
        output.finish()
    return names


def texts(repository: Repository, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of objects that are small texts, as commits are; no other."""
    if not names:
        return
    feed = (f"{name}\n".encode() for name in names)
    with running(repository, "cat-file", "--batch", "--buffer", feed=feed) as output:
        kept = b""
        while len(kept) < _TEXTS and (data := output.some()):
            kept += data
            while (whole := _one_text(kept)) is not None:
                name, text, kept = whole
                yield name, text


def _one_text(data: bytes) -> tuple[str, bytes, bytes] | None:
    """Return the name and content of the first object, and what stands behind it."""
    head, _, rest = data.partition(b"\n")
    words = head.split(b" ")
    if len(words) != 3 or len(rest) <= (size := int(words[2])):
        return None
    return words[0].decode(), rest[:size], rest[size + 1 :]
