"""A vendor's program that is faulty: another one of its name stands before it on PATH."""

import os
from abc import ABC, abstractmethod
from pathlib import Path

from devkeys.providers import Provider
from devkeys.testing import Subject


def make_program(folder: Path, name: str, script: str) -> str:
    """Make the shell script *name* in *folder* and return the folder, an entry of PATH."""
    return make_executable(folder, name, f"#!/bin/sh\n{script}\n")


def make_executable(folder: Path, name: str, text: str) -> str:
    """Make the executable *name* of *text* in *folder* and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text)
    path.chmod(0o755)
    return str(folder)


def first_on_path(folder: str) -> str:
    """Return the PATH of the tests with *folder* first."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


class ProgramAtFault(Subject, ABC):
    """A provider that starts the vendor's program *vendor*; *folder* is the test's own."""

    vendor: str
    folder: Path

    @abstractmethod
    def provider_with(self, *, limit: float = 60.0, **more: str) -> Provider:
        """Return the provider in another environment."""

    def instead(self, script: str, *, limit: float = 60.0) -> Provider:
        """Return the provider with a shell *script* for the program."""
        path = first_on_path(make_program(self.folder / "bin", self.vendor, script))
        return self.provider_with(limit=limit, PATH=path)

    def slow(self) -> Provider:
        """Let the program sleep."""
        return self.instead("sleep 60", limit=1)

    def without_program(self) -> Provider:
        """Leave no program on PATH."""
        (self.folder / "empty").mkdir()
        return self.provider_with(PATH=str(self.folder / "empty"))

    def garbage(self) -> Provider:
        """Let the program print something else."""
        return self.instead("echo garbage; echo garbage >&2")
