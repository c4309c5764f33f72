r"""Writing a value down in a `.env` so that python-dotenv and a POSIX shell read it back.

Four ways, tried in this order: as it stands; between single quotes, where nothing means anything;
between double quotes with `\` and `"` escaped; and that with what only python-dotenv reads back.
What a shell would run while it loads the file is never written: a part of a secret would then be
the name of a command, and be told in its error.
"""

import re
from typing import NamedTuple

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# No `~`, and no `=` at the start of a word: zsh replaces both.
_PLAIN = re.compile(r"(?!=)(?!.*:=)[A-Za-z0-9_./:@%+,=-]+")
# python-dotenv fills these wherever they stand, by default; `devkeys import` does not.
_FILLED = re.compile(r"\$\{[^}:]*(?::-[^}]*)?\}")
# What runs a command, or is an error, between a shell's double quotes.
_RUN = re.compile(r"`|\$[({\[]")
_MOST_BLANKS = re.compile(r"[^\S\r\n]{401}")  # in a row; `encoding` says why


class Quoted(NamedTuple):
    """What stands behind `NAME=`, and whether a POSIX shell reads the same from it."""

    text: str
    portable: bool

    def __repr__(self) -> str:
        return "<quoted>"


class UnfitError(ValueError):
    """No `.env` can hold the value; the message says why, without a part of it."""


def quote(name: str, value: bytes) -> Quoted:
    """Return what to write for *value* behind `NAME=`; raise UnfitError if nothing will do."""
    if not _NAME.fullmatch(name):
        raise UnfitError("not a variable's name; a shell would take its line for a command")
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise UnfitError("not UTF-8, and a .env file is text") from None
    _refuse(text)
    if not text or _PLAIN.fullmatch(text):
        return Quoted(text, portable=True)
    if not text.endswith("\\") and not any(part in text for part in ("'", "\r", "\\\\")):
        return Quoted(f"'{text}'", portable=True)
    if _RUN.search(text):
        raise UnfitError(
            "a shell that loads the file would run a part of it: between double quotes, which its "
            "other characters need, it holds a backtick, `$(`, `${` or `$[`"
        )
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "\\r")
    return Quoted(f'"{escaped}"', portable="$" not in text and "\r" not in text)


def _refuse(text: str) -> None:
    if "\0" in text:
        raise UnfitError("holds a NUL character")
    if _FILLED.search(text):
        raise UnfitError("holds `${...}`, which python-dotenv would fill, whatever the quotes")
    if _MOST_BLANKS.search(text):
        raise UnfitError("holds more than 400 blanks in a row, which devkeys would not read again")
