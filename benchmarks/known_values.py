"""Search a corpus for 200 known values: devkeys, kingfisher and ripgrep side by side.

    python benchmarks/known_values.py --kingfisher PATH

Needs ripgrep, kingfisher (PyPI `kingfisher-bin`) and Linux. devkeys is the whole command:
start-up, the store with the values, the search, the report as JSON. Its second row is the search
alone, with the engine of the standard library. kingfisher looks for formats of keys and not for
given values, which is other work; ripgrep with all forms as fixed strings is the fair peer. All
read the same files from the page cache, in turn, on all cores. Memory is that of all processes of
a run that is not timed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import corpus
import memory
from corpus import Corpus

FILL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fill.py")
HERE = os.path.abspath(__file__)
DEVKEYS, FALLBACK, KINGFISHER, RG = (
    "devkeys",
    "devkeys, standard library",
    "kingfisher",
    "rg -F -f",
)
OVER_KINGFISHER, OVER_RG = 1.5, 0.5  # times their MB/s
FLAT = 1.3  # times the memory of a small file that a hundred times as large a one may take


class Row(NamedTuple):
    """One program: seconds of each run, the peak of memory in bytes, and what it found."""

    name: str
    seconds: list[float]
    peak: int
    found: set[str]


def main() -> int:
    """Return 0 if the bounds were kept, 1 if one was missed, 2 if nothing can be measured."""
    parser = argparse.ArgumentParser(description="Measure the search for known values.")
    parser.add_argument("--kingfisher", default=shutil.which("kingfisher"))
    parser.add_argument("--rounds", type=int, default=5, help="how often all have their turn")
    parser.add_argument("--report-only", action="store_true", help="do not fail at a missed bound")
    parser.add_argument("--scan", nargs=2, metavar=("VALUES", "ROOT"))
    options = parser.parse_args()
    if options.scan:
        return _scan(*options.scan)
    if not options.kingfisher or not shutil.which("rg"):
        print("benchmarks: kingfisher (--kingfisher) and rg are needed", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="dkb-") as directory:
        made = corpus.make(os.path.join(directory, "corpus"))
        store = _store(directory, made.values)
        rows = _measured(made, directory, store, options.kingfisher, options.rounds)
        flat = _flat(directory, store)
    print("\n".join(_table(made, rows)), end="\n\n")
    print(f"one file of 20 MB: {flat[0] / 1e6:.0f} MB of memory; of 2 GB: {flat[1] / 1e6:.0f} MB\n")
    missed = _missed(made, rows, flat)
    print("\n".join(missed) or "kept       all bounds")
    return 1 if missed and not options.report_only else 0


def _scan(values: str, root: str) -> int:
    """Search *root* with the engine of the standard library; print the paths of hits."""
    from devkeys.scan.search import Known, Search
    from devkeys.scan.stride import Stride
    from devkeys.scan.walk import File, Walk
    from devkeys.scan.workers import Progress, look_at
    from devkeys.secret import Secret

    texts = json.loads(Path(values).read_text(encoding="utf-8"))
    known = [Known(f"S{number}", Secret(text.encode())) for number, text in enumerate(texts)]
    files = [found for found in Walk().below(root) if isinstance(found, File)]
    progress = Progress(lambda _: None, lambda _: None)
    for content in look_at(files, Search(known, make=Stride), progress):
        assert content.unseen is None, content.unseen
        for held in content.held:
            print(f"{content.path}:{held.known}")
    return 0


class Store(NamedTuple):
    """A headless store with the values: the checkout that has them, and how it is reached."""

    folder: str
    env: dict[str, str]
    names: list[str]

    def doctor(self, path: str) -> list[str]:
        """Return the command that looks for the values at *path*."""
        # By name, for of itself doctor leaves out what may be a word, as a few of them may.
        names = (word for name in self.names for word in ("--name", name))
        doctor = [sys.executable, "-P", "-m", "devkeys", "doctor"]
        return [*doctor, "--path", path, "--json", *names]


def _store(directory: str, values: list[bytes]) -> Store:
    home, folder = os.path.join(directory, "home"), os.path.join(directory, "chat")
    os.mkdir(home, 0o700)
    os.makedirs(os.path.join(folder, ".git"))
    env = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    env["XDG_RUNTIME_DIR"] = os.path.join(home, "none")
    named = {f"SERVICE_{number}_TOKEN": value.decode() for number, value in enumerate(values)}
    declared = "".join(f"{name}=\n" for name in named)
    Path(folder, ".env.example").write_text(declared, encoding="utf-8")
    asked = json.dumps({"folder": folder, "values": named})
    subprocess.run([sys.executable, FILL], input=asked, env=env, text=True, check=True)
    return Store(folder, env, list(named))


def _measured(
    made: Corpus, directory: str, store: Store, kingfisher: str, rounds: int
) -> list[Row]:
    values = os.path.join(directory, "values.json")
    Path(values).write_text(json.dumps([v.decode() for v in made.values]), encoding="utf-8")
    literals = os.path.join(directory, "literals")
    Path(literals).write_bytes(b"\n".join(_literals(made.values)) + b"\n")
    report = os.path.join(directory, "kingfisher.json")
    quiet = ["--no-validate", "--no-update-check", "-f", "json", "-o", report]
    commands = {
        DEVKEYS: store.doctor(made.root),
        FALLBACK: [sys.executable, HERE, "--scan", values, made.root],
        KINGFISHER: [kingfisher, "scan", *quiet, made.root],
        RG: ["rg", "-F", "-f", literals, "--no-ignore", "--hidden", "--text", "-c", made.root],
    }
    rows = {}
    for name, words in commands.items():
        said, peak = _with_peak(words, store)
        rows[name] = Row(name, [], peak, _found(name, said, report))
    for turn in range(rounds):
        for name in list(commands)[:: 1 if turn % 2 == 0 else -1]:
            print(f"  {name}", file=sys.stderr)
            Path(report).unlink(missing_ok=True)
            start = time.perf_counter()
            subprocess.run(
                commands[name], cwd=store.folder, env=store.env, capture_output=True, check=False
            )
            rows[name].seconds.append(time.perf_counter() - start)
    return list(rows.values())


def _literals(values: list[bytes]) -> list[bytes]:
    from devkeys.forms import forms

    return [form.text for value in values for form in forms(value) if b"\n" not in form.text]


def _found(name: str, said: str, report: str) -> set[str]:
    if name == KINGFISHER:
        return _in_report(report)
    return _in_doctor(said) if name == DEVKEYS else _in_lines(said)


def _in_lines(said: str) -> set[str]:
    return {line.rpartition(":")[0] for line in said.splitlines()}


def _in_doctor(said: str) -> set[str]:
    report = json.loads(said)
    assert report["covered"]["secrets"] == corpus.SECRETS, report["covered"]
    assert not any(one["failed"] for one in report["not_looked_at"]), report["not_looked_at"]
    return {one["place"]["path"] for one in report["findings"]}


def _in_report(report: str) -> set[str]:
    found = json.loads(Path(report).read_text(encoding="utf-8"))
    return {one["finding"]["path"] for one in found.get("findings", [])}


def _with_peak(words: list[str], store: Store) -> tuple[str, int]:
    """Return what the command says, and the most memory that it takes with its children."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            words, cwd=store.folder, env=store.env, stdout=said, stderr=subprocess.DEVNULL
        )
        peak = memory.peak(process.pid)
        process.wait()
        said.seek(0)
        return said.read(), peak


