"""Values of remote providers, kept for a time in an age file of their own.

The plain text, of which nothing is parsed that was not written here:

    devkeys-remote 1
    project chat
    profile dev
    value CONTEXT TAKEN UNTIL LENGTH REFERENCE
    (an empty line, then the values one after the other, each of LENGTH bytes)
"""

import os

from devkeys.errors import DevkeysError
from devkeys.secret import Secret
from devkeys.store import envelope, framed, layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from devkeys.store.identity import Identity

KIND = "devkeys-remote"


class Kept:
    """One value that a provider gave.

    *context* is a digest of what decided which server and account was asked. *taken* and
    *until* are seconds since the epoch.
    """

    __slots__ = ("context", "reference", "taken", "until", "value")

    def __init__(self, reference: str, context: str, taken: int, until: int, value: Secret) -> None:
        self.reference = reference
        self.context = context
        self.taken = taken
        self.until = until
        self.value = value


def read(data_dir: str, project: str, profile: str, identity: "Identity") -> list[Kept]:
    """Return what is kept for one profile; raise StoreError if it cannot be understood."""
    path = layout.remote_path(data_dir, project, profile)
    lines, body = framed.read(path, KIND, project, profile, identity)
    kept = []
    for line in lines:
        words = line.split(" ", 5)
        if len(words) != 6 or words[0] != "value" or not all(map(layout.is_count, words[2:4])):
            layout.damaged(path, "a line of its header is no value")
        value, body = framed.take(body, words[4], path=path)
        kept.append(Kept(words[5], words[1], int(words[2]), int(words[3]), value))
    return kept


def write(
    data_dir: str, project: str, profile: str, identity: "Identity", kept: "Iterable[Kept]"
) -> None:
    """Keep *kept* in place of what was kept; NewerError if a newer devkeys wrote that."""
    from devkeys import atomic
    from devkeys.lock import locked
    from devkeys.store import newer
    from devkeys.store.write import check_record

    kept = list(kept)
    about = [
        f"value {one.context} {one.taken} {one.until} {len(one.value.reveal())} {one.reference}"
        for one in kept
    ]
    plain = framed.plain_text(KIND, project, profile, about, (one.value for one in kept))
    path = layout.remote_path(data_dir, project, profile)
    with locked(layout.lock_path(data_dir)):
        check_record(data_dir, identity)
        newer.check_replaceable(path, identity)
        atomic.make_private_dir(layout.projects_dir(data_dir))
        atomic.make_private_dir(os.path.dirname(path))
        atomic.remove_leftovers(path)
        atomic.write(path, envelope.seal(plain, identity.recipients))


def forget(data_dir: str, project: str, profile: str) -> None:
    """Remove all that is kept for one profile."""
    from devkeys import atomic

    path = layout.remote_path(data_dir, project, profile)
    try:
        atomic.remove(path)
    except DevkeysError:
        return  # a home that cannot be written to keeps nothing either
