"""What can go wrong with a history, and reading one so that nothing else does."""

from devkeys import files
from devkeys.errors import DevkeysError


class HistoryError(DevkeysError):
    """A history that could not be read, or from which nothing could be taken out.

    It is as it was before. The message has the path; what it says is fit for an `Unseen`.
    """


def read_whole(path: str, *, limit: int) -> bytes:
    """Return what stands in the history at *path*; HistoryError for whatever keeps it from us."""
    try:
        data = files.read_regular(path, limit=limit)
    except DevkeysError as error:
        raise HistoryError(str(error), hint=error.hint) from None
    except ValueError:
        raise HistoryError(f"cannot read {path}: no file has such a name") from None
    if data is None:
        raise HistoryError(f"{path} is not there")
    return data
