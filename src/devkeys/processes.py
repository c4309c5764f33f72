"""What runs on this machine; the one door of psutil, and never on the way of `run`."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import psutil


class Process(NamedTuple):
    """A living process of this user's at a terminal.

    *name* is what it is called, by its script or by itself; *program* is the name of the file it
    executes, empty if that cannot be had. *terminal* is such as `pts/3`, empty on systems
    that have none; *started* is in seconds since the epoch.
    """

    pid: int
    name: str
    program: str
    terminal: str
    started: float


def started(pid: int) -> float | None:
    """Return when the living process *pid* was started, in seconds since the epoch.

    None: there is no such process, it has ended, or we may not look.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None


def at_terminals() -> Iterator[Process]:
    """Yield this user's processes that have a terminal; where there is no such thing, all."""
    _look_for_terminals_anew()
    for pid in psutil.pids():
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                # First what is in a file of the kernel's that is read anyway: few have one.
                terminal = process.terminal() if os.name == "posix" else ""
                if terminal is None or not _is_ours(process):
                    continue
                name, started = process.name(), process.create_time()
                yield Process(pid, name, _program(process), terminal.removeprefix("/dev/"), started)
        except (psutil.Error, OSError):  # psutil passes on what it does not know, such as EIO
            continue


def _look_for_terminals_anew() -> None:
    # psutil keeps the list that it made first; a terminal that was opened since is not in it.
    table = getattr(getattr(psutil, "_psposix", None), "get_terminal_map", None)
    forget = getattr(table, "cache_clear", None)
    if forget is not None:
        forget()


def _is_ours(process: psutil.Process) -> bool:
    if process.status() == psutil.STATUS_ZOMBIE:
        return False
    return os.name != "posix" or process.uids().real == os.getuid()


def _program(process: psutil.Process) -> str:
    try:
        return os.path.basename(process.exe().removesuffix(" (deleted)"))
    except (psutil.Error, OSError):
        return ""


def words_of(pid: int) -> list[str]:
    """Return the words that *pid* was started with, which may hold anything; [] if unknown."""
    try:
        return psutil.Process(pid).cmdline()
    except (psutil.Error, OSError):
        return []


def reads_terminal(pid: int) -> bool:
    """Tell whether the standard input of *pid* is a terminal; True where nobody can tell."""
    try:
        target = os.readlink(f"/proc/{pid}/fd/0")
    except OSError:
        return True
    return target.startswith(("/dev/pts/", "/dev/tty", "/dev/console"))


def ancestors() -> frozenset[int]:
    """Return the processes that this one was started by, directly or not."""
    try:
        return frozenset(process.pid for process in psutil.Process().parents())
    except (psutil.Error, OSError):
        return frozenset()


def end(pid: int) -> None:
    """Kill the process *pid* and all that it started, at once."""
    _kill(pid, itself=True)


def end_children() -> None:
    """Kill all that this process started, and all that those started."""
    _kill(None, itself=False)


def _kill(pid: int | None, *, itself: bool) -> None:
    """Kill what the process *pid* (None: this one) started, and with *itself* it as well."""
    try:
        top = psutil.Process(pid)
        family = [*top.children(recursive=True), *([top] if itself else [])]
    except (psutil.Error, OSError):
        return
    for process in family:
        try:
            process.kill()
        except (psutil.Error, OSError):
            continue
