"""fish at a terminal, with a home of its own whose config.fish reads our hook."""

import contextlib
import os
import queue
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import real
from terminal import Terminal

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.fish"
SAID = "devkeys: kept out of history: "
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"
# What fish itself wants when it starts, and what the hook needs to write an entry back.
NEEDED = ("cat", "date", "mkdir", "sh", "sleep")
SETTLED = "echo settled"  # after an `echo` fish waits for nothing
_CONFIG = """
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
set -gx prompts 0
function count_prompts --on-event fish_prompt
    set prompts (math $prompts + 1)
end
function fish_prompt
    builtin printf '<%s>> ' $prompts
end
function fish_command_not_found
end
"""


def value() -> str:
    """Make a secret; `Zq` is in none of its neighbours."""
    return "k" + secrets.token_hex(12) + "Zq"


class Fish(Terminal):
    """A fish whose prompts have numbers: one that is drawn again is not taken for a new one."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], directory: Path) -> None:
        super().__init__(command, environ, str(directory), prompt="<1>> ", patience=60)
        self.count = 1
        self.typed: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._write, daemon=True).start()

    def next_prompt(self) -> str:
        """Wait for the next prompt, and return what was printed before it."""
        self.count += 1
        self.prompt = f"<{self.count}>> "
        return self.wait(self.prompt)

    def finish(self) -> None:
        """Kill fish once all is written: in the background it looks for paths in a command."""
        self.run(SETTLED)
        self.kill()

    def send(self, text: str) -> None:
        """Type *text*, as it is: it may be longer than what a terminal holds."""
        self.typed.put(text.encode("utf-8", "surrogateescape"))

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone
            while True:
                data = self.typed.get()
                while data:
                    data = data[os.write(self._child.child_fd, data[:512]) :]

    def type(self, command: str) -> str:
        """Type *command*, or paste its several lines, and run it; return what was printed."""
        if "\n" not in command:
            return self.run(command)
        self.paste(command)
        return self.run("")


class Place:
    """A home with nothing in it but a config.fish, and a PATH with next to nothing."""

    def __init__(self, program: str, folder: Path, devkeys: Path | None) -> None:
        real.need(program)
        self.program = str(shutil.which(program))
        self.folder = folder / f"{program}-home"
        version = subprocess.run(
            [self.program, "--version"], capture_output=True, check=True
        ).stdout
        self.is_old = b"version 3." in version
        self.work = folder / f"{program}-work"
        self.work.mkdir()
        self.bin = self.folder / "bin"
        self.config = self.folder / ".config" / "fish" / "config.fish"
        self.state = self.folder / ".local" / "state" / "devkeys"
        self.config.parent.mkdir(parents=True)
        (self.folder / ".local" / "share" / "fish" / "generated_completions").mkdir(parents=True)
        self.bin.mkdir()
        self.link(*NEEDED)
        if devkeys is not None:
            (self.bin / "devkeys").symlink_to(devkeys)
        self.configure()

    def link(self, *programs: str) -> None:
        """Put *programs* of this system on the shell's PATH."""
        for program in programs:
            real.need(program)
            (self.bin / program).symlink_to(os.path.realpath(str(shutil.which(program))))

    def configure(self, after: str = "", before: str = "") -> None:
        """Write a config.fish with *before* above our line and *after* below it."""
        self.config.write_text(f"{_CONFIG}\n{before}\nsource '{HOOK}'\n{after}\n")

    def devkeys(self, script: str) -> None:
        """Make `devkeys` a shell script instead."""
        path = self.bin / "devkeys"
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def start(self, *words: str, **environ: str) -> Fish:
        """Start fish here."""
        known = {"HOME": str(self.folder), "PATH": str(self.bin), "LANG": "C.UTF-8"}
        return Fish([self.program, *words], known | environ, self.work)

    def await_question(self) -> None:
        """Wait until the script of `slow_devkeys` was asked."""
        while not (self.folder / "asked").exists():
            time.sleep(0.02)

    def slow_devkeys(self) -> None:
        """Make `devkeys` one that never answers."""
        self.devkeys(f"echo >'{self.folder}/asked'; exec sleep 60")

    def file(self, session: str = "fish") -> Path:
        """Return where fish keeps the history of *session*."""
        return self.folder / ".local" / "share" / "fish" / f"{session}_history"

    def history(self, session: str = "fish") -> list[str]:
        """Return the entries of the history file, sorted: fish reorders them now and then."""
        if not self.file(session).exists():
            return []
        text = self.file(session).read_text(errors="surrogateescape")
        entries = [x[7:] for x in text.split("\n") if x.startswith("- cmd: ")]
        return sorted(_unescaped(entry) for entry in entries if entry != SETTLED)

    def traces(self, value: str) -> list[str]:
        """Return the files under this home that hold *value*."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        mine = [path for path in files if path.parent != self.bin and path != self.config]
        return [str(path) for path in mine if value.encode() in path.read_bytes()]


def _unescaped(entry: str) -> str:
    return entry.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


@pytest.fixture(params=["fish", "fish4"])
def place(request: pytest.FixtureRequest, tmp_path: Path, script: Path) -> Place:
    """Make a home for the fish of this system, and for fish 4, with the real devkeys."""
    return Place(str(request.param), tmp_path, script)
