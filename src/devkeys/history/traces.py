"""What is left of a text in the bytes of files, wherever their format put it."""

import os
import stat
from collections.abc import Iterable

from devkeys.history import Holds

_CHUNK = 4 << 20
# More than any value takes in any form: what lies over the border of two chunks is seen whole.
_OVERLAP = 256 << 10


def holding(paths: Iterable[str], holds: Holds) -> list[str]:
    """Return those of the regular files *paths* that hold it, or that cannot be read to tell."""
    return [path for path in paths if _holds(path, holds)]


def _holds(path: str, holds: Holds) -> bool:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        return False
    except OSError:
        return True
    with open(descriptor, "rb", buffering=0) as file:
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return True
            piece = b""
            while chunk := file.read(_CHUNK):
                piece = piece[-_OVERLAP:] + chunk
                if holds(piece):
                    return True
        except OSError:
            return True
    return False
