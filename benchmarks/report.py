"""Medians, ratios and bounds of what was measured, as text."""

import os
import platform
import statistics
import time
from typing import NamedTuple

from peers import BARE, DIRENV, KEYRING_20, SECRETSPEC, TYPER
from projects import KEYRING, run_name

ONE, TWENTY, MANY = (run_name(count, KEYRING) for count in (1, 20, 200))


class Bound(NamedTuple):
    """A promise: *what* takes at most *most* times what *than* takes."""

    what: str
    most: float
    than: str
    memory: bool = False


BOUNDS = (
    Bound(TWENTY, 1.6, BARE),
    Bound(TWENTY, 1, DIRENV),
    Bound(TWENTY, 1, SECRETSPEC),
    Bound(TWENTY, 0.06, KEYRING_20),
    Bound(MANY, 1.2, ONE),
    Bound(TWENTY, 1.5, BARE, memory=True),
    Bound("devkeys status", 2, TYPER),
    Bound("devkeys list", 2, TYPER),
    Bound("devkeys set", 2, TYPER),
)


class Figures(NamedTuple):
    """What was measured: all times of each command in seconds, peaks of memory in bytes.

    No peak below *least_peak*, that of the process which starts the command, can be seen.
    """

    times: dict[str, list[float]]
    peaks: dict[str, int]
    least_peak: int
    absent: dict[str, str]


def table(figures: Figures) -> str:
    """Return a Markdown table, in the order of measuring, and what is not in it."""
    bare = figures.times[BARE]
    lines = [
        "| command | median, ms | least, ms | median x python | peak, MB |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, times in figures.times.items():
        median = statistics.median(times)
        ratio = median / statistics.median(bare)
        peak = figures.peaks[name]
        hidden = "at most " if peak <= figures.least_peak * 1.01 else ""
        lines.append(
            f"| {name} | {median * 1e3:.1f} | {min(times) * 1e3:.1f} | {ratio:.2f} "
            f"| {hidden}{peak / 1e6:.1f} |"
        )
    lines += [f"| {name} | not here: {why} | | | |" for name, why in figures.absent.items()]
    return "\n".join(lines)


def machine(hyperfine: str, rounds: int, runs: tuple[int, int]) -> str:
    """Return one line on when, where and how it was measured."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    processors = f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} x {_processor()}"
    return (
        f"{today}, {processors}, Linux {platform.release()}, Python {platform.python_version()}, "
        f"{hyperfine}; {rounds} rounds of {runs[0]} to {runs[1]} runs each, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def _processor() -> str:
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def verdict(figures: Figures) -> tuple[list[str], list[str]]:
    """Return a line for each bound, and the lines of those that were missed.

    A bound to a peer that is not here is neither kept nor missed.
    """
    lines, missed = [], []
    for bound in BOUNDS:
        measured: dict[str, float] = (
            dict(figures.peaks)
            if bound.memory
            else {name: statistics.median(times) for name, times in figures.times.items()}
        )
        quantity = "peak memory of " if bound.memory else ""
        claim = f"{quantity}{bound.what} <= {bound.most:g} x {bound.than}"
        if bound.what not in measured or bound.than not in measured:
            lines.append(f"not known  {claim}")
            continue
        ratio = measured[bound.what] / measured[bound.than]
        line = f"{'kept      ' if ratio <= bound.most else 'MISSED    '} {claim}: {ratio:.3f}"
        lines.append(line)
        if ratio > bound.most:
            missed.append(line)
    return lines, missed
