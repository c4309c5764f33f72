"""`${NAME}` and `${NAME:-fallback}` in a default: taken apart, and the order to fill them in."""

import re
from collections.abc import Mapping
from typing import NamedTuple

# Bounded, so that many unclosed `${` take no time.
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]{0,200})(?::-([^{}]{0,1000}))?\}")


class Part(NamedTuple):
    """A piece of a template: *text* as it is, or the value of *name*.

    Of a named part *text* is the fallback: what stands there when *name* has no value.
    """

    text: str
    name: str = ""


def split(default: str) -> tuple[Part, ...]:
    """Return the parts of *default*; joined, with the values filled in, they are its value.

    What is filled in is not looked at again, so that a stored value is never a template.
    """
    parts: list[Part] = []
    place = 0
    for match in _REFERENCE.finditer(default):
        if match.start() > place:
            parts.append(Part(default[place : match.start()]))
        parts.append(Part(match[2] or "", match[1]))
        place = match.end()
    if place < len(default):
        parts.append(Part(default[place:]))
    return tuple(parts)


def count(default: str) -> int:
    """Return how many references *default* holds."""
    return len(_REFERENCE.findall(default))


def names_in(default: str) -> tuple[str, ...]:
    """Return the names whose values *default* needs, in order, each once."""
    return tuple(dict.fromkeys(part.name for part in split(default) if part.name))


def literal(default: str) -> str:
    """Return *default* without its references."""
    return _REFERENCE.sub("", default)


def in_order(needs: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of *needs* so that each comes after those it needs, and those in a circle.

    *needs* maps a template's name to the names in it; what is no key needs nothing, and a
    name that needs itself means the value that it has in the environment.
    """
    waiting = {name: {n for n in needs[name] if n in needs and n != name} for name in needs}
    users: dict[str, list[str]] = {}
    for name, needed in waiting.items():
        for other in needed:
            users.setdefault(other, []).append(name)
    ready = [name for name, needed in waiting.items() if not needed]
    for name in ready:
        for user in users.get(name, ()):
            waiting[user].discard(name)
            if not waiting[user]:
                ready.append(user)  # the list is the queue
    done = set(ready)
    return tuple(ready), tuple(name for name in needs if name not in done)
