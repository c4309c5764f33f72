"""The small text that shells read with their built-ins: which names are secret, what is missing.

    devkeys-index 1 0.1.0
    name LICENSE_CODE
    checkout 2 5 /home/ana/chat

The version is that of the devkeys that wrote it. A `name` is a declared secret of an allowed
project whose name does not tell so; the others are known by their look. A `checkout` has the
number of its secrets that are missing, the number of those that are wanted, and its path as it
is; one whose path holds a line end is left out. Without a name and a checkout there is no file.
Nobody loses anything with it.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from devkeys import VERSION, atomic, files
from devkeys.lock import locked

HEADER = "devkeys-index 1"
UNKNOWN = "? ? "  # for the numbers of a checkout that the index does not know
PATIENCE = 5.0  # seconds; no command waits longer for this
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_COUNT = re.compile(r"[0-9]{1,9}")


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


def said_path(state_dir: str) -> str:
    """Return where the shells note what they said at a checkout, as `M N PATH`."""
    return os.path.join(state_dir, "shell-said")


def read(state_dir: str) -> Index:
    """Return the index; an empty one if there is none, or one that another version wrote."""
    data = files.read_private(path_of(state_dir)) or b""
    lines = os.fsdecode(data).split("\n")
    if not lines[0].startswith(HEADER + " "):
        return Index()
    names, lacks = set(), {}
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        parts = rest.split(" ", 2)
        if word == "name" and _NAME.fullmatch(rest):
            names.add(rest)
        elif word == "checkout" and len(parts) == 3 and all(map(_COUNT.fullmatch, parts[:2])):
            lacks[parts[2]] = Lack(int(parts[0]), int(parts[1]))
    return Index(frozenset(names), lacks)


def update(state_dir: str, change: Callable[[Index], Index], *, silence: str | None = None) -> None:
    """Keep what *change* makes of the index, with nobody writing in between.

    What the shells said about a checkout is forgotten once it is no longer so. With *silence*,
    a checkout, nothing will be said about it, nor about others that leave the index by this.
    """
    atomic.make_private_dir(state_dir)
    path = path_of(state_dir)
    with locked(path + ".lock", limit=PATIENCE):
        before = read(state_dir)
        after = change(before)
        lines = _said(state_dir)
        if silence is not None:
            left = before.lacks.keys() - after.lacks.keys() | {silence}
            lines += [UNKNOWN + place for place in left if "\n" not in place]
        _keep(path, _format(after) if after.names or after.lacks else b"")
        _keep(said_path(state_dir), _still_true(lines, after))


def _format(index: Index) -> bytes:
    lines = [f"{HEADER} {VERSION}"]
    lines += [f"name {name}" for name in sorted(index.names) if _NAME.fullmatch(name)]
    lines += [_row("checkout ", lack, path) for path, lack in sorted(index.lacks.items())]
    return os.fsencode("".join(f"{line}\n" for line in lines if line))


def _row(head: str, lack: Lack, path: str) -> str:
    return "" if "\n" in path else f"{head}{lack.missing} {lack.wanted} {path}"


def _said(state_dir: str) -> list[str]:
    data = files.read_regular(said_path(state_dir), follow=False) or b""
    return os.fsdecode(data).split("\n")


def _still_true(lines: Iterable[str], index: Index) -> bytes:
    current = {_row("", lack, path) for path, lack in index.lacks.items()}
    kept = [line for line in lines if line in current or _is_unknown(line, index)]
    return os.fsencode("".join(f"{line}\n" for line in dict.fromkeys(kept)))


def _is_unknown(line: str, index: Index) -> bool:
    path = line.removeprefix(UNKNOWN)
    return path != line and path not in index.lacks and os.path.isdir(path)


def _keep(path: str, data: bytes) -> None:
    """Make *data* the content of the file *path*; without any there is no file."""
    if not data:
        atomic.remove(path)
    elif files.read_regular(path, follow=False) != data:
        atomic.write(path, data)
