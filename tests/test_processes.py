"""What runs on this machine."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
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


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no /proc")
def test_a_kernel_that_does_not_answer_shows_no_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a sandbox hides `/proc/stat`, or the system is out of files, nothing breaks."""
    (tmp_path / str(os.getpid())).symlink_to(f"/proc/{os.getpid()}")
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path))

    assert processes.started(os.getpid()) is None
    assert list(processes.at_terminals()) == []
    assert processes.ancestors() == frozenset()
