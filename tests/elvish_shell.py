"""elvish at a terminal, with a home of its own whose rc.elv reads our hook."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import real
from terminal import PASTE_BEGINS, PASTE_ENDS, Terminal

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.elv"
LOAD = f"eval (slurp < '{HOOK}')\n"
SAID = "devkeys: kept out of history: "
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"
# What each secret of these tests ends with, and nothing else holds.
MARK = "Zq9wKe"
# elvish draws the old prompt until the new one is there, and then only what differs from it: so
# each prompt begins with another letter than the one before.
_CONFIG = """
use daemon
echo $daemon:pid >> ~/daemons
var prompts = 0
var letters = abcdefghijklmnopqrstuvwxyz
set edit:before-readline = [{ set prompts = (+ $prompts 1) }]
set edit:prompt = { print $letters[(% $prompts 26)]'<'$prompts'>> ' }
set edit:rprompt = { }
"""
_LIST = "use store; put [(store:cmds 0 -1 | each {|c| put $c[text] })] | to-json > %s\n"


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(12) + MARK


class Elvish(Terminal):
    """An elvish whose prompts have numbers: it draws its prompt anew at every key."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], directory: Path) -> None:
        super().__init__(command, environ, str(directory), prompt="b<1>> ", patience=30)
        self.count = 1

    def next_prompt(self) -> str:
        """Wait for the next prompt, and return what was printed before it."""
        self.count += 1
        self.prompt = f"{chr(97 + self.count % 26)}<{self.count}>> "
        return self.wait(self.prompt)

    def type(self, command: str) -> str:
        """Type *command*, or paste its several lines, and run it; return what was printed."""
        text = command.replace("\n", "\r")
        # elvish draws while it reads: who writes must not be the one who has to read that.
        typing = threading.Thread(target=self.send, args=(f"{PASTE_BEGINS}{text}{PASTE_ENDS}\r",))
        typing.start()
        seen = self.next_prompt()
        typing.join()
        return seen

    @property
    def descriptor(self) -> int:
        """The descriptor of the terminal, for what is no text."""
        return int(self._child.child_fd)


class Place:
    """A home with nothing in it but an rc.elv, and a PATH with next to nothing."""

    def __init__(self, folder: Path, run_folder: Path, devkeys: Path | None) -> None:
        self.use("elvish")
        self.folder = folder / "elvish-home"
        self.work = folder / "elvish-work"
        self.bin = folder / "elvish-bin"
        self.config = self.folder / ".config" / "elvish" / "rc.elv"
        self.state = self.folder / ".local" / "state" / "devkeys"
        self.database = self.folder / ".local" / "state" / "elvish" / "db.bolt"
        self.run_folder = run_folder
        for path in (self.config.parent, self.work, self.bin):
            path.mkdir(parents=True)
        if devkeys is not None:
            (self.bin / "devkeys").symlink_to(devkeys)
        self.configure()

    def use(self, program: str) -> None:
        """Take *program* for elvish: `elvish21` is a newer one."""
        real.need(program)
        self.program = str(shutil.which(program))

    def configure(self, after: str = "", before: str = "", hook: str = LOAD) -> None:
        """Write an rc.elv with *before* above the line that loads the *hook*, *after* below."""
        self.config.write_text(f"{_CONFIG}\n{before}\n{hook}\n{after}\n")

    def devkeys(self, script: str) -> None:
        """Make `devkeys` a shell script instead."""
        path = self.bin / "devkeys"
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def index(self, *lines: str, version: str = "0.1.0") -> None:
        """Write the shells' index."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.state / "fresh"
        fresh.write_text("".join(f"{line}\n" for line in (f"devkeys-index 1 {version}", *lines)))
        fresh.chmod(0o600)
        fresh.rename(self.state / "shell-index")

    def environ(self) -> dict[str, str]:
        """Return the variables that elvish is started with."""
        return {
            "HOME": str(self.folder),
            "PATH": str(self.bin),
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.run_folder),
        }

    def start(self, *words: str, **environ: str) -> Elvish:
        """Start elvish here."""
        return Elvish([self.program, *words], self.environ() | environ, self.work)

    def pipe(self, script: str, *words: str) -> str:
        """Run *script*, read from a pipe, and return what was printed."""
        command = [self.program, *words]
        done = subprocess.run(
            command,
            input=script.encode(),
            env=self.environ(),
            cwd=self.work,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return done.stdout.decode()

    def history(self) -> list[str]:
        """Return the commands that elvish's own daemon has kept."""
        found = self.folder / "listed"
        self.pipe(_LIST % found, "-norc")
        listed: list[str] = json.loads(found.read_bytes())
        found.unlink()
        return listed

    def traces(self, value: str = MARK) -> list[str]:
        """Return the files under this home that hold *value*; without one, any secret."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [str(x) for x in files if x != self.config and value.encode() in x.read_bytes()]

    def daemons(self) -> list[int]:
        """Return the processes that keep the history, which outlive the shell."""
        file = self.folder / "daemons"
        known = {int(line) for line in file.read_text().split()} if file.exists() else set()
        return sorted(pid for pid in known if pid > 0 and _is_daemon(pid))


def _is_daemon(pid: int) -> bool:
    found = subprocess.run(
        ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "-daemon" in found.stdout


@pytest.fixture
def place(tmp_path: Path, script: Path) -> Iterator[Place]:
    """Make a home for elvish, with the real devkeys; end its daemons afterwards."""
    # The path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="elv") as run_folder:
        place = Place(tmp_path, Path(run_folder), script)
        yield place
        for pid in place.daemons():
            os.kill(pid, signal.SIGKILL)
