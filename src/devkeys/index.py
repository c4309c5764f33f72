"""The small text that shells read with their built-ins: which names are secret, what is missing.

    devkeys-index 1 0.1.0
    name LICENSE_CODE
    checkout 2 5 /home/ana/chat

The version is that of the devkeys that wrote it. A `name` is a declared secret of an allowed
project whose name does not tell so; the others are known by their look. A `checkout` has the
number of its secrets that are missing, the number of those that are wanted, and its path as it
is; one whose path holds a line end is left out. Nobody loses anything with this file.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from devkeys import VERSION, atomic, files
from devkeys.lock import locked

HEADER = "devkeys-index 1"


class Lack(NamedTuple):
    """How many of a checkout's *wanted* secrets are *missing*."""

    missing: int
    wanted: int


class Index(NamedTuple):
    """What the index holds; *lacks* by the checkout's directory."""

    names: frozenset[str] = frozenset()
    lacks: Mapping[str, Lack] = {}


def path_of(state_dir: str) -> str:
    """Return where the index is."""
    return os.path.join(state_dir, "shell-index")


def read(state_dir: str) -> Index:
    """Return the index; an empty one if there is none, or one that another version wrote."""
    data = files.read_private(path_of(state_dir)) or b""
    lines = os.fsdecode(data).split("\n")
    if not lines[0].startswith(HEADER + " "):
        return Index()
    names, lacks = set(), {}
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        if word == "name":
            names.add(rest)
        elif word == "checkout":
            missing, wanted, path = rest.split(" ", 2)
            lacks[path] = Lack(int(missing), int(wanted))
    return Index(frozenset(names), lacks)


def write(state_dir: str, index: Index) -> None:
    """Keep *index*, unless it is kept already."""
    lines = [f"{HEADER} {VERSION}"]
    lines += [f"name {name}" for name in sorted(index.names)]
    lines += [
        f"checkout {lack.missing} {lack.wanted} {path}"
        for path, lack in sorted(index.lacks.items())
        if "\n" not in path
    ]
    data = os.fsencode("\n".join(lines) + "\n")
    path = path_of(state_dir)
    atomic.make_private_dir(state_dir)
    with locked(path + ".lock"):
        if files.read_private(path) != data:
            atomic.write(path, data)
