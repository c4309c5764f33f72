"""Measure what a hook costs: each ordinary command, and the start of the shell.

    python benchmarks/hooks.py [--rounds N] [--quick] [--report-only]

Needs hyperfine and bash, zsh, fish; direnv, starship and atuin where they are on PATH.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import measure
import report
from install import alone
from measure import Command
from prompts import ORDINARY, Typist

SHELLS = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}
PLAIN, COPY, COPY_NAMES, PRINTED = (
    "plain",
    "devkeys hook install",
    "the same, 500 declared names",
    "devkeys hook, printed at start",
)
PER_COMMAND, AT_START, AT_START_PRINTED = 0.3, 3.0, 25.0  # ms, over a plain shell
NAMES = 500


class Row(NamedTuple):
    """One hook in one shell: seconds per command, seconds of start, of each round."""

    shell: str
    hook: str
    commands: list[float]
    starts: list[float]


def main() -> int:
    """Return 0 if the bounds were kept, 1 if one was missed, 2 if nothing can be measured."""
    parser = argparse.ArgumentParser(description="Measure hooks beside those of others.")
    parser.add_argument("--rounds", type=int, default=5, help="how often all have their turn")
    parser.add_argument("--quick", action="store_true", help="few runs, to see that all works")
    parser.add_argument("--report-only", action="store_true", help="do not fail at a missed bound")
    options = parser.parse_args()
    if shutil.which("hyperfine") is None:
        print("benchmarks: hyperfine is not on PATH; install it", file=sys.stderr)
        return 2
    rounds, runs = (1, (3, 3)) if options.quick else (options.rounds, (20, 60))
    with tempfile.TemporaryDirectory(prefix="dkb-") as directory:
        _, script = alone(directory)
        rows = _measure(Path(directory), script, rounds, runs)
    version = subprocess.run(["hyperfine", "--version"], capture_output=True, text=True, check=True)
    print(report.machine(version.stdout.strip(), rounds, runs), end="\n\n")
    print("\n".join(_table(rows)), end="\n\n")
    missed = _missed(rows)
    print("\n".join(missed) or "kept       all bounds")
    return 1 if missed and not options.report_only else 0


def _measure(directory: Path, script: str, rounds: int, runs: tuple[int, int]) -> list[Row]:
    rows: list[Row] = []
    for shell in SHELLS:
        if shutil.which(shell) is None:
            print(f"benchmarks: {shell} is not here", file=sys.stderr)
            continue
        homes = {
            hook: _home(directory / shell / str(number), shell, hook, line, script)
            for number, (hook, line) in enumerate(_hooks(shell))
        }
        found = {hook: Row(shell, hook, [], []) for hook in homes}
        for turn in range(rounds):
            for hook in list(homes)[:: 1 if turn % 2 == 0 else -1]:
                print(f"  {shell}, {hook}", file=sys.stderr)
                _once(shell, homes[hook], found[hook], runs)
        rows += found.values()
    return rows


def _hooks(shell: str) -> list[tuple[str, str]]:
    """Return each hook's name and the line of the start-up file that loads it."""

    def printed(words: str) -> str:
        return f"{words} | source" if shell == "fish" else f'eval "$({words})"'

    found = [(PLAIN, ""), (COPY, ""), (COPY_NAMES, ""), (PRINTED, printed(f"devkeys hook {shell}"))]
    peers = {
        "direnv": f"direnv hook {shell}",
        "starship": f"starship init {shell}",
        "atuin": f"atuin init {shell}",
    }
    return found + [(f"{p} alone", printed(w)) for p, w in peers.items() if shutil.which(p)]


def _home(home: Path, shell: str, hook: str, line: str, script: str) -> dict[str, str]:
    start = home / SHELLS[shell]
    start.parent.mkdir(parents=True)
    start.write_text(f"{_history(shell)}\n{line}\n", encoding="utf-8")
    path = f"{Path(script).parent}:{os.environ['PATH']}"
    environ = {"HOME": str(home), "PATH": path, "TERM": "xterm", "LANG": "C.UTF-8"}
    if hook in (COPY, COPY_NAMES):
        subprocess.run(
            [script, "hook", "install", shell, "--yes"],
            env=environ,
            check=True,
            capture_output=True,
        )
    if hook == COPY_NAMES:
        state = home / ".local/state/devkeys"
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
        known = f"devkeys-index 1 {said.stdout.split()[-1]}"
        names = [f"name DECLARED_THING_{number}" for number in range(NAMES)]
        (state / "shell-index").write_text("\n".join([known, *names, ""]), encoding="utf-8")
    return environ


def _history(shell: str) -> str:
    if shell == "fish":
        return "set -g fish_greeting"
    return "HISTFILE=$HOME/.history HISTSIZE=10000 SAVEHIST=10000"


def _once(shell: str, environ: dict[str, str], row: Row, runs: tuple[int, int]) -> None:
    home = environ["HOME"]
    typist = Typist([shell, "-i"], environ, home)
    try:
        typist.seconds(ORDINARY)
        row.commands.extend(typist.seconds(ORDINARY) for _ in range(runs[0] // 2))
    finally:
        typist.close()
    row.starts.extend(measure.times(Command("", (shell, "-i", "-c", "exit"), home, environ), runs))


def _over(row: Row, rows: list[Row]) -> tuple[float, float]:
    """Return the milliseconds by which *row* is over the plain shell: a command, the start."""
    plain = next(other for other in rows if (other.shell, other.hook) == (row.shell, PLAIN))
    return (
        (statistics.median(row.commands) - statistics.median(plain.commands)) * 1e3,
        (statistics.median(row.starts) - statistics.median(plain.starts)) * 1e3,
    )


def _table(rows: list[Row]) -> list[str]:
    lines = [
        "| shell | hook | a command, ms | over plain | start, ms | over plain |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for row in rows:
        command, start = _over(row, rows)
        lines.append(
            f"| {row.shell} | {row.hook} | {statistics.median(row.commands) * 1e3:.2f} "
            f"| {command:+.2f} | {statistics.median(row.starts) * 1e3:.1f} | {start:+.1f} |"
        )
    return lines


def _missed(rows: list[Row]) -> list[str]:
    missed = []
    for row in rows:
        command, start = _over(row, rows)
        if row.hook in (COPY, COPY_NAMES, PRINTED) and command > PER_COMMAND:
            missed.append(f"MISSED     {row.shell}, {row.hook}: {command:.2f} ms a command")
        most = {COPY: AT_START, COPY_NAMES: AT_START, PRINTED: AT_START_PRINTED}.get(row.hook)
        if most is not None and start > most:
            missed.append(f"MISSED     {row.shell}, {row.hook}: {start:.1f} ms at start")
    return missed


if __name__ == "__main__":
    sys.exit(main())
