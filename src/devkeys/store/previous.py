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
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from devkeys import atomic
from devkeys.secret import Secret
from devkeys.store import envelope, layout
from devkeys.store.identity import Identity

KEPT = 5  # generations of one name


class Former(NamedTuple):
    """What *name* held as its *generation*."""

    name: str
    generation: int
    value: Secret


def read(data_dir: str, project: str, profile: str, identity: Identity) -> list[Former]:
    """Return the former values of one profile; raise StoreError if they cannot be understood."""
    path = layout.previous_path(data_dir, project, profile)
    sealed = layout.read(path, limit=layout.LIMIT)
    if sealed is None:
        return []
    plain = envelope.unseal(sealed, identity.secret, path=path)
    head, _, body = plain.partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    layout.check_format(lines[0], "devkeys-previous", path=path)
    if lines[1:3] != [f"project {project}", f"profile {profile}"]:
        layout.damaged(path, "it belongs to another project or profile")
    found = []
    for line in lines[3:]:
        words = line.split(" ", 3)
        if len(words) != 4 or words[0] != "value" or not layout.is_count(words[1]):
            layout.damaged(path, "a line of its header is no value")
        length = int(words[2]) if words[2] == "0" or layout.is_count(words[2]) else len(body) + 1
        if length > len(body):
            layout.damaged(path, "its values are cut short")
        found.append(Former(words[3], int(words[1]), Secret(body[:length])))
        body = body[length:]
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
    before = read(data_dir, project, profile, identity)
    after = _latest([*before, *replaced], removed)
    path = layout.previous_path(data_dir, project, profile)
    if os.path.isdir(os.path.dirname(path)):
        atomic.remove_leftovers(path)
    if after == before:
        return
    if not after:
        atomic.remove(path)
        return
    lines = ["devkeys-previous 1", f"project {project}", f"profile {profile}"]
    lines += [f"value {one.generation} {len(one.value.reveal())} {one.name}" for one in after]
    plain = "\n".join(lines).encode() + b"\n\n" + b"".join(one.value.reveal() for one in after)
    atomic.make_private_dir(layout.projects_dir(data_dir))
    atomic.make_private_dir(os.path.dirname(path))
    atomic.write(path, envelope.seal(plain, identity.recipients))


def _latest(all_of_them: list[Former], removed: Collection[str]) -> list[Former]:
    by_name: dict[str, list[Former]] = {}
    for one in all_of_them:
        held = by_name.setdefault(one.name, [])
        if one.value not in [other.value for other in held]:
            held.append(one)
    kept: Mapping[str, list[Former]] = {n: h for n, h in by_name.items() if n not in removed}
    return [one for held in kept.values() for one in held[-KEPT:]]
