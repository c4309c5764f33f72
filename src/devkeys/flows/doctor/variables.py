"""Variables of an environment: which of them hold a secret, by name and by value."""

from collections.abc import Collection
from contextlib import suppress
from functools import cache

from devkeys import index, names
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.scope import Scope
from devkeys.scan import rules
from devkeys.session import Session
from devkeys.typed.literal import is_literal
from devkeys.typed.options import secret_option
from devkeys.typed.values import Value
from devkeys.typed.wording import shown_name

# They end as secrets do. starship counts sessions, ConsoleKit did so; images of Python name the
# public key that signed it.
NO_SECRETS = frozenset(("STARSHIP_SESSION_KEY", "XDG_SESSION_COOKIE", "GPG_KEY", "GPG_KEYS"))

_is_secret_name = cache(names.is_secret_name)


def declared_secrets(scope: Scope) -> frozenset[str]:
    """Return the names of secrets that the checkout declares, and those of allowed projects.

    What cannot be read counts for nothing: other checks tell of it.
    """
    found: set[str] = set()
    with suppress(DevkeysError, ValueError):
        found |= index.read(scope.session.state_dir).names
    with suppress(DevkeysError, ValueError):
        if scope.here:
            found |= {one.name for one in scope.here.project().declared if one.secret}
    return frozenset(found)


def is_ci(session: Session) -> bool:
    """Say whether this is a CI job, as `run` tells it, whose modules are many."""
    if "CI" not in session.environ:
        return False
    from devkeys.run import prepare

    return prepare.is_ci(session)


def holds_secret(name: str, value: str, declared: Collection[str]) -> bool:
    """Say whether *value* is itself a secret: no placeholder, reference, path or address.

    *declared* are names of secrets that would not be taken for such.
    """
    if name in NO_SECRETS or names.is_public_name(name):
        return False
    if name in declared or _is_secret_name(name):
        # In quotes, for nothing in it is expanded any more.
        return is_literal(name, Value(value, "'"))
    if rules.first(value):
        return True
    return "://" in value and "@" in value and secret_option(value) is not None


def is_asked_for(scope: Scope, name: str | None) -> bool:
    """Say whether doctor is to look for *name*; a secret without a name is one it might be."""
    return not scope.names or name is None or name in scope.names


def shown(name: str, declared: Collection[str]) -> str | None:
    """Return *name* if it can be said aloud: it is declared, or no key of any kind."""
    return name if name in declared else shown_name(name)


def keeping(scope: Scope, name: str | None) -> str:
    """Return how the value of *name* gets into the store, which takes what is declared."""
    with suppress(DevkeysError, ValueError):
        if scope.here and any(one.name == name for one in scope.here.project().declared):
            return f"devkeys set {name}"
    return f"devkeys add {name or 'NAME'} in the project that needs it"
