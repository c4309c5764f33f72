"""Taking what was moved out of the file that it came from, and saying where else it may be."""

import os
import re
from collections.abc import Collection, Sequence

from devkeys import ask, atomic, files, git, programs
from devkeys.declaration.edit import without
from devkeys.declaration.encoding import decode
from devkeys.declaration.syntax import pieces, read_values
from devkeys.errors import DevkeysError
from devkeys.flows import compose
from devkeys.flows.here import Here
from devkeys.flows.importing.source import LIMIT, Source

_OLD_VALUE = re.compile(r"\s*#[#\s]*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*[^\s#]")
ELSEWHERE = (
    "devkeys: swap and backup files of editors may still hold the values, git's history too: "
    "a value that was ever committed has to be replaced"
)


class Removal:
    """What can be taken out of *source*: *names*, whose values are known to be stored.

    *idle* are names whose lines mean nothing once the others are gone.
    """

    def __init__(
        self, here: Here, source: Source, names: Collection[str], idle: Collection[str]
    ) -> None:
        self.here = here
        self.source = source
        self.path = source.path or ""
        twice = stand_twice(source.data, self.path)
        self.names = [name for name in names if name not in twice]
        self.twice = [name for name in names if name in twice]
        self.idle = idle

    def obstacles(self) -> list[str]:
        """Return what asks for a second thought before the file is touched."""
        found = []
        if self.source.link is not None:
            found.append(f"it is a symbolic link to {self.source.link}")
        if self.source.names > 1:
            found.append("it has another name too (a hard link), which would keep the values")
        path = self.here.session.environ.get("PATH", "")
        program = programs.find("git", path=path, outside=self.here.checkout.root)
        directory, name = os.path.split(self.path)
        if program and git.is_tracked(directory, name, program=program):
            found.append(
                "git tracks it, so its history holds the values "
                f"(git rm --cached {name} takes it out of git)"
            )
        return found

    def carry_out(self) -> None:
        """Take the values out, unless the file changed since it was read."""
        try:
            self._take_out()
        except DevkeysError as error:
            raise DevkeysError(
                f"the values are stored, but they are still in the file: {error}",
                hint=f"devkeys import --remove {self.path} takes them out",
            ) from None

    def _take_out(self) -> None:
        target = self.source.link or self.path
        if files.read_regular(target, limit=LIMIT) != self.source.data:
            ask.say(f"devkeys: {self.path} changed meanwhile; nothing was taken out of it")
            return
        readers = compose.readers_of(self.path, self.here.checkout.root)
        rest = without(self.source.data, self.names, bare=bool(readers), path=self.path)
        if not readers and self.source.link is None and self.is_idle(rest):
            atomic.remove(target)
            ask.say(f"devkeys: removed {self.path}: nothing is left in it")
        else:
            atomic.write(target, rest, mode=self.source.mode)
            ask.say(f"devkeys: took {_count(self.names)} out of {self.path}")
            self._say_what_stays(rest, readers)
        ask.say(ELSEWHERE)

    def is_idle(self, rest: bytes) -> bool:
        """Tell whether *rest* of the file holds nothing that the declaration does not."""
        template = files.read_regular(self.here.project().path) or b""
        known = {line.strip() for line in decode(template, path=self.path).splitlines()}
        for raw, name in pieces(decode(rest, path=self.path)):
            lines = {line.strip() for line in raw.splitlines()} - {""}
            if name not in self.idle if name is not None else not lines.issubset(known):
                return False
        return True

    def _say_what_stays(self, rest: bytes, readers: Sequence[compose.Reader]) -> None:
        for reader in readers:
            why = "reads it" if reader.certain else "may read it (it could not be understood)"
            ask.say(
                f"devkeys: {reader.path} {why}, so the names stay in it without values; "
                "start it with devkeys run -- docker compose up"
            )
        lines = old_values(rest, self.path)
        if lines:
            ask.say(
                f"devkeys: {self.path} still has values that are commented out, line "
                + ", ".join(map(str, lines))
            )


def _count(names: Sequence[str]) -> str:
    return "1 value" if len(names) == 1 else f"{len(names)} values"


def stand_twice(data: bytes, path: str) -> set[str]:
    """Return the names that the file gives two different values."""
    first: dict[str, str | None] = {}
    twice = set()
    for raw, name in pieces(decode(data, path=path)):
        if name is not None:
            value = read_values(raw.encode(), path=path)[name]
            if first.setdefault(name, value) != value:
                twice.add(name)
    return twice


def old_values(data: bytes, path: str) -> list[int]:
    """Return the numbers of the lines that hold an assignment behind a `#`."""
    found = []
    line = 1
    for raw, name in pieces(decode(data, path=path)):
        if name is None:
            for number, text in enumerate(raw.splitlines(), start=line):
                if _OLD_VALUE.match(text):
                    found.append(number)
        line += len(re.findall(r"\r\n|\n|\r", raw))
    return found
