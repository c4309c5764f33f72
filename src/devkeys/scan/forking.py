"""Tasks that are dealt out to forked processes, and what these tell while they work."""

import os
import selectors
import signal
import struct
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple, NoReturn

from devkeys.errors import DevkeysError

MOST_TASKS = 2048  # all their numbers have to fit into the smallest pipe at once, of 4096 bytes
_GRACE = 2.0  # seconds in which a process ends by itself what it has started
_ENDING = (signal.SIGINT, signal.SIGTERM)
_NUMBER = struct.Struct("=H")
_FRAME = struct.Struct("=II")  # the task, and the length of what follows; 0 when it is done

Work = Callable[[int, Callable[[Any], None]], None]  # what is given a task, and whom to tell


class CannotStartError(DevkeysError):
    """Not one process can be started."""


class Worker(NamedTuple):
    """A process, the descriptor of what it tells, and what has come of that so far."""

    pid: int
    told: int
    buffer: bytearray


def cores() -> int:
    """Return how many processes work at a time here; 1 where none can be forked."""
    if not hasattr(os, "fork"):
        return 1
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), 16)
    return min(os.cpu_count() or 1, 16)


def dealt_out(tasks: int, work: Work, processes: int) -> Iterator[tuple[int, Any]]:
    """Let *processes* do the tasks from 0 on; yield (task, what *work* tells of it).

    The tasks, at most MOST_TASKS, are begun in their order. (task, None) is the last word on
    one whose process ended before it was done: *work* itself tells no None. Whoever takes no
    more leaves no process behind. Raises CannotStartError, before anything is yielded.
    """
    workers: list[Worker] = []
    try:
        with _undisturbed():
            _start_all(tasks, work, min(processes, tasks), workers)
        yield from _gathered(workers, set(range(tasks)))
    finally:
        _end(workers)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold signals back: one between a fork and its handler would make a second parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # raises for one that just came
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_all(tasks: int, work: Work, processes: int, workers: list[Worker]) -> None:
    """Add to *workers* as many as the system lets us start, and give them the tasks."""
    try:
        with _pipe() as (numbers, giving):
            _start_some(numbers, giving, work, processes, workers)
            # Now that all are known: one that was lost to an interrupt, which another thread
            # may have got, finds no task and ends.
            os.write(giving, b"".join(map(_NUMBER.pack, range(tasks))))
    except OSError as error:  # too many processes, or descriptors
        raise CannotStartError(f"cannot start a process: {error.strerror}") from None


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    """Make one whose reading end gives each number to whichever process reads first."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def _start_some(
    numbers: int, giving: int, work: Work, processes: int, workers: list[Worker]
) -> None:
    while len(workers) < processes:
        try:
            foreign = (giving, *(other.told for other in workers))
            workers.append(_start(numbers, work, foreign))
        except OSError:
            if not workers:
                raise
            return


def _start(numbers: int, work: Work, foreign: Sequence[int]) -> Worker:
    told, telling = os.pipe()
    pid = -1
    try:
        pid = _fork()
        if not pid:
            _be_worker(numbers, telling, work, (told, *foreign))
    finally:
        os.close(telling)
        if pid < 0:
            os.close(told)
    return Worker(pid, told, bytearray())


def _fork() -> int:
    # Python 3.12 warns where there are threads, as a progress bar's: the child takes no lock of
    # theirs, for it only runs programs, reads, and writes into a pipe.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _be_worker(numbers: int, telling: int, work: Work, foreign: Iterable[int]) -> NoReturn:
    code = 1
    try:
        leave = _leaving()
        for number in _ENDING:
            signal.signal(number, leave)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a program that it feeds may end early
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        for descriptor in foreign:
            os.close(descriptor)
        _work(numbers, telling, work)
        code = 0
    finally:
        os._exit(code)


def _leaving() -> Callable[[int, object], None]:
    """Return a handler after which what was started is ended, too, on the way out."""
    left = False

    def leave(_signal: int, _frame: object) -> None:
        nonlocal left
        if not left:  # else nothing is to interrupt the way out
            left = True
            raise SystemExit(1)

    return leave


def _work(numbers: int, telling: int, work: Work) -> None:
    import pickle

    while number := os.read(numbers, _NUMBER.size):
        (task,) = _NUMBER.unpack(number)

        def tell(told: Any, task: int = task) -> None:
            data = pickle.dumps(told)
            _write(telling, _FRAME.pack(task, len(data)) + data)

        work(task, tell)
        _write(telling, _FRAME.pack(task, 0))


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _gathered(workers: Sequence[Worker], left: set[int]) -> Iterator[tuple[int, Any]]:
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.told, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 1 << 16)
                if not data:
                    selector.unregister(key.fd)
                key.data.buffer.extend(data)
                for task, told in _frames(key.data.buffer):
                    if told is None:
                        left.discard(task)
                    else:
                        yield task, told
    yield from ((task, None) for task in sorted(left))


def _frames(buffer: bytearray) -> Iterator[tuple[int, Any]]:
    """Take what is complete off the *buffer*, and yield it; None for the end of a task."""
    import pickle

    while len(buffer) >= _FRAME.size:
        task, size = _FRAME.unpack_from(buffer)
        stop = _FRAME.size + size
        if len(buffer) < stop:
            return
        told = pickle.loads(buffer[_FRAME.size : stop]) if size else None  # noqa: S301  # our child's
        del buffer[:stop]
        yield task, told


def _end(workers: Sequence[Worker]) -> None:
    """Wait until all are gone, who are told to go and made to if they do not."""
    for worker in workers:
        os.close(worker.told)
        _kill(worker.pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE
    for worker in workers:
        with suppress(ChildProcessError):
            if not _ends(worker.pid, deadline):
                _kill(worker.pid, signal.SIGKILL)
                os.waitpid(worker.pid, 0)


def _ends(pid: int, deadline: float) -> bool:
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def _kill(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
