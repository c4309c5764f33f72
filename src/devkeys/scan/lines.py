"""On which line of a file a byte stands; counted only where something was found."""

import os
from collections.abc import Sequence

_CHUNK = 1 << 20
_HEAD = 4096
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def line_numbers(descriptor: int, offsets: Sequence[int]) -> list[int | None]:
    """Return the line, from 1, of each of *offsets*, which ascend; None in data without lines."""
    head = os.pread(descriptor, _HEAD, 0)
    encoding = _BOMS.get(head[:2], "") or _guessed(head)
    if encoding is None:
        return [None] * len(offsets)
    lines: list[int | None] = []
    line, place = 1, 0
    for offset in offsets:
        line += _line_ends(descriptor, place, offset, encoding)
        place = offset if not encoding else offset & ~1
        lines.append(line)
    return lines


def _guessed(head: bytes) -> str | None:
    """Return "" for bytes, which of UTF-16 it is, or None for what is no text."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if not even and not odd:
        return ""
    few, many = len(head) // 32, len(head) // 4
    if odd > many and even <= few:
        return "utf-16-le"
    return "utf-16-be" if even > many and odd <= few else None


def _line_ends(descriptor: int, start: int, stop: int, encoding: str) -> int:
    found = 0
    while start < stop and (chunk := os.pread(descriptor, min(_CHUNK, stop - start), start)):
        found += chunk.decode(encoding, "replace").count("\n") if encoding else chunk.count(b"\n")
        start += len(chunk)
    return found
