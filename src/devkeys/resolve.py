"""Plan -> values: each variable from the first place that has it; on the way of `run`.

The order: the process's own environment, the store, the reference, the default.
"""

import os

from devkeys.errors import DevkeysError
from devkeys.plan import AGREED, WANTED, option
from devkeys.secret import Secret

FILLED_LIMIT = 1 << 20  # bytes; each template may double the one before
ENVIRONMENT, STORE, PROVIDER, DEFAULT = "environment", "store", "provider", "default"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from devkeys.plan import Template, Variable
    from devkeys.store.values import Values

    ReadStore = Callable[[], Sequence[Values]]
    AskProviders = Callable[[Sequence[str]], Mapping[str, "Secret | DevkeysError | None"]]


class Resolution:
    """What was found: *values* by name, and *places*, which say where each came from.

    *missing* are the wanted names without a value, with the reason if one is known; those
    of them whose provider could not be asked are *unasked*, with the error.
    *shadowed* are names whose environment value beats a different stored one (or, where
    the store was preferred, the other way round). *generations* are those of stored values.
    """

    __slots__ = ("generations", "missing", "places", "shadowed", "unasked", "values")

    def __init__(self) -> None:
        self.values: dict[str, Secret] = {}
        self.places: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.unasked: dict[str, DevkeysError] = {}
        self.shadowed: list[str] = []
        self.generations: dict[str, int] = {}

    def put(self, name: str, value: Secret, place: str) -> None:
        """Take *value* for *name*, found at *place*."""
        self.values[name] = value
        self.places[name] = place


def resolve(
    variables: "Sequence[Variable]",
    environ: "Mapping[str, str]",
    *,
    read_store: "ReadStore",
    ask_providers: "AskProviders",
    prefer_store: bool = False,
) -> Resolution:
    """Find a value for each of *variables*; those with none and no need of one stay out.

    *read_store* gives the stored values, own project first, and is called at most once;
    *ask_providers* gets all references at once. The missing are collected, not raised.
    """
    found = Resolution()
    stored = _stored(variables, read_store(), found)
    unresolved = []
    for variable in variables:
        name = variable.name
        value = _from_environment(variable, environ)
        kept = stored.get(name)
        if value is not None and kept is not None and value != kept:
            found.shadowed.append(name)
        if kept is not None and (value is None or prefer_store):
            found.put(name, kept, STORE)
        elif value is not None:
            found.put(name, value, ENVIRONMENT)
        else:
            unresolved.append(variable)
    _ask(unresolved, ask_providers, found)
    _fill_templates(variables, found)
    _note_missing(variables, found)
    return found


def _from_environment(variable: "Variable", environ: "Mapping[str, str]") -> Secret | None:
    text = environ.get(variable.name)
    # An empty wanted secret is a missing one: CI gives fork builds such.
    if text is None or (not text and variable.flags & WANTED):
        return None
    return Secret(os.fsencode(text))


def _stored(
    variables: "Sequence[Variable]", layers: "Sequence[Values]", found: Resolution
) -> dict[str, Secret]:
    stored: dict[str, Secret] = {}
    for variable in variables:
        name = variable.name
        for layer in layers:
            value = layer.values.get(name)
            # What was stored as a secret goes to names that were agreed to, and to no others.
            if value is not None and (variable.flags & AGREED or layer.kinds[name] == "setting"):
                stored[name] = value
                found.generations[name] = layer.generations[name]
                break
    return stored


def _ask(unresolved: "list[Variable]", ask_providers: "AskProviders", found: Resolution) -> None:
    asked = [v for v in unresolved if v.reference is not None and v.flags & AGREED]
    answers = ask_providers([v.reference for v in asked if v.reference]) if asked else {}
    for variable in asked:
        answer = answers.get(variable.reference or "")
        if isinstance(answer, Secret):
            found.put(variable.name, answer, PROVIDER)
        elif answer is not None:  # could not ask: an error even where absence is none
            found.missing[variable.name] = str(answer)
            found.unasked[variable.name] = answer
        elif variable.flags & WANTED:
            found.missing[variable.name] = f"nothing at {variable.reference}"
    for variable in unresolved:
        name, default = variable.name, variable.default
        if default is not None and variable.template is None and name not in found.values:
            found.put(name, Secret(os.fsencode(default)), DEFAULT)


def _fill_templates(variables: "Sequence[Variable]", found: Resolution) -> None:
    waiting = {v.name: v for v in variables if v.template and v.name not in found.values}
    stack = list(waiting)
    while stack:  # no recursion: a file may chain thousands; classify has refused circles
        name = stack[-1]
        pieces = (waiting[name].template if name in waiting else None) or ()
        needed = [other for _, other in pieces if other in waiting and other != name]
        if needed:
            stack += needed
            continue
        stack.pop()
        if waiting.pop(name, None):
            found.put(name, _filled(name, pieces, found), DEFAULT)


def _filled(name: str, pieces: "Template", found: Resolution) -> Secret:
    parts = []
    for text, other in pieces:
        value = found.values.get(other)
        parts.append((value.reveal() if value else b"") or os.fsencode(text))
    if sum(map(len, parts)) > FILLED_LIMIT:
        raise DevkeysError(
            f"the default of {name} is longer than {FILLED_LIMIT} bytes once it is filled",
            hint="write it with fewer ${NAME}",
        )
    return Secret(b"".join(parts))


def _note_missing(variables: "Sequence[Variable]", found: Resolution) -> None:
    for variable in variables:
        if variable.flags & WANTED and variable.name not in found.values:
            found.missing.setdefault(variable.name, "")


def missing_error(
    missing: "Mapping[str, str]", profile: str, unasked: "Mapping[str, DevkeysError]"
) -> DevkeysError:
    """Return one error for all names that are *missing*, with their reasons and what to do."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in missing.items():
        by_reason.setdefault(reason, []).append(name)
    lines = [
        f"  {', '.join(names)}: {reason}" if reason else "  " + "\n  ".join(names)
        for reason, names in by_reason.items()
    ]
    noun = "secret" if len(missing) == 1 else "secrets"
    hints = [unasked[name].hint or "" for name in missing if name in unasked]
    absent = [name for name in missing if name not in unasked]
    if absent:
        hints.append(
            f"devkeys init{option(profile)} asks for them all, devkeys set{option(profile)} "
            f"{absent[0]} for one"
        )
    return DevkeysError(
        f"{len(missing)} {noun} missing\n" + "\n".join(lines),
        hint="\n".join(dict.fromkeys(filter(None, hints))) or None,
    )
