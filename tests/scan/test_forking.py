"""Tasks dealt out to processes: each is done once, or its loss is told, and none is left over."""

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from process_groups import living

from devkeys.scan import forking
from devkeys.scan.forking import MOST_TASKS, CannotStartError, dealt_out

Tell = Callable[[Any], None]


def test_each_task_is_done_once_by_several_processes() -> None:
    """What is told of a task comes under its number, in its order, from more than one process."""

    def work(_task: int, tell: Tell) -> None:
        time.sleep(0.005)
        tell(("begun", os.getpid()))
        tell(("x" * 100_000, os.getpid()))

    told = list(dealt_out(40, work, 3))

    words = [(task, text[:5]) for task, (text, _) in told]
    assert sorted(words) == [
        pair for task in range(40) for pair in ((task, "begun"), (task, "x" * 5))
    ]
    assert [text for task, text in words if task == 7] == ["begun", "x" * 5]
    assert len({pid for _, (_, pid) in told}) == 3


def test_no_task_is_no_error() -> None:
    """Nothing to do starts no process."""
    assert list(dealt_out(0, lambda _task, _tell: None, 3)) == []


@pytest.mark.parametrize("how", ["killed", "an error"])
def test_a_process_that_ends_loses_its_task_only(
    how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What it told before stays, its task is told as lost, the others are done, and all quietly."""

    def work(task: int, tell: Tell) -> None:
        tell(task)
        if task == 5 and how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        assert task != 5

    told = list(dealt_out(12, work, 2))

    assert sorted(task for task, what in told if what is not None) == list(range(12))
    assert [task for task, what in told if what is None] == [5]
    assert capfd.readouterr() == ("", "")


def test_all_processes_end() -> None:
    """Tasks that nobody is left for are told, too."""

    def work(_task: int, _tell: Tell) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    assert list(dealt_out(4, work, 2)) == [(task, None) for task in range(4)]


def test_a_program_that_takes_no_more_does_not_end_the_process() -> None:
    """Writing to a program that has ended is an error to handle, and no signal."""

    def work(_task: int, tell: Tell) -> None:
        with subprocess.Popen(["true"], stdin=subprocess.PIPE) as process:
            process.wait()
            assert process.stdin is not None
            try:
                process.stdin.write(b"x" * (1 << 20))
                process.stdin.flush()
            except BrokenPipeError:
                tell("broken")
            process.stdin = None

    assert list(dealt_out(1, work, 2)) == [(0, "broken")]


def test_a_system_that_lets_none_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """With some of the processes the tasks are done; without any it is an error."""

    def work(task: int, tell: Tell) -> None:
        tell(task)

    fork, left = os.fork, [2]

    def scarce() -> int:
        if not left[0]:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        left[0] -= 1
        return fork()

    monkeypatch.setattr(os, "fork", scarce)
    before = set(os.listdir("/dev/fd"))

    assert sorted(dealt_out(9, work, 4)) == [(task, task) for task in range(9)]
    with pytest.raises(CannotStartError, match="cannot start a process"):
        list(dealt_out(9, work, 4))
    assert len(os.listdir("/dev/fd")) == len(before)


def test_a_system_short_of_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same error, and leaves the signals as they were."""

    def scarce() -> tuple[int, int]:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "pipe", scarce)
    with pytest.raises(CannotStartError, match="cannot start a process: Too many open files"):
        list(dealt_out(9, _quick, 2))
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


@pytest.mark.skipif(sys.platform != "linux", reason="sets the size of pipes")
def test_as_many_tasks_as_can_be_in_the_smallest_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a user has many pipes, Linux gives no more than a page to another one."""
    import fcntl

    pipe = os.pipe

    def small() -> tuple[int, int]:
        ends = pipe()
        fcntl.fcntl(ends[0], fcntl.F_SETPIPE_SZ, 4096)
        return ends

    monkeypatch.setattr(os, "pipe", small)
    told = sorted(dealt_out(MOST_TASKS, _quick, 2))
    assert told == [(task, task) for task in range(MOST_TASKS)]


def _quick(task: int, tell: Tell) -> None:
    tell(task)


def test_an_interrupt_of_a_process_that_just_began(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not go on as a second parent, but ends; the tasks are left to the other one."""
    fork, parent, born = os.fork, os.getpid(), [0]

    def interrupted() -> int:
        pid = fork()
        born[0] += 1
        if not pid and born[0] == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    try:
        told = sorted(dealt_out(9, _quick, 2))
    finally:
        if os.getpid() != parent:  # which would be the end of this test twice
            os._exit(99)
    assert told == [(task, task) for task in range(9)]


_INTERRUPTED = textwrap.dedent("""
    import os, signal, sys, time
    from devkeys.scan.forking import dealt_out
    fork = os.fork
    def interrupted():
        pid = fork()
        if pid and "thread" in sys.argv:  # where a signal is not held back, this is what comes
            raise KeyboardInterrupt
        if pid:
            os.kill(os.getpid(), signal.SIGINT)
        return pid
    os.fork = interrupted
    try:
        list(dealt_out(2, lambda _task, _tell: time.sleep(60), 2))
    except KeyboardInterrupt:
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set(), flush=True)
        sys.stdin.read()
""")


@pytest.mark.parametrize("threads", ["alone", "thread"])
def test_an_interrupt_while_processes_are_started(threads: str) -> None:
    """Those that run already end with it, even if another thread gets it: none has begun a task."""
    process = _started(_INTERRUPTED, threads, stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"True\n"
    deadline = time.monotonic() + 5
    while len(living(process.pid)) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert len(living(process.pid)) == 1
    assert process.communicate(timeout=20)[1] == b""
    assert living(process.pid) == []


def _started(program: str, *words: str, stdin: int | None = None) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


def _sleep(_task: int, tell: Tell) -> None:
    process = subprocess.Popen(["sleep", "60"])
    try:
        tell(process.pid)
        process.wait()
    finally:
        process.kill()
        process.wait()


def test_nothing_is_left_when_the_reader_stops() -> None:
    """Whoever goes leaves no process behind, nor what such a process has started."""
    results = dealt_out(2, _sleep, 2)
    sleeping = [next(results)[1] for _ in range(2)]

    results.close()  # type: ignore[attr-defined]  # it is a generator

    for pid in sleeping:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_who_does_not_go_is_made_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that hangs is waited for no longer than a moment."""
    monkeypatch.setattr(forking, "_GRACE", 0.2)

    def work(_task: int, tell: Tell) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        tell("hanging")
        time.sleep(60)

    results = dealt_out(1, work, 1)
    next(results)
    start = time.monotonic()
    results.close()  # type: ignore[attr-defined]  # it is a generator

    assert time.monotonic() - start < 2
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


_PROGRAM = textwrap.dedent("""
    import sys
    from test_forking import _sleep
    from devkeys.scan.forking import dealt_out
    try:
        for _, pid in dealt_out(2, _sleep, 2):
            print(pid, flush=True)
    except KeyboardInterrupt:
        sys.exit(7)
""")


@pytest.mark.parametrize("group", [True, False], ids=["all of them", "the first alone"])
def test_ctrl_c(group: bool) -> None:
    """An interrupt ends all at once, without a word, whether it reaches one of them or all."""
    process = _started(_PROGRAM)
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()

    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    start = time.monotonic()
    _, said = process.communicate(timeout=20)

    assert (process.returncode, said) == (7, b"")
    assert time.monotonic() - start < 1.5
    assert living(process.pid) == []
