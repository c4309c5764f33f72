"""xonsh's histories in JSON: the commands, their output, and the variables of the session.

xonsh reads single values by their places in the file, which an index at its front has. So a
command is taken out by writing the whole file anew, with an index of what is left.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from devkeys.errors import DevkeysError
from devkeys.history import Entry, Holds, Outcome
from devkeys.history.errors import HistoryError, read_whole
from devkeys.rewriting import rewrite

_LIMIT = 1 << 28  # bytes
# What stands around index and data, and how far it is from the index to the data.
_FRONT = '{{"locs": [{:>10}, {:>10}, {:>10}, {:>10}],\n "index": '
_MIDDLE = ',\n "data": '
_BACK = "\n}\n"
_INDEX_AT = len(_FRONT.format(0, 0, 0, 0))


def entries(path: str) -> Iterator[Entry]:
    """Return the commands of the history at *path*, each with its output, then its variables.

    A variable's text is `NAME=value`. HistoryError: it cannot be read, or is none of xonsh's.
    """
    data = read_whole(path, limit=_LIMIT)
    history = _parsed(path, data)
    commands = [Entry(b"", _command(one), _when(one)) for one in _commands(history)]
    variables = [Entry(b"", _variable(*one)) for one in _environment(history).items()]
    return iter(commands + variables)


def scrub(path: str, holds: Holds) -> Outcome:
    """Take the commands and the variables that *holds* out of the history at *path*.

    HistoryError: it could not be done, and nothing was lost.
    """
    removed = 0
    remains = False

    def change(data: bytes) -> bytes | None:
        nonlocal removed, remains
        history = _parsed(path, data)
        removed = _take_out(history, holds)
        new = _dumped(path, history) if removed else data
        remains = holds(new)
        return new if removed else None

    try:
        done = rewrite(path, change, limit=_LIMIT)
    except HistoryError:
        raise
    except DevkeysError as error:
        raise HistoryError(str(error), hint=error.hint) from None
    left = list(done.left)
    if remains:
        left.append(f"{path} still holds it, outside of its commands and variables")
    return Outcome(removed, tuple(left))


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    """Return what a history file holds; an empty one holds nothing."""
    if not data.strip():
        return {}
    try:
        whole = json.loads(data.decode())
    except (ValueError, RecursionError, MemoryError):
        whole = None
    history = whole.get("data") if isinstance(whole, dict) else None
    if not isinstance(history, dict):
        raise HistoryError(f"{path} is not a history of xonsh, or is damaged")
    return history


def _commands(history: Mapping[str, Any]) -> list[Any]:
    commands = history.get("cmds")
    return commands if isinstance(commands, list) else []


def _environment(history: Mapping[str, Any]) -> dict[str, Any]:
    environment = history.get("env")
    return environment if isinstance(environment, dict) else {}


def _take_out(history: dict[str, Any], holds: Holds) -> int:
    commands, environment = _commands(history), _environment(history)
    kept = [one for one in commands if not holds(_command(one))]
    names = [name for name, value in environment.items() if holds(_variable(name, value))]
    removed = len(commands) - len(kept) + len(names)
    commands[:] = kept
    for name in names:
        del environment[name]
    return removed


def _command(command: object) -> bytes:
    """Return the command, then all other texts that were written down with it, as lines."""
    if isinstance(command, dict):
        command = {"inp": command.get("inp"), **command}
    return b"\n".join(_bytes(text) for text in _texts(command))


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += [*reversed(one.values())]
            waiting += [key for key in one if key not in _FIELDS]
        elif isinstance(one, list):
            waiting += reversed(one)


_FIELDS = frozenset({"cwd", "info", "inp", "out", "rtn", "ts"})


def _variable(name: str, value: object) -> bytes:
    texts = [value] if isinstance(value, str) else [json.dumps(value), *_texts(value)]
    return _bytes(f"{name}=" + "\n".join(texts))


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # how Python keeps bytes that are no UTF-8
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _when(command: object) -> float | None:
    times = command.get("ts") if isinstance(command, dict) else None
    began = times[0] if isinstance(times, list) and times else None
    return began if isinstance(began, float) else None


class _Written(NamedTuple):
    """A value as text, where it and its parts begin, and how long they are."""

    text: str
    offsets: Any
    sizes: Any


def _dumped(path: str, history: dict[str, Any]) -> bytes:
    try:
        data, offsets, sizes = _written(history, 0)
        index = json.dumps({"offsets": offsets, "sizes": sizes}, sort_keys=True)
    except RecursionError:
        raise HistoryError(f"{path} is damaged") from None
    data_at = _INDEX_AT + len(index) + len(_MIDDLE)
    front = _FRONT.format(_INDEX_AT, len(index), data_at, len(data))
    return f"{front}{index}{_MIDDLE}{data}{_BACK}".encode()


def _written(value: object, at: int) -> _Written:
    """Return *value* as xonsh writes it at the offset *at*; all of it is ASCII."""
    if isinstance(value, dict):
        return _written_object(value, at)
    if isinstance(value, list):
        return _written_array(value, at)
    text = json.dumps(value)
    return _Written(text, at, len(text))


def _written_object(value: dict[str, Any], at: int) -> _Written:
    parts: list[str] = []
    offsets, sizes = {}, {}
    end = at + 1
    for key in sorted(value):
        name = json.dumps(key) + ": "
        text, offsets[key], sizes[key] = _written(value[key], end + len(name))
        parts.append(name + text)
        end += len(name) + len(text) + 2
    whole = "{" + ", ".join(parts) + "}\n"
    offsets["__total__"], sizes["__total__"] = at, len(whole)
    return _Written(whole, offsets, sizes)


def _written_array(value: list[Any], at: int) -> _Written:
    parts: list[str] = []
    offsets, sizes = [], []
    end = at + 1
    for one in value:
        text, offset, size = _written(one, end)
        parts.append(text)
        offsets.append(offset)
        sizes.append(size)
        end += len(text) + 2
    whole = "[" + ", ".join(parts) + "]\n"
    return _Written(whole, [*offsets, at], [*sizes, len(whole)])
