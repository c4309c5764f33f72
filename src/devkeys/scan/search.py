"""Known values, in all the forms in which they get written down."""

from collections.abc import Sequence
from typing import NamedTuple

from devkeys.secret import Secret


class Known(NamedTuple):
    """A value that is searched for; *label* names it, as `LLM_API_KEY (chat, prod)`."""

    label: str
    value: Secret


class Hit(NamedTuple):
    """A known value in a piece of data.

    *known* is its index, *form* one of the forms' names. It begins at the byte *start* and
    ends before *end*.
    """

    known: int
    form: str
    start: int
    end: int


class Search:
    """A search for many values at once."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.known = tuple(known)

    def hits(self, data: bytes) -> list[Hit]:
        """Return where *data* holds a known value, in order of place."""
        raise NotImplementedError
