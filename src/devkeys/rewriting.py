"""Changing a file of the user's own, which other programs write too.

    read -> change -> lock -> write beside it -> still as it was? -> rename -> fetch what came late

At any moment the file is the old or the new one. Owner, group, mode, extended attributes and ACL
stay, and of a symbolic link the file it leads to is changed. What another program adds between
the last look and the rename goes into the old file and is brought over from there.
"""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import NamedTuple

from devkeys import atomic, files, likeness, openfiles
from devkeys.errors import DevkeysError

LIMIT = 1 << 28  # bytes
_TRIES = 20
_IN_FULL = 1  # tries, before what is appended meanwhile goes over as it is
_PAUSE = 0.005  # seconds, a little longer after every try
_BUSY = "end the programs that write to it, and try again"
_LEFTOVER = (".devkeys-", ".tmp")
_READ = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)
_CREATE = _READ | os.O_RDWR | os.O_CREAT | os.O_EXCL

Change = Callable[[bytes], bytes | None]  # from a content to the new one, None to leave it
Lock = Callable[[], AbstractContextManager[None]]


class Rewritten(NamedTuple):
    """Whether the file was changed, and *left*: what that could not do, in words for the user."""

    changed: bool
    left: tuple[str, ...] = ()


class Original(NamedTuple):
    """A file that is going to be changed: its real path, its open descriptor, what it held."""

    path: str
    descriptor: int
    status: os.stat_result
    data: bytes


def rewrite(
    path: str, change: Change, *, lock: Lock = nullcontext, limit: int = LIMIT
) -> Rewritten:
    """Change the content of the file *path*; raise DevkeysError if that cannot be done.

    *change* is called again while the file is changed by others. *lock* is held while the
    new one is written. A file of another user's, of more than *limit* bytes, or that is not regular
    is an error. A file that is not there is not changed.
    """
    if os.name != "posix":
        return _rewrite_elsewhere(path, change, limit)
    for attempt in range(_TRIES):
        time.sleep(_PAUSE * attempt)
        try:
            with opened(path, limit) as original:
                done = _try(original, change, lock, follow=attempt > _IN_FULL)
        except FileNotFoundError:
            return Rewritten(False)
        except OSError as error:
            raise DevkeysError(
                f"cannot rewrite {path}: {files.reason(error)}",
                hint="check the disk, and the directory that the file is in",
            ) from None
        if done is not None:
            return done
    raise DevkeysError(
        f"{path} is written to all the time; it was left as it is",
        hint=_BUSY,
    )


@contextmanager
def opened(path: str, limit: int = LIMIT) -> Iterator[Original]:
    """Open the user's own file *path* and read it; raise OSError or DevkeysError."""
    target = os.path.realpath(path)
    descriptor = os.open(target, _READ)
    try:
        status = os.fstat(descriptor)
        _check(path, status, limit)
        yield Original(target, descriptor, status, content(descriptor))
    finally:
        os.close(descriptor)


