"""A git whose output is read while it runs, however much it is, and which cannot hang us."""

import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import IO, NamedTuple, cast

from devkeys.errors import DevkeysError
from devkeys.git import INERT, environment

STALL = 30.0  # seconds in which git gives nothing and takes nothing: a FIFO, a dead disk
PIPE = 1 << 20


class Repository(NamedTuple):
    """A git directory that git is asked about, and nothing around it.

    *program* is git's absolute path, *directory* the git directory, and *common* that whose
    objects it uses: the same, but for a worktree's. *staged* is an index, if
    not its own.
    """

    program: str
    directory: str
    common: str
    staged: str = ""

    def command(self, *words: str) -> list[str]:
        """Return the command that asks git *words*: here, whatever `core.worktree` says."""
        place = [f"--git-dir={self.directory}", f"--work-tree={self.directory}"]
        return [self.program, *place, *INERT, *words]

    def environment(self) -> dict[str, str]:
        """Return the environment of that command: a file `commondir` leads nowhere else."""
        index = {"GIT_INDEX_FILE": self.staged} if self.staged else {}
        return environment() | {"GIT_COMMON_DIR": self.common} | index


class Output:
    """What a running git writes to its stdout."""

    def __init__(self, process: "subprocess.Popen[bytes]", stream: BufferedReader) -> None:
        self._process = process
        self._stream = stream
        self._buffer = memoryview(bytearray(PIPE))
        self.alive = time.monotonic()
        self.reading = False
        self.stalled = False
        self.starved: DevkeysError | None = None  # why it was not given all that it should be

    def some(self) -> bytes:
        """Return what there is to be read, at most a MiB; b"" at the end."""
        return bytes(self._buffer[: self._read_into(self._buffer)])

    def full(self, kept: bytes = b"") -> bytes:
        """Return *kept* and what comes next, a MiB together; less at the end.

        Reading each of git's small pieces for itself would cost as much as searching in it.
        """
        filled = len(kept)
        self._buffer[:filled] = kept
        while filled < PIPE and (count := self._read_into(self._buffer[filled:])):
            filled += count
        return bytes(self._buffer[:filled])

    def _read_into(self, buffer: memoryview) -> int:
        self.alive, self.reading = time.monotonic(), True
        try:
            return self._stream.readinto1(buffer)
        finally:
            self.reading = False

    def records(self, end: bytes) -> Iterator[bytes]:
        """Yield what stands before each *end*, and what stands after the last one."""
        kept = b""
        while data := self.some():
            *whole, kept = (kept + data).split(end)
            yield from whole
        if kept:
            yield kept

    def finish(self) -> None:
        """Raise DevkeysError unless git came to its end and found nothing wrong."""
        try:
            code = self._process.wait(STALL)
        except subprocess.TimeoutExpired:
            self.stalled = True
        if self.stalled:
            raise DevkeysError(f"git gave no answer for {STALL:.0f} seconds")
        if self.starved is not None:
            raise self.starved
        if code:
            raise DevkeysError(f"git ended with {code}")

    def watch(self, done: threading.Event) -> None:
        """End git when nothing has come of it for too long; until *done*."""
        while not done.wait(1):
            if self.reading and time.monotonic() - self.alive > STALL:
                self.stalled = True
                self._process.kill()


@contextmanager
def running(
    repository: Repository, *words: str, feed: Iterable[bytes] | None = None
) -> Iterator[Output]:
    """Run git on *words*, give it what *feed* yields, and end it when the block does.

    Raises DevkeysError if git cannot be started.
    """
    try:
        process = subprocess.Popen(
            repository.command(*words),
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=repository.environment(),
        )
    except OSError as error:
        raise DevkeysError(f"cannot start git: {error.strerror}") from None
    stdout = cast("BufferedReader", process.stdout)
    _widen(stdout)
    output, done = Output(process, stdout), threading.Event()
    threads = [threading.Thread(target=output.watch, args=(done,), daemon=True)]
    if process.stdin is not None and feed is not None:
        giving = (process.stdin, feed, output)
        threads.append(threading.Thread(target=_give, args=giving, daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield output
    finally:
        done.set()
        process.kill()
        process.wait()
        for thread in threads:
            thread.join()
        stdout.close()


def ask(repository: Repository, *words: str) -> list[bytes]:
    """Return what git answers to *words*, split at its NULs; raise DevkeysError if it fails."""
    with running(repository, *words) as output:
        answer = list(output.records(b"\0"))
        output.finish()
    return answer


def _give(stdin: IO[bytes], feed: Iterable[bytes], output: Output) -> None:
    try:
        with suppress(OSError):  # git ended early: its end tells why
            for data in feed:
                stdin.write(data)
                output.alive = time.monotonic()
    except DevkeysError as error:
        output.starved = error
    with suppress(OSError):
        stdin.close()


def _widen(stream: BufferedReader) -> None:
    """Let more than the usual 64 KiB wait in the pipe, so that both sides work at a time."""
    with suppress(ImportError, AttributeError, OSError):  # Linux alone has it
        import fcntl

        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, PIPE)
