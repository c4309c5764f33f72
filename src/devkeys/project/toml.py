"""Reading TOML so that every mistake in it is one clear error; nothing unknown is passed over."""

import re
from collections.abc import Callable
from typing import Any

from devkeys import files
from devkeys.errors import DeclarationError

LONGEST = 7 * 86400  # seconds
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PARTS = 32
# tomllib's time grows with the square of a key's parts: one of 200 kB would take minutes.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")
_DURATION = re.compile(r"[0-9]{1,6}[smhd]")


def load(path: str) -> dict[str, Any] | None:
    """Return what the file says; None if there is none."""
    data = files.read_regular(path)
    if data is None:
        return None
    import tomllib  # which most users need not wait for: they have no such file

    try:
        text = data.decode("utf-8-sig")
        _refuse_long_keys(path, text)
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # as it says, or in numbers and brackets
        raise DeclarationError(f"{path}: {error}", hint="write it as TOML, in UTF-8") from None


def _refuse_long_keys(path: str, text: str) -> None:
    found = _LONG_KEY.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise DeclarationError(
            f"{path}:{line}: a name of more than {_PARTS} parts with dots between",
            hint="write shorter ones; docs/configuration.md has all there are",
        )


def known(path: str, prefix: str, table: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Raise unless *table*, whose keys stand behind *prefix*, has none but *keys*."""
    for key in table:
        if key not in keys:
            raise DeclarationError(
                f"{path}: unknown key {prefix}{key}", hint=f"known here: {', '.join(keys)}"
            )


def table(path: str, parent: dict[str, Any], key: str, *, within: str = "") -> dict[str, Any]:
    """Return the table *key* of *parent*, empty without one; messages call it *within* + key."""
    value = parent.get(key, {})
    if not isinstance(value, dict):
        key = within + key
        raise DeclarationError(f"{path}: {key} must be a table", hint=f"write it as [{key}]")
    return value


def take(
    path: str,
    table: dict[str, Any],
    key: str,
    fits: Callable[[Any], bool],
    wanted: str,
    default: Any,
) -> Any:
    """Return what *table* has under *key*, or *default*; raise unless it *fits*: is *wanted*."""
    if key not in table:
        return default
    if not fits(table[key]):
        raise DeclarationError(f"{path}: {key} must be {wanted}", hint="see docs/configuration.md")
    return table[key]


def is_strings(value: Any) -> bool:
    """Tell whether *value* is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def time(path: str, table: dict[str, Any], key: str, *, default: str = "0h") -> int:
    """Return the seconds of the time that *table* has under *key*, such as `"8h"`."""
    wanted = 'a time of at most 7d, such as "8h"'
    return seconds(take(path, table, key, is_time, wanted, default))


def duration(seconds: int) -> str:
    """Return *seconds* as they are written in a file: `90s`, `30m`, `8h`, `7d`."""
    unit, size = next(pair for pair in reversed(_UNITS.items()) if seconds % pair[1] == 0)
    return f"{seconds // size}{unit}"


def seconds(text: str) -> int:
    """Return the seconds of a time: `90s`, `30m`, `8h` or `7d`."""
    return int(text[:-1]) * _UNITS[text[-1]]


def is_time(value: Any) -> bool:
    """Tell whether *value* is a time as `seconds` reads it, of seven days at most."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return False
    return seconds(value) <= LONGEST
