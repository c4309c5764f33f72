"""The crash test in full: every call of every command, with every fault.

    python tests/crash/run.py --command set --fault KILL --every 9

Prints a line for each command and fault: how many points there were, after how many the old
and the new state was found, how many were missed and failed, and the seconds. A point is missed
if the fault did not come at the call intended, in three attempts; it is checked all the same.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from crash.cases import CASES  # found by the line above
from crash.tracing import FAULTS, KILL, Listing, fits  # the same
from crash.trial import Outcome, Point, attempt, listing  # the same
from crash.world import World  # the same

BEFORE = 150  # of the calls before the first change one in so many, and all below the root

# What a keychain adds to the environment.
Keychain = Mapping[str, str]


def points(found: Listing, fault: str, every: int) -> list[Point]:
    """Return where *fault* is to come, in the order of the calls."""
    sample = [call for n, call in enumerate(found.before) if call.below or n % BEFORE == BEFORE - 1]
    if fault != KILL:  # no program can go on without the interpreter's own files
        sample = [call for call in sample if call.below]
    calls = [call for call in [*sample, *found.after] if fits(fault, call)]
    return [Point(fault, call) for call in calls[::every]]


def world_of(command: str, root: str, keychain: Keychain) -> World:
    """Return the world of *command* below *root*, made and saved unless it is there."""
    world = World(os.path.join(root, command), keychain, quick=CASES[command].quick)
    if not os.path.exists(world.root):
        CASES[command].prepare(world)
        # Once more than the trials need: what Python compiles is compiled, and plans are made.
        world.usable()
        world.save()
    return world


def _work(command: str, root: str, keychain: Keychain, some: Sequence[Point]) -> list[Outcome]:
    world = world_of(command, root, keychain)
    return [attempt(CASES[command], world, point) for point in some]


def _line(command: str, fault: str, outcomes: Sequence[Outcome], seconds: float) -> str:
    ends = Counter(outcome.end for outcome in outcomes)
    numbers = (len(outcomes), *(ends[end] for end in ("old", "new", "missed", "failed")))
    return f"{command:<12}{fault:<9}" + "".join(f"{n:>8}" for n in numbers) + f"{seconds:>9.0f}"


def _failures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.end in ("failed", "missed"):
            call = outcome.point.call
            where = f"{outcome.point.fault} at {call.name} {call.nth} ({call.what})"
            yield f"    {outcome.end}: {where}: {outcome.why}"


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


@contextmanager
def _keychain(wanted: bool) -> Iterator[Keychain]:
    if not wanted:
        yield {}
        return
    from gnome_keyring import gnome_keyring

    with gnome_keyring() as keyring:
        names = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
        yield {name: keyring.env[name] for name in names}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--command", action="append", choices=list(CASES), help="default: all")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="default: all")
    parser.add_argument("--every", type=int, default=1, help="one point in so many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--keychain", action="store_true", help="with a gnome-keyring")
    parser.add_argument("--directory", help="where the HOMEs are made")
    return parser.parse_args()


def main() -> int:
    """Run what the arguments say; 1 if anything failed."""
    given = _arguments()
    if given.keychain:
        given.jobs = 1  # there is one, for one world at a time
    commands = given.command or [
        name for name, case in CASES.items() if given.keychain or not case.keychain
    ]
    failed = 0
    heads = ("points", "old", "new", "missed", "failed", "seconds")
    _say(f"{'command':<12}{'fault':<9}" + "".join(f"{head:>8}" for head in heads))
    root = tempfile.mkdtemp(prefix="devkeys-crash-", dir=given.directory)
    try:
        with _keychain(given.keychain) as keychain, ProcessPoolExecutor(given.jobs) as pool:
            for command in commands:
                failed += _command(command, given, root, keychain, pool)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if failed else 0


def _command(
    command: str,
    given: argparse.Namespace,
    root: str,
    keychain: Keychain,
    pool: ProcessPoolExecutor,
) -> int:
    roots = [os.path.join(root, str(job)) for job in range(given.jobs)]
    found = listing(CASES[command], world_of(command, roots[0], keychain))
    failed = 0
    for fault in given.fault or FAULTS:
        began = time.monotonic()
        all_of_them = points(found, fault, given.every)
        jobs = [
            pool.submit(_work, command, one, keychain, all_of_them[n :: given.jobs])
            for n, one in enumerate(roots)
        ]
        outcomes = [outcome for job in jobs for outcome in job.result()]
        _say(_line(command, fault, outcomes, time.monotonic() - began), *_failures(outcomes))
        failed += sum(outcome.end == "failed" for outcome in outcomes)
    return failed


if __name__ == "__main__":
    sys.exit(main())
