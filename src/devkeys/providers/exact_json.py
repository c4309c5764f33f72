"""JSON that is read and written back without changing what nobody meant to change.

Numbers stay as they were written (`1.10`, `1e400`), and names keep their order. A name that
stands twice is an error: which of the two a reader takes is a matter of taste.
"""

from typing import Any


class Number(str):
    """A number's own text."""

    __slots__ = ()


def parse(data: bytes) -> Any:
    """Return what the JSON text *data* says; raise ValueError, which shows nothing of it."""
    import json  # not every run that reads references comes here

    try:
        return json.loads(
            data.decode(),
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        reason = "no JSON, or a name stands twice"
    raise ValueError(reason)


def text(value: Any) -> str:
    """Return *value*, as `parse` gave it, as compact JSON."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{text(name)}:{text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(text, value)) + "]"
    import json

    return json.dumps(value, ensure_ascii=False)


def value(field: Any) -> bytes | None:
    """Return a field as a value: a string exactly, null as none, anything else as JSON.

    Raise ValueError for a string that is no text (half a surrogate pair).
    """
    if field is None:
        return None
    try:
        return (field if isinstance(field, str) else text(field)).encode()
    except (UnicodeEncodeError, RecursionError):
        reason = "a string that is no text"
    raise ValueError(reason)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_name: str) -> Any:
    raise ValueError  # NaN and Infinity are Python's, not JSON's
