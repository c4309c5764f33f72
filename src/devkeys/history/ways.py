"""How shells and REPLs keep their histories while they run, a row each.

What a row says was tried with the real program, but for psql, mysql, PowerShell and IPython,
of which it is what their documentation and sources say.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

FIX = "devkeys doctor --fix"


class Way(NamedTuple):
    """How programs keep their histories; *names* matches the whole name of an executable.

    *programs* are names as in a Book, the first is the one to tell the user.
    *unwritten*: it may hold lines that are in no file. *returns*: it may write again what was
    taken out of the file. *what* continues a sentence that begins with the program. *purge* is
    to be typed there, or *leave* first and FIX anywhere else; neither holds any value.
    """

    programs: tuple[str, ...]
    names: str
    unwritten: bool
    returns: bool
    what: str
    purge: str = ""
    leave: str = ""


_AT_EXIT = "writes its whole list when it ends, with what was taken out of the file"
_MEMORY = "still has it on the up-arrow until it ends, and writes it nowhere"
WAYS = (
    Way(
        ("bash",),
        r"r?bash",
        True,
        True,
        "writes the lines of its session when it ends, and with `history -w` all it has in memory",
        purge=f"history -a; {FIX}; history -c; history -r",
    ),
    Way(
        ("zsh",),
        r"r?zsh(-\d.*)?",
        True,
        True,
        "writes the lines of its session when it ends, and without APPEND_HISTORY its whole list",
        purge=f"fc -AI; {FIX}; devkeys_n=$HISTSIZE; HISTSIZE=0; HISTSIZE=$devkeys_n; fc -R",
    ),
    Way(("fish",), r"fish\d*", False, False, _MEMORY, leave="exit"),
    Way(
        ("nushell",),
        r"nu",
        True,
        False,
        "writes each line at once, unless sync_on_enter is off, and reads the file again then",
        leave="exit",
    ),
    Way(
        ("tcsh",),
        r"t?csh",
        True,
        True,
        _AT_EXIT,
        purge=f"history -S; {FIX}; history -c; history -L",
    ),
    Way(("ksh",), r"r?ksh(93|2020)?", False, False, "reads its history from the file"),
    Way(("ksh", "mksh"), r"[lm]ksh|oksh", False, False, _MEMORY, leave="exit"),
    Way(("python",), r"[Pp]ython[\d.]*t?|pypy[\d.]*", True, True, _AT_EXIT, leave="exit()"),
    Way(
        ("node",),
        r"node(js)?",
        False,
        True,
        "keeps the file open and writes its whole list into it; once the file was replaced, "
        "its lines are lost",
        leave=".exit",
    ),
    Way(("sqlite3",), r"sqlite3", True, True, _AT_EXIT, leave=".quit"),
    Way(("psql",), r"psql", True, True, _AT_EXIT, leave=r"\q"),
    Way(("mysql", "mariadb"), r"mysql|mariadb", True, True, _AT_EXIT, leave=r"\q"),
    Way(
        ("redis-cli", "valkey-cli"),
        r"(redis|valkey)-cli",
        False,
        True,
        "writes its whole list after every line",
        leave="exit",
    ),
    Way(
        ("powershell",),
        r"pwsh(-preview)?|powershell",
        False,
        True,
        "writes its whole list when it ends if HistorySaveStyle is SaveAtExit",
        purge=f"{FIX}; Clear-History",
        leave="exit",
    ),
    Way(
        ("xonsh",),
        r"xonsh\d*",
        True,
        False,
        "writes the last of its session's lines when it ends",
        leave="exit",
    ),
    Way(("elvish",), r"elvish", False, False, _MEMORY, leave="exit"),
    Way(
        ("ipython",),
        r"ipython\d*",
        True,
        False,
        "writes the last of its session's lines when it ends",
        leave="exit",
    ),
)


def way_of(name: str) -> Way | None:
    """Return the Way of the program whose file is *name*, such as `python3.13`."""
    name = name.removesuffix(".exe")
    return next((way for way, pattern in _patterns() if pattern.fullmatch(name)), None)


@cache
def _patterns() -> Sequence[tuple[Way, re.Pattern[str]]]:
    return [(way, re.compile(way.names)) for way in WAYS]
