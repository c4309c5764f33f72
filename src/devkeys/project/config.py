"""`devkeys.toml` of a repository, and the user's own `config.toml`; both optional.

A repository's file may tighten and never loosen: what weakens a protection is read from
the user's own file only.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from devkeys import files, references
from devkeys.bootstrap import is_bootstrap
from devkeys.errors import DeclarationError
from devkeys.project.find import CONFIGURATION, DECLARATION, Checkout

USER_FILE = "config.toml"
DEFAULT_WAIT = 120.0  # seconds
LONGEST = 86400  # seconds; the system takes no number however large
LONGEST_CACHE = 7 * 86400  # seconds
_DURATION = re.compile(r"[0-9]{1,6}[smhd]")


class Profile(NamedTuple):
    """One `[profiles.NAME]`: where its values are, and whether each run is confirmed.

    *cache* is how many seconds the values of remote providers may be kept; 0 is not at all.
    """

    source: str | None = None
    confirm: bool = False
    cache: int = 0


class Config(NamedTuple):
    """What a repository's `devkeys.toml` says."""

    path: str | None
    files: tuple[str, ...]
    profiles: Mapping[str, Profile]
    scopes: Mapping[str, tuple[str, ...]]


class UserConfig(NamedTuple):
    """What the user's own `config.toml` says.

    *allow_names* are declared names that devkeys refuses otherwise, because they steer
    programs. *wait* is how many seconds a provider may take, and without a terminal a
    keychain. *caches* has the seconds that a profile's remote values are kept, *credentials*
    the keychain item (service, account) of each credential that a provider needs itself.
    """

    path: str
    allow_names: tuple[str, ...] = ()
    wait: float = DEFAULT_WAIT
    caches: Mapping[str, int] = {}
    credentials: Mapping[str, tuple[str, str]] = {}


def candidates(checkout: Checkout) -> list[str]:
    """Return where this project's `devkeys.toml` may be, nearest first."""
    directory = checkout.directory
    paths = [os.path.join(directory, CONFIGURATION)]
    while directory != checkout.root:
        directory = os.path.dirname(directory)
        paths.append(os.path.join(directory, CONFIGURATION))
    return paths


def read(checkout: Checkout) -> Config:
    """Return the nearest `devkeys.toml` of the project, or what holds without one."""
    for path in candidates(checkout):
        check_inside(path, checkout)
        table = _load(path)
        if table is not None:
            return _config(path, table, here=os.path.dirname(path) == checkout.directory)
    return Config(None, (DECLARATION,), {}, {})


def check_inside(path: str, checkout: Checkout) -> None:
    """Raise if the file *path* of *checkout* is a link to something outside of it."""
    if not os.path.islink(path):
        return
    real = os.path.realpath(path)
    if not real.startswith(os.path.join(os.path.realpath(checkout.root), "")):
        raise DeclarationError(
            f"{path} is a symbolic link out of the checkout, to {real}",
            hint="a declaration file lies in its project, and so does its configuration",
        )


def user_path(config_dir: str) -> str:
    """Return where the user's own configuration is."""
    return os.path.join(config_dir, USER_FILE)


def read_user(config_dir: str) -> UserConfig:
    """Return the user's own configuration, or what holds without one."""
    path = user_path(config_dir)
    table = _load(path)
    if table is None:
        return UserConfig(path)
    _known(path, "", table, ("allow_names", "wait", "profiles", "credentials"))
    names = _take(path, table, "allow_names", _is_strings, "a list of names", [])
    wait = _take(path, table, "wait", _is_seconds, "a number of seconds, 0 for ever", DEFAULT_WAIT)
    return UserConfig(path, tuple(names), float(wait), _caches(path, table), _items(path, table))


def _caches(path: str, table: dict[str, Any]) -> dict[str, int]:
    caches = {}
    for name in _table(path, table, "profiles"):
        profile = _table(path, table["profiles"], name, within="profiles.")
        _known(path, f"profiles.{name}.", profile, ("cache",))
        caches[name] = _cache(path, profile)
    return caches


