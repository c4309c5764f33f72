"""Memory of a process and of all below it, as Linux tells it."""

import os
import time
from collections.abc import Iterator


def peak(pid: int) -> int:
    """Return the most bytes that they all hold at a time, until *pid*, a child, has ended.

    They are looked at every few milliseconds. Each page that several of them share counts once.
    """
    most = 0
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        most = max(most, sum(map(_memory, _family(pid))))
        time.sleep(0.005)
    return most


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                for child in file.read().split():
                    yield from _family(int(child))
    except OSError:  # it has ended
        return


def _memory(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):  # it has ended
        return 0
