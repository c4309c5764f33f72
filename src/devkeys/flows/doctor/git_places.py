"""From objects that hold values to places: commits, paths, stashes, the index."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devkeys.errors import DevkeysError
from devkeys.flows.doctor import git_kinds as kinds
from devkeys.git import commits, repositories
from devkeys.git.running import Repository, running
from devkeys.scan.blobs import Held
from devkeys.scan.finding import Finding, Kind, Place, Unseen
from devkeys.scan.search import Hit, Search

HIDDEN = "(a name that holds the value)"
_WAYS = (commits.PUSHED, commits.KEPT, commits.NOTES, commits.STASH, commits.REFLOG)
_KINDS = {
    commits.PUSHED: kinds.PUSHED,
    commits.KEPT: kinds.COMMITTED,
    commits.NOTES: kinds.NOTE,
    commits.STASH: kinds.STASHED,
}
_MOST_LINES = 200  # findings for which the line is looked up
_TEXT = 1 << 20  # of a commit or tag, enough to tell its header from its message


class Spot(NamedTuple):
    """Where a value came into the history; several of one path and value become one finding."""

    known: int
    form: str
    path: bytes
    commit: str
    object: str = ""
    start: int = 0


class Places:
    """The places of one repository, *shown* to users under that path."""

    def __init__(self, repository: Repository, shown: str, search: Search) -> None:
        self.repository = repository
        self.shown = shown
        self.search = search
        self._lines = 0

    def of(self, held: Iterable[Held]) -> Iterator[Finding | Unseen]:
        """Yield a finding for each value and place of what the objects hold."""
        by_type: dict[str, list[Held]] = {}
        for one in held:
            by_type.setdefault(one.type, []).append(one)
        spots: list[Spot] = []
        try:
            self._add_blobs(by_type.get("blob", []), spots)
            if "tree" in by_type:
                self._add_names(spots)
        except DevkeysError as error:
            yield Unseen(self.shown, f"not every hit could be led back to its commit: {error}")
        texts = by_type.get("commit", [])
        names = {spot.commit for spot in spots if spot.commit} | {one.object for one in texts}
        try:
            ways = commits.reach(self.repository, names)
        except DevkeysError as error:
            yield Unseen(self.shown, f"which commits were pushed could not be told: {error}")
            ways = dict.fromkeys(names, commits.KEPT)
        when = commits.times(self.repository, names)
        yield from self._in_paths(by_type.get("blob", []), spots, ways, when)
        yield from self._unnamed(by_type.get("tree", []), spots)
        yield from self._texts(texts, ways, when)
        yield from (self._tag(one) for one in by_type.get("tag", []))

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
            if not self.search.holds(b"\1\2\1\2".join({one.path for one in some})):
                continue
            for one in some:
                for hit in self.search.hits(one.path):
                    if (one.path, hit.known) not in seen:
                        seen.add((one.path, hit.known))
                        spots.append(Spot(hit.known, hit.form, one.path, one.commit))

    def _in_paths(
        self, held: list[Held], spots: list[Spot], ways: dict[str, str], when: dict[str, float]
    ) -> Iterator[Finding]:
        staged = self._staged({one.object for one in held})
        groups: dict[tuple[int, bytes, bool], list[Spot]] = {}
        for spot in spots:
            groups.setdefault((spot.known, spot.path, not spot.object), []).append(spot)
        done: set[tuple[str, int]] = set()
        for (known, path, is_name), group in groups.items():
            done |= {(spot.object, known) for spot in group}
            way = min((ways[spot.commit] for spot in group), key=_farness)
            if is_name:
                yield self._finding(kinds.NAME, group, way, when)
            elif way in _KINDS or not any(spot.object in staged for spot in group):
                yield self._finding(_KINDS.get(way, kinds.DISCARDED), group, way, when)
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

    def _finding(self, kind: Kind, group: list[Spot], way: str, when: dict[str, float]) -> Finding:
        first = min(group, key=lambda spot: when.get(spot.commit, float("inf")))
        member = self.name(first.path)
        versions = len({spot.object for spot in group})
        place = Place(
            self.shown,
            line=self._line(first) if first.object else None,
            commit=first.commit,
            member=member,
            when=when.get(first.commit),
            times=versions,
        )
        label = self.search.known[first.known].label
        return Finding(
            kind, place, _what(kind, way), self._step(kind, first, way), (label,), first.form
        )

    def _step(self, kind: Kind, spot: Spot, way: str) -> str:
        label = self.search.known[spot.known].label
        path = self.name(spot.path)
        if kind is kinds.NAME:
            return kinds.RENAME
        if kind is kinds.STASHED:
            return kinds.drop()
        if kind is kinds.NOTE:
            return kinds.remove_note(path)
        if kind is kinds.DISCARDED:
            return kinds.forget()
        return kinds.rewrite(label, spot.form, path, pushed=way == commits.PUSHED)

    def staged(self, spot: Spot, *, first: bool = False) -> Finding:
        """Return the finding of what only the index holds; *first*: there is no commit yet."""
        member = self.name(spot.path)
        place = Place(self.shown, line=self._line(spot), member=member)
        step = kinds.unstage(None if member == HIDDEN else member, first=first)
        label = self.search.known[spot.known].label
        return Finding(kinds.STAGED, place, "staged for the next commit", step, (label,), spot.form)

    def _alone(self, spot: Spot) -> Finding:
        place = Place(self.shown, line=self._line(spot), member=f"blob {spot.object}")
        label = self.search.known[spot.known].label
        what = "in an object that no commit has: it was staged once, or an edit was interrupted"
        return Finding(kinds.DISCARDED, place, what, kinds.forget(), (label,), spot.form)

    def _unnamed(self, held: list[Held], spots: list[Spot]) -> Iterator[Finding]:
        """Yield what trees hold that no commit led to."""
        named = {spot.known for spot in spots if not spot.object}
        for known in sorted({one.hit.known for one in held} - named):
            one = next(one for one in held if one.hit.known == known)
            place = Place(self.shown, member=f"tree {one.object}")
            label = self.search.known[known].label
            what = "in a file's name, in a tree that no commit has"
            yield Finding(kinds.NAME, place, what, kinds.forget(), (label,), one.hit.form)

    def _texts(
        self, held: list[Held], ways: dict[str, str], when: dict[str, float]
    ) -> Iterator[Finding]:
        groups: dict[tuple[int, str], list[Held]] = {}
        for one in held:
            groups.setdefault((one.hit.known, self._part(one)), []).append(one)
        for (known, part), group in groups.items():
            way = min((ways[one.object] for one in group), key=_farness)
            first = min(group, key=lambda one: when.get(one.object, float("inf")))
            time = when.get(first.object)
            place = Place(self.shown, commit=first.object, member=part, when=time, times=len(group))
            label, form = self.search.known[known].label, first.hit.form
            what = f"in its {part}, {_what(_KINDS.get(way, kinds.DISCARDED), way)}"
            step = kinds.rewrite(label, form, None, pushed=way == commits.PUSHED)
            if way in (commits.REFLOG, commits.UNREACHABLE):
                step = kinds.forget()
            elif part != "message":
                step = kinds.AUTHOR
            yield Finding(kinds.MESSAGE, place, what, step, (label,), form)

    def _part(self, one: Held) -> str:
        """Return which part of a commit a value stands in."""
        head = self._content(one.object).partition(b"\n\n")[0]
        return "message" if one.hit.start > len(head) else _field(head, one.hit.start)

    def _tag(self, one: Held) -> Finding:
        head = self._content(one.object).partition(b"\n\n")[0]
        name = next((row[4:] for row in head.split(b"\n") if row.startswith(b"tag ")), b"")
        place = Place(self.shown, member=f"tag {self.name(name)}")
        label = self.search.known[one.hit.known].label
        return Finding(
            kinds.MESSAGE, place, "in the text of a tag", kinds.RETAG, (label,), one.hit.form
        )

    def references(self) -> Iterator[Finding]:
        """Yield what names of branches, tags and other references hold."""
        names = [name for name, _ in commits.references(self.repository)]
        data = "\1\2\1\2".join(names).encode(errors="surrogateescape")
        if not names or not self.search.holds(data):
            return
        for name in names:
            for hit in self.search.hits(name.encode(errors="surrogateescape")):
                sort = name.split("/")[1]
                what = {"heads": "a branch", "tags": "a tag", "remotes": "a remote's branch"}
                said = f"in the name of {what.get(sort, 'a reference')}"
                label = self.search.known[hit.known].label
                place = Place(self.shown, member=f"refs/{sort}/{HIDDEN}")
                yield Finding(kinds.NAME, place, said, kinds.RENAME_REFERENCE, (label,), hit.form)

    def name(self, path: bytes) -> str:
        """Return *path* for people, or what to say instead if it holds a value."""
        return HIDDEN if self.search.holds(path) else path.decode(errors="surrogateescape")

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

    def _content(self, name: str) -> bytes:
        data = b""
        with running(self.repository, "cat-file", "--batch", feed=[f"{name}\n".encode()]) as output:
            while len(data) < _TEXT and (some := output.some()):
                data += some
        return data.partition(b"\n")[2]


def _batches(brought: Iterator[commits.Brought]) -> Iterator[list[commits.Brought]]:
    some: list[commits.Brought] = []
    for one in brought:
        some.append(one)
        if len(some) >= 5000:
            yield some
            some = []
    yield some


def _farness(way: str) -> int:
    return (*_WAYS, commits.UNREACHABLE).index(way)


def _field(head: bytes, start: int) -> str:
    begin = head.rfind(b"\n", 0, start) + 1
    word = head[begin:].partition(b" ")[0]
    return word.decode() if word in (b"author", b"committer") else "header"


def _what(kind: Kind, way: str) -> str:
    if way == commits.REFLOG:
        return "in a commit that only the reflog still has"
    if way == commits.UNREACHABLE:
        return "in a commit that nothing refers to"
    said = {
        kinds.PUSHED: "in a commit that was pushed or fetched: a remote has it",
        kinds.COMMITTED: "in a commit that no remote-tracking branch has",
        kinds.NOTE: "in a note on a commit",
        kinds.STASHED: "in a stash",
        kinds.NAME: "in the name of a file",
    }
    return said[kind]
