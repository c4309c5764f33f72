"""Many processes that write to one profile at once, some of them killed, and readers beside.

    python tests/crash/writers.py --processes 32 --seconds 60 --directory D

Half of the writers have a name of their own, half share four; two in eight are the real command,
the others write through the library as it does; one in eight removes and stores in turn.
Every write through the library gives two names one value, and readers see that they agree.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import NamedTuple

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from command import DEVKEYS  # found by the line above
from crash.histories import NEVER, Journal, Write, lost, read, repeated  # the same
from crash.world import World  # the same

from devkeys import keep  # after what needs that line
from devkeys.errors import DevkeysError  # the same
from devkeys.secret import Secret  # the same
from devkeys.session import Session  # the same
from devkeys.store import layout, values, write  # the same

SHARED = 4
FORK = get_context("fork")


class Place(NamedTuple):
    """The world that is written to, and the folder of the journals."""

    world: World
    journals: str

    def session(self) -> Session:
        """Return a session in this world."""
        return Session(dict(self.world.env))


def _name(index: int) -> str:
    return f"OWN_{index}" if index % 2 else f"SHARED_{index // 2 % SHARED}"


def _library(place: Place, index: int, life: int, until: float) -> None:
    """Write through the library; the index says which names, and whether some are removed."""
    journal = Journal(os.path.join(place.journals, f"{index}-{life}"))
    session = place.session()
    opened = keep.opened_identity(session)
    assert opened is not None
    where = (session.data_dir, session.state_dir, "chat", "dev", opened)
    name = _name(index)
    number = 0
    while time.monotonic() < until:
        number += 1
        value = None if index % 8 == 3 and number % 2 == 0 else f"{index}-{life}-{number}"
        journal.note("begin", name, value)
        try:
            if value is None:
                done = write.update(
                    *where, write.removing([name, f"{name}_TWIN"]), source="", who="me", now=0
                )
            else:
                pair = (Secret(value.encode()), "secret")
                new = {name: pair, f"{name}_TWIN": pair}
                done = write.update(*where, write.setting(new), source="stdin", who="me", now=0)
        except DevkeysError as error:
            journal.note("error", f"{error} ({error.hint})")
        else:
            journal.note("end", done.counter)


def _command(place: Place, index: int, life: int, until: float) -> None:
    """Write with the command itself, in this process' group, so that it can be killed with it."""
    os.setpgid(0, 0)
    journal = Journal(os.path.join(place.journals, f"{index}-{life}"))
    name = f"CLI_{_name(index)}"
    number = 0
    while time.monotonic() < until:
        number += 1
        value = f"{index}-{life}-{number}"
        journal.note("begin", name, value)
        done = subprocess.run(
            [*DEVKEYS, "set", name],
            check=False,
            capture_output=True,
            cwd=place.world.project,
            env=place.world.env,
            input=value.encode(),
        )
        if done.returncode == 0:
            journal.note("end", NEVER)
        else:
            journal.note("error", done.stderr.decode(errors="replace"))


def _reader(place: Place, index: int, life: int, until: float) -> None:
    """Read as `run` does, and see that counters do not go back and that twins agree."""
    journal = Journal(os.path.join(place.journals, f"reader-{index}-{life}"))
    session = place.session()
    highest = 0
    while time.monotonic() < until:
        try:
            found = keep.read(session, "chat", "dev", confirm=False)
        except DevkeysError as error:
            journal.note("error", f"{error} ({error.hint})")
            continue
        if found is None:
            journal.note("error", "there are no values")
            continue
        if found.counter < highest:
            journal.note("error", f"counter {found.counter} after {highest}")
        highest = max(highest, found.counter)
        for name, value in found.values.items():
            twin = name if name.endswith("_TWIN") or name.startswith("CLI_") else f"{name}_TWIN"
            if found.values.get(twin) != value:
                journal.note("error", f"{name} without its twin in {found.counter}")
        journal.note("read")


Work = Callable[[Place, int, int, float], None]


class Process(NamedTuple):
    """A process that works, started as the *life*-th of this number."""

    work: Work
    number: int
    life: int
    process: BaseProcess


def _quietly(said: str, work: Work, *more: object) -> None:
    """Do *work* with what it says, such as that it waits, in the file *said*."""
    sys.stderr = open(said, "w", buffering=1)  # noqa: SIM115  # until this process ends
    work(*more)  # type: ignore[arg-type]  # handed on as they are


def _start(place: Place, work: Work, index: int, life: int, until: float) -> Process:
    said = _said(place, work, index, life)
    process = FORK.Process(target=_quietly, args=(said, work, place, index, life, until))
    process.start()
    return Process(work, index, life, process)


