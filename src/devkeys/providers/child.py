"""Asking a vendor's program: values over pipes, never in argv, a file or a message.

What a program writes to stderr is read and kept from the terminal: some print values there.
A provider may look into it to tell which error it was, and shows none of it.
"""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, NamedTuple

from devkeys.providers.caller import Caller
from devkeys.providers.errors import UnreachableError
from devkeys.providers.terminal import given_back

LIMIT = 64 << 20  # bytes of one program's output
COMPLAINT = 64 << 10  # bytes of stderr that are kept
CHUNK = 1 << 16
GLANCE = 0.1  # seconds between two looks at what has ended without closing its pipes


class Call(NamedTuple):
    """One program to be started: *command* with an absolute path, *data* for its stdin.

    With *shown* stderr is the terminal, for a program that prompts there, and without *data*
    stdin is as well. *whole* tells that its output is the whole answer: a program that only
    reads is then asked to end, whatever it still waits for.
    """

    command: Sequence[str]
    environ: Mapping[str, str]
    data: bytes | None = None
    shown: bool = False
    whole: Callable[[bytearray], bool] | None = None

    def __repr__(self) -> str:
        return f"<call of {self.name}>"  # data and environment hold values

    @property
    def name(self) -> str:
        """The program's name, for messages."""
        return os.path.basename(self.command[0])


class Done(NamedTuple):
    """How a program ended: its exit code (-N: signal N), stdout, and the start of stderr."""

    code: int
    output: bytes
    complaint: bytes

    def __repr__(self) -> str:
        return f"<ended with {self.code}>"

    def says(self, *words: str) -> bool:
        """Tell whether stderr holds any of *words*, whatever their case."""
        text = self.complaint.decode(errors="replace").lower()
        return any(word.lower() in text for word in words)


def run(call: Call, caller: Caller) -> Done:
    """Start *call* and return how it ended; see `run_all`."""
    return run_all([call], caller, width=1)[0]


def run_all(calls: Sequence[Call], caller: Caller, *, width: int) -> list[Done]:
    """Start *calls*, at most *width* at a time, and return how each ended, in their order.

    Raise UnreachableError if one cannot be started, gives more than LIMIT bytes, or if they
    take longer than the caller's limit. Whatever ends this, Ctrl-C too, none stays behind, and
    a terminal is as it was.
    """
    if sys.platform == "win32":  # its pipes cannot be waited for together
        return [_communicate(call, caller) for call in calls]
    until = time.monotonic() + caller.limit if caller.limit else None
    waiting = list(enumerate(calls))
    running: dict[int, _Running] = {}
    done: dict[int, Done] = {}
    with given_back(interactive=caller.interactive), selectors.DefaultSelector() as selector:
        try:
            while waiting or running:
                while waiting and len(running) < width:
                    number, call = waiting.pop(0)
                    running[number] = _Running(call, caller.home, selector)
                if selector.get_map():
                    for key, _ in selector.select(GLANCE):
                        key.data()
                for number in [number for number, one in running.items() if one.ended()]:
                    done[number] = running.pop(number).result()
                if running and until is not None and time.monotonic() > until:
                    raise _too_slow([one.call for one in running.values()], caller)
        finally:
            for one in running.values():
                one.end()
    return [done[number] for number in range(len(calls))]


def _too_slow(calls: Sequence[Call], caller: Caller) -> UnreachableError:
    names = ", ".join(dict.fromkeys(call.name for call in calls))
    return UnreachableError(
        f"{names} did not answer within {caller.limit:g} s",
        hint="see whether it shows a dialog or waits for the network; wait = SECONDS in "
        "config.toml gives it more time",
    )


def _too_much(call: Call) -> UnreachableError:
    return UnreachableError(
        f"{call.name} gives more than {LIMIT >> 20} MiB",
        hint="see what it prints when it is started by itself",
    )


