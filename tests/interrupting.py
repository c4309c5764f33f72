"""Python code in a process of its own that ends, as if killed, before its n-th change of a name."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

DIED = 9
_BEFORE = """
import os, sys
left = int(sys.argv.pop(1))
def hook(event, words):
    global left
    if event in ("os.rename", "os.remove", "os.link", "os.mkdir"):
        left -= 1
        if left == 0:
            os._exit(9)
sys.addaudithook(hook)
"""


def steps(
    code: str, *words: str, env: Mapping[str, str], most: int = 200
) -> Iterator[tuple[int, int]]:
    """Run *code* with *words*, interrupted one step later each time; yield step and exit code.

    Whoever iterates puts everything back first; it ends when nothing was interrupted.
    """
    for step in range(1, most):
        code_ = end_before(step, code, *words, env=env)
        yield step, code_
        if code_ != DIED:
            return
    raise AssertionError("it never ends by itself")


def end_before(step: int, code: str, *words: str, env: Mapping[str, str]) -> int:
    """Run *code*, ended before its change number *step*; return its exit code."""
    done = subprocess.run(
        [sys.executable, "-c", _BEFORE + code, str(step), *words],
        env={"PYTHONPATH": str(Path(__file__).parent), **env},
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode in (0, 1, DIED), done.stderr.decode()
    return done.returncode
