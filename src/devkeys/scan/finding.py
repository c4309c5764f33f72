"""What a look at this machine ends in: findings, and what was not looked at.

Both name secrets and places. No value gets in: not into a field, not into a message.
"""

from typing import Final, Literal, NamedTuple

Grade = Literal["leaked", "risk", "advice"]
LEAKED: Final = "leaked"  # a secret stands where others read, or where it outlives its use
RISK: Final = "risk"  # nothing has leaked, but the next mistake will
ADVICE: Final = "advice"  # worth knowing; alone it is no reason for exit code 1


class Kind(NamedTuple):
    """A kind of finding, which SARIF calls a rule.

    *id* is for machines and `--explain`, such as `history/known-value`; *title* a few words.
    *why* says in a sentence or two why it matters, *how* what to do in general. Both are
    lower case at their start only where a name is, and end with a period.
    """

    id: str
    grade: Grade
    title: str
    why: str
    how: str


class Place(NamedTuple):
    """Where something stands; what does not apply is left empty.

    *path* is absolute: a file, or a repository's directory for what is in its history.
    *line* and *entry* (of a history) count from 1. *commit* is a full hash. *member* is a place
    inside: a path in the commit, a table, a variable's name. *when* is in seconds since the epoch.
    *times* is how often it stands there, the first one is the place.
    """

    path: str
    line: int | None = None
    entry: int | None = None
    commit: str = ""
    member: str = ""
    when: float | None = None
    times: int = 1


class Remedy(NamedTuple):
    """What `--fix` can do about a finding: an *action* of `flows.doctor.fixing` on *path*.

    *detail* is the action's own: a mode such as `600`, a line to add.
    """

    action: str
    path: str
    detail: str = ""


class Finding(NamedTuple):
    """One thing that was found.

    *secrets* are the names it is about, each as `LLM_API_KEY` or `LLM_API_KEY (chat, prod)`;
    none for a finding about the machine. *what* says in one line what stands there, *step* the
    exact next thing to do, a command where there is one. *form* says how a value is written
    there: `as it is`, `base64`.
    """

    kind: Kind
    place: Place
    what: str
    step: str
    secrets: tuple[str, ...] = ()
    form: str = ""
    remedy: Remedy | None = None


class Unseen(NamedTuple):
    """A place that was not looked at, or not wholly, and why; *number* of them if there are many.

    *failed* tells that it was asked for and could not be looked at (exit code 3), rather than
    left out by rule.
    """

    place: str
    why: str
    number: int = 1
    failed: bool = False


class Fine(NamedTuple):
    """Something that was looked at and is as it should be, in a few words."""

    what: str
