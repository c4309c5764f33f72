"""Writing without a half-written state; never on the way of `run`."""

import errno
import os
import stat
from _thread import allocate_lock
from collections.abc import Iterator
from contextlib import contextmanager

from devkeys import files
from devkeys.errors import DevkeysError

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | _NOFOLLOW
)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW
# What fsync of a directory answers on file systems that know no such thing.
_CANNOT_SYNC = (errno.EINVAL, errno.EBADF, errno.ENOTSUP, errno.EACCES, errno.EPERM)


# The umask is the whole process's: of two threads each would put back what the other had set.
_umask = allocate_lock()


@contextmanager
def private_umask() -> Iterator[None]:
    """Whatever is made meanwhile, only the user can use; then the caller's umask is back.

    Nothing is started meanwhile.
    """
    with _umask:
        before = os.umask(0o077)
        try:
            yield
        finally:
            os.umask(before)


def make_private_dir(path: str) -> None:
    """Make the directory *path* and its missing parents, mode 0700; check it if it is there.

    Raise DevkeysError too if another user could put something else in its place.
    """
    files.check_way(path, os.path.realpath(os.path.expanduser("~")))
    with private_umask():
        _make(path)


def _make(path: str) -> None:
    above = os.path.dirname(path)
    if above and not os.path.isdir(above):
        _make(above)
    try:
        try:
            os.mkdir(path, 0o700)
            sync_directory(above or ".")
        except FileExistsError:
            status = os.lstat(path)
            files.check_private(path, status)
            if not stat.S_ISDIR(status.st_mode):
                raise
    except OSError as error:
        raise DevkeysError(
            f"cannot make {path}: {files.reason(error)}", hint="check the directory above it"
        ) from None


def write(path: str, data: bytes, *, mode: int = 0o600) -> None:
    """Put *data* into the file *path*: afterwards it holds the old or the new, never less.

    The new file is complete and on disk before it takes the old one's place.
    """
    directory = os.path.dirname(path) or "."
    temporary = temporary_of(path)
    try:
        _write_new(temporary, data, mode)
        os.replace(temporary, path)
    except OSError as error:
        raise DevkeysError(
            f"cannot write {path}: {files.reason(error)}", hint="nothing was changed"
        ) from None
    finally:
        remove_quietly(temporary)
    try:
        sync_directory(directory)
    except OSError as error:
        raise DevkeysError(
            f"{path} was written, but may not outlast a power cut: {files.reason(error)}",
            hint="check the disk",
        ) from None


def temporary_of(path: str) -> str:
    """Return a new name beside *path*, which `remove_leftovers` knows."""
    name = f"{_leftover_prefix(path)}{os.urandom(6).hex()}.tmp"
    return os.path.join(os.path.dirname(path) or ".", name)


def _leftover_prefix(path: str) -> str:
    return f".{os.path.basename(path)}."


def remove_leftovers(path: str) -> None:
    """Remove what a killed `write` of *path* left, if that can be done; only under its lock."""
    directory = os.path.dirname(path) or "."
    prefix = _leftover_prefix(path)
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in names:
        middle = name[len(prefix) : -4]
        if name.startswith(prefix) and name.endswith(".tmp") and len(middle) == 12:
            remove_quietly(os.path.join(directory, name))


def _write_new(path: str, data: bytes, mode: int) -> None:
    with private_umask():
        descriptor = os.open(path, _CREATE, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if os.name == "posix":
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_directory(path: str) -> None:
    """Let the names in the directory *path* outlast a power cut; OSError if the disk fails."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(os.path.realpath(path), _DIRECTORY)
    except PermissionError:
        return  # one may write into a directory without being allowed to list it
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)


def remove_quietly(path: str) -> None:
    """Remove the file *path* if that can be done."""
    try:
        os.unlink(path)
    except OSError:
        return


def remove(path: str) -> bool:
    """Remove the file *path* for good; False if it was not there."""
    try:
        os.unlink(path)
        sync_directory(os.path.dirname(path) or ".")
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DevkeysError(
            f"cannot remove {path}: {files.reason(error)}", hint="check the directory it is in"
        ) from None
    return True
