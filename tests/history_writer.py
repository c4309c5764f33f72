"""Programs that keep a history, each typed at as a person would, in a home of its own."""

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import real
from terminal import Terminal

from devkeys.history import Entry
from devkeys.history.books import discover
from devkeys.history.formats import FORMATS


def canary() -> str:
    """Make a word that is nowhere else."""
    return "canary" + secrets.token_hex(8)


def typed(
    home: Path,
    command: Sequence[str],
    lines: Iterable[str],
    *,
    prompt: str,
    leave: str,
    **environ: str,
) -> None:
    """Type *lines* at the program *command*, then *leave*, with HOME at *home*; wait for its end.

    *prompt* is what it shows when it is ready; a line may hold carriage returns.
    """
    real.need(command[0])
    home.mkdir(exist_ok=True)
    known = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    program = str(shutil.which(command[0]))
    with Terminal(
        [program, *command[1:]], known | environ, str(home), prompt=prompt, patience=60
    ) as terminal:
        for line in lines:
            terminal.run(line)
        terminal.exit(leave)


def texts(entries: Iterable[Entry]) -> list[bytes]:
    """Return what the commands of *entries* are."""
    return [entry.text for entry in entries if entry.text]


def kept(home: Path) -> dict[str, list[bytes]]:
    """Return the commands of each text history that is found in *home*, by its program."""
    books = discover({}, str(home))
    return {
        book.program: texts(FORMATS[book.format](Path(book.path).read_bytes()))
        for book in books
        if book.format in FORMATS
    }
