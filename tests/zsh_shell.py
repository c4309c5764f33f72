"""zsh at a terminal, with a home of its own whose .zshrc reads our hook."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import real
from terminal import Terminal

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.zsh"
SAID = "devkeys: kept out of history: "
UNSURE = SAID + "it may hold a secret (devkeys could not be asked)"
# What each secret of these tests ends with, and nothing else holds.
MARK = "Zq9wKe"
_CONFIG = """
HISTFILE=~/.zsh_history HISTSIZE=10000 SAVEHIST=10000
setopt no_bang_hist interactive_comments
unsetopt beep prompt_sp
"""
# The prompt has a number, whatever else wants to set it: what is drawn again is no new one.
_PROMPT = """
count_prompts() { (( ++prompts )); PS1="<$prompts>> " RPS1= PS2='> ' }
prompts=0 precmd_functions+=(count_prompts)
"""


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(12) + MARK


class Zsh(Terminal):
    """A zsh whose prompts have numbers."""

    def __init__(self, words: list[str], environ: Mapping[str, str], directory: Path) -> None:
        super().__init__(words, environ, str(directory), prompt="<1>> ", patience=60)
        self.count = 1

    def next_prompt(self) -> str:
        """Wait for the next prompt, and return what was printed before it."""
        self.count += 1
        self.prompt = f"<{self.count}>> "
        return self.wait(self.prompt)

    def type(self, command: str) -> str:
        """Type *command*, or paste its several lines, and run it; return what was printed."""
        if "\n" not in command:
            return self.run(command)
        self.paste(command)
        return self.run("")

    def replaced(self) -> None:
        """Wait for the first prompt of the zsh that took the place of this one."""
        self.count = 0
        self.next_prompt()


class Place:
    """A home with nothing in it but a .zshrc, and a PATH with next to nothing."""

    def __init__(self, folder: Path, devkeys: Path | None) -> None:
        real.need("zsh")
        self.program = str(shutil.which("zsh"))
        self.folder = folder / "zsh-home"
        self.work = folder / "zsh-work"
        self.bin = folder / "zsh-bin"
        for path in (self.folder, self.work, self.bin):
            path.mkdir()
        self.config = self.folder / ".zshrc"
        self.state = self.folder / ".local" / "state" / "devkeys"
        self.history_file = self.folder / ".zsh_history"
        self.link("sleep", "cat")
        if devkeys is not None:
            (self.bin / "devkeys").symlink_to(devkeys)
        self.configure()

    def link(self, *programs: str) -> None:
        """Put *programs* of this system on the shell's PATH."""
        for program in programs:
            real.need(program)
            (self.bin / program).symlink_to(os.path.realpath(str(shutil.which(program))))

    def configure(self, after: str = "", before: str = "", hook: str = f"source '{HOOK}'") -> None:
        """Write a .zshrc with *before* above the line that loads the *hook*, *after* below it."""
        self.config.write_text(f"{_CONFIG}\n{before}\n{hook}\n{after}\n{_PROMPT}")

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

    def environ(self) -> dict[str, str]:
        """Return the variables that zsh is started with."""
        return {"HOME": str(self.folder), "PATH": str(self.bin), "LANG": "C.UTF-8"}

    def start(self, *words: str, **environ: str) -> Zsh:
        """Start zsh here, without the start-up files of this system."""
        return Zsh([self.program, "-d", *words], self.environ() | environ, self.work)

    def history(self) -> list[str]:
        """Return the entries of the history file, as zsh wrote them."""
        if not self.history_file.exists():
            return []
        return list(entries(self.history_file.read_bytes()))

    def traces(self, value: str = MARK) -> list[str]:
        """Return the files under this home that hold *value*; without one, any secret."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [str(x) for x in files if x != self.config and value.encode() in x.read_bytes()]


def entries(data: bytes) -> Iterator[str]:
    """Yield the commands of a history file: metafied, one a line, a backslash before line ends."""
    plain = bytearray()
    place = 0
    while place < len(data):
        step = 1
        if data[place] == 0x83:
            plain.append(data[place + 1] ^ 32)
            step = 2
        else:
            plain.append(data[place])
        place += step
    text = plain.decode(errors="surrogateescape").replace("\\\n", "\0")
    for line in text.removesuffix("\n").split("\n"):
        command = line.partition(";")[2] if line.startswith(": ") else line
        yield command.replace("\0", "\n").removesuffix(" " if command.endswith("\\ ") else "")


@pytest.fixture
def place(tmp_path: Path, script: Path) -> Place:
    """Make a home for zsh, with the real devkeys."""
    return Place(tmp_path, script)
