"""Playing a scenario before `strace`, and what leaked."""

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pexpect
from canary.canaries import Search, identity
from canary.stage import SECONDS, Stage
from canary.trace import OPTIONS, parse
from canary.watching import DATA, FILE, SCREEN, Allowed, Handed, Leak, handed_on, leaks
from command import DEVKEYS

PASTE = b"\x1b[200~%s\x1b[201~"
IDENTITY = frozenset(["the identity"])
# Where the store's own key belongs. All that is asked of a keychain is asked over the bus.
ALWAYS = (
    Allowed(DATA, r"~/\.local/share/devkeys/\.identity\.[0-9a-f]{12}\.tmp", IDENTITY),
    Allowed(FILE, r"~/\.local/share/devkeys/identity", IDENTITY),
    Allowed(DATA, r"socket .*/bus", IDENTITY),
)


class Scenario(NamedTuple):
    """A command that is played before `strace`, and which ways are its right.

    *words* may hold `{canary}`, the value that is to be entered; *given* is what stdin says,
    *typed* pairs of what is waited for at a terminal and what is typed then. *code* (None: any)
    and *says* show that it went as it is meant to. *strace* are more options of that, for faults;
    *others* are programs that may do as they like with what they got.
    """

    name: str
    words: tuple[str, ...]
    code: int | None = 0
    says: str = ""
    before: "Callable[[Stage], None] | None" = None
    given: "Callable[[Stage], bytes] | None" = None
    typed: "tuple[tuple[str, str], ...]" = ()
    allowed: tuple[Allowed, ...] = ()
    env: Mapping[str, str] = {}
    strace: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    keychain: bool = False  # whether the short set plays it with a keychain, too
    text: bool = False  # whether nothing but text can be entered
    only: str = ""  # `headless` or `keychain`, if it is about one of them

    @property
    def enters(self) -> bool:
        """Whether the user gives a value: its shape matters."""
        return bool(self.given or self.typed or any("{canary}" in word for word in self.words))


class Played(NamedTuple):
    """How it ended: exit code, what was shown on stderr or the terminal, and what leaked."""

    code: int
    said: str
    leaks: list[Leak]


def play(stage: Stage, scenario: Scenario, log: Path) -> Played:
    """Play *scenario* on *stage*, which was just laid out; what `strace` writes goes into *log*."""
    if scenario.before:
        scenario.before(stage)
    before, key = _held(stage), stage.identity()
    started = ["strace", *OPTIONS, *scenario.strace, f"--output={log}", "--", *DEVKEYS]
    command = [*map(os.fsencode, started), *(_filled(word, stage) for word in scenario.words)]
    if scenario.typed:
        code, said = _at_terminal(command, stage, scenario)
    else:
        code, said = _piped(command, stage, scenario)
    keys = {identity(found) for found in (key, stage.identity()) if found}
    search = Search([*stage.canaries.values(), stage.typed, *keys])
    handed = [
        one._replace(where=_where(one.where, stage))
        for one in handed_on(parse(log.read_text(encoding="ascii")))
    ]
    if scenario.typed:
        handed.append(Handed(SCREEN, "", said, "", "the terminal"))
    handed += _new_in_files(stage, before)
    allowed = (*ALWAYS, *scenario.allowed)
    found = leaks(handed, search, allowed, scenario.others)
    return Played(code, said.decode(errors="replace"), found)


def _filled(text: str, stage: Stage) -> bytes:
    return os.fsencode(text).replace(b"{canary}", stage.typed.value)


def _piped(command: list[bytes], stage: Stage, scenario: Scenario) -> tuple[int, bytes]:
    given = scenario.given(stage) if scenario.given else b""
    with stage.out.open("wb") as out, stage.err.open("wb") as err:
        done = subprocess.run(
            command,
            cwd=stage.project,
            env={**stage.environ, **scenario.env},
            input=given,
            stdout=out,
            stderr=err,
            check=False,
            timeout=SECONDS,
        )
    return done.returncode, stage.err.read_bytes()


def _at_terminal(command: list[bytes], stage: Stage, scenario: Scenario) -> tuple[int, bytes]:
    child = pexpect.spawn(
        command[0].decode(),
        [os.fsdecode(word) for word in command[1:]],
        cwd=str(stage.project),
        env={**stage.environ, "TERM": "xterm", **scenario.env},
        timeout=SECONDS,
    )
    child.delaybeforesend = None
    child.logfile_read = screen = BytesIO()
    for prompt, answer in scenario.typed:
        child.expect_exact(prompt.encode())
        value = PASTE % stage.typed.value
        child.send(answer.encode().replace(b"{canary}", value))
    child.expect(pexpect.EOF)
    child.wait()
    code = 128 + child.signalstatus if child.signalstatus else child.exitstatus or 0
    return code, screen.getvalue()


def _where(where: str, stage: Stage) -> str:
    """Return *where* with the names that scenarios have for places."""
    if re.fullmatch(r"/dev/(tty|pts/\d+)", where):
        return "terminal"
    names = {stage.out: "stdout", stage.err: "stderr", stage.home: "~", stage.root: "stage"}
    for path, name in names.items():
        if where == str(path) or where.startswith(f"{path}/"):
            return name + where.removeprefix(str(path))
    return where


def _held(stage: Stage) -> dict[str, bytes]:
    """Return what each file holds."""
    found = {}
    for folder, _, names in os.walk(stage.root):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                found[path] = Path(path).read_bytes()
    return found


def _new_in_files(stage: Stage, before: Mapping[str, bytes]) -> Iterable[Handed]:
    """Yield what files hold that were changed: also what no call showed."""
    for path, data in _held(stage).items():
        if before.get(path) != data and not path.startswith(f"{stage.root}/bin/"):
            yield Handed(FILE, _where(path, stage), data, "", "afterwards")
