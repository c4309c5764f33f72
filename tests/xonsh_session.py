"""xonsh in a HOME of its own, driven at a terminal, and the histories that it wrote there."""

import json
import secrets
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Self

from real import need
from terminal import Terminal

HOOK = Path(__file__).parents[1] / "shell" / "devkeys.xsh"
LOAD = f"exec(compile(open({str(HOOK)!r}).read(), 'devkeys.xsh', 'exec'))\n"
# The prompt has a number, which grows with each command: what a line editor draws again has not.
RC = """
$PROMPT = lambda: f"<{_typed.__len__()}>"
$TITLE = ''
$XONSH_SHOW_TRACEBACK = False
$XONSH_TRACEBACK_LOGFILE = '/dev/null'
_typed = []
@events.on_post_prompt
def _count(**_):
    _typed.append(None)
"""


class Xonsh(Terminal):
    """xonsh at a terminal; its own editor (prompt_toolkit), or readline."""

    count = 0
    readline = False

    def __enter__(self) -> Self:
        self.wait("<0>")
        return self

    def type(self, text: str) -> str:
        """Enter *text*, in readline one line, and return what was printed."""
        if self.readline:
            self.send(text + "\r")
        else:
            self.paste(text)
            self.send("\x1b\n")
        self.count += 1
        return self.wait(f"<{self.count}>")


class Room:
    """A HOME with an rc file, and a PATH that has devkeys and nothing else."""

    def __init__(self, path: Path, script: Path) -> None:
        need("xonsh")
        self.home = path / "home"
        self.home.mkdir()
        self.state = self.home / ".local" / "state" / "devkeys"
        self.data = self.home / "data"
        self.data.mkdir()
        self.bin = script.parent
        self.environ = {
            "HOME": str(self.home),
            "PATH": str(self.bin),
            "LANG": "C.UTF-8",
            "XONSH_DATA_DIR": str(self.data),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "PROMPT_TOOLKIT_NO_CPR": "1",
        }
        self.write_rc(LOAD)

    def write_rc(self, text: str) -> None:
        """Make *text* the end of the rc file."""
        (self.home / ".xonshrc").write_text(RC + text)

    def start(self, *options: str, **environ: str) -> Xonsh:
        """Start a session at a terminal."""
        program = shutil.which("xonsh")
        assert program
        command = [program, "--interactive", *options]
        shell = Xonsh(command, self.environ | environ, str(self.home), prompt="<", patience=8)
        shell.readline = environ.get("SHELL_TYPE") == "readline"
        return shell

    def broken(self, text: str) -> None:
        """Put a devkeys on PATH that is none."""
        (self.bin / "devkeys").unlink()
        if text:
            (self.bin / "devkeys").write_text(text)
            (self.bin / "devkeys").chmod(0o755)

    def histories(self) -> list[str]:
        """Return the commands of all histories in the order of time."""
        found: list[tuple[float, str]] = []
        for path in self.data.rglob("xonsh-*.json"):
            data = json.loads(path.read_text())["data"]
            found += [(command["ts"][0], command["inp"]) for command in data["cmds"]]
        for path in self.data.rglob("*.sqlite"):
            with sqlite3.connect(path) as database:
                found += database.execute("select tsb, inp from xonsh_history").fetchall()
            database.close()
        return [text.rstrip() for _, text in sorted(found)]

    def script(self, *words: str) -> str:
        """Run xonsh without a terminal, and return what it printed."""
        program = shutil.which("xonsh")
        assert program
        done = subprocess.run(
            [program, *words],
            cwd=self.home,
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout + done.stderr

    def holders(self, value: str) -> list[Path]:
        """Return the files below HOME and the state that hold *value*."""
        files = [path for path in self.home.rglob("*") if path.is_file()]
        return [path for path in files if value.encode() in path.read_bytes()]


def a_token() -> str:
    """Make what looks like a key."""
    return "sk-" + secrets.token_hex(20)
