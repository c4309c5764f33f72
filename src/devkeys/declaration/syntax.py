"""The door of python-dotenv: bytes of a `.env` or `.env.example` to what stands in them.

Its parser decides what a value is; where the file evidently means something else, a notice
or an error says so with the line.
"""

import io
import re
from collections.abc import Iterator

from dotenv.parser import Binding, parse_stream

from devkeys.declaration import DeclarationFile, Notice
from devkeys.declaration.encoding import Lines, decode
from devkeys.declaration.items import ASSIGNMENT, COMMENT, NOISE, Item
from devkeys.declaration.layout import build
from devkeys.declaration.oddities import (
    check_name,
    refuse_broken,
    refuse_split,
    refuse_unquoted,
    value_notices,
)

_HEAD = re.compile(r"(\s*(?:export[^\S\r\n]+)?)('[^']+'|[^=\#\s]+)[^\S\r\n]*(?:(=)([^\S\r\n]*))?")
_QUOTED = {
    "'": re.compile(r"'(?:\\.|[^'\\])*'", re.DOTALL),
    '"': re.compile(r'"(?:\\.|[^"\\])*"', re.DOTALL),
}
_INLINE = re.compile(r"(?<=\s)#[^\r\n]*")
_OUTCOMMENTED = re.compile(r"#{1,2}[^\S\r\n]{0,8}((?:export[^\S\r\n]+)?[A-Z_][A-Z0-9_]*\s*=.*)")
_SHELL_WORDS = frozenset({"fi", "done", "esac", "else", "then", "do"})
# The second word of `# NAME=value enables the thing`, which is prose about NAME.
_PROSE = frozenset(
    {
        "will",
        "would",
        "should",
        "must",
        "can",
        "may",
        "is",
        "are",
        "was",
        "means",
        "enables",
        "disables",
        "sets",
        "uses",
        "makes",
        "turns",
        "allows",
        "causes",
        "forces",
        "gives",
        "keeps",
        "to",
        "for",
        "if",
        "when",
        "in",
        "and",
        "or",
        "so",
        "then",
        "because",
        "instead",
        "disable",
        "enable",
        "only",
    }
)


def parse(data: bytes, *, path: str) -> DeclarationFile:
    """Return what the `.env.example` in *data* declares; *path* is for messages only.

    Raises DeclarationError, its message beginning with `path:line:`, and nothing else.
    """
    return build(_items(decode(data, path=path), path, public=True), path=path)


def read_values(data: bytes, *, path: str) -> dict[str, str | None]:
    """Return the values of a real `.env` for `import`, `${...}` not filled.

    A name that stands twice has its last value; `read_dotenv` tells of it.
    Raises as `parse` does; no message quotes the file.
    """
    return read_dotenv(data, path=path)[0]


def read_dotenv(data: bytes, *, path: str) -> tuple[dict[str, str | None], tuple[Notice, ...]]:
    """As `read_values`, with the notices, among them one for each name that stands twice."""
    values: dict[str, str | None] = {}
    lines: dict[str, int] = {}
    notices: list[Notice] = []
    for item in _items(decode(data, path=path), path, public=False):
        notices += item.notices
        if item.kind != ASSIGNMENT or item.commented:
            continue
        if item.name in lines and item.value is not None:
            notices.append(duplicate(item.name, lines[item.name], item.line))
        values[item.name] = item.value
        lines[item.name] = item.line
    return values, tuple(notices)


def pieces(text: str) -> Iterator[tuple[str, str | None]]:
    """Take the *text* of a `.env` apart, losing nothing; each piece with the name that it sets.

    A piece goes from the end of the one before it, blank lines included, through its line
    end. The name is None where nothing is assigned.
    """
    for binding in parse_stream(io.StringIO(text, newline="")):
        yield binding.original.string, binding.key if binding.value is not None else None


