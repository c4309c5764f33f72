"""Measure devkeys beside its peers, all in one run on one machine, and hold it to its bounds.

    python benchmarks/run.py [--rounds N] [--quick] [--report-only]

Needs the test dependencies, hyperfine and gnome-keyring. Everything is installed into a
directory that is thrown away; the keychain is one of its own, on a bus of its own. In each
round every command has its turn, so that whatever else the machine does hits all alike.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import TypeVar

import measure
import peers
import projects
import report
from install import ROOT, Installed, install
from measure import BrokenError, Command
from service import Service, service

sys.path.append(os.path.join(ROOT, "tests"))

NEEDED = ("hyperfine", "gnome-keyring-daemon", "dbus-daemon")
# Rounds, and of each command in a round the least and the most runs: three seconds decide,
# hyperfine's own measure, so that a short command's first runs do not make its median.
RUNS = (10, 250)
QUICK = (2, (5, 5))
A = TypeVar("A")
T = TypeVar("T")


def main() -> int:
    """Return 0 if every bound was kept, 1 if one was missed, 2 if nothing can be measured."""
    parser = argparse.ArgumentParser(description="Measure devkeys beside its peers.")
    parser.add_argument("--rounds", type=int, default=3, help="how often all have their turn")
    parser.add_argument("--quick", action="store_true", help="few runs, to see that all works")
    parser.add_argument("--report-only", action="store_true", help="do not fail at missed bounds")
    options = parser.parse_args()
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if missing:
        print(f"benchmarks: not on PATH: {', '.join(missing)}; install them", file=sys.stderr)
        return 2
    rounds, runs = QUICK if options.quick else (options.rounds, RUNS)
    with tempfile.TemporaryDirectory(prefix="devkeys-benchmark-") as directory:
        figures, left = _measure(directory, rounds, runs)
    lines, missed = report.verdict(figures)
    version = subprocess.run(["hyperfine", "--version"], capture_output=True, text=True, check=True)
    print(report.machine(version.stdout.strip(), rounds, runs), end="\n\n")
    print(report.table(figures), end="\n\n")
    print("\n".join(lines))
    print(
        "MISSED     " + "; ".join(left) if left else "kept       nothing of devkeys stays resident"
    )
    return 1 if missed + left and not options.report_only else 0


def _measure(
    directory: str, rounds: int, runs: tuple[int, int]
) -> tuple[report.Figures, list[str]]:
    installed = install(directory)
    with service() as keyring:
        commands, absent = _commands(installed, directory, keyring)
        times: dict[str, list[float]] = {command.name: [] for command in commands}
        for turn in range(rounds):
            print(f"  round {turn + 1} of {rounds}", file=sys.stderr)
            for command in commands if turn % 2 == 0 else reversed(commands):
                times[command.name] += _again(keyring, measure.times, command, runs)
        nothing = Command("true", ("true",), directory, keyring.env)
        least = measure.peak(nothing, installed.python)
        peaks = {c.name: _again(keyring, measure.peak, c, installed.python) for c in commands}
        ours = next(command for command in commands if command.name == report.TWENTY)
        left = measure.left_behind(ours)
    return report.Figures(times, peaks, least, absent), left


def _again(keyring: Service, do: Callable[[Command, A], T], command: Command, more: A) -> T:
    """Return what *do* returns; what fails once in thousands of runs is done a second time."""
    try:
        return do(command, more)
    except BrokenError as reason:
        fell = "; gnome-keyring had ended" if keyring.restore() else ""
        print(f"  once more: {reason}{fell}", file=sys.stderr)
    return do(command, more)


def _commands(
    installed: Installed, directory: str, keyring: Service
) -> tuple[list[Command], dict[str, str]]:
    """Return every command that works, and why the others are not measured."""
    home = os.path.join(directory, "headless-home")
    os.mkdir(home, 0o700)
    reached = keyring.env
    # No bus: what the headless store is for.
    headless = {**reached, "HOME": home, "XDG_RUNTIME_DIR": os.path.join(home, "none")}
    del headless["DBUS_SESSION_BUS_ADDRESS"]
    stores = {projects.KEYRING: reached, projects.HEADLESS: headless}
    ours = projects.commands(installed, os.path.join(directory, "projects"), stores)
    others, absent = peers.commands(installed, os.path.join(directory, "peers"), reached)
    working = []
    for command in [*others, *ours]:
        try:
            measure.check(command)
        except BrokenError as reason:
            absent[command.name] = str(reason)
        else:
            working.append(command)
    return working, absent


if __name__ == "__main__":
    sys.exit(main())
