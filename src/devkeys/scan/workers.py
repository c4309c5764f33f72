"""Many files, on all cores where it pays: forked processes that take batches from one pipe."""

import os
import signal
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from devkeys.scan.contents import Content, look
from devkeys.scan.finding import Unseen
from devkeys.scan.search import Search
from devkeys.scan.walk import File

FEW = 1 << 25  # bytes that one process searches sooner than others are started
PER_FILE = 1 << 14  # bytes that could be searched in the time that it takes to open a file
_BATCH = 1 << 22  # bytes (with PER_FILE for each file) that a process takes at a time
_BATCHES = 4096  # all their numbers have to fit into a pipe at once
_NUMBER = struct.Struct("=I")
_FRAME = struct.Struct("=cII")  # what it tells, the batch, the length of what follows
_STARTED, _DONE = b"s", b"d"


class Progress(NamedTuple):
    """Who is told how far the search is: the place looked at now, and bytes that were done."""

    at: Callable[[str], None]
    did: Callable[[int], None]


def look_at(
    files: Sequence[File],
    search: Search,
    progress: Progress,
    *,
    cores: int | None = None,
    few: int = FEW,
) -> Iterator[Content]:
    """Search all *files*; yield what holds something or could not be looked at, in any order.

    *cores* processes do it, or this one alone if it takes no longer than *few* bytes do.
    """
    cost = sum(file.size + PER_FILE for file in files)
    cores = min(_cores() if cores is None else cores, len(files))
    if cost < few or cores < 2 or not hasattr(os, "fork"):
        yield from _alone(files, search, progress)
    else:
        search.prepare()
        yield from _together(files, search, progress, cores)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), 16)
    return min(os.cpu_count() or 1, 16)


def _alone(files: Sequence[File], search: Search, progress: Progress) -> Iterator[Content]:
    for file in files:
        progress.at(file.path)
        content = look(file.path, search)
        if content.held or content.unseen:
            yield content
        progress.did(file.size)


class Worker(NamedTuple):
    """A process, the descriptor of what it tells, and what has come of that so far."""

    pid: int
    told: int
    buffer: bytearray


def _together(
    files: Sequence[File], search: Search, progress: Progress, cores: int
) -> Iterator[Content]:
    batches = _batches(files)
    tasks = _all_numbers(len(batches))
    workers: list[Worker] = []
    try:
        for _ in range(min(cores, len(batches))):
            workers.append(_start(tasks, batches, search, workers))
        os.close(tasks)
        tasks = -1
        yield from _gathered(workers, batches, progress)
    finally:
        if tasks >= 0:
            os.close(tasks)
        for worker in workers:
            _end(worker)


def _batches(files: Sequence[File]) -> list[list[File]]:
    """Deal the files out, in their order; one batch is lost with the process that has it."""
    most = max(_BATCH, sum(file.size + PER_FILE for file in files) // (_BATCHES // 2))
    batches: list[list[File]] = [[]]
    cost = 0
    for file in files:
        if cost and cost + file.size + PER_FILE > most:
            batches.append([])
            cost = 0
        batches[-1].append(file)
        cost += file.size + PER_FILE
    return batches


def _all_numbers(count: int) -> int:
    """Return a pipe's end that gives each of *count* numbers to whichever process reads first."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(map(_NUMBER.pack, range(count))))
    os.close(writing)
    return reading


def _start(
    tasks: int, batches: Sequence[Sequence[File]], search: Search, others: Sequence[Worker]
) -> Worker:
    told, telling = os.pipe()
    pid = _fork()
    if pid:
        os.close(telling)
        return Worker(pid, told, bytearray())
    code = 1
    try:
        for descriptor in (told, *(other.told for other in others)):
            os.close(descriptor)
        # Ctrl-C, or a reader that is gone, ends it without a word.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        _work(tasks, telling, batches, search)
        code = 0
    finally:
        os._exit(code)


def _fork() -> int:
    import warnings

    # Python 3.12 warns where there are threads, as a progress bar's: the child takes no lock of
    # theirs, for it only reads files and writes into a pipe.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _work(tasks: int, telling: int, batches: Sequence[Sequence[File]], search: Search) -> None:
    import pickle

    while number := os.read(tasks, _NUMBER.size):
        (batch,) = _NUMBER.unpack(number)
        _write(telling, _FRAME.pack(_STARTED, batch, 0))
        contents = [look(file.path, search) for file in batches[batch]]
        told = pickle.dumps([one for one in contents if one.held or one.unseen])
        _write(telling, _FRAME.pack(_DONE, batch, len(told)) + told)


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _gathered(
    workers: Sequence[Worker], batches: Sequence[Sequence[File]], progress: Progress
) -> Iterator[Content]:
    import selectors

    open_batches = set(range(len(batches)))
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.told, selectors.EVENT_READ, worker)
        while selector.get_map():
            for key, _ in selector.select():
                data = os.read(key.fd, 1 << 16)
                if not data:
                    selector.unregister(key.fd)
                key.data.buffer.extend(data)
                for what, batch, contents in _frames(key.data.buffer):
                    progress.at(batches[batch][0].path)
                    if what == _DONE:
                        open_batches.discard(batch)
                        progress.did(sum(file.size for file in batches[batch]))
                        yield from contents
    for batch in sorted(open_batches):
        yield from map(_lost, batches[batch])


def _frames(buffer: bytearray) -> Iterator[tuple[bytes, int, list[Content]]]:
    """Take what is complete off the *buffer*, and yield it."""
    import pickle

    while len(buffer) >= _FRAME.size:
        what, batch, size = _FRAME.unpack_from(buffer)
        stop = _FRAME.size + size
        if len(buffer) < stop:
            return
        contents: Any = pickle.loads(buffer[_FRAME.size : stop]) if size else []  # noqa: S301  # of our own child
        del buffer[:stop]
        yield what, batch, contents


def _lost(file: File) -> Content:
    why = "the process that looked at it, or at a file beside it, was ended by the system"
    return Content(file.path, unseen=Unseen(file.path, why, failed=True))


def _end(worker: Worker) -> None:
    os.close(worker.told)
    with suppress(ProcessLookupError):
        os.kill(worker.pid, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(worker.pid, 0)
