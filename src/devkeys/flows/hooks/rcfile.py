"""A start-up file of the user's: read with care, and replaced in one step with all it has.

A symbolic link, as into a repository of dotfiles, is followed; mode and owner stay.
"""

import os
import re
import stat
from typing import NamedTuple

from devkeys import atomic, files
from devkeys.errors import DevkeysError

LIMIT = 1 << 24  # bytes
MODE = 0o644
_GOES_ON = re.compile(rb"\\\r?\n?\Z")


class Content(NamedTuple):
    """What a start-up file holds, and its status; None if it is not there yet."""

    data: bytes
    status: os.stat_result | None


def read(path: str) -> Content:
    """Return the content of the start-up file *path*; raise DevkeysError if it is no such file."""
    data = files.read_regular(path, limit=LIMIT)
    if data is None:
        return Content(b"", None)
    try:
        return Content(data, os.stat(path))
    except OSError as error:
        raise DevkeysError(f"cannot read {path}: {files.reason(error)}") from None


def check_end(path: str, content: Content) -> None:
    """Raise DevkeysError unless a line can be added at the end of the file."""
    if b"\0" in content.data:
        raise DevkeysError(f"{path} is no text in UTF-8 or in another extension of ASCII")
    if _GOES_ON.search(content.data):
        raise DevkeysError(f"the last line of {path} goes on: it ends in a backslash")


def check_owner(path: str, content: Content) -> None:
    """Raise DevkeysError unless the file is the user's own to replace."""
    status = content.status
    if status is None:
        return
    if not stat.S_IMODE(status.st_mode) & 0o222 or not os.access(path, os.W_OK):
        raise DevkeysError(f"{path} is read-only")
    if os.name != "posix":
        return
    # Also for root: with sudo the copy would be root's, and the user's shell could not read it.
    if status.st_uid != os.geteuid():
        raise DevkeysError(f"{path} belongs to another user (uid {status.st_uid})")
    if os.geteuid() != 0 and status.st_gid not in (os.getegid(), *os.getgroups()):
        raise DevkeysError(f"{path} belongs to a group that you are not in")


def replace(path: str, before: Content, data: bytes) -> None:
    """Make *data* the content of the file *path*, which has to be as it was *before*."""
    if read(path).data != before.data:
        raise DevkeysError(f"{path} was changed meanwhile", hint="try again; nothing was changed")
    target = os.path.realpath(path)
    try:
        os.makedirs(os.path.dirname(target), exist_ok=True)
    except OSError as error:
        raise DevkeysError(f"cannot make the directory of {path}: {files.reason(error)}") from None
    status = before.status
    atomic.write(target, data, mode=stat.S_IMODE(status.st_mode) if status else MODE)
    if status is not None and os.name == "posix":
        os.chown(target, -1, status.st_gid)
