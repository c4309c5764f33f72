"""Keeping `.env` out of git: a line in `.gitignore`, and a word about what is in git already."""

import os
import re
import stat
from typing import NamedTuple

from devkeys import atomic, files, git
from devkeys.errors import DevkeysError

GITIGNORE = ".gitignore"
_LINE_END = re.compile(rb"\r\n|\n")


class Ignored(NamedTuple):
    """What was found and done about one file.

    *added_to* is the `.gitignore` that got a line; *tracked* says that git has the file
    itself, ignored or not; *trouble* says why it is still not ignored, or is None.
    """

    added_to: str | None = None
    tracked: bool = False
    trouble: str | None = None


def cover(path: str, root: str, *, program: str) -> Ignored:
    """See to it that git ignores the file *path*, which is in the repository *root*.

    *program* is git's absolute path. Appends to the `.gitignore` beside the file, or if
    there is none to the repository's own; what is tracked stays tracked.
    """
    if git.ask(root, "rev-parse", "--git-dir", program=program) is None:
        return Ignored(trouble="git cannot be asked there")
    tracked = git.is_tracked(root, path, program=program)
    if git.is_ignored(root, path, program=program):
        return Ignored(tracked=tracked)
    target = _target(os.path.dirname(path), root)
    trouble = append(target, os.path.basename(path))
    if trouble:
        return Ignored(tracked=tracked, trouble=trouble)
    if not git.is_ignored(root, path, program=program):
        trouble = "another rule of git's takes it out again"
    return Ignored(target, tracked, trouble)


def _target(directory: str, root: str) -> str:
    beside, above = os.path.join(directory, GITIGNORE), os.path.join(root, GITIGNORE)
    return above if os.path.lexists(above) and not os.path.lexists(beside) else beside


def append(target: str, line: str) -> str | None:
    """Add *line* to the file *target*; return why it could not be done, or None."""
    mode = 0o644
    if os.path.lexists(target):
        status = os.lstat(target)
        # git itself does not follow a symbolic link here.
        if not stat.S_ISREG(status.st_mode):
            return f"{target} is no regular file"
        mode = stat.S_IMODE(status.st_mode)
    try:
        data = files.read_regular(target) or b""
        atomic.write(target, with_line(data, os.fsencode(line)), mode=mode)
    except DevkeysError as error:
        return str(error)
    return None


def with_line(data: bytes, line: bytes) -> bytes:
    """Return *data*, lines with LF or CR LF, with *line* at their end."""
    found = _LINE_END.search(data)
    end = found[0] if found else b"\n"
    gap = b"" if not data or data.endswith(b"\n") else end
    return data + gap + line + end