def _check(path: str, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise DevkeysError(
            f"{path} is not a regular file; it was left as it is", hint="see with ls -l what it is"
        )
    if status.st_size > limit:
        raise DevkeysError(
            f"{path} has {status.st_size} bytes, and at most {limit} are rewritten",
            hint="take it out by hand",
        )
    if os.name == "posix" and status.st_uid != os.geteuid():
        raise DevkeysError(
            f"{path} belongs to another user (uid {status.st_uid}); it was left as it is",
            hint="do this as that user",
        )


def content(descriptor: int) -> bytes:
    """Return all that the open file holds now."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def is_unchanged(original: Original, *, or_longer: bool = False) -> bool:
    """Tell whether the file is still the one that was read, as far as its status tells."""
    before, now = original.status, os.fstat(original.descriptor)
    longer = or_longer and now.st_size > before.st_size
    if not longer and (before.st_size, before.st_mtime_ns) != (now.st_size, now.st_mtime_ns):
        return False
    try:
        named = os.lstat(original.path)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (now.st_dev, now.st_ino)


def _try(original: Original, change: Change, lock: Lock, *, follow: bool) -> Rewritten | None:
    """Change the file; None if others did so meanwhile."""
    data = change(original.data)
    if data is None:
        return Rewritten(False)
    with lock():
        replaced = _replace(original, data, follow=follow)
    if replaced is None:
        return None
    # Not under the lock: who waits for it has the old file open already.
    quiet = openfiles.wait_for_writers(original.descriptor)
    _bring_over(replaced, data, change)
    left = []
    if not quiet:
        left.append(
            f"a program that is running keeps the old {original.path} open, with what was taken "
            "out; what it writes from now on is lost"
        )
    if original.status.st_nlink > 1:
        others = original.status.st_nlink - 1
        left.append(f"{original.path} had {others} more hard links, which lead to the old content")
    return Rewritten(True, tuple(left))


def _replace(original: Original, data: bytes, *, follow: bool = False) -> Original | None:
    """Put a file with *data* into its place, and return what was replaced.

    None: it is not as it was read any more. What was only appended may *follow* the data.
    """
    directory = os.path.dirname(original.path)
    remove_leftovers(directory)
    temporary = leftover(directory)
    descriptor = os.open(temporary, _CREATE, 0o600)
    try:
        openfiles.claim(descriptor)
        _write(descriptor, data)
        likeness.copy(original.descriptor, descriptor)
        os.fsync(descriptor)
        now = _follow(original, descriptor) if follow else original
        if now is None or not is_unchanged(now, or_longer=follow):
            return None
        os.rename(temporary, original.path)
        temporary = ""
    finally:
        os.close(descriptor)
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
    _sync(original.path, directory)
    return now


def _follow(original: Original, descriptor: int) -> Original | None:
    """Write what was appended to the original; return it as it is then, None if it is another.

    What comes after that is brought over, as always; only a kill just then could lose it.
    """
    status = os.fstat(original.descriptor)
    now = content(original.descriptor)
    if not now.startswith(original.data):
        return None
    _write(descriptor, now[len(original.data) :])
    os.fsync(descriptor)
    return original._replace(status=status, data=now)


def _sync(path: str, directory: str) -> None:
    try:
        atomic.sync_directory(directory)
    except OSError as error:
        raise DevkeysError(
            f"{path} was rewritten, but may not outlast a power cut: {files.reason(error)}",
            hint="check the disk",
        ) from None


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _bring_over(original: Original, written: bytes, change: Change) -> None:
    """Give the new file what was written into the old one after it was read."""
    late = content(original.descriptor)
    if late.startswith(original.data):
        _append(original.path, late[len(original.data) :])
        return
    with opened(original.path) as new:  # it was written anew as a whole
        since = new.data.removeprefix(written)
        late = change(late) or late
        if _replace(new, late + since) is None:
            _append(original.path, late)


def _append(path: str, data: bytes) -> None:
    if not data:
        return
    descriptor = os.open(path, _READ | os.O_WRONLY | os.O_APPEND)
    try:
        _write(descriptor, data)
    finally:
        os.close(descriptor)


def leftover(directory: str) -> str:
    """Return a new name in *directory*, which `remove_leftovers` knows unless it is claimed."""
    return os.path.join(directory, os.urandom(6).hex().join(_LEFTOVER))


def remove_leftovers(directory: str) -> None:
    """Remove what rewriting left in *directory* when it was killed."""
    begin, end = _LEFTOVER
    for name in os.listdir(directory):
        if not (name.startswith(begin) and name.endswith(end) and len(name) == 25):
            continue
        path = os.path.join(directory, name)
        with suppress(OSError):
            if openfiles.is_abandoned(path):
                os.unlink(path)


def _rewrite_elsewhere(path: str, change: Change, limit: int) -> Rewritten:
    """Do it where a file that is open cannot be replaced, and nobody appends to a replaced one."""
    target = os.path.realpath(path)
    for attempt in range(_TRIES):
        time.sleep(_PAUSE * attempt)
        before = files.read_regular(target, limit=limit)
        after = None if before is None else change(before)
        if after is None:
            return Rewritten(False)
        if files.read_regular(target, limit=limit) == before:
            atomic.write(target, after)
            return Rewritten(True)
    raise DevkeysError(f"{path} is written to all the time; it was left as it is", hint=_BUSY)
