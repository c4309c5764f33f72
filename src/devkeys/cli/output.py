"""What goes to stdout: aligned columns, or JSON with its format's number."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT = 1


def emit(text: str) -> None:
    """Write *text* and a line end to stdout."""
    sys.stdout.write(text + "\n")


def emit_json(content: Mapping[str, Any]) -> None:
    """Write *content* to stdout as one JSON object; its first key is its format's number."""
    emit(json.dumps({"format": FORMAT, **content}, indent=2))


def table(rows: Sequence[Sequence[str]], *, indent: str = "") -> str:
    """Return *rows* as lines of aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(indent + line for line in lines)
