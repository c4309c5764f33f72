"""Finding the programs that devkeys itself starts, never in a checkout."""

import os


def find(name: str, *, path: str, outside: str) -> str | None:
    """Return the absolute path of the program *name* on *path*, a PATH string, or None.

    Relative entries, and those inside the directory *outside*, are passed over: a cloned
    repository does not choose which git, op or pass is asked.
    """
    fence = os.path.join(os.path.realpath(outside), "")
    for entry in path.split(os.pathsep):
        if not os.path.isabs(entry):
            continue
        candidate = os.path.join(entry, name)
        inside = os.path.join(os.path.realpath(entry), "").startswith(fence)
        if not inside and os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None
