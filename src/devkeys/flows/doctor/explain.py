"""`devkeys doctor --explain RULE`: what a kind of finding means."""

import importlib
import pkgutil
from collections.abc import Iterator
from difflib import get_close_matches

import devkeys.flows.doctor as package
from devkeys.errors import UsageError
from devkeys.scan.finding import Kind


def kinds() -> dict[str, Kind]:
    """Return every kind of finding by its id, from the KINDS of all of doctor's modules."""
    return {kind.id: kind for kind in sorted(_all_kinds())}


def _all_kinds() -> Iterator[Kind]:
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        yield from getattr(importlib.import_module(module.name), "KINDS", ())


def explain(rule: str) -> str:
    """Return what the kind *rule* means; raise UsageError with those that are nearly called so."""
    known = kinds()
    kind = known.get(rule)
    if kind is None:
        near = get_close_matches(rule, known, n=3)
        raise UsageError(
            f"there is no rule {rule}",
            hint=f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(known)}",
        )
    return f"{kind.id} ({kind.grade}): {kind.title}\n\n{kind.why}\n\n{kind.how}"
