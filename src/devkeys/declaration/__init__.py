"""What a repository declares: the variables of its `.env.example`, as the file says them."""

from typing import NamedTuple


class Declaration(NamedTuple):
    """One variable.

    *default* is what python-dotenv reads, without filling `${...}`; None without a `=`.
    *line* is the line of the name. *block* counts paragraphs; *section* is the heading
    that it stands under. *decorators* are ordered pairs, a bare one has the value "".
    *quote* is the quotation mark of the default or "". *optional* says that its comments
    let it stay empty.
    """

    name: str
    default: str | None
    line: int
    commented: bool
    description: str
    block: int
    section: str
    decorators: tuple[tuple[str, str], ...]
    quote: str = ""
    optional: bool = False


class Notice(NamedTuple):
    """Something in the file that the user should know of; never a value."""

    line: int
    message: str


class DeclarationFile(NamedTuple):
    """A whole file; *decorators* are those of its header, which hold for all of it."""

    path: str
    declarations: tuple[Declaration, ...]
    notices: tuple[Notice, ...]
    decorators: tuple[tuple[str, str], ...] = ()
