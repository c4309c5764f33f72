"""What the user's start-up files say of where a history is, without executing any of them.

Understood are plain assignments of words with `~`, `$NAME`, `${NAME}` and `${NAME:-WORD}` of the
variables of the environment; whatever else stands there only its shell can work out.
"""

import os
import re
from collections.abc import Iterator, Mapping

from devkeys import files
from devkeys.errors import DevkeysError

_WORD = r"""((?:'[^'\n]*'|"(?:\\.|[^"\\\n])*"|\\.|[^\s;&|()<>'"`\\])*)"""
_PIECE = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)""")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?-([^{}]*|[^{}]*\{[^{}]*\}[^{}]*))?\})")
_PSQL = re.compile(r"^[ \t]*\\set[ \t]+HISTFILE[ \t]+'?([^\s']+)", re.MULTILINE)
_CSH = re.compile(r"^[ \t]*set[ \t]+histfile[ \t]*=[ \t]*" + _WORD, re.MULTILINE)


def read(path: str) -> str:
    """Return the text of a start-up file; none if there is none, or none that can be read."""
    try:
        return (files.read_regular(path) or b"").decode("utf-8", "surrogateescape")
    except DevkeysError:
        return ""


def assigned(name: str, text: str) -> Iterator[str]:
    """Yield the words that a POSIX shell's start-up file assigns to the variable *name*."""
    if name not in text:
        return
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            for found in re.finditer(rf"(?:^|[\s;&({{]){name}={_WORD}", line):
                yield found[1]


def assigned_in_csh(text: str) -> Iterator[str]:
    """Yield the words that a tcsh start-up file assigns to `histfile`."""
    yield from (found[1] for found in _CSH.finditer(text))


def assigned_in_psql(text: str) -> Iterator[str]:
    """Yield the file names that a .psqlrc gives, up to where one holds a variable of psql."""
    yield from (found[1] for found in _PSQL.finditer(text))


def quoted(name: str, text: str) -> Iterator[str]:
    """Yield the quoted words that *name* is set to, in nushell's or in TOML's way."""
    if name in text:
        pattern = rf"""^[^#\n]*\b{re.escape(name)}[ \t]*=[ \t]*(["'`])([^"'`\n]+)\1"""
        yield from (found[2] for found in re.finditer(pattern, text, re.MULTILINE))


def expanded(word: str, variables: Mapping[str, str], home: str) -> str:
    """Return the path that a shell makes of *word*, ValueError if only a shell can."""
    known = {"HOME": home, **variables}
    text = "".join(_pieces(word, known))
    if word[:1] == "~":
        text = tilde(text, home)
    if text and not os.path.isabs(text):
        raise ValueError("a relative path")
    return text


def tilde(path: str, home: str) -> str:
    """Return *path* with *home* for `~`; another user's home is nobody's business."""
    return home + path[1:] if path == "~" or path[:2] in {"~/", "~\\"} else path


def _pieces(word: str, known: Mapping[str, str]) -> Iterator[str]:
    for single, double, escaped, bare in _PIECE.findall(word):
        if double or bare:
            yield _substituted(re.sub(r'\\([\\"$`])', r"\1", double) or bare, known)
        else:
            yield single or escaped


def _substituted(text: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if known.get(name):
            return known[name]
        if found[3] is None:
            raise ValueError(f"{name} is not known")
        return tilde(_substituted(found[3], known), known["HOME"])

    made = _VARIABLE.sub(value, text)
    if "$" in _VARIABLE.sub("", text) or "`" in text:
        raise ValueError("more than variables")
    return made
