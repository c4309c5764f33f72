"""Finding the programs that devkeys itself starts, never in a checkout."""

import os


def find(name: str, *, path: str, outside: str | None) -> str | None:
    """Return the absolute path of the program *name* on *path*, a PATH string, or None.

    Relative entries, and what lies in the directory *outside* or is a link into it, are
    passed over: a cloned repository does not choose which git, op or pass is asked. None
    is for a HOME that is a repository itself: what lies there is the user's own.
    """
    fence = None if outside is None else os.path.join(os.path.realpath(outside), "")
    for entry in path.split(os.pathsep):
        if not os.path.isabs(entry):
            continue
        candidate = os.path.join(entry, name)
        places = os.path.join(os.path.realpath(entry), ""), os.path.realpath(candidate)
        inside = fence is not None and any(place.startswith(fence) for place in places)
        if not inside and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None
