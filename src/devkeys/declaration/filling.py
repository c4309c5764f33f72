"""Putting values into a real `.env`: every other line stays byte for byte.

Of a name that stands twice the last one counts, for every reader; so that one is replaced.
"""

import codecs
import re
from collections.abc import Mapping
from typing import NamedTuple

from devkeys.declaration.encoding import decode
from devkeys.declaration.quoting import Quoted
from devkeys.declaration.syntax import as_programs_read, pieces
from devkeys.errors import DeclarationError

_LINE_END = re.compile(r"\r\n|\n|\r")
_END = re.compile(r"(?:\r\n|\n|\r)?\Z")
_HEAD = re.compile(
    r"(?P<export>(?:export[^\S\r\n]+)?)(?:'[^']+'|[^=\#\s]+)[^\S\r\n]*=(?P<gap>[^\S\r\n]*)"
)
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
_BEHIND_QUOTED = re.compile(r"[^\S\r\n]*(#[^\r\n]*)")
_BEHIND_PLAIN = re.compile(r"[^\r\n]*?[^\S\r\n](#[^\r\n]*)")


class _Piece(NamedTuple):
    raw: str
    name: str | None


def fill(data: bytes, values: Mapping[str, Quoted], *, path: str) -> bytes:
    """Return *data*, a real `.env`, in which each name of *values* has that text as its value.

    Raise DeclarationError, with the line, if that cannot be done without a change of what else
    the file says. *path* is for messages.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DeclarationError(
            f"{path} is UTF-16, which no dotenv reader expects", hint=f"save {path} as UTF-8"
        )
    text = decode(data, path=path)
    old = [_Piece(*piece) for piece in pieces(text)]
    last = {piece.name: place for place, piece in enumerate(old) if piece.name in values}
    new = [
        _Piece(_replaced(piece, values[piece.name].text), piece.name)
        if piece.name is not None and last.get(piece.name) == place
        else piece
        for place, piece in enumerate(old)
    ]
    new += _added({name: quoted for name, quoted in values.items() if name not in last}, new, text)
    result = "".join(piece.raw for piece in new)
    _check(result, new, path)
    mark = data[: len(data) - len(text.encode())]
    return mark + result.encode()


def _replaced(piece: _Piece, value: str) -> str:
    """Return the text of *piece* with another value; its indent, `export` and comment stay."""
    body = piece.raw.lstrip()
    lead = piece.raw[: len(piece.raw) - len(body)]
    head = _HEAD.match(body)
    end = _END.search(body)
    if head is None or end is None:  # python-dotenv saw an assignment there
        raise AssertionError
    comment = _comment(head["gap"] + body[head.end() :])
    return f"{lead}{head['export']}{piece.name}={value}{comment}{end[0]}"


def _comment(rest: str) -> str:
    """Return the comment in *rest*, what stands behind a `=`, and a blank before it."""
    value = rest.lstrip(" \t")
    quoted = _QUOTED.match(value)
    found = _BEHIND_QUOTED.match(value, quoted.end()) if quoted else _BEHIND_PLAIN.match(rest)
    return f" {found[1]}" if found else ""


def _added(values: Mapping[str, Quoted], before: list[_Piece], text: str) -> list[_Piece]:
    """Return a line for each of *values*, to stand behind what was *before*."""
    if not values:
        return []
    newline = found[0] if (found := _LINE_END.search(text)) else "\n"
    lead = ""
    if before and not before[-1].raw.strip():
        lead = before.pop().raw  # blank lines belong to what comes behind them
    elif before:
        before[-1] = before[-1]._replace(raw=_ended(before[-1].raw, newline))
    lead = _ended(lead, newline) if lead else ""
    # Older readers take `\\"` for a quote that is escaped, and read on to the next one: no harm
    # is done where none follows.
    order = sorted(values, key=lambda name: values[name].text.endswith('\\"'))
    lines = [_Piece(f"{name}={values[name].text}{newline}", name) for name in order]
    return [lines[0]._replace(raw=lead + lines[0].raw), *lines[1:]]


def _ended(raw: str, newline: str) -> str:
    return raw if raw.endswith(("\n", "\r")) else raw + newline


def _check(text: str, wanted: list[_Piece], path: str) -> None:
    """Raise unless python-dotenv takes *text* apart as it was put together."""
    found = [_Piece(*piece) for piece in pieces(text)]
    if found == wanted:
        return
    same = next(
        (n for n, two in enumerate(zip(wanted, found, strict=False)) if two[0] != two[1]), 0
    )
    before = "".join(piece.raw for piece in found[:same])
    line = len(_LINE_END.findall(before + found[same].raw.partition(found[same].raw.strip())[0]))
    raise DeclarationError(
        f"{path}:{line + 1}: a quote that opens there would take in what is written below it",
        hint="close it, or put a # before the line",
    )


def differing(data: bytes, values: Mapping[str, bytes]) -> list[str]:
    """Return the names of *values* that a program would not read so from a `.env` of *data*."""
    found = as_programs_read(data)
    read = {name: text.encode() for name, text in found.items() if text is not None}
    return [name for name, value in values.items() if read.get(name) != value]
