"""Whether git is asked about a checkout at all.

Its `.git` is believed as far as `project.identity` believes it: one that leads to another
repository would have doctor tell of that one, and `--fix` change it.
"""

import os
import stat

from devkeys.errors import DevkeysError
from devkeys.files import read_regular
from devkeys.git.traps import check_directory
from devkeys.project.identity import DOTGIT_LIMIT, common_directory


def trap(directory: str) -> str | None:
    """Return why git is not asked about the repository around *directory*; None if it can be."""
    top = _top(directory)
    if top is None:
        return None
    try:
        for one in _directories(top):
            check_directory(one)
    except DevkeysError as error:
        return f"{error}, so git was not asked"
    return None


def _top(directory: str) -> str | None:
    while not os.path.lexists(os.path.join(directory, ".git")):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return directory


def _directories(top: str) -> list[str]:
    """Return the git directory of *top*, and that which a worktree shares with others.

    Raises DevkeysError if they are not its own.
    """
    dotgit = os.path.join(top, ".git")
    mode = os.lstat(dotgit).st_mode
    if stat.S_ISDIR(mode):
        if os.path.lexists(os.path.join(dotgit, "commondir")):
            raise DevkeysError("its .git/commondir would lead git to another repository")
        return [dotgit]
    if not stat.S_ISREG(mode):
        raise DevkeysError("its .git is neither a directory nor a regular file")
    directory = os.path.realpath(os.path.join(top, _line(dotgit).removeprefix("gitdir: ")))
    if not os.path.isdir(directory):
        raise DevkeysError("its .git leads to a git directory that is not there")
    common, shared = common_directory(top), _line(os.path.join(directory, "commondir"))
    if common and os.path.realpath(os.path.join(directory, shared)) == os.path.realpath(common):
        return [directory, common]
    if not shared and _is_submodule(top, directory):
        return [directory]
    raise DevkeysError("its .git leads to a repository that does not know it")


def _is_submodule(top: str, directory: str) -> bool:
    """Tell whether *directory* lies in the git directory of the checkout around *top*."""
    outer = _top(os.path.dirname(top))
    around = _directories(outer) if outer else ()
    return any(directory.startswith(os.path.realpath(one) + os.sep) for one in around)


def _line(path: str) -> str:
    found = read_regular(path, limit=DOTGIT_LIMIT) or b""
    return os.fsdecode(found.partition(b"\n")[0].partition(b"\0")[0])
