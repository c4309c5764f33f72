"""Histories of shells and REPLs: one module per format, from bytes to entries.

A format splits the bytes of a history file into entries and loses nothing: joining every
entry's `raw` gives the file back. To remove a command is to leave its entry out, and every
other byte stays as the shell wrote it.

books     which there are: machine, startup, shellbooks, elsewhere
formats   those that are text, a module each
stores    those that are not: database (door: sqlite3) with layouts, xonsh, bolt
scrubbing of text, blanking in place, under locks; erasing, atuin, elvish of stores; traces
live      who would write it again: ways, invocation
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple


class Entry(NamedTuple):
    """One command of a history.

    *raw* is how it stands in the file, with its time stamp and its line end; *text* is the
    command itself, in the bytes that were typed: unescaped, unmetafied. An entry without *text*
    is what the format needs besides (a header, damaged bytes) and stays. *when* is in seconds
    since the epoch.
    """

    raw: bytes
    text: bytes
    when: float | None = None


Parse = Callable[[bytes], Iterator[Entry]]
Holds = Callable[[bytes], bool]  # whether a text holds what is to be taken out


class Book(NamedTuple):
    """A history that is there: the *program* it is of, its file, and the name of its format."""

    program: str
    path: str
    format: str


class Outcome(NamedTuple):
    """What scrubbing a history came to.

    *removed* entries were taken out. *left* says why something may still be there, or come
    back, in words for the user; empty if nothing can.
    """

    removed: int
    left: tuple[str, ...] = ()
