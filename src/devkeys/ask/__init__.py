"""Every prompt: shown on stderr or the terminal itself, never on stdout.

    __init__   yes or no, a line, a choice
    checklist  some of many
    hidden     a value that nobody sees, several lines if they were pasted

What is shown may come from a cloned repository, so nothing that is not a character for
people reaches the terminal: an escape sequence could hide half of what is asked.
"""

import os
import sys
from collections.abc import Sequence

from devkeys.errors import UsageError

TERMINAL = "/dev/tty"


def at_terminal() -> bool:
    """Tell whether a person is there to be asked: stdin and stderr are a terminal."""
    return os.isatty(0) and os.isatty(2)


def say(text: str) -> None:
    """Show *text* to the person, on stderr."""
    _write(text + "\n")


def plain(text: str) -> str:
    """Return *text* with what would steer a terminal, line ends included, spelled out."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def visible(text: str) -> str:
    """Return *text* as `plain` does, with its lines and tabs as they are."""
    return "".join(char if char in "\n\t" else plain(char) for char in text)


def line(prompt: str, *, default: str = "") -> str:
    """Return the line that is typed at *prompt*, or *default* for an empty one.

    Blanks at its ends stay. Ctrl-C is KeyboardInterrupt; the end of input is an answer to
    nothing, and an error.
    """
    _drop_what_was_typed_before()
    _write(prompt + (f" [{default}] " if default else " "))
    try:
        answer = sys.stdin.buffer.readline()
    except KeyboardInterrupt:
        _write("\n")
        raise
    if not answer:
        _write("\n")
        raise UsageError("no answer: the input has ended", hint="see --yes and --help")
    return answer.rstrip(b"\r\n").decode(errors="surrogateescape") or default


def _drop_what_was_typed_before() -> None:
    # The rest of a pasted text is no answer to a question that was not on the screen yet.
    if os.name == "posix" and os.isatty(0):
        import termios

        termios.tcflush(0, termios.TCIFLUSH)


def _write(text: str) -> None:
    text = visible(text)
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stderr.flush()


def confirm(question: str, *, default: bool = False) -> bool:
    """Ask *question* and return whether the answer is yes; Enter is *default*."""
    while True:
        answer = line(f"{question} [{'Y/n' if default else 'y/N'}]").strip().lower()
        if not answer:
            return default
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
        say("please answer yes or no")


def choose(question: str, choices: Sequence[str], *, default: str) -> str:
    """Ask *question* until one of *choices*, or its first letter, is the answer."""
    while True:
        answer = line(question, default=default).strip().lower()
        matching = [choice for choice in choices if answer in (choice, choice[0])]
        if len(matching) == 1:
            return matching[0]
        say(f"please answer {', '.join(choices)}")
