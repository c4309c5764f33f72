"""What a project asks for, in words that are agreed to and compared."""

import os
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from devkeys import references
from devkeys.consent.record import Agreed, Record
from devkeys.declaration.classify import Variable
from devkeys.declaration.templates import names_in
from devkeys.fingerprint import digest
from devkeys.names import sends_somewhere
from devkeys.project.config import Profile
from devkeys.project.toml import duration

# Programs differ about a backslash, and about which of two `@` ends the password.
_AMBIGUOUS = re.compile(r"[\\\s\x00-\x1f]|@[^/?#]*@")


class Change(NamedTuple):
    """One thing that is asked for and was not agreed to; *before* if it is a change."""

    asked: Agreed
    before: tuple[str, ...] | None


def asks(
    variables: Iterable[Variable], relative: str, profile: str, settings: Profile
) -> list[Agreed]:
    """Return what needs the user's consent: whatever the store or a provider is asked for.

    An ordinary setting with an ordinary default needs none.
    """
    facts = []
    for variable in variables:
        details = _details(variable, settings)
        if details:
            facts.append(Agreed(relative, profile, variable.name, details))
    return facts


def reference_of(variable: Variable, source: str | None) -> str | None:
    """Return where a provider has the variable's value: its own reference, or the source's."""
    if variable.reference is not None:
        return variable.reference
    if source is not None and variable.secret and variable.wanted:
        return references.join(source, variable.name)
    return None


def _details(variable: Variable, settings: Profile) -> tuple[str, ...]:
    details = ["secret"] if variable.secret else []
    reference = reference_of(variable, settings.source)
    if reference is not None:
        details.append(f"from {reference}")
        # To keep a value is to loosen a protection.
        if settings.cache and references.describe(references.scheme_of(reference)).remote:
            details.append(f"kept for {duration(settings.cache)}")
    details += [
        f"@{name}={value}" if value else f"@{name}"
        for name, value in sorted(variable.decorators.items())
    ]
    address = _address(variable)
    if address:
        details.append(f"default {address}")
    return tuple(details)


def _address(variable: Variable) -> str:
    default = variable.default
    if not default or not (variable.template or sends_somewhere(variable.name, default)):
        return ""
    if not variable.secret:
        return default
    # A secret's default may hold a live password: only where it leads is shown and kept.
    host = _host(default)
    shown = f"at {host}" if host else f"not shown ({digest(os.fsencode(default))[:12]})"
    return ", ".join([shown, *(f"filled with {name}" for name in names_in(default))])


def _host(default: str) -> str | None:
    """Return where the URL *default* leads, if every program that reads it agrees on that."""
    if _AMBIGUOUS.search(default):
        return None
    try:
        return urlsplit(default).hostname
    except ValueError:
        return None


def difference(asked: Iterable[Agreed], record: Record | None) -> list[Change]:
    """Return what is asked and not agreed to; what is no longer asked for needs nothing."""
    agreed = record.agreed if record else frozenset()
    before = {(fact.relative, fact.profile, fact.name): fact.details for fact in agreed}
    return [
        Change(fact, before.get((fact.relative, fact.profile, fact.name)))
        for fact in asked
        if fact not in agreed
    ]
