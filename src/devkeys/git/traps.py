"""Files on which git would hang, or fill the memory, seen before git is started.

Whoever made a checkout made its git directory, too. On a FIFO git waits for ever, and what
has no end it reads until there is no memory left.
"""

import os
import re
import stat
from collections.abc import Iterator

from devkeys.errors import DevkeysError
from devkeys.files import read_regular
from devkeys.git.repositories import borrowed

LARGEST = 64 << 20  # bytes of a file that git reads into memory
MOST = 20_000  # entries of a git directory
_READ_WHOLE = frozenset(
    ("HEAD", "config", "config.worktree", "shallow", "commondir", "gitdir", "info", "refs")
)
_OTHERS = frozenset(("index", "packed-refs", "reftable", "logs", "worktrees", "objects"))
# A quoted or a continued line may say more; for such a one there is a time-out.
_NAMED = re.compile(rb'(?im)(?:^|\])[ \t]*(?:path|excludesfile)[ \t]*=[ \t]*"?([^"\r\n]+)')


def check_directory(directory: str) -> None:
    """Raise DevkeysError if git would come to no end in a file of the git *directory*.

    Also if that borrows objects in a way of which `borrowed` does not approve.
    """
    for path, top in _files(directory):
        why = obstacle(path, LARGEST if top in _READ_WHOLE else None)
        if why:
            raise DevkeysError(f"its .git/{os.path.relpath(path, directory)} {why}")
    config = os.path.join(directory, "config")
    for named in _NAMED.findall(read_regular(config, limit=LARGEST) or b""):
        path = os.path.join(directory, os.path.expanduser(os.fsdecode(named).strip()))
        if "\0" not in path and (why := obstacle(path)):
            raise DevkeysError(f"its .git/config leads to {path}, which {why}")
    borrowed(directory)


def obstacle(path: str, limit: int | None = LARGEST) -> str | None:
    """Return what git would not come to the end of at *path*, as `is a FIFO`; None if it would.

    What is not there, or cannot be opened, is none: git says so at once.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    if stat.S_ISFIFO(status.st_mode):
        return "is a FIFO"
    if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return None if os.path.samefile(path, os.devnull) else "is a device"
    if limit is not None and stat.S_ISREG(status.st_mode) and status.st_size > limit:
        return f"is too large: {status.st_size} bytes"
    return None


def _files(directory: str) -> Iterator[tuple[str, str]]:
    """Yield what git may open, with its first part below *directory*; of objects what is no file.

    Objects come last, as there may be more than are looked at.
    """
    seen = 0
    for top in sorted(_entries(directory), key=lambda entry: entry.name == "objects"):
        waiting = [top] if top.name in _READ_WHOLE | _OTHERS else []
        while waiting and seen < MOST:
            entry = waiting.pop()
            if entry.is_dir(follow_symlinks=False):
                listed = _entries(entry.path)
                seen += len(listed)
                waiting += listed
            elif top.name != "objects" or not entry.is_file(follow_symlinks=False):
                yield entry.path, top.name


def _entries(path: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(path) as entries:
            return list(entries)
    except OSError:
        return []
