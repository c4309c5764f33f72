"""Who has a file open: asked of the kernel, which lets go when a process ends."""

import os
import stat
import sys
import time

_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
_PAUSE = 0.001  # seconds
_PATIENCE = 0.25  # seconds that a writer gets to close the file
_IN_DOUBT = 0.03  # seconds to wait where nobody can tell


def claim(descriptor: int) -> None:
    """Mark the open file as ours, until it is closed or we end; raise OSError if it is not."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_abandoned(path: str) -> bool:
    """Tell whether *path* is a file of the user's that nobody claims any more."""
    if sys.platform == "win32":
        return False
    import fcntl

    descriptor = os.open(path, _FLAGS | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def wait_for_writers(descriptor: int) -> bool:
    """Wait until no process has the file open for writing; False if one keeps it open.

    *descriptor* is open for reading, and the file has no name any more that it could be opened
    by; then nothing can be written into it afterwards.
    """
    began = time.monotonic()
    while time.monotonic() < began + _PATIENCE:
        time.sleep(_PAUSE)  # for those who have found the file, and are about to open it
        try:
            if _has_no_writer(descriptor):
                return True
        except OSError:  # not on this system, or on this file system
            time.sleep(_IN_DOUBT)
            return True
    return False


def _has_no_writer(descriptor: int) -> bool:
    """Tell whether no process has the file open for writing; raise OSError if nobody can tell."""
    if sys.platform != "linux":
        raise OSError
    import fcntl
    import signal

    # A lease can be had on such a file only. Whoever opens it meanwhile makes the kernel send a
    # signal, by default one that would end us.
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return False
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return True
