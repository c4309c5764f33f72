"""Changing a dotenv file: one declaration more, some assignments fewer, every other byte kept.

What was written is read again before it is returned, so that no description or value is
taken for something else.
"""

import codecs
import re
from collections.abc import Collection, Sequence

from devkeys.declaration import Declaration, DeclarationFile
from devkeys.declaration.decorators import Decorator, format_decorator
from devkeys.declaration.encoding import decode
from devkeys.declaration.syntax import parse, pieces
from devkeys.errors import DeclarationError, UsageError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")
_LINE_END = re.compile(r"\r\n|\n|\r")


def append(
    data: bytes,
    name: str,
    *,
    description: str = "",
    default: str = "",
    decorators: Sequence[Decorator] = (),
    path: str,
) -> bytes:
    """Return *data*, a declaration file, with *name* declared at its end.

    Encoding and line ends stay, as does a missing final line end. *path* is for messages.
    Raise UsageError if the file declares *name* or it cannot be declared so.
    """
    text = decode(data, path=path)
    before = parse(data, path=path)
    if any(known.name == name and not known.commented for known in before.declarations):
        raise UsageError(f"{path} declares {name} already")
    newline = found[0] if (found := _LINE_END.search(text)) else "\n"
    block = [
        *(f"# {line}".rstrip() for line in description.splitlines()),
        *(f"# {format_decorator(decorator)}" for decorator in decorators),
        f"{name}={_format(default, name)}",
    ]
    ended = not text or text.endswith(("\n", "\r"))
    added = _gap(text, newline) + newline.join(block) + (newline if ended else "")
    new = _encode(text + added, data)
    _check(before, _parse(new, name, path), name, (description, default, tuple(decorators)))
    return new


def _gap(text: str, newline: str) -> str:
    """Return what makes a paragraph's end of the end of *text*."""
    if not text.strip():
        return ""
    last = _LINE_END.split(text)
    if len(last) > 1 and not last[-1]:
        return "" if not last[-2].strip() else newline
    return newline * 2


def _format(value: str, name: str) -> str:
    """Write *value* so that every dotenv reader reads it; `${NAME}` stays to be filled."""
    if not value or _PLAIN.fullmatch(value):
        return value
    if value.endswith("\\"):
        raise UsageError(f"a default of {name} cannot end with a backslash")
    if "'" not in value and "${" not in value and "\\" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _parse(data: bytes, name: str, path: str) -> DeclarationFile:
    try:
        return parse(data, path=path)
    except DeclarationError as error:
        raise UsageError(
            f"{name} cannot be declared so: {error}", hint="nothing was changed"
        ) from None


def _check(
    before: DeclarationFile,
    after: DeclarationFile,
    name: str,
    wanted: tuple[str, str, tuple[Decorator, ...]],
) -> None:
    """Raise unless *after* is *before* and one declaration that says what is *wanted*."""
    new = [known for known in after.declarations if known.name == name]
    description = "\n".join(line.strip() for line in wanted[0].splitlines() if line.strip())
    as_wanted = len(new) == 1 and (
        (new[0].description, new[0].default, sorted(new[0].decorators))
        == (description, wanted[1], sorted(wanted[2]))
        and not new[0].commented
    )
    if not as_wanted or _others(before, name) != _others(after, name):
        raise UsageError(
            f"{name} cannot be declared so: the file would say something else",
            hint="leave `@`, `=` and `#` out of the description",
        )


def _others(file: DeclarationFile, name: str) -> tuple[list[Declaration], tuple[Decorator, ...]]:
    return [known for known in file.declarations if known.name != name], file.decorators


def without(data: bytes, names: Collection[str], *, bare: bool, path: str) -> bytes:
    """Return *data*, a real `.env`, without the values of *names*; all else stays as it is.

    With *bare* the names stay, without `=`, which tells compose to take the values from
    its own environment.
    """
    text = decode(data, path=path)
    kept = []
    for raw, name in pieces(text):
        if name not in names:
            kept.append(raw)
            continue
        lead = raw[: len(raw) - len(raw.lstrip())]
        kept.append(lead[: max(lead.rfind("\n"), lead.rfind("\r")) + 1])
        if bare:
            ends = _LINE_END.findall(raw[len(lead) :])
            kept.append(f"{name}{ends[-1] if ends and raw.endswith(ends[-1]) else ''}")
    return _encode("".join(kept), data)


def _encode(text: str, model: bytes) -> bytes:
    """Encode *text* as *model* is encoded."""
    for mark, encoding in _MARKS:
        if model.startswith(mark):
            return mark + text.encode(encoding)
    return text.encode()