def _said(place: Place, work: Work, index: int, life: int) -> str:
    return os.path.join(os.path.dirname(place.journals), f"{work.__name__}-{index}-{life}")


def _kill(one: Process) -> None:
    """Kill *one*, and the command that it runs."""
    pid = one.process.pid
    assert pid is not None
    if one.work is _command:
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:  # it has not made its group yet, or is gone
            one.process.kill()
    else:
        one.process.kill()
    one.process.join()


def _let_them_write(place: Place, count: int, seconds: float) -> tuple[dict[str, float], int]:
    """Run *count* writers, and readers; return when each journal's writer ended, and the kills."""
    until = time.monotonic() + seconds
    works = [_command if index % 8 in (5, 6) else _library for index in range(count)]
    running = [_start(place, work, index, 0, until) for index, work in enumerate(works)]
    readers = [_start(place, _reader, n, 0, until) for n in range(max(1, count // 16))]
    ended: dict[str, float] = {}
    kills = 0
    chance = random.Random(count)  # noqa: S311  # which one dies is no secret
    while time.monotonic() < until - 1:
        time.sleep(chance.uniform(0.05, 0.4))
        victim = running.pop(chance.randrange(len(running)))
        _kill(victim)
        kills += 1
        ended[f"{victim.number}-{victim.life}"] = time.monotonic()
        running.append(_start(place, victim.work, victim.number, victim.life + 1, until))
    for one in (*running, *readers):
        one.process.join()
        ended[f"{one.number}-{one.life}"] = time.monotonic()
        if one.process.exitcode != 0:
            with open(_said(place, one.work, one.number, one.life), encoding="utf-8") as file:
                raise AssertionError(file.read())
    return ended, kills


class Result(NamedTuple):
    """What came of it."""

    writes: list[Write]
    reads: int
    kills: int
    problems: list[str]


def trial(directory: str, count: int, seconds: float) -> Result:
    """Let *count* processes write for *seconds* to a store below *directory*."""
    place = _place(directory, count)
    ended, kills = _let_them_write(place, count, seconds)
    writes: list[Write] = []
    problems: list[str] = []
    reads = 0
    for name in sorted(os.listdir(place.journals)):
        path = os.path.join(place.journals, name)
        some, errors = read(path, ended.get(name, time.monotonic()))
        writes += some
        problems += [f"{name}: {error}" for error in errors]
        if name.startswith("reader"):
            with open(path, encoding="utf-8") as file:
                reads += sum(line.startswith('["read"') for line in file)
    return Result(writes, reads, kills, problems + _final(place, writes))


def _place(directory: str, count: int) -> Place:
    world = World(os.path.join(directory, "world"))
    names = [f"CLI_{_name(index)}" for index in range(count)]
    world.make("".join(f"# @optional @secret\n{name}=\n\n" for name in dict.fromkeys(names)))
    world.must("set", names[0], given="first")
    journals = os.path.join(directory, "journals")
    os.mkdir(journals)
    return Place(world, journals)


def _final(place: Place, writes: list[Write]) -> list[str]:
    """Return what is wrong with what is there at the end."""
    session = place.session()
    found = keep.read(session, "chat", "dev", confirm=False)
    assert found is not None
    problems = lost(writes, {n: v.reveal().decode() for n, v in found.values.items()})
    problems += [f"two writes got the counter {counter}" for counter in repeated(writes)]
    known = [one.counter for one in writes if one.acknowledged]
    if found.counter < max(known, default=0):
        problems.append(f"the counter is {found.counter}, and {max(known)} was acknowledged")
    place.world.must("set", f"CLI_{_name(0)}", given="a last write, which clears up")
    counter = values.read_counter(layout.counter_path(session.state_dir, "chat", "dev"))
    if counter != found.counter + 1:
        problems.append(f"the counter beside the store is {counter}, not {found.counter + 1}")
    problems += [f"left over: {path}" for path in place.world.files() if path.endswith(".tmp")]
    return problems


def main() -> int:
    """Run what the arguments say; 1 if a write was lost or anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--directory", help="where the store is made")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="devkeys-writers-", dir=given.directory) as directory:
        result = trial(directory, given.processes, given.seconds)
    known = sum(one.acknowledged for one in result.writes)
    lines = [
        f"{known} writes were acknowledged ({known / given.seconds:.0f} a second)",
        f"{len(result.writes) - known} were not; {result.kills} writers were killed",
        f"{result.reads} reads",
        f"{len(result.problems)} problems",
        *(f"  {problem}" for problem in result.problems[:40]),
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
