"""Reading without traps, writing without a half-written state.

On the way of `run`: imports only `os` and what the interpreter already holds.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from devkeys.errors import DevkeysError

DEFAULT_LIMIT = 1 << 20


def read_regular(path: str, *, limit: int = DEFAULT_LIMIT) -> bytes | None:
    """Return the content of the regular file at *path*, or None if nothing is there.

    A directory, FIFO, device or a file of more than *limit* bytes is an error. The file
    is opened without blocking and looked at through its descriptor, so that a FIFO that
    another program put there (1Password does) cannot hang us.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _unreadable(path, error)
    try:
        status = os.fstat(descriptor)
        _check_kind(path, status, limit)
        return _read_all(descriptor, status.st_size, path, limit)
    except OSError as error:
        _unreadable(path, error)
    finally:
        os.close(descriptor)


def _check_kind(path: str, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise DevkeysError(
            f"{path} is {_kind(status.st_mode)}, not a regular file",
            hint="move it away or name another file",
        )
    if status.st_size > limit:
        raise DevkeysError(
            f"{path} is too large: {status.st_size} bytes, at most {limit} are read",
            hint="check that this is the file you mean",
        )


def _read_all(descriptor: int, size: int, path: str, limit: int) -> bytes:
    data = b""
    while chunk := os.read(descriptor, max(size + 1 - len(data), 4096)):
        data += chunk
        if len(data) > limit:
            raise DevkeysError(f"{path} grew past {limit} bytes while it was read")
    return data


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    return "a device or socket"


def _unreadable(path: str, error: OSError) -> NoReturn:
    raise DevkeysError(
        f"cannot read {path}: {_reason(error)}", hint="check its owner and its mode"
    ) from None


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def read_private(path: str, *, limit: int = DEFAULT_LIMIT) -> bytes | None:
    """Return the content of a file that only its owner, the user, may read; None if absent.

    A symbolic link, another owner or a mode that lets others in is an error.
    """
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _unreadable(path, error)
    check_private(path, status)
    return read_regular(path, limit=limit)


def check_private(path: str, status: os.stat_result) -> None:
    """Raise unless *status*, of lstat, is of a file or directory of the user's alone."""
    if stat.S_ISLNK(status.st_mode):
        raise DevkeysError(
            f"{path} is a symbolic link", hint="devkeys keeps its own files in real places"
        )
    if os.name != "posix":
        return
    if status.st_uid != os.geteuid():
        raise DevkeysError(
            f"{path} belongs to another user (uid {status.st_uid})",
            hint="do not use it before you know how it came there",
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise DevkeysError(
            f"{path} can be read by other users (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"if no one else had access, chmod go= {path}",
        )


def make_private_dir(path: str) -> None:
    """Make the directory *path*, mode 0700, with its parents; check it if it is there."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        check_private(path, os.lstat(path))
    except OSError as error:
        raise DevkeysError(
            f"cannot make {path}: {_reason(error)}", hint="check the directory above it"
        ) from None


def write_atomic(path: str, data: bytes, *, mode: int = 0o600) -> None:
    """Put *data* into the file *path*: afterwards it holds the old or the new, never less.

    The new file is complete and on disk before it takes the old one's place.
    """
    directory = os.path.dirname(path) or "."
    temporary = os.path.join(directory, f".{os.path.basename(path)}.{os.urandom(6).hex()}.tmp")
    try:
        _write_new(temporary, data, mode)
        os.replace(temporary, path)
        _sync_directory(directory)
    except OSError as error:
        raise DevkeysError(
            f"cannot write {path}: {_reason(error)}", hint="nothing was changed"
        ) from None
    finally:
        _remove_quietly(temporary)


def _write_new(path: str, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if os.name == "posix":
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_directory(path: str) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def remove(path: str) -> bool:
    """Remove the file *path* for good; False if it was not there."""
    try:
        os.unlink(path)
        _sync_directory(os.path.dirname(path) or ".")
    except FileNotFoundError:
        return False
    except OSError as error:
        raise DevkeysError(f"cannot remove {path}: {_reason(error)}") from None
    return True


@contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the lock file *path*; wait for another devkeys that holds it.

    The kernel lets go of it with the process, so that a crashed holder blocks nobody.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise DevkeysError(f"cannot lock {path}: {_reason(error)}") from None
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)
    else:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
