"""Finding the programs that devkeys itself starts, never in a checkout."""

import os

# What Windows takes for a program, in its order; elsewhere a name is whole.
ENDINGS = (".com", ".exe", ".bat", ".cmd") if os.name == "nt" else ("",)


def find(
    name: str, *, path: str, outside: str | None, endings: tuple[str, ...] = ENDINGS
) -> str | None:
    """Return the absolute path of the program *name* on *path*, a PATH string, or None.

    Relative entries, and what lies in the directory *outside* or is a link into it, are
    passed over: a cloned repository does not choose which git, op or pass is asked. None
    is for a HOME that is a repository itself: what lies there is the user's own.
    """
    fence = None if outside is None else os.path.join(os.path.realpath(outside), "")
    places = [(entry, ending) for entry in _entries(path, fence) for ending in endings]
    for entry, ending in places:
        candidate = os.path.join(entry, name + ending)
        inside = fence is not None and os.path.realpath(candidate).startswith(fence)
        if not inside and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def path_outside(path: str, *, outside: str | None) -> str:
    """Return *path* without the entries that `find` passes over.

    A program finds others in turn: `#!/usr/bin/env node` is the first line of many.
    """
    fence = None if outside is None else os.path.join(os.path.realpath(outside), "")
    return os.pathsep.join(_entries(path, fence))


def _entries(path: str, fence: str | None) -> list[str]:
    entries = [entry for entry in path.split(os.pathsep) if os.path.isabs(entry)]
    if fence is None:
        return entries
    places = {entry: os.path.join(os.path.realpath(entry), "") for entry in entries}
    return [entry for entry in entries if not places[entry].startswith(fence)]
