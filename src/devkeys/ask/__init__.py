"""Every prompt: on the terminal itself, never on stdin or stdout.

__init__   yes or no, a line, a choice
hidden     a value that nobody sees, several lines if they were pasted
"""

import os
import sys
from collections.abc import Sequence

from devkeys.errors import UsageError

TERMINAL = "/dev/tty"


def at_terminal() -> bool:
    """Tell whether a person is there to be asked: stdin and stderr are a terminal."""
    return os.isatty(0) and os.isatty(2)


def plain(text: str) -> str:
    """Return *text* with what would steer a terminal, line ends included, spelled out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def say(text: str) -> None:
    """Show *text* to the person, on stderr."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def line(prompt: str, *, default: str = "") -> str:
    """Return the line that is typed at *prompt*, or *default* for an empty one.

    Ctrl-C is KeyboardInterrupt; the end of input is an answer to nothing, and an error.
    """
    suffix = f" [{default}]" if default else ""
    sys.stderr.write(f"{prompt}{suffix} ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
        raise UsageError("no answer: the input has ended", hint="see --yes and --help")
    return answer.strip() or default


def confirm(question: str, *, default: bool = False) -> bool:
    """Ask *question* and return whether the answer is yes; Enter is *default*."""
    while True:
        answer = line(f"{question} [{'Y/n' if default else 'y/N'}]").lower()
        if not answer:
            return default
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False


def choose(question: str, choices: Sequence[str], *, default: str) -> str:
    """Ask *question* until one of *choices*, or its first letter, is the answer."""
    while True:
        answer = line(question, default=default).lower()
        matching = [choice for choice in choices if choice == answer or choice[0] == answer]
        if len(matching) == 1:
            return matching[0]
        say(f"please answer {', '.join(choices)}")