def _flat(directory: str, store: Store) -> tuple[int, int]:
    """Return the peaks of memory over a small file, and over one a hundred times as large."""
    path = os.path.join(directory, "large.log")
    piece = b"2026-03-04 INFO one line of a log of no interest at all\n" * 400_000
    peaks = []
    for pieces in (1, 100):
        with open(path, "wb") as file:
            file.writelines(piece for _ in range(pieces))
        said, peak = _with_peak(store.doctor(path), store)
        assert not _in_doctor(said)
        peaks.append(peak)
    os.unlink(path)
    return peaks[0], peaks[1]


def _speed(made: Corpus, row: Row) -> float:
    return made.size / 1e6 / statistics.median(row.seconds)


def _recall(made: Corpus, row: Row) -> float:
    return sum(plant.path in row.found for plant in made.plants) / len(made.plants)


def _table(made: Corpus, rows: list[Row]) -> list[str]:
    size = f"{made.size / 1e6:.0f} MB in {made.files} files"
    planted = f"{len(made.values)} values, {len(made.plants)} times in {len(corpus.FORMS)} forms"
    head = "| program | median, s | MB/s | peak, MB | found |"
    lines = [f"{size}; {planted}; {os.cpu_count()} cores", "", head, "|---|---:|---:|---:|---:|"]
    return lines + [
        f"| {row.name} | {statistics.median(row.seconds):.2f} | {_speed(made, row):.0f} "
        f"| {row.peak / 1e6:.0f} | {_recall(made, row):.1%} |"
        for row in rows
    ]


def _missed(made: Corpus, rows: list[Row], flat: tuple[int, int]) -> list[str]:
    own, fallback, kingfisher, rg = rows
    missed = [
        f"MISSED     {row.name}: finds {_recall(made, row):.2%}"
        for row in (own, fallback)
        if _recall(made, row) < 1
    ]
    if _speed(made, own) < OVER_KINGFISHER * _speed(made, kingfisher):
        missed.append("MISSED     speed over kingfisher")
    if _speed(made, own) < OVER_RG * _speed(made, rg):
        missed.append("MISSED     speed over rg")
    if own.peak >= kingfisher.peak:
        missed.append("MISSED     memory below kingfisher's")
    if flat[1] > FLAT * flat[0]:
        missed.append("MISSED     memory flat with file size")
    return missed


if __name__ == "__main__":
    sys.exit(main())
