"""Reading files without traps.

On the way of `run`: imports only `os` and what the interpreter already holds.
"""

import os
import stat

from devkeys.errors import DevkeysError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

DEFAULT_LIMIT = 1 << 20
# Windows has none of these; there a path is opened as it is.
_READ = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_TRIES = 20  # 0.4 seconds in all


def read_regular(path: str, *, limit: int = DEFAULT_LIMIT, follow: bool = True) -> bytes | None:
    """Return the content of the regular file at *path*, or None if nothing is there.

    A directory, FIFO, device or a file of more than *limit* bytes is an error; without *follow*,
    for files of ours, a symbolic link is too. The file is opened without blocking and looked at
    through its descriptor, so that a FIFO that another program put there (1Password does)
    cannot hang us.
    """
    descriptor = _open(path, 0 if follow else _NOFOLLOW)
    return None if descriptor is None else _read(path, descriptor, limit, private=False)


def _open(path: str, flags: int) -> int | None:
    try:
        return os.open(path, _READ | flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        _cannot_open(path, error)


def _cannot_open(path: str, error: OSError) -> "NoReturn":
    if _is_socket(path):  # which cannot be opened; why is told in other words everywhere
        _not_regular(path, "a device or socket")
    _unreadable(path, error)


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False


def _read(path: str, descriptor: int, limit: int, *, private: bool) -> bytes:
    try:
        status = os.fstat(descriptor)
        if private:
            check_private(path, status)
        _check_kind(path, status, limit)
        return _read_all(descriptor, status.st_size, path, limit)
    except OSError as error:
        _unreadable(path, error)
    finally:
        os.close(descriptor)


def _check_kind(path: str, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        _not_regular(path, _kind(status.st_mode))
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
            raise DevkeysError(
                f"{path} grew past {limit} bytes while it was read",
                hint="check that this is the file you mean",
            )
        if len(data) == size:  # more was asked for, so this is the end
            break
    return data


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    return "a device or socket"


def _not_regular(path: str, kind: str) -> "NoReturn":
    raise DevkeysError(
        f"{path} is {kind}, not a regular file", hint="move it away or name another file"
    )


def _unreadable(path: str, error: OSError) -> "NoReturn":
    raise DevkeysError(
        f"cannot read {path}: {reason(error)}", hint="check its owner and its mode"
    ) from None


def reason(error: OSError) -> str:
    """Return, as part of a message, why the system refused."""
    return (error.strerror or str(error)).lower()


def read_private(path: str, *, limit: int = DEFAULT_LIMIT) -> bytes | None:
    """Return the content of a file that only its owner, the user, may read; None if absent.

    A symbolic link, another owner or a mode that lets others in is an error. What is
    checked is what is read: a file put in its place meanwhile does not pass.
    """
    for attempt in range(_TRIES):
        try:
            check_private(path, os.lstat(path))
        except (FileNotFoundError, NotADirectoryError) as error:
            if not _is_listed(path):
                return None
            _wait_for_another(path, error, attempt)
            continue
        except OSError as error:
            _wait_for_another(path, error, attempt)
            continue
        try:
            descriptor = os.open(path, _READ | _NOFOLLOW)
        except OSError as error:
            _wait_for_another(path, error, attempt)
            continue
        return _read(path, descriptor, limit, private=True)
    raise DevkeysError(f"{path} is being replaced again and again", hint="try again")


def _is_listed(path: str) -> bool:
    """Say whether its directory names *path*, which lstat did not find.

    On FUSE, lstat may ask for the file that was there before, and learn that it is gone.
    """
    directory, name = os.path.split(path)
    try:
        return name in os.listdir(directory or os.curdir)
    except OSError:
        return False


def _wait_for_another(path: str, error: OSError, attempt: int) -> None:
    """Wait a moment if *path* was just seen and is gone; else raise.

    Where files are known by their paths (FUSE) or by old handles (NFS), that is one which a
    writer has replaced, and never "nothing".
    """
    import errno
    import time

    if error.errno not in (errno.ENOENT, errno.ESTALE):
        _cannot_open(path, error)
    time.sleep(0.002 * attempt)


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


def check_way(directory: str, home: str) -> None:
    """Raise if another user could put something else in the place of *directory*.

    It and all that is above it count, up to *home*, a real path, or up to the root; so does where
    links lead. Each has to be the user's or root's, and none may be everybody's to write to,
    unless it is sticky as /tmp is. What does not exist yet is passed over.
    """
    if os.name == "posix":
        # In a container root may be somebody else; whoever has `/` can do everything anyway.
        owners = (os.geteuid(), 0, os.lstat("/").st_uid)
        _climb(directory, home, owners, directory, set())


def _climb(path: str, home: str, owners: tuple[int, ...], directory: str, seen: set[str]) -> None:
    while path not in seen:
        seen.add(path)
        try:
            status = os.lstat(path)
        except OSError:  # not there, or not for us to see: then nothing is read there
            status = None
        if status is not None:
            _check_step(path, status, owners, directory)
            if stat.S_ISLNK(status.st_mode):
                above = os.path.realpath(os.path.dirname(path))
                target = os.path.normpath(os.path.join(above, os.readlink(path)))
                _climb(target, home, owners, directory, seen)
                _climb(os.path.realpath(path), home, owners, directory, seen)
        if path in (home, "/", ""):
            return
        path = os.path.dirname(path)


def _check_step(path: str, status: os.stat_result, owners: tuple[int, ...], directory: str) -> None:
    if status.st_uid not in owners:
        raise DevkeysError(
            f"{path} belongs to another user (uid {status.st_uid}), who can replace {directory}",
            hint=f"if it is to be yours, chown {os.geteuid()} {path}",
        )
    everybodys = status.st_mode & (stat.S_IWOTH | stat.S_ISVTX) == stat.S_IWOTH
    if everybodys and not stat.S_ISLNK(status.st_mode):
        raise DevkeysError(
            f"every user can write to {path}, and so replace {directory}", hint=f"chmod o-w {path}"
        )
