"""The values that a profile had before, in an age file beside the present ones.

Whoever saw a key before it was replaced may still use it until it is revoked; so doctor
searches for them too. The plain text, read with `age -d` like the present one:

    devkeys-previous 1
    project chat
    profile dev
    value GENERATION LENGTH NAME
    (an empty line, then the values one after the other, each of LENGTH bytes)
"""

import os
from collections.abc import Collection, Iterable
from typing import NamedTuple

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, framed, layout
from devkeys.store.identity import Identity

KIND = "devkeys-previous"
KEPT = 5  # generations of one name
MOST = 4 << 20  # bytes of all of them


class Former(NamedTuple):
    """What *name* held as its *generation*."""

    name: str
    generation: int
    value: Secret


def read(data_dir: str, project: str, profile: str, identity: Identity) -> list[Former]:
    """Return the former values of one profile; raise StoreError if they cannot be understood."""
    path = layout.previous_path(data_dir, project, profile)
    lines, body = framed.read(path, KIND, project, profile, identity)
    found = []
    for line in lines:
        words = line.split(" ", 3)
        if len(words) != 4 or words[0] != "value" or not layout.is_count(words[1]):
            layout.damaged(path, "a line of its header is no value")
        value, body = framed.take(body, words[2], path=path)
        found.append(Former(words[3], int(words[1]), value))
    return found


def keep(
    data_dir: str,
    project: str,
    profile: str,
    identity: Identity,
    replaced: Iterable[Former],
    removed: Collection[str],
) -> None:
    """Add *replaced* to the former values, and drop those of *removed*; under the store's lock.

    A name keeps its last KEPT; one that stands there already is not added again.
    """
    path = layout.previous_path(data_dir, project, profile)
    try:
        before = read(data_dir, project, profile, identity)
    except layout.NewerError:
        raise
    except StoreError as error:
        raise StoreError(
            f"{error}; it holds earlier values only", hint=f"move {path} away to do without them"
        ) from None
    after = _latest([*before, *replaced], removed)
    if os.path.isdir(os.path.dirname(path)):
        atomic.remove_leftovers(path)
    if after == before:
        return
    if not after:
        atomic.remove(path)
        return
    about = [f"value {one.generation} {len(one.value.reveal())} {one.name}" for one in after]
    plain = framed.plain_text(KIND, project, profile, about, (one.value for one in after))
    atomic.make_private_dir(layout.projects_dir(data_dir))
    atomic.make_private_dir(os.path.dirname(path))
    atomic.write(path, envelope.seal(plain, identity.recipients))


def _latest(all_of_them: list[Former], removed: Collection[str]) -> list[Former]:
    by_name: dict[str, list[Former]] = {}
    for one in all_of_them:
        held = by_name.setdefault(one.name, [])
        if one.value not in [other.value for other in held]:
            held.append(one)
    kept = [one for name, held in by_name.items() if name not in removed for one in held[-KEPT:]]
    # Keys are small; of what is not the oldest go, or the file could not be read again.
    while sum(len(one.value.reveal()) for one in kept) > MOST:
        kept.remove(min(kept, key=lambda one: one.generation))
    return kept
