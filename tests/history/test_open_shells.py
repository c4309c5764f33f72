"""Histories scrubbed while their shell is open, read again after it has ended.

Where a secret comes back, the process was named before, and what it was said to do helps.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import nushell_shell
import pytest
import real
from nushell_shell import Nushell
from terminal import Terminal

from devkeys.history.live import Live, live

pytestmark = pytest.mark.skipif(os.name != "posix", reason="drives a pty")
_PAUSE = 0.25  # seconds: line editors draw the prompt again when a key is pressed
_ZSH = "HISTFILE=~/.zsh_history HISTSIZE=1000 SAVEHIST=1000\nunsetopt prompt_sp\nPS1='P> '\n"
_TCSH = "set prompt='P> '\nset history=100\n"
_FISH = "set -g fish_greeting\nfunction fish_prompt; echo -n 'P> '; end\n"
_NU = """
$env.config.show_banner = false
$env.prompts = 0
$env.config.hooks.pre_prompt = [{|| $env.prompts += 1 }]
$env.PROMPT_COMMAND = {|| $"<($env.prompts)>> " }
$env.PROMPT_COMMAND_RIGHT = ""
$env.PROMPT_INDICATOR = ""
"""
_ERASE = "PROMPT_COMMAND='history -n; history -w; history -c; history -r'\n"


class Shell(NamedTuple):
    """A program, its start-up file, its history, and what a scrub while it is open comes to.

    *returns*: what had been in the file is there again after the end; *late*: it gets there
    only at the end.
    """

    words: str
    form: str
    history: str
    config: tuple[str, str] = ("", "")
    returns: bool = False
    late: bool = False
    line: str = "echo {}"
    prompt: str = "P> "
    leave: str = "exit"


def _zsh(option: str, *, returns: bool = False, late: bool = False) -> Shell:
    config = (".zshrc", f"{_ZSH}{option}\n")
    return Shell("zsh -d", "zsh", ".zsh_history", config, returns, late)


def _bash(option: str, *, returns: bool = False, late: bool = False) -> Shell:
    config = (".bashrc", f"PS1='P> '\n{option}\n")
    return Shell("bash", "bash", ".bash_history", config, returns, late)


def _tcsh(option: str) -> Shell:
    return Shell("tcsh", "tcsh", ".history", (".tcshrc", f"{_TCSH}{option}\n"), True, True)


def _fish(program: str) -> Shell:
    history = ".local/share/fish/fish_history"
    return Shell(program, "fish", history, (".config/fish/config.fish", _FISH))


_PYTHON = Shell(
    "python", "python", ".python_history", ("", ""), True, True, '"{}"', ">>> ", "exit()"
)
_NODE = Shell("node", "node", ".node_repl_history", line='"{}"', prompt="> ", leave=".exit")
_SQLITE = Shell(
    "sqlite3",
    "readline",
    ".sqlite_history",
    ("", ""),
    True,
    True,
    "select '{}';",
    "sqlite> ",
    ".quit",
)
_REDIS = Shell(
    "redis-cli", "lines", ".rediscli_history", ("", ""), True, False, "get {}", "connected> "
)
SHELLS = {
    "zsh": _zsh("", late=True),
    "zsh-inc": _zsh("setopt inc_append_history"),
    "zsh-share": _zsh("setopt share_history"),
    "zsh-fcntl": _zsh("setopt inc_append_history hist_fcntl_lock"),
    "zsh-whole": _zsh("setopt no_append_history", returns=True, late=True),
    "bash": _bash("", late=True),
    "bash-append": _bash("shopt -s histappend", late=True),
    "bash-at-once": _bash("PROMPT_COMMAND='history -a'"),
    "bash-erase": _bash(f"HISTCONTROL=erasedups\n{_ERASE}", returns=True),
    "tcsh": _tcsh("set savehist=100"),
    "tcsh-merge": _tcsh("set savehist=(100 merge)"),
    "ksh93": Shell("ksh93", "ksh93", ".sh_history", (".kshrc", "PS1='P> '\n")),
    "mksh": Shell("mksh", "mksh", ".sh_history", (".kshrc", "PS1='P> '\nHISTFILE=~/.sh_history\n")),
    "fish": _fish("fish"),
    "fish4": _fish("fish4"),
    "python": _PYTHON,
    "python3.13": _PYTHON._replace(words="python3.13 -q"),
    "node": _NODE,
    "sqlite3": _SQLITE,
    "redis-cli": _REDIS,
    "nushell": Shell(
        "nu",
        "nushell",
        ".config/nushell/history.txt",
        (".config/nushell/config.nu", _NU),
        line="print {}",
    ),
}
_FIX = """#!{python}
from pathlib import Path
from devkeys.history import Book
from devkeys.history.formats import FORMATS
from devkeys.history.scrubbing import scrub
secret = Path({secret!r}).read_bytes()
book = Book({form!r}, {path!r}, {form!r})
print("removed", scrub(book, FORMATS[book.format], lambda data: secret in data).removed)
"""


class Place:
    """A home with a shell in it, and a `devkeys` that takes its secret out of its history."""

    def __init__(self, home: Path, shell: Shell) -> None:
        self.shell, self.home = shell, home
        self.words = self._words()
        self.history = home / shell.history
        self.history.parent.mkdir(parents=True, exist_ok=True)
        self.secret = secrets.token_hex(12)
        (home / "secret").write_text(self.secret)
        name, text = shell.config
        if name:
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        fix = _FIX.format(
            python=sys.executable,
            secret=str(home / "secret"),
            form=shell.form,
            path=str(self.history),
        )
        (home / "bin").mkdir()
        (home / "bin" / "devkeys").write_text(fix)
        (home / "bin" / "devkeys").chmod(0o755)

    def _words(self) -> list[str]:
        program, *rest = self.shell.words.split()
        if program == "python":
            return [sys.executable, "-q"]
        if program == "nu":
            return [nushell_shell.program()]
        real.need(program)
        if program.startswith("python"):
            command = [program, "-c", "import readline"]
            if subprocess.run(command, check=False, capture_output=True).returncode:
                real.absent(f"needs a {program} with readline")
        return [str(shutil.which(program)), *rest]

    def start(self) -> Terminal:
        """Start the shell."""
        environ = {
            "HOME": str(self.home),
            "PATH": f"{self.home}/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "ENV": str(self.home / ".kshrc"),
            "SQLITE_HISTORY": str(self.home / ".sqlite_history"),
        }
        if self.shell.form == "nushell":
            return Nushell(self.words, environ, self.home)
        return Terminal(self.words, environ, str(self.home), prompt=self.shell.prompt)

    def type(self, one: Terminal, line: str) -> str:
        """Type *line*, and wait for a prompt that is not that of the line itself."""
        if isinstance(one, Nushell):
            return one.run(line)
        one.send(line + "\r")
        time.sleep(_PAUSE)
        return one.wait(self.shell.prompt)

    def leave(self, one: Terminal) -> None:
        """Leave the shell as its users do."""
        time.sleep(_PAUSE)
        one.exit(self.shell.leave)

    def fix(self) -> str:
        """Take the secret out, from another terminal."""
        command = [str(self.home / "bin" / "devkeys")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def holds(self) -> bool:
        """Tell whether the history holds the secret."""
        return self.history.exists() and self.secret.encode() in self.history.read_bytes()


def _named(pid: int) -> Live:
    return next(one for one in live() if one.pid == pid)


@pytest.fixture(params=SHELLS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Make a home for each of the shells."""
    return Place(tmp_path, SHELLS[request.param])


