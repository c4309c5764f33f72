"""Values in the texts around the files: messages, authors, tags, names of references."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from devkeys.flows.doctor import git_kinds as kinds
from devkeys.git import commits
from devkeys.git.commits import Origin
from devkeys.scan.blobs import BORDER, Held
from devkeys.scan.finding import Finding, Place

if TYPE_CHECKING:
    from devkeys.flows.doctor.git_places import Places

_SORTS = {"heads": "a branch", "tags": "a tag", "remotes": "a remote's branch"}


def messages(places: "Places", held: list[Held], origins: dict[str, Origin]) -> Iterator[Finding]:
    """Yield a finding for each value and part of commits: message, author, committer, header."""
    heads = _heads(places, held)
    groups: dict[tuple[int, str], list[Held]] = {}
    for one in held:
        part = _part(heads.get(one.object, b""), one.hit.start)
        groups.setdefault((one.hit.known, part), []).append(one)
    for (known, part), group in groups.items():
        first = min(group, key=lambda one: origins[one.object].order)
        way = min((origins[one.object].way for one in group), key=commits.WAYS.index)
        time = origins[first.object].time
        place = Place(places.shown, commit=first.object, member=part, when=time, times=len(group))
        what = kinds.where(way).replace("in ", f"in the {part} of ", 1)
        (label,) = places.label(known)
        in_message, secret = part == "message", places.secret(known)
        step = kinds.retell(secret, first.hit.form, way, places.shown, in_message=in_message)
        yield Finding(kinds.MESSAGE, place, what, step, (label,), first.hit.form)


def _part(head: bytes, start: int) -> str:
    if start > len(head):
        return "message"
    word = head[head.rfind(b"\n", 0, start) + 1 :].partition(b" ")[0]
    return word.decode() if word in (b"author", b"committer") else "header"


def tags(places: "Places", held: list[Held]) -> Iterator[Finding]:
    """Yield a finding for each value in the text of an annotated tag."""
    heads = _heads(places, held)
    for one in held:
        rows = heads.get(one.object, b"").split(b"\n")
        name = next((row[4:] for row in rows if row.startswith(b"tag ")), b"")
        place = Place(places.shown, member=f"tag {places.name(name)}")
        what, secret = "in the text of a tag", places.label(one.hit.known)
        yield Finding(kinds.MESSAGE, place, what, kinds.RETAG, secret, one.hit.form)


def _heads(places: "Places", held: list[Held]) -> dict[str, bytes]:
    """Return what stands before the message of each commit or tag."""
    texts = commits.texts(places.repository, {one.object for one in held})
    return {name: text.partition(b"\n\n")[0] for name, text in texts}


def references(places: "Places") -> Iterator[Finding]:
    """Yield what names of branches, tags and other references hold."""
    names = commits.references(places.repository)
    if not names or not places.search.holds(BORDER.encode().join(names)):
        return
    for name in names:
        for hit in places.search.hits(name):
            sort = name.split(b"/")[1].decode(errors="surrogateescape")
            place = Place(places.shown, member=f"refs/{sort}/{kinds.HIDDEN}")
            what = f"in the name of {_SORTS.get(sort, 'a reference')}"
            secret = places.label(hit.known)
            yield Finding(kinds.NAME, place, what, kinds.RENAME_REFERENCE, secret, hit.form)
