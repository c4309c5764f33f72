"""A shell at a terminal of its own, driven as a person drives it."""

import os
import re
import signal
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pexpect

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"
# What line editors ask the terminal, and what an xterm answers: where the cursor is, what it is.
_ANSWERS = (
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>41;390;0c"),
    (b"\x1b[>0q", b"\x1bP>|XTerm(390)\x1b\\"),
    (b"\x1b[>q", b"\x1bP>|XTerm(390)\x1b\\"),
)
_CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_].*?\x1b\\|.)"
)


if TYPE_CHECKING:
    _Spawn = pexpect.spawn[str]
else:
    _Spawn = pexpect.spawn


class _Screen(_Spawn):
    """A pseudo-terminal that answers what programs ask a terminal."""

    heard = b""

    def read_nonblocking(self, size: int = 1, timeout: float | None = -1) -> str:
        text: str = super().read_nonblocking(size, timeout)
        self.heard = (self.heard + text.encode("utf-8", "replace"))[-4096:]
        for question, answer in _ANSWERS:
            while question in self.heard:
                self.heard = self.heard.replace(question, b"", 1)
                os.write(self.child_fd, answer)
        return text


class Terminal:
    """A program at a pseudo-terminal of 200 columns, that shows *prompt* when it is ready.

    *prompt* is a text that nothing else prints. Every wait ends after *patience* seconds,
    with what was on the screen. What it printed stays in `screen`, without control sequences.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        directory: str,
        *,
        prompt: str,
        patience: float = 30.0,
    ) -> None:
        self.prompt = prompt
        self.raw = ""
        self._child = _Screen(
            command[0],
            list(command[1:]),
            env={"TERM": "xterm-256color", **environ},
            cwd=directory,
            timeout=patience,
            dimensions=(50, 200),
            encoding="utf-8",
            codec_errors="replace",
        )
        self._child.delaybeforesend = None
        self._child.delayafterclose = 0.01
        self._child.delayafterterminate = 0.05

    def __enter__(self) -> Self:
        self.wait(self.prompt)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close(force=True)

    @property
    def pid(self) -> int:
        """The process at the terminal."""
        return int(self._child.pid or 0)

    @property
    def screen(self) -> str:
        """All that was printed so far, without control sequences and carriage returns."""
        return _CONTROL.sub("", self.raw).replace("\r", "")

    def wait(self, text: str) -> str:
        """Wait for *text*, literally; return what was printed up to and with it."""
        return self.wait_any(text)[1]

    def wait_any(self, *texts: str) -> tuple[str, str]:
        """Wait for the first of *texts*; return it, and what was printed up to and with it."""
        self._child.expect_exact(list(texts))
        found = str(self._child.after)
        seen = str(self._child.before) + found
        self.raw += seen
        return found, _CONTROL.sub("", seen).replace("\r", "")

    def send_unseen(self, text: str) -> None:
        """Type *text*, as it is, once nothing that is typed is shown."""
        self._child.waitnoecho()
        self._child.send(text)

    def send(self, text: str) -> None:
        """Type *text*, as it is."""
        self._child.send(text)

    def run(self, line: str) -> str:
        """Type *line* and Enter, wait for the next prompt, and return what was printed."""
        self.send(line + "\r")
        return self.next_prompt()

    def next_prompt(self) -> str:
        """Wait for the prompt that comes after a line end: not the one that is redrawn."""
        return self.wait("\n") + self.wait(self.prompt)

    def paste(self, text: str) -> None:
        """Paste *text* as terminals do (bracketed), without Enter."""
        self.send(PASTE_BEGINS + text.replace("\n", "\r") + PASTE_ENDS)

    def exit(self, line: str = "exit") -> int:
        """Type *line*, wait for the end, and return the exit code; 128 + n after signal n."""
        self.send(line + "\r")
        return self.ended()

    def hang_up(self) -> int:
        """Close the terminal as a closed window does, and wait for the end."""
        os.kill(self.pid, signal.SIGHUP)
        return self.ended()

    def kill(self) -> int:
        """End the process where it stands, with SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        return self.ended()

    def ended(self) -> int:
        """Wait for the end and return the exit code, as `exit` does."""
        self._child.expect(pexpect.EOF)
        self.raw += str(self._child.before)
        self._child.wait()
        if self._child.signalstatus is not None:
            return 128 + int(self._child.signalstatus)
        return int(self._child.exitstatus or 0)
