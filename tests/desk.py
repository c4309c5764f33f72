"""A user's desk: an empty HOME, a project, and the real command as a process in it."""

import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pexpect
from command import DEVKEYS, environment


class Done(NamedTuple):
    """How a command ended: exit code, stdout as bytes, stderr as text."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Stdout as text."""
        return self.out.decode()


class Desk(NamedTuple):
    """A user's HOME and a project's directory with a `.env.example`."""

    home: Path
    project: Path

    @property
    def environ(self) -> dict[str, str]:
        """The least that a command needs; no keychain can be reached with it."""
        return environment(self.home, COLUMNS="100")

    def devkeys(
        self,
        *words: str,
        input: bytes = b"",  # noqa: A002  # as in subprocess.run
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Done:
        """Run `devkeys *words*` to its end; *env* comes on top of the desk's own."""
        done = subprocess.run(
            [*DEVKEYS, *words],
            input=input,
            cwd=cwd or self.project,
            env={**self.environ, **(env or {})},
            capture_output=True,
            check=False,
            timeout=60,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())

    def at_terminal(
        self, *words: str, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> "pexpect.spawn[str]":
        """Start `devkeys *words*` at a terminal of its own; *env* as for `devkeys`."""
        return pexpect.spawn(
            DEVKEYS[0],
            [*DEVKEYS[1:], *words],
            cwd=str(cwd or self.project),
            env={**self.environ, "TERM": "xterm", **(env or {})},
            encoding="utf-8",
            timeout=30,
        )

    def declare(self, text: str) -> None:
        """Make *text* the project's declaration file."""
        (self.project / ".env.example").write_text(text, encoding="utf-8")


def make_desk(directory: Path, declaration: str) -> Desk:
    """Make a HOME and a project in *directory*."""
    desk = Desk(directory / "home", directory / "chat")
    for path in (desk.home, desk.project):
        path.mkdir(mode=0o700)
    desk.declare(declaration)
    return desk


def key() -> str:
    """Make up a value."""
    return "sk-" + secrets.token_hex(20)


RECOVERY = "Make a recovery key now, a text to print or to keep elsewhere? [y/N]"


def to_the_end(child: "pexpect.spawn[str]") -> str:
    """Let *child* end, a new store's recovery key not wanted; return what was shown."""
    shown = ""
    if child.expect_exact([RECOVERY, pexpect.EOF]) == 0:
        shown = f"{child.before}{RECOVERY}"
        child.sendline("")
        child.expect(pexpect.EOF)
    return shown + (child.before or "")
