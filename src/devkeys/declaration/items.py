"""What a line or a multi-line value of a dotenv file is, before it is put in its place."""

from typing import NamedTuple

from devkeys.declaration import Notice

COMMENT = "comment"
ASSIGNMENT = "assignment"
NOISE = "noise"


class Item(NamedTuple):
    """A comment line, an assignment (perhaps commented out), or what is neither.

    *text* is a comment's text after its first `#`; *inline* the comment after a value;
    *gap* says that a blank line stands before it.
    """

    kind: str
    line: int
    text: str = ""
    name: str = ""
    value: str | None = None
    quote: str = ""
    inline: str = ""
    commented: bool = False
    gap: bool = False
    notices: tuple[Notice, ...] = ()