def as_programs_read(data: bytes) -> dict[str, str | None]:
    """Return what python-dotenv's `dotenv_values` gives a program for a `.env` of *data*.

    That is with `${...}` filled and each line end a LF. What is no UTF-8 is a ValueError.
    """
    from dotenv.main import resolve_variables

    stream = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    bindings = ((found.key, found.value) for found in parse_stream(stream))
    read = ((name, value) for name, value in bindings if name is not None)
    return dict(resolve_variables(read, override=True))


def duplicate(name: str, first: int, line: int) -> Notice:
    """Say that *name* stands on both lines."""
    return Notice(line, f"{name} stands on line {first} too; this later one counts")


def _items(text: str, path: str, *, public: bool) -> Iterator[Item]:
    lines = Lines(text)
    offset = 0
    last_line = 0
    before: Item | None = None
    for binding in parse_stream(io.StringIO(text, newline="")):
        raw = binding.original.string
        start = offset + len(raw) - len(raw.lstrip())
        offset += len(raw)
        if not raw.strip():
            continue
        line = lines.at(start)
        item = _item(binding, raw, line, f"{path}:{line}", public=public)
        if before is not None and line == last_line + 1:
            refuse_split(before, item, path)
        yield item._replace(gap=line > last_line + 1)
        last_line = lines.at(start + len(raw.strip()) - 1)
        before = item


def _item(binding: Binding, raw: str, line: int, where: str, *, public: bool) -> Item:
    if binding.error:
        refuse_broken(raw, where)
        notice = Notice(line, "no assignment and no comment; ignored, as python-dotenv does")
        return Item(NOISE, line, notices=(notice,))
    if binding.key is None:
        return _comment(raw.strip(), line)
    if binding.value is None and _is_noise(binding.key):
        notice = Notice(line, "a word without `=`; ignored")
        return Item(NOISE, line, notices=(notice,))
    check_name(binding.key, where, public=public)
    item = _assignment(binding.key, binding.value, raw, line)
    refuse_unquoted(item, where)
    if item.value is None and not public:
        # In a real `.env` it may be a piece of a value that went on over several lines.
        return item._replace(notices=(Notice(line, "a word without `=`; ignored"),))
    return item


def _is_noise(key: str) -> bool:
    return key in _SHELL_WORDS or not (key.isidentifier() and key.isascii())


def _assignment(name: str, value: str | None, raw: str, line: int) -> Item:
    head = _HEAD.match(raw)
    if head is None or value is None or not head[3]:
        notice = Notice(line, f"{name} has no `=`; it is declared without a default")
        return Item(ASSIGNMENT, line, name=name, notices=(notice,))
    rest = raw[head.end() :]
    quote = rest[:1] if rest[:1] in _QUOTED else ""
    if rest.startswith("#") and head[4]:
        # python-dotenv 1.0.1 reads this comment as the value.
        return Item(ASSIGNMENT, line, name=name, value="", inline=_text(rest))
    notices = value_notices(name, value, quote, rest, line)
    inline = _inline(rest, quote)
    return Item(
        ASSIGNMENT, line, name=name, value=value, quote=quote, inline=inline, notices=notices
    )


def _inline(rest: str, quote: str) -> str:
    closed = _QUOTED[quote].match(rest) if quote else None
    found = _INLINE.search(rest, closed.end() - 1) if closed else _INLINE.search(rest)
    if closed and not found and rest[closed.end() :].startswith("#"):
        return _text(rest[closed.end() :])
    return _text(found[0]) if found else ""


def _text(comment: str) -> str:
    return comment.strip().lstrip("#").strip()


def _comment(raw: str, line: int) -> Item:
    found = _OUTCOMMENTED.fullmatch(raw)
    if found and (item := _outcommented(found[1], line)) is not None:
        return item
    return Item(COMMENT, line, text=raw[1:])


def _outcommented(text: str, line: int) -> Item | None:
    binding = next(parse_stream(io.StringIO(text, newline="")))
    if binding.error or binding.key is None or binding.value is None:
        return None
    item = _assignment(binding.key, binding.value, text, line)
    words = binding.value.split(maxsplit=2)
    if not item.quote and len(words) > 1 and words[1].lower().strip(",.;") in _PROSE:
        return None
    return item._replace(commented=True, notices=())
