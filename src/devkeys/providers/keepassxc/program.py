"""Starting `keepassxc-cli`: a database's password is asked for once, and given on stdin."""

import re
import shlex
from typing import NamedTuple

from devkeys.providers import localfile
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.keepassxc.database import Contents, parse
from devkeys.references import Reference
from devkeys.secret import Secret

PASSWORD = "KEEPASSXC_PASSWORD"  # noqa: S105  # a variable's name
_MAGIC = bytes.fromhex("03d9a29a")  # of every KeePass database
_LIMIT = 64 << 20  # bytes of a database


class Place(NamedTuple):
    """A database's file, and the key file that opens it with the password or without."""

    path: str
    key_file: str | None


def split(caller: Caller, reference: Reference) -> tuple[Place, tuple[str, ...]]:
    """Return the database of *reference*, and where in it the entry is.

    The first part of a path that ends in `.kdbx` ends the file's own.
    """
    ends = (count for count, part in enumerate(reference.path, 1) if part.endswith(".kdbx"))
    end = next(ends, 0)
    if not 0 < end < len(reference.path):
        raise DeniedError(
            f"{reference} names no entry of a database",
            hint="such as keepassxc://~/team.kdbx/Group/Entry",
        )
    key = reference.option("key-file")
    key_file = None if key is None else caller.file(tuple(key.split("/")))
    return Place(caller.file(reference.path[:end]), key_file), reference.path[end:]


class Cli:
    """The program, and the passwords that it was given so far."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._passwords: dict[Place, Secret | None] = {}

    def version(self) -> str | None:
        """Return the program's version."""
        done = run(Call([self._program(), "--version"], self._environ()), self._caller)
        found = re.search(rb"\d+\.\d[\w.]*", done.output)
        return found[0].decode() if found else None

    def check(self) -> None:
        """Raise ProgramMissingError without the program."""
        self._program()

    def contents(self, place: Place) -> Contents:
        """Return what is in a database: one opening."""
        done = self.run(place, "export")
        if done.says("stripping invalid xml"):
            raise DeniedError(
                f"{place.path} holds control characters, which keepassxc-cli leaves out",
                hint="take them out in KeePassXC, also from what an entry was before",
            )
        try:
            return parse(done.output)
        except ValueError:
            reason = f"keepassxc-cli gave no proper answer for {place.path}"
        raise UnreachableError(
            reason, hint=f"see what `keepassxc-cli db-info {shlex.quote(place.path)}` says"
        )

    def run(self, place: Place, command: str, *words: str, line: str | None = None) -> Done:
        """Return how `keepassxc-cli COMMAND` on a database ended, which was well.

        *words* follow the database, with the options first; *line* is for the command's own
        question.
        """
        options = [word for word in words if word.startswith("-")]
        rest = [word for word in words if not word.startswith("-")]
        if place.key_file is not None:
            options += ["--key-file", place.key_file]
        program = self._program()
        password = self._password(place)
        if password is None:
            options.append("--no-password")
        lines = [password.reveal()] if password is not None else []
        lines += [] if line is None else [line.encode()]
        data = b"".join(one + b"\n" for one in lines)
        call = Call([program, command, *options, place.path, *rest], self._environ(), data=data)
        done = run(call, self._caller)
        if done.code != 0:
            self._passwords.pop(place, None)
            raise self._failure(done, place, command)
        return done

    def _failure(self, done: Done, place: Place, command: str) -> ProviderError:
        if done.code == 1 and done.says("invalid credentials"):
            return LockedError(
                f"{place.path} is not opened by that password and key file",
                hint=f"try again; `keepassxc-cli db-info {shlex.quote(place.path)}` asks as well",
            )
        return UnreachableError(
            f"keepassxc-cli did not {command} {place.path}",
            hint=f"see what `keepassxc-cli db-info {shlex.quote(place.path)}` says",
        )

    def _password(self, place: Place) -> Secret | None:
        """Return the password of a database, None if a key file is to open it alone."""
        if place not in self._passwords:
            self._passwords[place] = self._new_password(place)
        return self._passwords[place]

    def _new_password(self, place: Place) -> Secret | None:
        start = localfile.read(place.path, limit=_LIMIT)
        if start is None or not start.startswith(_MAGIC):
            is_there = "there is no" if start is None else "this is no"
            raise UnreachableError(
                f"{is_there} KeePass database: {place.path}", hint="see whether the path is right"
            )
        given = self._caller.environment("keepassxc").get(PASSWORD)
        if given:
            return _one_line(Secret(given.encode(errors="surrogateescape")))
        if self._caller.interactive:
            from devkeys.ask.hidden import hidden

            asked = _one_line(hidden(f"password of {place.path}:"))
            return asked if asked or place.key_file is None else None
        if place.key_file is not None:
            return None
        raise LockedError(
            f"{place.path} needs its password, and nobody can be asked here",
            hint=f"start devkeys at a terminal, or see [credentials] of config.toml for {PASSWORD}",
        )

    def _program(self) -> str:
        return self._caller.need(
            "keepassxc-cli", title="KeePassXC", install="KeePassXC (keepassxc.org)"
        )

    def _environ(self) -> dict[str, str]:
        environ = self._caller.environment("keepassxc")
        environ.pop(PASSWORD, None)  # ours: it is given on stdin
        # What it says is looked at; names and values are UTF-8 in any locale.
        return environ | {"LC_ALL": "C", "LANGUAGE": "en"}


def _one_line(password: Secret) -> Secret:
    if b"\n" in password.reveal() or b"\r" in password.reveal():
        raise LockedError(
            "a database's password is one line, and this one is more", hint="give it again"
        )
    return password
