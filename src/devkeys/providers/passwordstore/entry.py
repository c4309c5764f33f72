"""What stands in an entry: a password on its first line and `key: value` below, or anything.

That layout is a custom (passwordstore.org, "Data Organization"); an entry may also be one
value of several lines, such as a PEM key. An entry is passed without its final newline.
"""

import re

from devkeys.providers.errors import DeniedError

_LINE = re.compile("[1-9][0-9]{0,5}")


def find(entry: bytes, fragment: str | None) -> bytes | None:
    """Return what *fragment* stands for: the whole entry, the Nth line, or a key's value.

    A key stands below the first line, up to the first colon; its value is what follows, but
    for one blank. Raise DeniedError if it stands twice.
    """
    if fragment is None:
        return entry
    lines = entry.split(b"\n")
    if _LINE.fullmatch(fragment):
        return lines[int(fragment) - 1] if int(fragment) <= len(lines) else None
    at = _line_of(lines, fragment)
    return None if at is None else _value(lines[at])


def pairs(entry: bytes) -> dict[str, bytes]:
    """Return the values of all keys below the first line."""
    found = {}
    lines = entry.split(b"\n")
    for line in lines[1:]:
        key, mark, _ = line.partition(b":")
        if mark and key:
            name = key.decode(errors="replace")
            at = _line_of(lines, name)
            if at is not None:
                found[name] = _value(lines[at])
    return found


def check(fragment: str | None) -> None:
    """Raise DeniedError if no line can be written for *fragment*."""
    if fragment is not None and ":" in fragment:
        raise DeniedError(
            "a key of a password store's entry ends at its first colon",
            hint="choose a key without one",
        )


def replace(entry: bytes | None, fragment: str | None, value: bytes) -> bytes:
    """Return *entry*, None if there is none yet, with *value* in the place of *fragment*.

    Raise DeniedError where it cannot stand there.
    """
    check(fragment)
    if fragment is None:
        return value
    if b"\n" in value:
        raise DeniedError(
            "a value of several lines does not fit into one line of an entry",
            hint="give it an entry of its own, and write the reference without #",
        )
    lines = [b""] if entry is None else entry.split(b"\n")
    if _LINE.fullmatch(fragment):
        at = int(fragment) - 1
        if at > len(lines):
            raise DeniedError(
                f"the entry has {len(lines)} lines, so there can be no line {fragment} yet",
                hint="name one of its lines, or the next one",
            )
        lines[at : at + 1] = [value]
    else:
        line = fragment.encode() + b": " + value
        found = _line_of(lines, fragment)
        at = len(lines) if found is None else found
        lines[at : at + 1] = [line]
    return b"\n".join(lines)


def remove(entry: bytes, fragment: str) -> bytes | None:
    """Return *entry* without the line of *fragment*, which it has; None if nothing is left."""
    lines = entry.split(b"\n")
    at = int(fragment) - 1 if _LINE.fullmatch(fragment) else _line_of(lines, fragment)
    if at is None or (_LINE.fullmatch(fragment) and at != len(lines) - 1):
        raise DeniedError(
            "without that line, the lines below it would be found under other numbers",
            hint="edit the entry with the password manager",
        )
    del lines[at]
    return b"\n".join(lines) if any(lines) else None


def _line_of(lines: list[bytes], key: str) -> int | None:
    start = key.encode() + b":"
    found = [at for at, line in enumerate(lines) if at > 0 and line.startswith(start)]
    if len(found) > 1:
        raise DeniedError(
            f"the key {key} stands on several lines of the entry",
            hint="leave one of them, or name the line by its number",
        )
    return found[0] if found else None


def _value(line: bytes) -> bytes:
    return line.partition(b":")[2].removeprefix(b" ")
