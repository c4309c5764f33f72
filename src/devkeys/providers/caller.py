"""Who asks: what a provider may know of the machine and of the project, and no more.

Vendors' programs get the caller's original environment and HOME as current directory, never
a declared value: a repository does not choose which server is asked, or with which account.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

from devkeys import programs
from devkeys.bootstrap import BOOTSTRAP
from devkeys.providers.errors import DeniedError, ProgramMissingError
from devkeys.secret import Secret


def _no_keychain(_service: str, _account: str) -> Secret | None:
    return None


class Caller(NamedTuple):
    """The environment and the places that a provider is asked from.

    *environ* is the caller's own, without what an outer `run` put there. Relative files of
    references lie in *directory*, the project's. Programs are taken from PATH, but never from
    the checkout *outside*; None where there is none, or where it is HOME itself.
    *limit*, in seconds, ends the waiting for an answer; 0 is for ever. *interactive*: there
    is a person at a terminal who can be asked to unlock something.
    *credentials* maps names of the bootstrap table to the keychain item (service, account)
    that has each, by the user's own configuration; *read_keychain* gets such an item.
    *own* are devkeys' own directories.
    """

    environ: Mapping[str, str]
    home: str
    directory: str
    outside: str | None = None
    limit: float = 120.0
    interactive: bool = False
    credentials: Mapping[str, tuple[str, str]] = {}
    read_keychain: Callable[[str, str], Secret | None] = _no_keychain
    own: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<caller in {self.directory}>"  # the environment holds values

    def find(self, *names: str) -> str | None:
        """Return the path of the first program of *names* that is on PATH; None without any."""
        path = self.environ.get("PATH", os.defpath)
        found = (programs.find(name, path=path, outside=self.outside) for name in names)
        return next((program for program in found if program is not None), None)

    def need(self, name: str, *, title: str, install: str) -> str:
        """Return the path of the program *name*; raise ProgramMissingError without it.

        *install* says where it is to be had.
        """
        program = self.find(name)
        if program is None:
            raise ProgramMissingError(
                f"{title} is asked through {name}, which is not on PATH", hint=f"install {install}"
            )
        return program

    def file(self, path: tuple[str, ...]) -> str:
        """Return the real path of a file in a reference: absolute, below `~`, or relative.

        Raise DeniedError for devkeys' own files, and where a relative path leads out of the
        project: what was agreed to is then not what would be read.
        """
        if any(mark in part for part in path for mark in {os.sep, os.altsep or os.sep}):
            raise DeniedError(
                "a part of the path to a file holds what parts it",
                hint="write the parts themselves, with / between them",
            )
        if path[0] == "":
            real = os.path.realpath(os.sep + os.sep.join(path[1:]))
        elif path[0] == "~":
            real = os.path.realpath(os.path.join(self.home, *path[1:]))
        else:
            top = self.outside or self.directory
            real = os.path.realpath(os.path.join(self.directory, *path))
            if not _is_below(real, top):
                raise DeniedError(
                    f"{'/'.join(path)} leads out of the project, to {real}",
                    hint="write the place itself into the reference, as an absolute path",
                )
        if any(_lies_in(real, own) for own in self.own):
            raise DeniedError(
                f"{real} is devkeys' own file; no reference leads there",
                hint="devkeys get --reveal shows a stored value",
            )
        return real

    def environment(self, provider: str) -> dict[str, str]:
        """Return the environment for the programs of *provider*, as bootstrap.py calls it.

        It is the caller's, with those of its credentials that the keychain has for it, and
        with a PATH on which a program finds none of the checkout's.
        """
        environ = dict(self.environ)
        if "PATH" in environ:
            # Not an empty one: that is the current directory to many.
            path = programs.path_outside(environ["PATH"], outside=self.outside)
            environ["PATH"] = path or os.defpath
        for name, (service, account) in self.credentials.items():
            if BOOTSTRAP.get(name) == provider and not environ.get(name):
                secret = self.read_keychain(service, account)
                if secret is not None:
                    environ[name] = os.fsdecode(secret.reveal())
        return environ


def _is_below(path: str, directory: str) -> bool:
    return path.startswith(os.path.join(os.path.realpath(directory), ""))


def _lies_in(path: str, directory: str) -> bool:
    """Tell whether *path*, a real one, leads into *directory* under any name.

    A bind mount, one of macOS's firmlinks or a letter's other case is no symbolic link.
    """
    try:
        top = os.stat(directory)
    except OSError:
        return False
    above = ""
    while path != above:
        with suppress(OSError):
            if os.path.samestat(os.stat(path), top):
                return True
        path, above = os.path.dirname(path), path
    return False
