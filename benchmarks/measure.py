"""Measure one command: its time by hyperfine, its peak memory, and what it leaves behind."""

import json
import os
import secrets
import shlex
import subprocess
import tempfile
import time
from typing import NamedTuple

# Run by a bare interpreter: a fork's peak begins at its parent's size, so the parent is small.
PEAK = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""
TRACE = "BENCHMARK_TRACE"


class Command(NamedTuple):
    """One command of the table.

    *proof* is a variable and its value: a command that ends in `true` has to give it to what
    it runs. *before* is run before each run and not timed.
    """

    name: str
    words: tuple[str, ...]
    folder: str
    env: dict[str, str]
    proof: tuple[str, str] | None = None
    before: tuple[str, ...] = ()


class BrokenError(Exception):
    """A command does not do what is to be measured."""


def check(command: Command) -> None:
    """Run *command* once; raise BrokenError unless it works and proves that it does."""
    words = list(command.words)
    if command.proof:
        assert words[-1] == "true", command.name
        words[-1:] = ["printenv", command.proof[0]]
    if command.before:
        _call(list(command.before), command)
    done = _call(words, command)
    if done.returncode:
        raise BrokenError(f"it ends with {done.returncode}: {done.stderr.strip()[-400:]}")
    if command.proof and done.stdout.rstrip("\n") != command.proof[1]:
        raise BrokenError(f"what it runs gets no right value of {command.proof[0]}")


def _call(words: list[str], command: Command) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        words,
        cwd=command.folder,
        env=command.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def times(command: Command, runs: tuple[int, int]) -> list[float]:
    """Return how many seconds each run took, after five that do not count.

    *runs* are the least and the most; between them three seconds' worth.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        words = ["hyperfine", "-N", "--warmup=5", "--style=none", f"--export-json={result.name}"]
        words += [f"--min-runs={runs[0]}", f"--max-runs={runs[1]}"]
        if command.before:
            words += [f"--prepare={shlex.join(command.before)}"]
        done = _call([*words, shlex.join(command.words)], command)
        if done.returncode:
            raise BrokenError(f"{command.name}: {done.stderr.strip()[-400:]}")
        measured: list[float] = json.load(result)["results"][0]["times"]
    return measured


def peak(command: Command, python: str) -> int:
    """Return the most memory, in bytes, that *command* and what it became held at a time."""
    done = _call([python, "-I", "-S", "-c", PEAK, *command.words], command)
    if done.returncode:
        raise BrokenError(f"{command.name}: {done.stderr.strip()[-400:]}")
    return int(done.stdout) * 1024


def left_behind(command: Command) -> list[str]:
    """Run *command* with `sleep` for `true`; return what is wrong with what is then there.

    Right is one process: the one that was started, and it is `sleep` by now.
    """
    trace = secrets.token_hex(8)
    words = [*command.words[:-1], "sleep", "60"]
    env = {**command.env, TRACE: trace}
    process = subprocess.Popen(words, cwd=command.folder, env=env)
    try:
        deadline = time.monotonic() + 10
        while _program(process.pid) != "sleep" and time.monotonic() < deadline:
            time.sleep(0.01)
        found = {pid: _program(pid) for pid in _traced(trace)}
    finally:
        process.kill()
        process.wait()
    wrong = [f"{program} stays resident" for pid, program in found.items() if pid != process.pid]
    if found.get(process.pid) != "sleep":
        wrong.append("the command did not take the place of devkeys")
    return wrong


def _program(pid: int) -> str:
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def _traced(trace: str) -> list[int]:
    """Return every process whose environment holds *trace*."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as block:
                if trace.encode() in block.read():
                    found.append(int(entry))
        except OSError:
            continue
    return found
