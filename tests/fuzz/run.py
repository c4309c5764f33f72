"""Fuzz what reads bytes of others: `tests/fuzz/run.py [--seconds N] [--keep DIR] [TARGET...]`.

Needs atheris. Prints a line per target; what broke the law is in DIR/faults, and the exit code
is 1. A corpus that is in DIR already is gone on with.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from typing import NamedTuple

FUZZ = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(FUZZ)
ROOT = os.path.dirname(TESTS)
START = 120  # seconds that a target may take to be ready and to end


class Figures(NamedTuple):
    """What came of one target."""

    runs: int
    per_second: int
    corpus: int
    coverage: int
    faults: int
    log: str


def fuzz(name: str, seconds: int, keep: str) -> Figures:
    """Run the target *name* for *seconds*; its corpus and faults are kept in *keep*."""
    corpus, faults = os.path.join(keep, "corpus", name), os.path.join(keep, "faults")
    for directory in (corpus, faults):
        os.makedirs(directory, exist_ok=True)
    command = [sys.executable, os.path.join(FUZZ, "guided.py"), name, corpus, faults]
    path = os.pathsep.join([TESTS, os.path.join(ROOT, "src")])
    done = subprocess.run(
        [*command, f"-max_total_time={seconds}"],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + START,
        check=False,
    )
    kept = [file for file in os.listdir(faults) if re.fullmatch(rf"{name}-[a-z]*-?[0-9a-f]+", file)]
    with open(os.path.join(keep, f"{name}.log"), "w", encoding="utf-8") as file:
        file.write(done.stderr)
    log = done.stderr if done.returncode == 0 else f"{done.stderr}\nended with {done.returncode}"
    return _figures(log, len(kept) or int(done.returncode != 0))


def _figures(log: str, faults: int) -> Figures:
    def last(pattern: str) -> int:
        return int((re.findall(pattern, log) or ["0"])[-1])

    return Figures(
        last(r"stat::number_of_executed_units: (\d+)"),
        last(r"stat::average_exec_per_sec: +(\d+)"),
        last(r"corp: (\d+)"),
        last(r"cov: (\d+)"),
        faults,
        log,
    )


def _told(log: str) -> str:
    """Return of *log* what was wrong, without libFuzzer's progress."""
    return "".join(re.findall(r"\nFAULT .*?\n(?=#\d|$)", log, re.DOTALL)) or log[-3000:]


def main() -> int:
    """Fuzz the targets that are named, all without a name, one after the other."""
    sys.path[0] = TESTS
    sys.path.insert(1, os.path.join(ROOT, "src"))
    from fuzz.table import TARGETS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", help="a directory for the corpora and the faults")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    asked = parser.parse_args()
    if unknown := [name for name in asked.targets if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}")
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed")
    keep = asked.keep or tempfile.mkdtemp(prefix="devkeys-fuzz-")
    found = 0
    print(f"{'target':<22}{'runs':>10}{'runs/s':>8}{'corpus':>8}{'edges':>7}{'faults':>8}")  # noqa: T201  # a table
    for name in asked.targets or TARGETS:
        got = fuzz(name, asked.seconds, keep)
        row = f"{name:<22}{got.runs:>10}{got.per_second:>8}{got.corpus:>8}{got.coverage:>7}"
        print(f"{row}{got.faults:>8}", flush=True)  # noqa: T201  # a table
        if got.faults:
            found += got.faults
            sys.stderr.write(_told(got.log))
    if found:
        sys.stderr.write(f"{found} faults; what caused them is in {keep}/faults\n")
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
