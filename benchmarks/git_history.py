"""Measure the search of a git history beside kingfisher's, in one run, and hold it to its bound.

    python benchmarks/git_history.py [--text source|words] [--rounds N] [--megabytes N]
                                     [--report-only]

Needs git, kingfisher (`pip install kingfisher-bin`) and Linux. The repository is made by this
script, of the lines of Python's own library (or of random words, which is kinder to kingfisher),
with three planted values; it is thrown away. The two take turns. kingfisher looks for formats
of keys, devkeys for 200 values in all their forms. Memory is that of all processes together:
looked at every few milliseconds in the first round, whose time does not count, each page that
several of them share counted once.
"""

import argparse
import os
import random
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import NamedTuple

import memory

MOST = 0.5  # of kingfisher's time
_PLANTED = 3
_KNOWN = 200
_LOOK = """
import sys
from devkeys.flows.doctor import repository
from devkeys.flows.doctor.scope import Nobody, Scope
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session
values = open(sys.argv[2], "rb").read().split()
search = Search([Known(f"K{i}", Secret(value)) for i, value in enumerate(values)])
scope = Scope(Session(), None, sys.argv[1], frozenset(("git",)))
found = [item for item in repository.look(scope, search, Nobody()) if hasattr(item, "kind")]
sys.exit(len({item.secrets for item in found}) != int(sys.argv[3]))
"""


def main() -> int:
    """Return 0 if the bound was kept, 1 if it was missed, 2 if nothing can be measured."""
    parser = argparse.ArgumentParser(description="Measure the search of a git history.")
    parser.add_argument("--text", choices=("source", "words"), default="source")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=750)
    parser.add_argument("--report-only", action="store_true", help="exit 0 if the bound is missed")
    options = parser.parse_args()
    missing = [name for name in ("git", "kingfisher") if shutil.which(name) is None]
    if missing:
        print(f"not here: {', '.join(missing)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        root, values = _prepare(folder, options.megabytes * 1_000_000, options.text)
        commands = {
            "devkeys": [sys.executable, "-P", "-c", _LOOK, root, values, str(_PLANTED)],
            "kingfisher": [
                *("kingfisher", "scan", root, "--no-validate", "--no-update-check"),
                *("--git-history", "full", "--format", "json"),
            ],
        }
        ratio = _measure(commands, _environment(folder), options.rounds)
    print(
        f"{'kept' if ratio <= MOST else 'MISSED'}: {ratio:.2f} of kingfisher's time, at most {MOST}"
    )
    return 0 if ratio <= MOST or options.report_only else 1


def _environment(folder: str) -> dict[str, str]:
    return {"HOME": folder, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


class Run(NamedTuple):
    """Seconds that passed, seconds of all processors, and bytes of memory (0: not looked at)."""

    wall: float
    cpu: float
    peak: int


def _measure(commands: dict[str, list[str]], env: dict[str, str], rounds: int) -> float:
    """Print a table and return devkeys' median time in kingfisher's."""
    peaks = {name: _run(name, words, env, watched=True).peak for name, words in commands.items()}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, words in commands.items():
            runs[name].append(_run(name, words, env, watched=False))
    print("| | median, s | least, s | of processors, s | peak of all, MB |")
    print("|---|---:|---:|---:|---:|")
    medians = {}
    for name, measured in runs.items():
        walls = [run.wall for run in measured]
        cpu = statistics.median(run.cpu for run in measured)
        medians[name] = statistics.median(walls)
        row = f"{medians[name]:.2f} | {min(walls):.2f} | {cpu:.2f} | {peaks[name] / 1e6:.0f}"
        print(f"| {name} | {row} |")
    return medians["devkeys"] / medians["kingfisher"]


def _run(name: str, words: list[str], env: dict[str, str], *, watched: bool) -> Run:
    with tempfile.TemporaryFile() as said:
        start = time.monotonic()
        process = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=said)
        peak = memory.peak(process.pid) if watched else 0
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        good = (0,) if name == "devkeys" else (0, 200, 205)
        assert process.returncode in good, f"{name}: {process.returncode} {said.read()[-400:]!r}"
    return Run(wall, used.ru_utime + used.ru_stime, peak)


def _prepare(folder: str, size: int, text: str) -> tuple[str, str]:
    """Make the repository, and the file of values; return their paths."""
    root, values = os.path.join(folder, "repository"), os.path.join(folder, "values")
    known = [secrets.token_urlsafe(30) for _ in range(_KNOWN)]
    with open(values, "w", encoding="ascii") as file:
        file.write("\n".join(known))
    env = _environment(folder)
    subprocess.run(["git", "init", "-q", root], check=True, env=env)
    importing = subprocess.Popen(
        ["git", "-C", root, "fast-import", "--quiet"], stdin=subprocess.PIPE, env=env
    )
    assert importing.stdin is not None
    for piece in _history(size, known[:_PLANTED], text):
        importing.stdin.write(piece)
    importing.stdin.close()
    assert importing.wait() == 0
    for words in (["repack", "-adfq", "--depth=50", "--window=10"], ["checkout", "-qf", "main"]):
        subprocess.run(["git", "-C", root, *words], check=True, env=env)
    pack = subprocess.run(
        ["git", "-C", root, "count-objects", "-vH"], check=True, env=env, capture_output=True
    )
    print(pack.stdout.decode().replace("\n", "; "), file=sys.stderr)
    return root, values


def _history(size: int, planted: list[str], text: str) -> Iterator[bytes]:
    """Yield what git fast-import reads: files of *text* that are edited again and again."""
    chance = random.Random(7)  # noqa: S311  # text to search in, the same every time
    lines_of_text = _source() if text == "source" else _words(chance)

    def line() -> bytes:
        return chance.choice(lines_of_text)

    files = {
        f"src/d{number % 40}/m{number}/file{number}.py": [
            line() for _ in range(chance.randint(20, 1500))
        ]
        for number in range(900)
    }
    written, commits = 0, 0
    while written < size:
        commits += 1
        chosen = list(files) if commits == 1 else chance.sample(list(files), chance.randint(1, 8))
        yield _head(commits)
        for name in chosen:
            lines = files[name]
            for _ in range(chance.randint(1, 30)):
                lines[chance.randrange(len(lines))] = line()
            data = b"".join(lines)
            if commits > 1 and planted:
                data += f"key = {planted.pop()}\n".encode()
            written += len(data)
            yield b"M 644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data)


def _source() -> list[bytes]:
    """Return the lines of Python's own library: what a repository is made of."""
    lines: list[bytes] = []
    folder = os.path.dirname(os.__file__)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as file:
                lines += file
    return lines


def _words(chance: random.Random) -> list[bytes]:
    """Return lines of random words."""
    letters = "abcdefghijklmnopqrstuvwxyz_"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 12))) for _ in range(20_000)]
    return [
        (" ".join(chance.choices(words, k=chance.randint(1, 12))) + "\n").encode()
        for _ in range(200_000)
    ]


def _head(number: int) -> bytes:
    time = 1_600_000_000 + number * 3000
    return (
        f"commit refs/heads/main\ncommitter T <t@example.invalid> {time} +0000\ndata 7\nchange\n\n"
    ).encode()


if __name__ == "__main__":
    sys.exit(main())
