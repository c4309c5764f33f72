"""Measure what `devkeys run` adds to each vendor's own call, for 1, 20 and 150 references.

    python benchmarks/providers.py [--rounds N] [--quick] [--report-only]

Needs the test dependencies, hyperfine, and for a vendor its program: pass and gpg, bw.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import measure
import report
import vendors
from install import ROOT, alone
from measure import BrokenError, Command

sys.path.append(os.path.join(ROOT, "tests"))

BOUND = 1.15
RUNS = (10, 20)
QUICK = (3, 3)
Row = tuple[str, int, list[float], list[float]]


def main() -> int:
    """Return 0 if the bound was kept, 1 if it was missed, 2 if nothing can be measured."""
    parser = argparse.ArgumentParser(description="Measure devkeys beside the vendors' own calls.")
    parser.add_argument("--rounds", type=int, default=1, help="how often all have their turn")
    parser.add_argument("--quick", action="store_true", help="few runs, to see that all works")
    parser.add_argument("--report-only", action="store_true", help="do not fail at a missed bound")
    options = parser.parse_args()
    if shutil.which("hyperfine") is None:
        print("benchmarks: hyperfine is not on PATH; install it", file=sys.stderr)
        return 2
    rounds, runs = (1, QUICK) if options.quick else (options.rounds, RUNS)
    # A short path: gpg's agent listens on a socket below HOME.
    with tempfile.TemporaryDirectory(prefix="dkb-") as directory:
        python, script = alone(directory)
        rows, absent = _measure(Path(directory), python, script, rounds, runs)
        nothing = measure.times(
            Command("", (python, "-c", "pass"), directory, dict(os.environ)), runs
        )
    version = subprocess.run(["hyperfine", "--version"], capture_output=True, text=True, check=True)
    print(report.machine(version.stdout.strip(), rounds, runs), end="\n\n")
    print("\n".join(_table(rows, absent)), end="\n\n")
    over = [row for row in rows if _ratio(row[2], row[3]) > BOUND]
    # What no Python can do is no bound: its bare start takes longer than is allowed.
    start = statistics.median(nothing)
    missed = [row for row in over if start < (BOUND - 1) * statistics.median(row[2])]
    for name, count, bare, ours in over:
        word = "MISSED    " if (name, count, bare, ours) in missed else "cannot be "
        print(f"{word} {BOUND} x: {name}, {count}; python -c pass takes {start * 1e3:.0f} ms")
    if not over:
        print(f"kept       {BOUND} x")
    return 1 if missed and not options.report_only else 0


def _measure(
    directory: Path, python: str, script: str, rounds: int, runs: tuple[int, int]
) -> tuple[list[Row], dict[str, str]]:
    rows: list[Row] = []
    absent: dict[str, str] = {}
    for number, make in enumerate(vendors.ALL):
        home = directory / str(number)
        home.mkdir(mode=0o700)
        try:
            with make(home, python) as vendor:
                rows += _compare(home, script, vendor, rounds, runs)
        except (vendors.AbsentError, BrokenError, ImportError) as reason:
            absent[make.__name__] = str(reason)
    return rows, absent


def _compare(
    home: Path, script: str, vendor: vendors.Vendor, rounds: int, runs: tuple[int, int]
) -> list[Row]:
    rows: list[Row] = []
    for count in vendors.COUNTS:
        folder = home / f"checkout-{count}"
        vendors.project(script, folder, vendor, count)
        proof = (f"KEY_{count - 1}", f"{vendors.VALUE}{count - 1}")
        words = (script, "run", "--", "true")
        ours = Command(f"{vendor.name}, {count}", words, str(folder), vendor.env, proof)
        bare = Command(vendor.call, vendor.bare(count), str(home), vendor.env)
        for command in (bare, ours):
            measure.check(command)
        print(f"  {ours.name}", file=sys.stderr)
        row: Row = (vendor.call, count, [], [])
        for turn in range(rounds):
            for command, times in ((bare, row[2]), (ours, row[3]))[:: 1 if turn % 2 == 0 else -1]:
                times.extend(measure.times(command, runs))
        rows.append(row)
    return rows


def _ratio(bare: list[float], ours: list[float]) -> float:
    return statistics.median(ours) / statistics.median(bare)


def _table(rows: list[Row], absent: dict[str, str]) -> list[str]:
    lines = [
        "| the vendor's own call | references | bare, ms | devkeys run, ms | ratio |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, count, bare, ours in rows:
        medians = f"{statistics.median(bare) * 1e3:.0f} | {statistics.median(ours) * 1e3:.0f}"
        lines.append(f"| {name} | {count} | {medians} | {_ratio(bare, ours):.2f} |")
    return lines + [f"| {name} | not here: {why} | | | |" for name, why in absent.items()]


if __name__ == "__main__":
    sys.exit(main())
