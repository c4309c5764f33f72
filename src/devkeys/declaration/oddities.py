"""Where a dotenv file's evident meaning and python-dotenv differ: what is refused, what is said."""

import re

from devkeys.declaration import Notice
from devkeys.declaration.items import ASSIGNMENT, NOISE, Item
from devkeys.declaration.templates import count
from devkeys.errors import DeclarationError

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What is longer, or holds the characters of base64, may be a piece of a key.
_SHOWABLE = re.compile(r"[\w.:$\[\]'\"-]{1,40}")
_QUOTED_START = re.compile(r"\s*(?:export[^\S\r\n]+)?[^=\#\s]+[^\S\r\n]*=[^\S\r\n]*(['\"])")
_YAML = re.compile(r"\s*[A-Z][A-Z0-9_]*:(?:\s|$)")
_FOREIGN = re.compile(
    r"\s*(?:-|set|setx|setenv|declare|typeset|readonly|local|env|let|var|const)\s+"
    r"(?:-\w+\s+)*[\"']?[A-Za-z_][A-Za-z0-9_]*\s*(?:=|\s)"
)
_UNBRACED = re.compile(r"(?<![\\$])\$[A-Z_][A-Z0-9_]+")
_LOOKS_ASSIGNED = re.compile(r"[\r\n][^\S\r\n]*(?:export[^\S\r\n]+)?[A-Z_][A-Z0-9_]*=")
_SMART_QUOTES = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"


def check_name(name: str, where: str, *, public: bool) -> None:
    """Raise unless *name* can be that of an environment variable everywhere.

    A *public* file's name is shown; a line of a real `.env` that only looks like a name
    may be part of a value.
    """
    if _IDENTIFIER.fullmatch(name):
        return
    hint = "rename it: letters, digits and `_`, not beginning with a digit"
    if not public or not _SHOWABLE.fullmatch(name):
        raise DeclarationError(
            f"{where}: not a variable's name (or a value that goes on over several lines)",
            hint=f"{hint}; or put the value above it in quotes",
        )
    fixed = re.sub(r"[^A-Za-z0-9_]+", "_", name.removeprefix("$env:")).strip("_")
    if not fixed:
        raise DeclarationError(f"{where}: `{name}` is not a variable's name", hint=hint)
    fixed = f"_{fixed}" if fixed[0].isdigit() else fixed
    raise DeclarationError(f"{where}: `{name}` is not a variable's name", hint=f"write {fixed}=")


def refuse_broken(raw: str, where: str) -> None:
    """Raise for a line that python-dotenv drops and that evidently assigns something."""
    quoted = _QUOTED_START.match(raw)
    if quoted:
        _refuse_quoted(raw[quoted.end() - 1 :], quoted[1], where)
    if raw.lstrip().startswith("="):
        raise DeclarationError(
            f"{where}: a value without a name", hint="write NAME=value on one line"
        )
    if _YAML.match(raw) or _FOREIGN.match(raw):
        raise DeclarationError(
            f"{where}: not in the syntax of a .env file",
            hint="write NAME=value, or put a # before it",
        )


def _refuse_quoted(rest: str, quote: str, where: str) -> None:
    if rest.startswith(quote * 3):
        raise DeclarationError(
            f"{where}: python-dotenv knows no triple quotes",
            hint=f"put the value between one pair of {quote}; it may go over several lines",
        )
    if re.match(rf"{quote}(?:\\.|[^{quote}\\])*{quote}", rest, re.DOTALL):
        raise DeclarationError(
            f"{where}: something follows the closing {quote} of the value that begins here",
            hint=f"escape a {quote} inside the value as \\{quote}, or put a # before what follows",
        )
    raise DeclarationError(
        f"{where}: the value begins with {quote}, and no {quote} closes it",
        hint=f"add the closing {quote}",
    )


def refuse_split(before: Item, item: Item, path: str) -> None:
    """Raise if *item* is noise that continues an unquoted value of the line before it."""
    lost = item.kind == NOISE or (item.kind == ASSIGNMENT and item.value is None)
    if not lost or before.kind != ASSIGNMENT or before.quote or before.commented:
        return
    if before.value and before.value.endswith(("(", "[", "{")):
        raise DeclarationError(
            f"{path}:{before.line}: the value of {before.name} goes on over several lines"
            " without quotes",
            hint="put all of it between single quotes",
        )


def refuse_unquoted(item: Item, where: str) -> None:
    """Raise if *item* has only the first line of an unquoted value."""
    value = item.value or ""
    if item.quote:
        return
    if value.startswith("-----BEGIN") and "-----END" not in value:
        problem = "holds the first line of a PEM block without quotes"
    elif value.startswith("`") and value.count("`") % 2:
        problem = "begins with a backtick that is not closed on its line"
    else:
        return
    raise DeclarationError(
        f"{where}: the value of {item.name} {problem}",
        hint="put all of it between one pair of double quotes",
    )


def value_notices(name: str, value: str, quote: str, rest: str, line: int) -> tuple[Notice, ...]:
    """Return what should be known of one value; *rest* is its text in the file."""
    messages = [message for applies, message in _findings(value, quote, rest) if applies]
    return tuple(Notice(line, f"{name}: {message}") for message in messages)


def _findings(value: str, quote: str, rest: str) -> tuple[tuple[bool, str], ...]:
    plain = not quote and bool(value)
    filled = quote != "'"
    smart = value[:1] in _SMART_QUOTES or value[-1:] in _SMART_QUOTES
    return (
        (bool(value) and smart, "typographic quotation marks are part of the value"),
        (plain and rest.startswith("#"), "`#` right after `=` begins the value, not a comment"),
        (plain and value[0] == "`", "backticks are part of the value; write quotes"),
        (plain and _ends_stray(value), "a single quotation mark at its end is part of the value"),
        (plain and value.endswith("\\"), "`\\` at the end does not continue the line"),
        (filled and "$(" in value, "`$(...)` is not run"),
        (filled and bool(_UNBRACED.search(value)), "`$NAME` is not filled; write ${NAME}"),
        (filled and value.count("${") != count(value), "only ${NAME} and ${NAME:-text} are filled"),
        (bool(quote and _LOOKS_ASSIGNED.search(value)), "its quoted value takes in further lines"),
    )


def _ends_stray(value: str) -> bool:
    return value[-1] in "\"'" and value.count(value[-1]) % 2 == 1
