"""What can go wrong with a history."""

from devkeys.errors import DevkeysError


class HistoryError(DevkeysError):
    """A history that could not be read, or from which nothing could be taken out.

    It is as it was before. The message has the path; what it says is fit for an `Unseen`.
    """
