"""nushell at a terminal, with a home of its own whose config.nu reads our hook."""

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import real
from terminal import Terminal

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.nu"
LOAD = f"source r#'{HOOK}'#\n"
SAID = "devkeys: kept out of history: "
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"
# What each secret of these tests ends with, and nothing else holds.
MARK = "Zq9wKe"
_CONFIG = """
$env.config.show_banner = false
$env.prompts = 0
$env.config.hooks.pre_prompt = [{|| $env.prompts += 1 }]
$env.PROMPT_COMMAND = {|| $"<($env.prompts)>> " }
$env.PROMPT_COMMAND_RIGHT = ""
$env.PROMPT_INDICATOR = ""
$env.PROMPT_INDICATOR_VI_INSERT = ""
$env.PROMPT_INDICATOR_VI_NORMAL = ""
$env.PROMPT_MULTILINE_INDICATOR = "::: "
"""


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(12) + MARK


def program() -> str:
    """Return nushell's own binary: npm's `nu` is a script that waits for it."""
    real.need("nu")
    found = Path(os.path.realpath(str(shutil.which("nu"))))
    if found.suffix != ".js":
        return str(found)
    return str(next(found.parents[2].glob("@nushell/*/bin/nu")))


def is_before(minor: int) -> bool:
    """Say whether this nushell is older than 0.*minor*."""
    found = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, found.stdout.split(".")[:2])) < (0, minor)


class Nushell(Terminal):
    """A nushell whose prompts have numbers: it draws its prompt anew at every key."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], directory: Path) -> None:
        super().__init__(command, environ, str(directory), prompt="<1>> ", patience=30)
        self.count = 1

    def next_prompt(self) -> str:
        """Wait for the next prompt, and return what was printed before it."""
        self.count += 1
        self.prompt = f"<{self.count}>> "
        return self.wait(self.prompt)

    def type(self, command: str) -> str:
        """Type *command*, or paste its several lines, and run it; return what was printed."""
        self.paste(command)
        return self.run("")


class Place:
    """A home with nothing in it but a config.nu, and a PATH with next to nothing."""

    def __init__(self, folder: Path, devkeys: Path | None) -> None:
        self.program = program()
        self.folder = folder / "nu-home"
        self.work = folder / "nu-work"
        self.bin = folder / "nu-bin"
        self.config = self.folder / ".config" / "nushell" / "config.nu"
        self.state = self.folder / ".local" / "state" / "devkeys"
        for path in (self.config.parent, self.work, self.bin):
            path.mkdir(parents=True)
        if devkeys is not None:
            (self.bin / "devkeys").symlink_to(devkeys)
        self.configure()

    def configure(self, after: str = "", before: str = "", hook: str = LOAD) -> None:
        """Write a config.nu with *before* above the line that loads the *hook*, *after* below."""
        self.config.write_text(f"{_CONFIG}\n{before}\n{hook}\n{after}\n")

    def devkeys(self, script: str) -> None:
        """Make `devkeys` a shell script instead."""
        path = self.bin / "devkeys"
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def index(self, *lines: str) -> None:
        """Write the shells' index."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.state / "fresh"
        fresh.write_text("".join(f"{line}\n" for line in ("devkeys-index 1 0.1.0", *lines)))
        fresh.chmod(0o600)
        fresh.rename(self.state / "shell-index")

    def start(self, *words: str, **environ: str) -> Nushell:
        """Start nushell here."""
        known = {"HOME": str(self.folder), "PATH": str(self.bin), "LANG": "C.UTF-8"}
        return Nushell([self.program, *words], known | environ, self.work)

    def evaluate(self, script: str) -> str:
        """Return, as JSON, what *script* gives behind the hook in a nushell without a terminal."""
        environ = {"HOME": str(self.folder), "PATH": str(self.bin)}
        command = [self.program, "-n", "-c", LOAD + script + " | to json --raw"]
        done = subprocess.run(command, env=environ, cwd=self.work, capture_output=True, check=False)
        assert done.stderr == b""
        return done.stdout.decode()

    def history(self) -> list[str]:
        """Return the entries of the history, in either format, as nushell wrote them."""
        text = self.config.with_name("history.txt")
        if text.is_file():
            lines = text.read_text(errors="surrogateescape").removesuffix("\n").split("\n")
            return [line.replace("<\\n>", "\n") for line in lines]
        base = self.config.with_name("history.sqlite3")
        if not base.is_file():
            return []
        with sqlite3.connect(base) as connection:
            rows = connection.execute("select command_line from history order by id").fetchall()
        connection.close()
        return [str(row[0]) for row in rows]

    def traces(self, value: str = MARK) -> list[str]:
        """Return the files under this home that hold *value*; without one, any secret."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [str(x) for x in files if x != self.config and value.encode() in x.read_bytes()]


@pytest.fixture
def place(tmp_path: Path, script: Path) -> Place:
    """Make a home for nushell, with the real devkeys."""
    return Place(tmp_path, script)
