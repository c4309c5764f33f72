"""How a finding is known again, though lines move: by hash of what it is and where it stands."""

from _blake2 import blake2b
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from devkeys import fingerprint
from devkeys.flows.doctor.report import Frame, below
from devkeys.project.allowed import Allowed
from devkeys.scan.finding import Finding
from devkeys.scan.search import Known

ID_DIGITS = 8


class Marks(NamedTuple):
    """How this machine knows findings again.

    *key* is its key for tags. *tags* has a tag of the value for each secret's label: with
    another value it is another finding.
    """

    key: bytes
    frame: Frame
    tags: Mapping[str, str] = {}

    def of(self, finding: Finding) -> str:
        """Return 32 hex digits for what was found; its line and its entry's number may move."""
        place = finding.place
        typed = place.entry is not None and place.when is not None
        return _hash(
            self.key,
            [
                finding.kind.id,
                *_anchored(place.path, self.frame),
                place.commit,
                place.member,
                repr(place.when) if typed else "",  # a file's date changes with any other line
                *(f"{label} {self.tags.get(label, '')}" for label in sorted(finding.secrets)),
            ],
        )

    def id(self, finding: Finding) -> str:
        """Return the 8 hex digits that the user sees, and names it by."""
        return self.of(finding)[:ID_DIGITS]

    def of_list(self, allowed: Iterable[Allowed]) -> str:
        """Return 32 hex digits for all that this checkout's repository asks to leave out."""
        fields = [field for entry in sorted(allowed) for field in entry]
        return _hash(self.key, ["list", self.frame.identity, *fields])


def marks(state_dir: str, frame: Frame, tags: Mapping[str, str] | None = None) -> Marks:
    """Return how this machine knows findings again; its key is made at the first use."""
    return Marks(fingerprint.tag_key(state_dir), frame, tags or {})


def tags(key: bytes, known: Iterable[Known]) -> dict[str, str]:
    """Return a tag for each label of *known*, of all its values: a new one makes it another."""
    of: dict[str, set[str]] = {}
    for one in known:
        of.setdefault(one.label, set()).add(fingerprint.tag(one.value.reveal(), key))
    return {label: " ".join(sorted(of[label])) for label in of}


def portable(finding: Finding, frame: Frame) -> str:
    """Return 32 hex digits that are the same on every machine, of what a report says anyway."""
    place = finding.place
    _, path = _anchored(place.path, frame)
    return _hash(b"", [finding.kind.id, path, place.commit, place.member, *sorted(finding.secrets)])


def _hash(key: bytes, parts: Iterable[str]) -> str:
    state = blake2b(digest_size=16, key=key)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        state.update(len(data).to_bytes(8, "big"))  # where one ends and the next begins counts
        state.update(data)
    return state.hexdigest()


def _anchored(path: str, frame: Frame) -> tuple[str, str]:
    """Return *path* so that it is the same in each worktree of a repository."""
    inside = below(path, frame.root)
    if inside is not None and frame.root != frame.home:
        return frame.identity, inside
    home = below(path, frame.home)
    return ("", path) if home is None else ("~", home)
