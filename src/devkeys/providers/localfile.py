"""Files that references name: reading one, and what a provider may tell of one unread."""

import os

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, ProviderError


def read(path: str, *, limit: int = files.DEFAULT_LIMIT) -> bytes | None:
    """Return what the file at *path* holds, None if nothing is there; raise DeniedError else."""
    try:
        return files.read_regular(path, limit=limit)
    except ProviderError:
        raise
    except DevkeysError as error:  # unreadable, a FIFO, too large
        raise DeniedError(str(error), hint=error.hint) from None


def is_there(path: str) -> bool:
    """Tell whether anything is at *path*; raise DeniedError if that cannot be seen."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DeniedError(
            f"cannot look at {path}: {files.reason(error)}", hint="check its owner and its mode"
        ) from None
    return True


def is_readable(caller: Caller, path: tuple[str, ...]) -> bool:
    """Tell whether the file of a reference is there and may be read."""
    try:
        real = caller.file(path)
    except ProviderError:
        return False
    return os.path.isfile(real) and os.access(real, os.R_OK)


def without_line_end(data: bytes) -> bytes:
    """Take away the line end of a single line; a text of several lines keeps its own."""
    for end in (b"\r\n", b"\n"):
        if data.endswith(end) and data.count(b"\n") == 1:
            return data[: -len(end)]
    return data
