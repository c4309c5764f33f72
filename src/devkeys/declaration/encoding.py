"""From a file's bytes to its text: UTF-8, or UTF-16 that says so."""

import codecs
import re
from bisect import bisect_right

from devkeys.errors import DeclarationError

_NEWLINE = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"[^\S\r\n]+")
# python-dotenv looks for a comment from every blank of a run: time grows with its square.
_MOST_BLANKS = 400


class Lines:
    """Turns an offset into *text* into a line number, as editors count them."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def at(self, offset: int) -> int:
        """Return the number of the line that holds the character at *offset*."""
        return bisect_right(self._starts, offset)


def decode(data: bytes, *, path: str) -> str:
    """Return the text of *data*; raise DeclarationError, with the line, if there is none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decode_utf16(data, path)
    else:
        text = _decode_utf8(data, path)
    text = text.lstrip("\ufeff")
    lines = Lines(text)
    if (place := text.find("\0")) >= 0:
        raise DeclarationError(
            f"{path}:{lines.at(place)}: holds a NUL character; this is no text file",
            hint=f"save {path} as plain text in UTF-8",
        )
    for match in _BLANKS.finditer(text):
        if match.end() - match.start() > _MOST_BLANKS:
            raise DeclarationError(
                f"{path}:{lines.at(match.start())}: more than {_MOST_BLANKS} blanks in a row",
                hint="remove them",
            )
    return text


def _decode_utf16(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-16")
    except UnicodeDecodeError as error:
        line = data[: error.start].decode("utf-16", "replace").count("\n") + 1
        raise DeclarationError(
            f"{path}:{line}: starts as UTF-16 and is not", hint=f"save {path} as UTF-8"
        ) from None


def _decode_utf8(data: bytes, path: str) -> str:
    if _looks_utf16(data):
        raise DeclarationError(
            f"{path}:1: looks like UTF-16 without a byte order mark", hint=f"save {path} as UTF-8"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise DeclarationError(
            f"{path}:{len(_NEWLINE.findall(before)) + 1}: byte 0x{data[error.start]:02x} is not"
            " UTF-8; the file may be Latin-1 or Windows-1252",
            hint=f"save {path} as UTF-8",
        ) from None


def _looks_utf16(data: bytes) -> bool:
    sample = data[:512]
    return len(sample) >= 2 and max(sample[::2].count(0), sample[1::2].count(0)) * 3 > len(sample)
