"""What runs on this machine."""

import os
import subprocess
import sys
import time

import pytest

from devkeys import processes


def test_our_own_start_is_in_the_past() -> None:
    """A living process has a start, in seconds since the epoch."""
    started = processes.started(os.getpid())
    assert started is not None
    assert 0 < started < time.time() + 1


def test_an_ended_process_has_no_start() -> None:
    """Neither before its parent looked (a zombie) nor after."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert processes.started(process.pid) is None
    assert processes.started(process.pid) is None


@pytest.mark.parametrize("pid", [-1, 2**40, 10**30])
def test_an_impossible_pid_has_no_start(pid: int) -> None:
    """A pid from a damaged file is no error."""
    assert processes.started(pid) is None
