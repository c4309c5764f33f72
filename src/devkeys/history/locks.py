"""The locks that shells hold while they write their history.

zsh     a symbolic link `$HISTFILE.LOCK`; with HIST_FCNTL_LOCK a record lock on the file
fish    flock on the file, and since version 4 on its directory
nushell, mksh   flock on the file

bash, ksh93, tcsh and the REPLs have none.
"""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.history import Book

if TYPE_CHECKING:
    from collections.abc import Callable

    Try = Callable[[int], None]  # lock an open file, or raise BlockingIOError

_PATIENCE = 12.0  # seconds; longer than a lock of zsh's counts
_PAUSE = 0.01  # seconds
_STALE = 10  # seconds after which zsh takes a lock for that of a dead process
_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)


@contextmanager
def locked(book: Book) -> Iterator[None]:
    """Hold the lock of the shell that writes files of *book*'s format, if it has one.

    A shell that holds it for too long, or a lock that cannot be had, is a DevkeysError.
    """
    with ExitStack() as stack:
        try:
            _take(book, stack)
        except OSError as error:
            raise DevkeysError(
                f"cannot lock {book.path}: {files.reason(error)}; it was left as it is",
                hint="check the directory that it is in",
            ) from None
        yield


def _take(book: Book, stack: ExitStack) -> None:
    """Take the locks of *book*'s shell; *stack* lets go of them."""
    if sys.platform == "win32":
        return
    target = os.path.realpath(book.path)
    if book.format == "zsh":
        for path in dict.fromkeys((book.path, target)):
            stack.enter_context(_link(path))
        stack.enter_context(_held(target, _record_lock, os.O_RDWR))
    elif book.format == "fish":
        stack.enter_context(_held(os.path.dirname(target), _flock))
        stack.enter_context(_held(target, _flock))
    elif book.format in ("nushell", "mksh"):
        stack.enter_context(_held(target, _flock))


@contextmanager
def _link(path: str) -> Iterator[None]:
    """Hold zsh's lock of the history *path*: a symbolic link that says whose it is."""
    lock = f"{path}.LOCK"
    ours = f"/pid-{os.getpid()}/host-{socket.gethostname()}"
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.symlink(ours, lock)
            break
        except FileExistsError:
            _remove_stale(lock)
        if time.monotonic() > end:
            raise DevkeysError(
                f"a zsh has held {lock} for {_PATIENCE:.0f} seconds",
                hint="if no zsh is running, remove that link",
            )
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        with suppress(OSError):  # a zsh may have taken it for stale, and have its own there
            if os.readlink(lock) == ours:
                os.unlink(lock)


def _remove_stale(lock: str) -> None:
    with suppress(FileNotFoundError):
        if time.time() - os.lstat(lock).st_mtime > _STALE:
            os.unlink(lock)


@contextmanager
def _held(path: str, lock: "Try", flags: int = 0) -> Iterator[None]:
    """Hold the kernel's *lock* of *path*; a file that is not there needs none."""
    try:
        descriptor = os.open(path, _OPEN | flags)
    except (FileNotFoundError, PermissionError):  # a read-only history is written by nobody
        yield
        return
    try:
        end = time.monotonic() + _PATIENCE
        while not _tried(descriptor, lock):
            if time.monotonic() > end:
                raise DevkeysError(
                    f"another program has held a lock on {path} for {_PATIENCE:.0f} seconds",
                    hint="end it, and try again",
                )
            time.sleep(_PAUSE)
        yield
    finally:
        os.close(descriptor)


def _tried(descriptor: int, lock: "Try") -> bool:
    try:
        lock(descriptor)
    except (BlockingIOError, PermissionError):  # a record lock that is held may say either
        return False
    return True


if sys.platform != "win32":
    import fcntl
    import struct

    def _flock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _record_lock(descriptor: int) -> None:
        """Take a lock that other processes' `fcntl` sees.

        One of the open file's where there is such a thing: a process loses its own ones as soon
        as it closes any descriptor of the file, and rewriting does.
        """
        if sys.platform == "linux":
            flock = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, flock)
        else:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