def _start(call: Call, home: str) -> "subprocess.Popen[bytes]":
    stdin: int | None = subprocess.PIPE
    if call.data is None:
        stdin = None if call.shown else subprocess.DEVNULL
    try:
        return subprocess.Popen(
            list(call.command),
            bufsize=0,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=None if call.shown else subprocess.PIPE,
            env=dict(call.environ),
            cwd=home if os.path.isdir(home) else os.sep,
        )
    except (OSError, ValueError) as error:  # the second: a NUL where none can be
        reason = getattr(error, "strerror", None) or "it cannot be started"
        raise UnreachableError(
            f"{call.command[0]}: {reason.lower()}", hint="see whether it runs by itself"
        ) from None


def _communicate(call: Call, caller: Caller) -> Done:
    process = _start(call, caller.home)
    try:
        output, complaint = process.communicate(call.data, timeout=caller.limit or None)
    except subprocess.TimeoutExpired:
        raise _too_slow([call], caller) from None
    finally:
        from devkeys import processes

        processes.end(process.pid)
    if len(output) > LIMIT:
        raise _too_much(call)
    return Done(process.returncode, output, (complaint or b"")[:COMPLAINT])


class _Running:
    """One program at work, its pipes registered with *selector*."""

    def __init__(self, call: Call, home: str, selector: selectors.BaseSelector) -> None:
        self.call = call
        self._selector = selector
        self._unsent = memoryview(call.data or b"")
        self._output, self._complaint = bytearray(), bytearray()
        self._is_whole = False
        self._process = _start(call, home)
        self._reading: set[IO[bytes]] = set()
        for pipe, read in (
            (self._process.stdout, self._read_output),
            (self._process.stderr, self._read_complaint),
        ):
            if pipe is not None:
                self._watch(pipe, selectors.EVENT_READ, read)
                self._reading.add(pipe)
        if self._process.stdin is not None:
            self._watch(self._process.stdin, selectors.EVENT_WRITE, self._write)

    def _watch(self, pipe: IO[bytes], event: int, handler: Callable[[], None]) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, event, handler)

    def _close(self, pipe: IO[bytes] | None) -> None:
        if pipe is not None and not pipe.closed:
            self._reading.discard(pipe)
            self._selector.unregister(pipe)
            pipe.close()

    def _read_output(self) -> None:
        self._read(self._process.stdout, self._output)
        if len(self._output) > LIMIT:
            raise _too_much(self.call)
        if self.call.whole is not None and not self._is_whole and self.call.whole(self._output):
            self._is_whole = True
            self._process.terminate()

    def _read_complaint(self) -> None:
        self._read(self._process.stderr, self._complaint)
        del self._complaint[COMPLAINT:]

    def _read(self, pipe: IO[bytes] | None, into: bytearray) -> None:
        chunk = pipe.read(CHUNK) if pipe is not None else b""
        if chunk:
            into += chunk
        elif chunk is not None:  # None: there is nothing yet
            self._close(pipe)

    def _write(self) -> None:
        pipe = self._process.stdin
        try:
            sent = os.write(pipe.fileno(), self._unsent[:CHUNK]) if pipe else 0
        except BlockingIOError:
            return
        except OSError:  # it reads no further; its exit code will say what that means
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._close(pipe)

    def ended(self) -> bool:
        """Tell whether the program has ended and what it wrote was read."""
        if not self._reading:
            try:
                self._process.wait(GLANCE)
            except subprocess.TimeoutExpired:
                return False
            return True
        if self._process.poll() is None:
            return False
        # An agent that it left running may hold the pipes: the program said what it had to say.
        return not any(key.fileobj in self._reading for key, _ in self._selector.select(0))

    def result(self) -> Done:
        """Return how the ended program ended."""
        self._close_all()
        code = self._process.returncode
        if self._is_whole and code == -signal.SIGTERM:  # it ended as we asked it to
            code = 0
        return Done(code, bytes(self._output), bytes(self._complaint))

    def end(self) -> None:
        """End the program and all that it started."""
        from devkeys import processes  # psutil: half of what one call may cost beside its answer

        if self._process.poll() is None:  # of one that has ended the number may be another's
            processes.end(self._process.pid)
        self._close_all()
        self._process.wait()

    def _close_all(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            self._close(pipe)
