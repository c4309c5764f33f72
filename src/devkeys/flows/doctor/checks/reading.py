"""Reading what a checkout says of itself: its own files, and no link out of it."""

import os

from devkeys import files
from devkeys.errors import DevkeysError

LIMIT = 1 << 20  # bytes


def text_of(path: str) -> str | None:
    """Return the text of a file of the checkout; None if there is none that can be read."""
    if os.path.islink(path):
        return None
    try:
        data = files.read_regular(path, limit=LIMIT)
    except DevkeysError:
        return None
    return None if data is None else data.decode("utf-8", "replace")


def is_below(path: str, directory: str) -> bool:
    """Tell whether *path* lies in *directory*."""
    return path.startswith(os.path.join(directory, ""))


def relative_to(path: str, directory: str) -> str:
    """Return *path* as it is seen from *directory*, with `/`."""
    return os.path.relpath(path, directory).replace(os.sep, "/")
