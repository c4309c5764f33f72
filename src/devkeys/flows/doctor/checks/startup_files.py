"""Secrets in the files that set up a user's shells and sessions.

Each line is judged as a command is that was typed at the prompt.
"""

import os
import re
from collections.abc import Collection, Iterator
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

from devkeys.flows.doctor import rcfiles
from devkeys.flows.doctor.variables import (
    declared_secrets,
    holds_secret,
    is_asked_for,
    keeping,
    shown,
)
from devkeys.flows.hooks import startup
from devkeys.scan import rules
from devkeys.scan.finding import RISK, Finding, Fine, Kind, Place, Unseen
from devkeys.typed import judge, suspicion, tables

if TYPE_CHECKING:
    from devkeys.flows.doctor.rcfiles import RcFile
    from devkeys.flows.doctor.scope import Scope

SECRET = Kind(
    "startup-file/secret",
    RISK,
    "a secret stands in a start-up file",
    "It is there in plain text for everything that reads your files, goes along with dotfiles and "
    "backups, and every program that is started from your shell gets it.",
    "Keep the value with devkeys set NAME, take the line out, and let devkeys run give the value "
    "to the one command that needs it.",
)
KINDS = (SECRET,)

# Not `lower`: some letters are two characters in lower case, and places would be others.
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_LOGICAL = re.compile(r"(?:[^\n\\]|\\.|\\\n|\\\Z)*+(?:\n|\Z)", re.DOTALL)
_COMPLETES = re.compile(r"\s*complete\s")
_PAM = re.compile(r"^([A-Za-z_]\w*)[ \t]+(?:DEFAULT|OVERRIDE)=")
_UNIVERSAL = re.compile(r"^SETUVAR (?:--\w+ )*([A-Za-z_]\w*):(.*)$")
_FISH_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|X((?:[0-9a-fA-F]{2})+)|u([0-9a-fA-F]{4})|(.))")


class _Stands(NamedTuple):
    """A secret at *line*: *what* in words, and its *name*, if it has one."""

    line: int
    what: str
    name: str | None


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at every start-up file, and at those that they read by a name that is written out."""
    environ = scope.session.environ
    declared = declared_secrets(scope)
    home = startup.home_of(environ)
    looked = found = 0
    for file, text in rcfiles.texts(environ):
        if isinstance(text, Exception):
            yield Unseen(file.path, str(text))
            continue
        looked += 1
        for one in secrets_in(text, file.shell, declared):
            if is_asked_for(scope, one.name):
                found += 1
                yield _finding(file, one, keeping(scope, one.name), home)
    if looked and not found:
        yield Fine(f"no start-up file of your shells holds a secret ({looked} looked at)")


def secrets_in(text: str, shell: str, declared: Collection[str]) -> Iterator[_Stands]:
    """Yield the secrets in the *text* of a file for *shell*."""
    if shell == "fish_variables":
        yield from _universal(text, declared)
        return
    marks = _suspects(text, declared)
    start, line = 0, 1
    for mark in marks:
        if mark < start:
            continue  # it was in the line before
        # A line goes on after a backslash: from the last end that does not.
        begin = _beginning(text, start, mark)
        line += text.count("\n", start, begin)
        match = _LOGICAL.match(text, begin)
        start = match.end() if match else len(text)
        command = _PAM.sub(r"\1=", text[begin:start].rstrip("\r\n"))
        dialect = "bash" if shell == "environment" else shell
        if _may_hold_one(command, declared) and (judged := judge(command, dialect, declared)):
            yield _Stands(line, judged.what, judged.name)
        line += text.count("\n", begin, start)


def _may_hold_one(command: str, declared: Collection[str]) -> bool:
    """Say whether *command* has to be judged: whatever is a secret is suspicious before."""
    if _COMPLETES.match(command) and not rules.first(command):
        return False  # it describes options
    return suspicion.suspicious(command, declared)


def _beginning(text: str, start: int, mark: int) -> int:
    begin = text.rfind("\n", start, mark) + 1
    while begin > start and text.endswith(("\\\n", "\\\r\n"), 0, begin):
        begin = text.rfind("\n", start, begin - 1) + 1
    return max(begin, start)


def _suspects(text: str, declared: Collection[str]) -> list[int]:
    """Return places in all the lines in which `judge` could find anything, in order.

    A search for the words that it wants takes a tenth of the time that the lines would.
    """
    places: set[int] = set()
    lower = text.translate(_LOWER)
    words, formats = _searched()
    for word in words:
        places.update(_each_line_with(word, lower))
    for word in (*formats, *declared):
        places.update(_each_line_with(word, text))
    if len(text) > suspicion.LONGEST:
        pattern = rf"[^\n]{{{suspicion.LONGEST}}}"
        places |= {match.start() for match in re.finditer(pattern, text)}
    return sorted(places)


@cache
def _searched() -> tuple[list[str], list[str]]:
    """Return what is searched for in lower case, and what as it is, without what holds another."""
    words = {
        *(*tables.PARTS, *tables.WORDS, *tables.PROGRAMS, *tables.LOGINS, *tables.CLIENTS),
        *(*tables.KEEPERS, *tables.SINKS),
        *("://", "uri", "url", "authorization", "identified", "securestring", "stdin", "-fd"),
    }
    formats = {*rules.PREFIXES, *rules.INFIXES}
    seen = [one for one in formats if any(word in one.lower() for word in words)]
    return _shortest(words), _shortest(formats.difference(seen))


def _shortest(texts: Collection[str]) -> list[str]:
    return [one for one in texts if not any(other in one for other in texts if other != one)]


def _each_line_with(word: str, text: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        end = text.find("\n", place)
        place = text.find(word, end) if end >= 0 else -1


def _universal(text: str, declared: Collection[str]) -> Iterator[_Stands]:
    """Yield what fish keeps of `set -U`: one variable a line, its value in escapes."""
    for number, line in enumerate(text.split("\n"), 1):
        match = _UNIVERSAL.match(line)
        if match and holds_secret(match[1], _FISH_ESCAPE.sub(_unescaped, match[2]), declared):
            name = shown(match[1], declared)
            yield _Stands(number, f"the value of {name or 'a universal variable'}", name)


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[3]
    if match[2]:
        return bytes.fromhex(match[2]).decode("utf-8", "replace")
    return chr(int(code, 16)) if code else match[4]


def _finding(file: "RcFile", one: _Stands, keep: str, home: str) -> Finding:
    what = f"{one.what} stands there in plain text"
    repository = _repository_of(file.path, home)
    if repository:
        what += f", in a file of the repository {repository}"
    if file.shell == "fish_variables":
        step = f"{keep}, then, in fish: set -e -U {one.name or 'NAME'}"
    else:
        step = f"{keep}, then take line {one.line} out of {file.path}"
    place = Place(file.path, line=one.line, member=one.name or "")
    return Finding(SECRET, place, what, step, (one.name,) if one.name else ())


def _repository_of(path: str, home: str) -> str | None:
    """Return the repository that *path* really is in, as dotfiles are that are linked to."""
    directory = os.path.dirname(os.path.realpath(path))
    while True:
        if os.path.lexists(os.path.join(directory, ".git")):
            return directory
        above = os.path.dirname(directory)
        if above == directory or directory == os.path.realpath(home):
            return None
        directory = above