def _cache(path: str, profile: dict[str, Any]) -> int:
    text = _take(path, profile, "cache", _is_duration, 'a time of at most 7d, such as "8h"', "0h")
    return duration(text)


def duration(text: str) -> int:
    """Return the seconds of `90s`, `30m`, `8h` or `7d`."""
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[text[-1]]


def _items(path: str, table: dict[str, Any]) -> dict[str, tuple[str, str]]:
    items = {}
    credentials = _table(path, table, "credentials")
    for name in credentials:
        if not is_bootstrap(name):
            raise DeclarationError(
                f"{path}: {name} is no credential of a provider", hint="see docs/configuration.md"
            )
        wanted = "a reference to the keychain, keychain://service/account"
        reference = references.parse(_take(path, credentials, name, _is_item, wanted, ""))
        items[name] = (reference.path[0], reference.path[1])
    return items


def _config(path: str, table: dict[str, Any], *, here: bool) -> Config:
    _known(path, "", table, ("project", "profiles", "scopes"))
    project = _table(path, table, "project")
    _known(path, "project.", project, ("files",))
    names = _take(path, project, "files", _is_file_names, "a list of file names", [DECLARATION])
    profiles = {
        name: _profile(path, name, _table(path, table["profiles"], name, within="profiles."))
        for name in _table(path, table, "profiles")
    }
    scopes = _table(path, table, "scopes")
    for scope in scopes:
        _take(path, scopes, scope, _is_strings, "a list of names", [])
    return Config(
        path,
        tuple(names) if here else (DECLARATION,),
        profiles,
        {scope: tuple(members) for scope, members in scopes.items()},
    )


def _profile(path: str, name: str, table: dict[str, Any]) -> Profile:
    _known(path, f"profiles.{name}.", table, ("source", "confirm", "cache"))
    source = _take(
        path, table, "source", _is_reference, "a reference such as op://vault/item", None
    )
    confirm = _take(path, table, "confirm", _is_bool, "true or false", False)
    return Profile(source, confirm, _cache(path, table))


def _load(path: str) -> dict[str, Any] | None:
    data = files.read_regular(path)
    if data is None:
        return None
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # as it says, or in numbers and brackets
        raise DeclarationError(f"{path}: {error}", hint="write it as TOML, in UTF-8") from None


def _known(path: str, prefix: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise DeclarationError(
                f"{path}: unknown key {prefix}{key}", hint=f"known here: {', '.join(known)}"
            )


def _table(path: str, parent: dict[str, Any], key: str, *, within: str = "") -> dict[str, Any]:
    value = parent.get(key, {})
    if not isinstance(value, dict):
        key = within + key
        raise DeclarationError(f"{path}: {key} must be a table", hint=f"write it as [{key}]")
    return value


def _take(
    path: str,
    table: dict[str, Any],
    key: str,
    fits: Callable[[Any], bool],
    wanted: str,
    default: Any,
) -> Any:
    if key not in table:
        return default
    if not fits(table[key]):
        raise DeclarationError(f"{path}: {key} must be {wanted}", hint="see docs/configuration.md")
    return table[key]


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_file_names(value: Any) -> bool:
    # A name, not a path: a repository's configuration points at nothing outside its directory.
    return (
        _is_strings(value)
        and bool(value)
        and all(
            os.path.basename(name) == name and name.isprintable() and name not in ("", ".", "..")
            for name in value
        )
    )


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and "://" in value


def _is_item(value: Any) -> bool:
    return isinstance(value, str) and references.scheme_of(value) == "keychain"


def _is_duration(value: Any) -> bool:
    if not isinstance(value, str) or not _DURATION.fullmatch(value):
        return False
    return duration(value) <= LONGEST_CACHE


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST
