"""From objects that hold values to places: commits, paths, stashes, the index."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devkeys.errors import DevkeysError
from devkeys.flows.doctor import git_kinds as kinds
from devkeys.flows.doctor import git_texts
from devkeys.flows.doctor.git_kinds import HIDDEN
from devkeys.git import commits, repositories
from devkeys.git.commits import Origin
from devkeys.git.running import Repository, running
from devkeys.scan.blobs import BORDER, Held
from devkeys.scan.finding import Finding, Kind, Place, Unseen
from devkeys.scan.search import Hit, Search

_LASTING = (commits.PUSHED, commits.KEPT, commits.NOTES, commits.STASH)
_MOST_LINES = 200  # findings for which the line is looked up


class Spot(NamedTuple):
    """Where a value came into the history; several of one path and value become one finding."""

    known: int
    form: str
    path: bytes
    commit: str
    object: str = ""
    start: int = 0


class Places:
    """The places of one repository, *shown* to users under that path.

    *project* is the directory in which names mean the values of *search*.
    """

    def __init__(self, repository: Repository, shown: str, search: Search, project: str) -> None:
        self.repository = repository
        self.shown = shown
        self.search = search
        self.project = project
        self._lines = 0

    def of(self, held: Iterable[Held]) -> Iterator[Finding | Unseen]:
        """Yield a finding for each value and place of what the objects hold."""
        by_type: dict[str, list[Held]] = {"blob": [], "tree": [], "commit": [], "tag": []}
        for one in held:
            by_type[one.type].append(one)
        spots: list[Spot] = []
        try:
            self._add_blobs(by_type["blob"], spots)
            if by_type["tree"]:
                self._add_names(spots)
        except DevkeysError as error:
            yield Unseen(self.shown, f"not every hit could be led back to its commit: {error}")
        names = {spot.commit for spot in spots} | {one.object for one in by_type["commit"]}
        try:
            origins = commits.origins(self.repository, names)
        except DevkeysError as error:
            yield Unseen(self.shown, f"which commits were pushed could not be told: {error}")
            origins = {name: Origin(commits.KEPT) for name in names}
        yield from self._in_paths(by_type["blob"], spots, origins)
        yield from self._unnamed(by_type["tree"], spots)
        yield from git_texts.messages(self, by_type["commit"], origins)
        yield from git_texts.tags(self, by_type["tag"])

    def _add_blobs(self, held: list[Held], spots: list[Spot]) -> None:
        wanted: dict[str, list[Hit]] = {}
        for one in held:
            wanted.setdefault(one.object, []).append(one.hit)
        if not wanted:
            return
        for new in commits.introduced(self.repository, wanted):
            for hit in wanted[new.object]:
                spot = Spot(hit.known, hit.form, new.path, new.commit, new.object, hit.start)
                spots.append(spot)

    def _add_names(self, spots: list[Spot]) -> None:
        seen: set[tuple[bytes, int]] = set()
        for some in _batches(commits.introduced(self.repository, None)):
            if not self.search.holds(BORDER.encode().join({one.path for one in some})):
                continue
            for one in some:
                for hit in self.search.hits(one.path):
                    if (one.path, hit.known) not in seen:
                        seen.add((one.path, hit.known))
                        spots.append(Spot(hit.known, hit.form, one.path, one.commit))

    def _in_paths(
        self, held: list[Held], spots: list[Spot], origins: dict[str, Origin]
    ) -> Iterator[Finding]:
        staged = self._staged({one.object for one in held})
        groups: dict[tuple[int, bytes, bool], list[Spot]] = {}
        for spot in spots:
            groups.setdefault((spot.known, spot.path, not spot.object), []).append(spot)
        done: set[tuple[str, int]] = set()
        for (known, path, is_name), group in groups.items():
            done |= {(spot.object, known) for spot in group}
            way = farthest(origins[spot.commit] for spot in group)
            if is_name:
                yield self._finding(kinds.NAME, group, way, origins)
            elif way in _LASTING or not any(spot.object in staged for spot in group):
                yield self._finding(kinds.of(way), group, way, origins)
            else:
                yield self.staged(group[0]._replace(path=path, commit=""))
        for one in held:
            if (one.object, one.hit.known) in done:
                continue
            done.add((one.object, one.hit.known))
            spot = Spot(one.hit.known, one.hit.form, b"", "", one.object, one.hit.start)
            if one.object in staged:
                yield self.staged(spot._replace(path=staged[one.object]))
            else:
                yield self._alone(spot)

    def _finding(
        self, kind: Kind, group: list[Spot], way: str, origins: dict[str, Origin]
    ) -> Finding:
        first = min(group, key=lambda spot: origins[spot.commit].order)
        place = Place(
            self.shown,
            line=self._line(first) if first.object else None,
            commit=first.commit,
            member=self.name(first.path),
            when=origins[first.commit].time,
            times=len({spot.object for spot in group}),
        )
        what = "in the name of a file" if kind is kinds.NAME else kinds.where(way)
        return Finding(
            kind, place, what, self._step(kind, first, way), self.label(first.known), first.form
        )

    def _step(self, kind: Kind, spot: Spot, way: str) -> str:
        path = self.name(spot.path)
        if way in (commits.REFLOG, commits.UNREACHABLE):
            return kinds.forget(self.shown)
        if way == commits.STASH:
            return kinds.drop(self.shown)
        if kind is kinds.NAME:
            return kinds.RENAME
        if kind is kinds.NOTE:
            return kinds.remove_note(path, self.shown)
        pushed = way == commits.PUSHED
        return kinds.rewrite(self.secret(spot.known), spot.form, path, self.shown, pushed=pushed)

    def staged(self, spot: Spot, *, first: bool = False) -> Finding:
        """Return the finding of what only the index holds; *first*: there is no commit yet."""
        member = self.name(spot.path)
        place = Place(self.shown, line=self._line(spot), member=member)
        step = kinds.unstage(None if member == HIDDEN else member, self.shown, first=first)
        return Finding(
            kinds.STAGED,
            place,
            "staged for the next commit",
            step,
            self.label(spot.known),
            spot.form,
        )

    def _alone(self, spot: Spot) -> Finding:
        place = Place(self.shown, line=self._line(spot), member=f"blob {spot.object}")
        what = "in an object that no commit has: it was staged once, or an edit was interrupted"
        return Finding(
            kinds.DISCARDED,
            place,
            what,
            kinds.forget(self.shown),
            self.label(spot.known),
            spot.form,
        )

    def _unnamed(self, held: list[Held], spots: list[Spot]) -> Iterator[Finding]:
        """Yield what trees hold that no commit led to."""
        named = {spot.known for spot in spots if not spot.object}
        for known in sorted({one.hit.known for one in held} - named):
            one = next(one for one in held if one.hit.known == known)
            place = Place(self.shown, member=f"tree {one.object}")
            what = "in a file's name, in a tree that no commit has"
            yield Finding(
                kinds.NAME, place, what, kinds.forget(self.shown), self.label(known), one.hit.form
            )

    def name(self, path: bytes) -> str:
        """Return *path* for people, or what to say instead if it holds a value."""
        return HIDDEN if self.search.holds(path) else path.decode(errors="surrogateescape")

    def label(self, known: int) -> tuple[str]:
        """Return the secrets that a finding of *known* is about."""
        return (self.search.known[known].label,)

    def secret(self, known: int) -> kinds.Secret:
        """Return how a command gets the value of *known*."""
        return kinds.Secret(self.search.known[known].label, self.project)

    def _staged(self, objects: set[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        if not objects:
            return found
        for one in (self.repository, *repositories.worktrees(self.repository)):
            try:
                index = commits.staged(one, all_of_it=True)
                found |= {name: path for name, path in index if name in objects}
            except DevkeysError:  # an index that cannot be read; the objects were looked at
                continue
        return found

    def _line(self, spot: Spot) -> int | None:
        """Return the line of a blob in which a value begins."""
        self._lines += 1
        if self._lines > _MOST_LINES:
            return None
        left, line = spot.start, 1
        with running(self.repository, "cat-file", "blob", spot.object) as output:
            while left > 0 and (data := output.some()):
                line += data[:left].count(b"\n")
                left -= len(data)
        return None if left > 0 else line


def _batches(brought: Iterator[commits.Brought]) -> Iterator[list[commits.Brought]]:
    some: list[commits.Brought] = []
    for one in brought:
        some.append(one)
        if len(some) >= 5000:
            yield some
            some = []
    yield some


def farthest(origins: Iterable[Origin]) -> str:
    """Return the way that leads the farthest from this machine."""
    return min((origin.way for origin in origins), key=commits.WAYS.index)
