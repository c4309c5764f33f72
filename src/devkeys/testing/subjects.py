"""What `devkeys.testing` tests: a provider, and what can be done to the world around it.

A Subject is written for one provider; ProgramSubject serves any `devkeys-provider-NAME`.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from devkeys.providers import Provider, open_provider
from devkeys.providers.caller import Caller
from devkeys.references import Reference, parse

PREFIX = "devkeys-provider-"


class Unable(Exception):  # noqa: N818  # no error: a subject says that it cannot be made so
    """The subject cannot be brought into that state; the test is skipped with this reason."""


class Subject:
    """A provider under test, and what can be done to the world around it.

    The methods from `locked` on return the provider as it is then, to be asked. One that makes
    no sense for a provider raises Unable with the reason.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def put(self, value: bytes) -> Reference:
        """Keep *value* in the provider, by other means than ours, and return where."""
        self._unable(f"put a value of {len(value)} bytes")

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep *values* under their names in one new item, by other means, and return it."""
        self._unable(f"put {len(values)} values into one item")

    def absent(self) -> Reference:
        """Return a reference that is well formed and leads to nothing."""
        self._unable("say what is absent")

    def absent_item(self) -> Reference:
        """Return what could be an item with several values, and is none."""
        self._unable("say what is no item")

    def locked(self) -> Provider:
        """Return the provider locked, or with nobody signed in."""
        self._unable("be locked")

    def denied(self) -> Provider:
        """Return the provider with no right to what `put` has put."""
        self._unable("be denied")

    def slow(self) -> Provider:
        """Return the provider with a time limit of a second, which it will pass."""
        self._unable("be slow")

    def without_program(self) -> Provider:
        """Return the provider without the program or library that it works through."""
        self._unable("lack its program")

    def garbage(self) -> Provider:
        """Return the provider with a program that prints something else than an answer."""
        self._unable("print garbage")

    def cut_off(self) -> Provider:
        """Return the provider with a program that ends in the middle of its answer."""
        self._unable("end in mid-output")

    def _unable(self, what: str) -> NoReturn:
        raise Unable(f"{type(self).__name__} cannot {what}")


class ProgramSubject(Subject):
    """The executable *program*, a `devkeys-provider-NAME`, started for real; POSIX only.

    *folder* is an empty directory. *put* keeps a value by the vendor's own means and returns
    the text of its reference; *absent* returns one that leads to nothing. Faults are put into
    the program *vendor* that this one asks, or, without one, into the program itself. *locked*
    and *denied* are what the environment *environ* is changed by so that nobody is signed in,
    or has no right. Overriding a method serves where that is not enough.
    """

    def __init__(
        self,
        program: str,
        folder: str,
        *,
        put: Callable[[bytes], str],
        absent: Callable[[], str],
        vendor: str | None = None,
        environ: Mapping[str, str] = os.environ,
        locked: Mapping[str, str] | None = None,
        denied: Mapping[str, str] | None = None,
    ) -> None:
        self.name = os.path.basename(program)
        self.scheme = self.name.removeprefix(PREFIX)
        self.vendor = vendor
        self.environ = dict(environ)
        self._program, self._folder = os.path.abspath(program), folder
        self._put, self._absent = put, absent
        self._locked, self._denied = locked, denied
        self._link = _directory(folder, "program")
        os.symlink(self._program, os.path.join(self._link, self.name))
        super().__init__(self.open())

    def open(self, *first: str, limit: float = 60.0) -> Provider:
        """Return the provider with the directories *first* on PATH."""
        return self._opened({"PATH": os.pathsep.join([*first, self._link, self._path])}, limit)

    def _opened(self, changes: Mapping[str, str], limit: float = 60.0) -> Provider:
        environ = {"PATH": os.pathsep.join([self._link, self._path])}
        environ = {**self.environ, **environ, **changes}
        home = environ.get("HOME", os.sep)
        return open_provider(self.scheme, Caller(environ, home, home, limit=limit))

    @property
    def _path(self) -> str:
        return self.environ.get("PATH", os.defpath)

    def ask(self, request: Mapping[str, object]) -> list[dict[str, Any]]:
        """Return the lines that the program answers *request* with; its exit code has to be 0."""
        path = os.pathsep.join([self._link, self._path])
        done = subprocess.run(
            [self._program],
            input=json.dumps(request).encode() + b"\n",
            stdout=subprocess.PIPE,
            env={**self.environ, "PATH": path},
            timeout=60,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def put(self, value: bytes) -> Reference:
        """Keep *value* by the vendor's own means."""
        return parse(self._put(value))

    def absent(self) -> Reference:
        """Return a reference that leads to nothing."""
        return parse(self._absent())

    def locked(self) -> Provider:
        """Return the provider with nobody signed in."""
        return self._changed(self._locked, "be locked: say in which environment nobody is")

    def denied(self) -> Provider:
        """Return the provider with no right."""
        return self._changed(self._denied, "be denied: say in which environment it is")

    def _changed(self, changes: Mapping[str, str] | None, what: str) -> Provider:
        if changes is None:
            self._unable(what)
        return self._opened(changes)

    def slow(self) -> Provider:
        """Return the provider with a time limit of a second, and a program that takes a minute."""
        return self.open(self._fault("slow", "exec sleep 60"), limit=1.0)

    def garbage(self) -> Provider:
        """Return the provider with a program that ends well and prints no answer."""
        return self.open(self._fault("garbage", "echo '<html>this is no answer</html>'"))

    def cut_off(self) -> Provider:
        """Return the provider with a program that prints the first half of its answer.

        The vendor's dies then; the provider itself ends as if all were well.
        """
        code = (
            "import os, subprocess, sys\n"
            "half = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE).stdout\n"
            "sys.stdout.buffer.write(half[: len(half) // 2])\n"
            "sys.stdout.flush()\n"
            "if sys.argv[1]: os.kill(os.getpid(), 9)\n"
        )
        return self.open(self._before("cut-off", code, "dies" if self.vendor else ""))

    def spied(self, notes: str) -> Provider:
        """Return the provider with a vendor's program whose arguments go into the file *notes*."""
        if self.vendor is None:
            self._unable("be spied on: it asks no program")
        code = (
            "import json, os, sys\n"
            "with open(sys.argv[1], 'a') as file: file.write(json.dumps(sys.argv[2:]) + '\\n')\n"
            "os.execv(sys.argv[2], sys.argv[2:])\n"
        )
        return self.open(self._before("spied", code, notes))

    def without_program(self) -> Provider:
        """Return the provider without the vendor's program, or without the program itself."""
        program, first = (self.name, []) if self.vendor is None else (self.vendor, [self._link])
        path = self._path.split(os.pathsep)  # which has the program where it is installed, too
        places = [self._without(program, place, number) for number, place in enumerate(path)]
        return self._opened({"PATH": os.pathsep.join([*first, *places])})

    def _without(self, program: str, place: str, number: int) -> str:
        """Return *place*, or where all of it but *program* is."""
        if not os.path.lexists(os.path.join(place, program)):
            return place
        copy = _directory(self._folder, f"without-{number}")
        for name in os.listdir(place):
            if name != program:
                os.symlink(os.path.join(place, name), os.path.join(copy, name))
        return copy

    def _fault(self, kind: str, line: str) -> str:
        """Return a directory whose program does *line* of shell in place of the faultless one."""
        directory = _directory(self._folder, kind)
        path = os.path.join(directory, self.vendor or self.name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{line}\n")
        os.chmod(path, 0o700)
        return directory

    def _before(self, kind: str, code: str, argument: str) -> str:
        """Return such a directory; Python's *code* gets *argument* and the faultless command."""
        real = self._program if self.vendor is None else self._find(self.vendor)
        command = shlex.join([sys.executable, "-I", "-c", code, argument, real])
        return self._fault(kind, f'exec {command} "$@"')

    def _find(self, vendor: str) -> str:
        home = self.environ.get("HOME", os.sep)
        found = Caller(self.environ, home, home).find(vendor)
        if found is None:
            self._unable(f"find {vendor} on PATH")
        return found


def _directory(folder: str, name: str) -> str:
    path = os.path.join(folder, name)
    os.makedirs(path, exist_ok=True)
    return path
