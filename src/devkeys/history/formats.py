"""The formats of histories that are text, or nearly: each a lossless parser."""

from collections.abc import Callable

from devkeys.history import (
    Parse,
    bash,
    fish,
    korn,
    less,
    libedit,
    lines,
    nushell,
    powershell,
    repl,
    tcsh,
    zsh,
)

FORMATS: dict[str, Parse] = {
    "bash": bash.parse,
    "fish": fish.parse,
    "ksh93": korn.parse_ksh93,
    "less": less.parse,
    "lines": lines.parse,
    "mksh": korn.parse_mksh,
    "node": repl.parse_node,
    "nushell": nushell.parse,
    "opaque": lines.opaque,
    "powershell": powershell.parse,
    "psql": libedit.parse_psql,
    "python": repl.parse_python,
    "readline": libedit.parse,
    "tcsh": tcsh.parse,
    "zsh": zsh.parse,
}

_SEARCHABLE: dict[str, Callable[[bytes], bytes]] = {
    "fish": fish.searchable,
    "nushell": lambda data: data.replace(b"<\\n>", b"\n"),
    "powershell": powershell.searchable,
    "psql": lambda data: libedit.searchable(data).replace(b"\x01", b"\n"),
    "python": libedit.searchable,
    "readline": libedit.searchable,
    "zsh": zsh.searchable,
}


def searchable(name: str, data: bytes) -> bytes:
    r"""Return all that the commands in *data* say, with whatever stands round them.

    Many times faster than a parser, and holds the text of every command of the format *name*, but
    for backslashes, blanks and line ends. Only of node's commands of several lines each
    line is there alone: they stand last to first.
    """
    convert = _SEARCHABLE.get(name)
    return convert(data) if convert else data
