"""Which running shells and REPLs hold lines that are in no file yet, or bring removed ones back.

Of a process are known only its program and how it was called. Whether it holds lines, which file
it writes and with which options cannot be seen from outside: each is named.
"""

import os
from collections.abc import Iterable
from typing import NamedTuple

from devkeys import processes
from devkeys.history.invocation import is_interactive
from devkeys.history.ways import FIX, Way, way_of

_IN_PYTHON = frozenset(("xonsh", "ipython"))


class Live(NamedTuple):
    """A living process, and its *way*; *here* if it is what devkeys was called from."""

    way: Way
    pid: int
    terminal: str
    started: float
    here: bool

    @property
    def name(self) -> str:
        """How to tell of it: `zsh (pid 123 on pts/3)`."""
        where = f" on {self.terminal}" if self.terminal else ""
        ours = ", where you called devkeys" if self.here else ""
        return f"{self.way.programs[0]} (pid {self.pid}{where}{ours})"

    @property
    def step(self) -> str:
        """What to do about it; empty if there is nothing to do."""
        if self.way.purge:
            return f"type there: {self.way.purge}"
        if self.way.leave:
            return f"leave it with {self.way.leave}, then {FIX}"
        return ""


def live(programs: Iterable[str] | None = None) -> list[Live]:
    """Return this user's interactive shells and REPLs, the oldest first.

    Of *programs*, names as in a Book; None means all that are known here. One with another
    HISTFILE, or with none, is among them: from outside that cannot be seen.
    """
    wanted = None if programs is None else frozenset(programs)
    ours = processes.ancestors()
    found = []
    for process in processes.at_terminals():
        way = _way(process)
        if way is None or (wanted is not None and wanted.isdisjoint(way.programs)):
            continue
        if _is_interactive(process.pid, way):
            here = process.pid in ours
            found.append(Live(way, process.pid, process.terminal, process.started, here))
    return sorted(found, key=lambda one: one.started)


def _way(process: processes.Process) -> Way | None:
    """Return the Way of a process, by its script if that is a shell in Python."""
    way = way_of(process.program)
    if way is None or way.programs[0] == "python":
        return way_of(process.name) or way
    return way


def _is_interactive(pid: int, way: Way) -> bool:
    # csh moves its terminal to other descriptors.
    if way.programs[0] != "tcsh" and not processes.reads_terminal(pid):
        return False
    words = processes.words_of(pid)
    interpreter = way_of(os.path.basename(words[0])) if words else None
    if way.programs[0] in _IN_PYTHON and interpreter and interpreter.programs[0] == "python":
        words = words[1:]
    return is_interactive(way.programs[0], words)
