"""Playing a scenario before `strace`, and what leaked."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pexpect
from canary.canaries import IDENTITY, Search
from canary.identities import known
from canary.stage import SECONDS, Stage
from canary.trace import OPTIONS, parse
from canary.watching import (
    BLIND,
    DATA,
    FILE,
    KERNEL,
    SCREEN,
    Allowed,
    Handed,
    Leak,
    handed_on,
    leaks,
)
from command import DEVKEYS
from quick_devkeys import QUICK_DEVKEYS

PASTE = b"\x1b[200~%s\x1b[201~"
_KEY = frozenset([IDENTITY])
_DATA = r"~/\.local/share/devkeys"
# Where a store's own key may go: without a passphrase, with a keychain, unlocked with a passphrase.
# All that is asked of a keychain is asked over the bus.
IN_FILE = (
    Allowed(DATA, rf"{_DATA}/\.(identity|confirmed)\.[0-9a-f]{{12}}\.tmp", _KEY),
    Allowed(FILE, rf"{_DATA}/(identity|confirmed)", _KEY),
)
IN_KEYCHAIN = (Allowed(DATA, r"socket .*/bus", _KEY),)
IN_KERNEL = (Allowed(DATA, KERNEL, _KEY),)
NOWHERE: tuple[Allowed, ...] = ()


class Scenario(NamedTuple):
    """A command that is played before `strace`, and which ways are its right.

    *words* may hold `{canary}`, the value that is to be entered; *given* is what stdin says,
    *typed* pairs of what is waited for at a terminal and what is typed then, which may hold any
    of `Stage.entries`. *code* (None: any) and *says* show that it went as it is meant to.
    *strace* are more options of that, for faults; *others* are programs that may do as they like
    with what they got. *key* are the ways of the store's own key (None: where the stage has it).
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
    key: "tuple[Allowed, ...] | None" = None
    on_3: str = ""  # the file that descriptor 3 leads to
    quick: bool = False  # whether what it protects with a passphrase need not be protected
    seldom: bool = False  # whether the short set leaves it out
    keychain: bool = False  # whether the short set plays it with a keychain, too
    text: bool = False  # whether nothing but text can be entered
    only: str = ""  # `headless` or `keychain`, if it is about one of them

    @property
    def enters(self) -> bool:
        """Whether the user gives a value: its shape matters."""
        typed = [answer for _, answer in self.typed]
        return bool(self.given) or any("{canary}" in word for word in (*self.words, *typed))


class Played(NamedTuple):
    """How it ended: exit code, what was shown on stderr or the terminal, and what leaked."""

    code: int
    said: str
    leaks: list[Leak]


def play(stage: Stage, scenario: Scenario, log: Path) -> Played:
    """Play *scenario* on *stage*, which was just laid out; what `strace` writes goes into *log*."""
    if scenario.before:
        scenario.before(stage)
    before, keys = _held(stage), stage.identities()
    program = QUICK_DEVKEYS if scenario.quick else DEVKEYS
    started = ["strace", *OPTIONS, *scenario.strace, f"--output={log}", "--", *program]
    if scenario.on_3:
        started = ["sh", "-c", f'exec "$@" 3< {scenario.on_3}', "sh", *started]
    command = [*map(os.fsencode, started), *(_filled(word, stage) for word in scenario.words)]
    if scenario.typed:
        code, said = _at_terminal(command, stage, scenario)
    else:
        code, said = _piped(command, stage, scenario)
    shown = said if scenario.typed else stage.out.read_bytes()
    keys |= stage.identities()
    found = known(stage, [*before.values(), *_held(stage).values(), *keys], shown)
    search = Search([*stage.canaries.values(), stage.typed, *stage.phrases.values(), *found])
    names = _names(stage)
    handed = [
        one._replace(where=_where(one.where, names)) if one.kind in (DATA, BLIND) else one
        for one in handed_on(parse(log.read_text(encoding="ascii")))
    ]
    if scenario.typed:
        handed.append(Handed(SCREEN, "", said, "", "the terminal"))
    handed += _new_in_files(stage, before)
    key = scenario.key
    if key is None:
        key = IN_FILE if stage.keyring is None else IN_KEYCHAIN
    leaked = leaks(handed, search, (*key, *scenario.allowed), scenario.others)
    return Played(code, said.decode(errors="replace"), leaked)


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
            start_new_session=True,  # without the terminal of whoever runs the tests
        )
    return done.returncode, stage.err.read_bytes()


def _at_terminal(command: list[bytes], stage: Stage, scenario: Scenario) -> tuple[int, bytes]:
    child = pexpect.spawn(
        command[0].decode(),
        [os.fsdecode(word) for word in command[1:]],
        cwd=str(stage.project),
        env={**stage.environ, "TERM": "xterm", **scenario.env},
        timeout=SECONDS,
        preexec_fn=_interruptible,
    )
    child.delaybeforesend = None
    child.logfile_read = screen = BytesIO()
    for prompt, answer in scenario.typed:
        child.expect_exact(prompt.encode())
        entered = answer.encode()
        for name, value in stage.entries.items():
            entered = entered.replace(b"{%s}" % name.encode(), PASTE % value)
        child.send(entered)
    child.expect(pexpect.EOF)
    child.wait()
    code = 128 + child.signalstatus if child.signalstatus else child.exitstatus or 0
    return code, screen.getvalue()


def _where(where: str, names: Mapping[str, str]) -> str:
    """Return *where* with the *names* that scenarios have for places."""
    if not where.startswith("/"):
        return where
    if re.fullmatch(r"/dev/(tty|pts/\d+)", where):
        return "terminal"
    for path, name in names.items():
        if where == path or where.startswith(f"{path}/"):
            return name + where.removeprefix(path)
    return where


def _interruptible() -> None:
    """Let Ctrl-C end it, though tests that run in the background have that ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _names(stage: Stage) -> dict[str, str]:
    names = {stage.out: "stdout", stage.err: "stderr", stage.home: "~", stage.root: "stage"}
    return {str(path): name for path, name in names.items()}


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
    names = _names(stage)
    for path, data in _held(stage).items():
        if before.get(path) != data and not path.startswith(f"{stage.root}/bin/"):
            yield Handed(FILE, _where(path, names), data, "", "afterwards")