def test_what_comes_back_was_foreseen(place: Place) -> None:
    """An entry that is in the file already is taken out, one more command run, the shell left."""
    shell = place.shell
    with place.start() as one:
        place.type(one, shell.line.format(place.secret))
        place.type(one, shell.line.format("after"))
        there = place.holds()
        assert there is not shell.late
        way = _named(one.pid).way
        place.fix()
        assert not place.holds()
        place.type(one, shell.line.format("more"))
        place.leave(one)
    assert place.holds() is (shell.returns or shell.late)
    if shell.late:
        assert way.unwritten
    if shell.returns:
        assert way.returns


def test_what_is_to_be_done_helps(place: Place) -> None:
    """The purge that is typed there, or leaving it first: it is gone, and other lines are not."""
    shell = place.shell
    with place.start() as one:
        place.type(one, shell.line.format("before"))
        place.type(one, shell.line.format(place.secret))
        place.type(one, shell.line.format("after"))
        way = _named(one.pid).way
        if way.purge:
            assert "removed 1" in place.type(one, way.purge)
            place.type(one, shell.line.format("more"))
        place.leave(one)
    if not way.purge:
        assert "removed 1" in place.fix()
    assert not place.holds()
    kept = place.history.read_bytes()
    assert b"before" in kept
    assert b"after" in kept


def test_a_session_that_was_opened_after_the_scrub_has_all_but_it(place: Place) -> None:
    """The shell reads what is left."""
    shell = place.shell
    for _ in range(2):
        with place.start() as one:
            place.type(one, shell.line.format("before"))
            place.type(one, shell.line.format(place.secret))
            place.leave(one)
        assert place.holds()
        assert "removed" in place.fix()
        assert not place.holds()
    assert b"before" in place.history.read_bytes()
