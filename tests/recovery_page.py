"""The drills of docs/recovery.md, and a person who types them at a terminal."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from terminal import Terminal

PAGE = Path(__file__).parents[1] / "docs" / "recovery.md"
_BLOCK = re.compile(r"(?:<!-- drill: ([^\n]+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)
PROMPT = "drill> "
_AGREE = ("y", "yes")


class Drill(NamedTuple):
    """What the page says: the *lines* to type, and the *promised* lines of the screen."""

    name: str
    lines: list[str]
    promised: list[str]


def drills() -> list[Drill]:
    """Return the drills of the page.

    A block of text is about the drill before it in its section, else about the first one there.
    """
    found: list[Drill] = []
    for section in PAGE.read_text(encoding="utf-8").split("\n## "):
        here: list[Drill] = []
        waiting: list[str] = []
        for name, language, body in _BLOCK.findall(section):
            if language == "console":
                assert name, f"a block of commands that is no drill: {body}"
                here.append(Drill(name, body.splitlines(), waiting))
                waiting = []
            else:
                assert language == "text"
                (here[-1].promised if here else waiting).extend(body.splitlines())
        assert not waiting, "a text that no drill shows"
        found += here
    return found


def missing(drill: Drill, screen: str) -> list[str]:
    """Return the promised lines that were not on *screen*."""
    shown = screen.splitlines()
    patterns = {line: re.escape(line).replace(r"\.\.\.", ".*") for line in drill.promised}
    return [
        line
        for line, pattern in patterns.items()
        if not any(re.fullmatch(pattern, one.rstrip()) for one in shown)
    ]


class Typist:
    """Somebody at a bash who types *lines*, and gives to each question its answer.

    *answers* are by a text that the question has; what is not a yes is typed unseen.
    """

    def __init__(
        self, environ: Mapping[str, str], directory: Path, answers: Mapping[str, str]
    ) -> None:
        self._answers = answers
        self.terminal = Terminal(
            ["bash", "--norc", "--noprofile", "-i"],
            {**environ, "PS1": PROMPT},
            str(directory),
            prompt=PROMPT,
            patience=60,
        )
        self.asked: list[str] = []

    def type(self, lines: Sequence[str]) -> str:
        """Type each of *lines*; return what was on the screen then."""
        begun = len(self.terminal.screen)
        for line in lines:
            self.terminal.send(line + "\r")
            self.terminal.wait("\n")
            self._answer()
        return self.terminal.screen[begun:]

    def _answer(self) -> None:
        while True:
            question, _ = self.terminal.wait_any(PROMPT, *self._answers)
            if question == PROMPT:
                return
            self.asked.append(question)
            answer = self._answers[question]
            if answer in _AGREE:
                self.terminal.send(answer + "\r")
            else:
                self.terminal.send_unseen(answer + "\r")
