"""One writer at a time: a lock file that a crash cannot leave locked.

Never on the way of `run`, which only reads.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from devkeys.atomic import private_umask
from devkeys.errors import DevkeysError

PAUSE = 0.01  # seconds between two tries
# Windows locks bytes, and a locked byte cannot be read: lock one behind the holder's pid.
_LOCKED_BYTE = 1 << 30


@contextmanager
def locked(
    path: str, *, patience: float = 1.0, limit: float = 120.0, doing: str = "to finish writing"
) -> Iterator[None]:
    """Hold the lock file *path*; wait for another devkeys that holds it.

    After *patience* seconds stderr says who is waited for, and what it is *doing*; after
    *limit* it is an error.
    The kernel lets go of the lock with the process, so that a crashed holder blocks nobody.
    The file itself stays: to remove it would let two processes hold two files of one name.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        with private_umask():
            descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        _cannot_lock(path, error)
    try:
        _wait(path, descriptor, patience, limit, doing)
        _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait(path: str, descriptor: int, patience: float, limit: float, doing: str) -> None:
    began = time.monotonic()
    told = False
    while not _try(path, descriptor):
        waited = time.monotonic() - began
        if waited > limit:
            raise DevkeysError(
                f"another devkeys{_holder(descriptor)} has held {path} for {limit:.0f} seconds",
                hint="see what it is waiting for, or end it, and try again",
            )
        if waited > patience and not told:
            told = True
            message = f"waiting for another devkeys{_holder(descriptor)} {doing}"
            sys.stderr.write(f"devkeys: {message}\n")
            sys.stderr.flush()
        time.sleep(PAUSE)


def _try(path: str, descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # posix and Windows say "held" differently
        return False
    except OSError as error:
        _cannot_lock(path, error)
    return True


def _sign(descriptor: int) -> None:
    # Only for those who wait: a full disk must not keep anyone from the lock.
    try:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, b"%d\n" % os.getpid())
    except OSError:
        return


def _holder(descriptor: int) -> str:
    """Return ` (pid N)` of the process that signed the lock, or nothing if it is not known."""
    from devkeys import processes

    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        pid = int(os.read(descriptor, 32))
        signed = os.fstat(descriptor).st_mtime
    except (OSError, ValueError):
        return ""
    started = processes.started(pid)
    # A process that is younger than the signature got the pid of one that is gone.
    if started is None or started > signed + 1:
        return ""
    return f" (pid {pid})"


def _cannot_lock(path: str, error: OSError) -> NoReturn:
    raise DevkeysError(
        f"cannot lock {path}: {(error.strerror or str(error)).lower()}",
        hint="devkeys keeps its files on a local disk that the user may write to",
    ) from None
