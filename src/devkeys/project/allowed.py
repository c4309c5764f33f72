"""`[doctor] allow`: findings that somebody does not want to be told of.

It stands in a repository's `devkeys.toml` and in the user's own `config.toml`.
"""

from typing import Any, NamedTuple

from devkeys.errors import DeclarationError
from devkeys.project import toml

HINT = 'write it as allow = [{ path = "tests/**", reason = "made up for the tests" }]'
LONGEST = 256  # characters


class Allowed(NamedTuple):
    """One entry: what it leaves out has to fit all of its patterns; an empty one fits everything.

    *path* is a pattern for the place (`*`, `?`, `[...]` within a name, `**` for any
    directories), *rule* one for the kind's id, *name* one for the secret's name.
    """

    path: str = ""
    rule: str = ""
    name: str = ""
    reason: str = ""


def parse(file: str, table: dict[str, Any], *, own: bool) -> tuple[Allowed, ...]:
    """Return what the configuration *table* of *file* has under `[doctor]`.

    *own* tells that it is the user's own, whose paths may also be absolute or below `~/`.
    """
    doctor = toml.table(file, table, "doctor")
    toml.known(file, "doctor.", doctor, ("allow",))
    entries = toml.take(file, doctor, "allow", _is_tables, "a list of tables", [])
    return tuple(
        _entry(file, f"doctor.allow[{i}]", entries[i], own=own) for i in range(len(entries))
    )


def _entry(file: str, called: str, entry: dict[str, Any], *, own: bool) -> Allowed:
    toml.known(file, f"{called}.", entry, Allowed._fields)
    texts = {
        key: toml.take(file, entry, key, _is_pattern, f"a text of 1 to {LONGEST} characters", "")
        for key in Allowed._fields
    }
    allowed = Allowed(**texts)
    if not allowed.reason:
        raise DeclarationError(f"{file}: {called} gives no reason", hint=HINT)
    if allowed == Allowed(reason=allowed.reason):
        raise DeclarationError(f"{file}: {called} has neither path nor rule nor name", hint=HINT)
    if not own and (allowed.path.startswith(("/", "~")) or ".." in allowed.path.split("/")):
        raise DeclarationError(
            f"{file}: {called}.path leads out of the repository",
            hint="a path is relative to this file; only your own config.toml reaches further",
        )
    return allowed


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_pattern(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= LONGEST
