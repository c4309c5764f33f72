"""The user's own `config.toml`, optional: what a repository must not decide."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from devkeys import references
from devkeys.bootstrap import is_bootstrap
from devkeys.errors import DeclarationError
from devkeys.keychain import SERVICE
from devkeys.project import toml
from devkeys.project.allowed import Allowed, parse

FILE = "config.toml"
DEFAULT_WAIT = 120.0  # seconds
DEFAULT_UNLOCKED = "8h"
LONGEST = 86400  # seconds; the system takes no number however large


class User(NamedTuple):
    """What the user's own `config.toml` says.

    *allow_names* are declared names that devkeys refuses otherwise, because they steer
    programs. *wait* is how many seconds a provider may take, and without a terminal a
    keychain. *caches* has the seconds that a profile's remote values are kept, *credentials*
    the keychain item (service, account) of each credential that a provider needs itself.
    *allowed* is what doctor leaves out. *unlock_for* is how many seconds a passphrase that was
    typed counts; 0 asks each time.
    """

    path: str
    allow_names: tuple[str, ...] = ()
    wait: float = DEFAULT_WAIT
    caches: Mapping[str, int] = {}
    credentials: Mapping[str, tuple[str, str]] = {}
    allowed: tuple[Allowed, ...] = ()
    unlock_for: int = toml.seconds(DEFAULT_UNLOCKED)


def path_of(config_dir: str) -> str:
    """Return where the user's own configuration is."""
    return os.path.join(config_dir, FILE)


def read(config_dir: str) -> User:
    """Return the user's own configuration, or what holds without one."""
    path = path_of(config_dir)
    table = toml.load(path)
    if table is None:
        return User(path)
    toml.known(
        path, "", table, ("allow_names", "wait", "profiles", "credentials", "doctor", "store")
    )
    names = toml.take(path, table, "allow_names", toml.is_strings, "a list of names", [])
    seconds = "a number of seconds, 0 for ever"
    wait = toml.take(path, table, "wait", _is_seconds, seconds, DEFAULT_WAIT)
    return User(
        path,
        tuple(names),
        float(wait),
        _caches(path, table),
        _items(path, table),
        parse(path, table, own=True),
        _unlock_for(path, table),
    )


def _unlock_for(path: str, table: dict[str, Any]) -> int:
    store = toml.table(path, table, "store")
    toml.known(path, "store.", store, ("unlock_for",))
    return toml.time(path, store, "unlock_for", default=DEFAULT_UNLOCKED)


def _caches(path: str, table: dict[str, Any]) -> dict[str, int]:
    caches = {}
    for name in toml.table(path, table, "profiles"):
        profile = toml.table(path, table["profiles"], name, within="profiles.")
        toml.known(path, f"profiles.{name}.", profile, ("cache",))
        caches[name] = toml.time(path, profile, "cache")
    return caches


def _items(path: str, table: dict[str, Any]) -> dict[str, tuple[str, str]]:
    items = {}
    credentials = toml.table(path, table, "credentials")
    for name in credentials:
        if not is_bootstrap(name):
            raise DeclarationError(
                f"{path}: {name} is no credential of a provider", hint="see docs/configuration.md"
            )
        wanted = "a reference to the keychain, keychain://service/account"
        text = toml.take(path, credentials, name, _is_item, wanted, "")
        try:
            reference = references.parse(text)
        except references.MalformedError as error:
            raise DeclarationError(f"{path}: {name}: {error}", hint=error.hint) from None
        if reference.path[0] == SERVICE:
            raise DeclarationError(
                f"{path}: {name}: devkeys' own items in the keychain are given to nobody",
                hint="name the item that holds the provider's credential",
            )
        items[name] = (reference.path[0], reference.path[1])
    return items


def _is_item(value: Any) -> bool:
    return isinstance(value, str) and references.scheme_of(value) == "keychain"


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST
