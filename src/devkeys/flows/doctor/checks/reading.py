"""Reading what a checkout says of itself: its own files, and no link out of it."""

import os

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.scan.finding import Unseen

LIMIT = 1 << 20  # bytes


class Texts:
    """The texts of a checkout's files, each read once; *unseen* are those that cannot be read."""

    def __init__(self) -> None:
        self.unseen: dict[str, Unseen] = {}
        self._read: dict[str, str | None] = {}

    def of(self, path: str) -> str | None:
        """Return the text of a file; None if there is none, or if it cannot be read."""
        if path not in self._read:
            found = _text(path)
            if isinstance(found, Unseen):
                self.unseen[path] = found
            self._read[path] = found if isinstance(found, str) else None
        return self._read[path]


def text_of(path: str) -> str | None:
    """Return the text of a file of the checkout; None if there is none that can be read."""
    return Texts().of(path)


def _text(path: str) -> str | Unseen | None:
    if os.path.islink(path):
        return Unseen(path, "is a symbolic link, and was not followed")
    try:
        data = files.read_regular(path, limit=LIMIT)
    except DevkeysError as error:
        return Unseen(path, str(error).removeprefix(f"{path} "))
    return None if data is None else data.decode("utf-8", "replace")


def is_below(path: str, directory: str) -> bool:
    """Tell whether *path* lies in *directory*."""
    return path.startswith(os.path.join(directory, ""))


def relative_to(path: str, directory: str) -> str:
    """Return *path* as it is seen from *directory*, with `/`."""
    return os.path.relpath(path, directory).replace(os.sep, "/")
