"""bash at a terminal, with a home of its own whose .bashrc reads our hook."""

import os
import re
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pexpect
import pytest
import real
from terminal import Terminal

from devkeys import VERSION

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.bash"
MEMORY = (Path(f"/run/user/{os.getuid()}"), Path("/dev/shm"))  # noqa: S108  # where bash prints to
SAID = "devkeys: kept out of history: "
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"
# As `hook install` writes it: by `eval`, a DEBUG trap that is there can be seen.
LINE = f"eval \"$(<'{HOOK}')\""
# A prompt that is drawn again is not expanded again. No `!` of a command means an old one.
_RC = "prompts=0 PS1='<$((++prompts))>> ' PS2='.. '\nset +H\n"


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(12) + "Zq"


class Bash(Terminal):
    """A bash whose prompts have numbers: one that is drawn again is not taken for a new one."""

    count = 1

    def next_prompt(self) -> str:
        """Wait for the next prompt, and return what was printed before it."""
        self.count += 1
        self.prompt = f"<{self.count}>> "
        return self.wait(self.prompt)

    def hang_up(self) -> int:
        """Close the terminal as a closed window does, and wait for the end.

        Any bash at times loses a signal that comes while it draws its prompt: it is sent again.
        """
        ended = 0
        for _ in range(10):
            os.kill(self.pid, signal.SIGHUP)
            if self._child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=6) == ended:
                break
        return self.ended()

    def send_bytes(self, data: bytes) -> None:
        """Type *data*, that no text has to be."""
        os.write(self._child.child_fd, data)

    def type(self, command: str) -> str:
        """Type *command*, or paste its several lines, and run it; return what was printed.

        Lines that bash reads as commands of their own have prompts of their own, that are
        not always shown.
        """
        if "\n" not in command:
            return self.run(command)
        self.paste(command)
        self.send("\r")
        self.send("echo so''lid:$((prompts + 1)).\r")
        seen = self.wait("solid:")
        number = self.wait(".").rstrip(".")
        self.count = int(number)
        self.prompt = f"<{number}>> "
        return seen + self.wait(self.prompt)


class Place:
    """A home with nothing in it but a .bashrc, and a PATH with next to nothing."""

    def __init__(self, folder: Path, devkeys: Path) -> None:
        real.need("bash")
        self.folder = folder / "home"
        self.bin = self.folder / "bin"
        self.state = self.folder / ".local" / "state" / "devkeys"
        self.file = self.folder / ".bash_history"
        self.bin.mkdir(parents=True)
        (self.bin / "devkeys").symlink_to(devkeys)
        self.link("env", "sleep")
        self.configure()

    def link(self, *programs: str) -> None:
        """Put *programs* of this system on the shell's PATH."""
        for program in programs:
            real.need(program)
            (self.bin / program).symlink_to(os.path.realpath(str(shutil.which(program))))

    def configure(self, after: str = "", before: str = "", line: str = LINE) -> None:
        """Write a .bashrc with *before* above our *line* and *after* below it."""
        text = f"{_RC}\n{before}\n{line}\n{after}\n"
        (self.folder / ".bashrc").write_text(text)

    def devkeys(self, script: str) -> None:
        """Make `devkeys` a shell script instead."""
        path = self.bin / "devkeys"
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def index(self, *lines: str) -> None:
        """Write the shells' index."""
        self.state.mkdir(parents=True, mode=0o700, exist_ok=True)
        fresh = self.state / "fresh"
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{line}\n" for line in (f"devkeys-index 1 {VERSION}", *lines)))
        fresh.rename(self.state / "shell-index")

    def environ(self, **more: str) -> Mapping[str, str]:
        """Return what the shell is given."""
        known = {"HOME": str(self.folder), "PATH": str(self.bin), "LANG": "C.UTF-8"}
        return known | more

    def start(self, **more: str) -> Bash:
        """Start bash here."""
        command = [str(shutil.which("bash")), "-i"]
        return Bash(command, self.environ(**more), str(self.folder), prompt="<1>> ", patience=60)

    def text(self) -> str:
        """Return the history file without times; a line end stands before each entry."""
        if not self.file.exists():
            return "\n"
        text = self.file.read_text(errors="surrogateescape")
        return "\n" + re.sub(r"(?m)^#\d+\n", "", text)

    def history(self) -> list[str]:
        """Return the lines of the history file, without times."""
        return self.text()[1:].splitlines()

    def traces(self, secret: str) -> list[str]:
        """Return the files under this home that hold *secret*, but those that commands wrote."""
        files = [x for x in self.folder.rglob("*") if x.is_file() and x.suffix != ".tmp"]
        return [str(x) for x in files if secret.encode() in x.read_bytes()]


@pytest.fixture
def place(tmp_path: Path, script: Path) -> Iterator[Place]:
    """Make a home for bash, with the real devkeys."""
    yield Place(tmp_path, script)
    # What the next shell would do if it had `rm`.
    for folder in MEMORY:
        for path in folder.glob(f"devkeys-bash.{os.getuid()}.*"):
            if not Path("/proc", path.suffix[1:]).exists():
                path.unlink(missing_ok=True)
