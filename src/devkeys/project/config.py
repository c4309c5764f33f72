"""`devkeys.toml` of a repository; optional. The user's own file is in `user`.

A repository's file may tighten and never loosen: what weakens a protection is read from
the user's own file, or counts after consent.
"""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from devkeys.errors import DeclarationError
from devkeys.project import toml
from devkeys.project.allowed import Allowed, parse
from devkeys.project.find import CONFIGURATION, DECLARATION, Checkout


class Profile(NamedTuple):
    """One `[profiles.NAME]`: where its values are, and whether each run is confirmed.

    *cache* is how many seconds the values of remote providers may be kept; 0 is not at all.
    """

    source: str | None = None
    confirm: bool = False
    cache: int = 0


class Config(NamedTuple):
    """What a repository's `devkeys.toml` says.

    *allowed* is what it asks doctor to leave out, which counts after consent.
    """

    path: str | None
    files: tuple[str, ...]
    profiles: Mapping[str, Profile]
    scopes: Mapping[str, tuple[str, ...]]
    allowed: tuple[Allowed, ...] = ()


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
        table = toml.load(path)
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


def _config(path: str, table: dict[str, Any], *, here: bool) -> Config:
    toml.known(path, "", table, ("project", "profiles", "scopes", "doctor"))
    project = toml.table(path, table, "project")
    toml.known(path, "project.", project, ("files",))
    names = toml.take(path, project, "files", _is_file_names, "a list of file names", [DECLARATION])
    profiles = {
        name: _profile(path, name, toml.table(path, table["profiles"], name, within="profiles."))
        for name in toml.table(path, table, "profiles")
    }
    scopes = toml.table(path, table, "scopes")
    for scope in scopes:
        toml.take(path, scopes, scope, toml.is_strings, "a list of names", [])
    return Config(
        path,
        tuple(names) if here else (DECLARATION,),
        profiles,
        {scope: tuple(members) for scope, members in scopes.items()},
        parse(path, table, own=False),
    )


def _profile(path: str, name: str, table: dict[str, Any]) -> Profile:
    toml.known(path, f"profiles.{name}.", table, ("source", "confirm", "cache"))
    source = toml.take(
        path, table, "source", _is_reference, "a reference such as op://vault/item", None
    )
    confirm = toml.take(path, table, "confirm", _is_bool, "true or false", False)
    return Profile(source, confirm, toml.time(path, table, "cache"))


def _is_file_names(value: Any) -> bool:
    # A name, not a path: a repository's configuration points at nothing outside its directory.
    return (
        toml.is_strings(value)
        and bool(value)
        and all(
            os.path.basename(name) == name and name.isprintable() and name not in ("", ".", "..")
            for name in value
        )
    )


def _is_reference(value: Any) -> bool:
    return isinstance(value, str) and "://" in value


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)
