"""Which git directories belong to one checkout, and where their objects come from."""

import os
import stat
from collections.abc import Iterator

from devkeys.errors import DevkeysError
from devkeys.files import read_regular
from devkeys.git.running import Repository, ask

MOST = 1000  # directories below `modules/` that are looked into
_DEPTH = 5  # git itself follows no more alternates of alternates


def submodules(repository: Repository, root: str | None) -> Iterator[Repository]:
    """Yield the repositories of submodules, those of submodules' submodules included.

    They lie in `modules/` of the git directory, or in the checkout at *root*, where they were
    made by hand; None leaves those out. Raises DevkeysError, at the end, if there are more
    directories than are looked into.
    """
    seen = 0
    waiting = [os.path.join(repository.common, "modules")]
    while waiting and seen < MOST:
        directory = waiting.pop()
        seen += 1
        if _is_git_directory(directory):
            yield repository._replace(directory=directory, common=directory)
            waiting.append(os.path.join(directory, "modules"))
        else:
            waiting += _directories(directory)
    if root is not None:
        yield from _in_checkout(repository, root)
    if waiting:
        raise DevkeysError(f"more than {MOST} directories below {repository.common}/modules")


def _in_checkout(repository: Repository, root: str) -> Iterator[Repository]:
    for record in ask(repository, "ls-files", "--stage", "-z"):
        if not record.startswith(b"160000 "):
            continue
        path = os.path.join(root, os.fsdecode(record.partition(b"\t")[2]))
        directory = os.path.join(path, ".git")
        if os.path.realpath(directory) == directory and _is_git_directory(directory):
            yield repository._replace(directory=directory, common=directory)


def worktrees(repository: Repository) -> Iterator[Repository]:
    """Yield the git directory of each linked worktree: an index and a HEAD of its own."""
    for directory in _directories(os.path.join(repository.common, "worktrees")):
        if os.path.isfile(os.path.join(directory, "HEAD")):
            yield repository._replace(directory=directory)


def check_owner(directory: str) -> None:
    """Raise DevkeysError if the git directory is another user's, as git does for a checkout's."""
    try:
        owner = os.stat(directory).st_uid
    except OSError as error:
        raise DevkeysError(f"cannot look at it: {error.strerror}") from None
    if os.name == "posix" and owner != os.geteuid():
        raise DevkeysError("it belongs to another user, and git would follow what that one set")


def borrowed(common: str) -> list[str]:
    """Return the object directories that the git directory *common* uses besides its own.

    Raises DevkeysError if git would hang on them, or ask another machine for them.
    """
    own = os.path.join(common, "objects")
    found: list[str] = []
    if os.path.realpath(own) != own:
        found.append(os.path.realpath(own))
    level = [own]
    for _ in range(_DEPTH):
        level = [path for objects in level for path in _alternates(objects) if path not in found]
        found += level
    return found


def _alternates(objects: str) -> Iterator[str]:
    listed = read_regular(os.path.join(objects, "info", "alternates")) or b""
    for line in os.fsdecode(listed).split("\n"):
        if not line or line.startswith("#"):
            continue
        if line.replace("\\", "/").startswith("//"):
            raise DevkeysError("its objects/info/alternates leads to another machine")
        if line.startswith('"'):
            raise DevkeysError("its objects/info/alternates has a quoted path")
        path = os.path.normpath(os.path.join(objects, line))
        if os.path.isdir(path):  # git passes over what is none
            yield path


def is_foreign(path: str) -> bool:
    """Tell whether *path* belongs neither to this user nor to root."""
    try:
        return os.name == "posix" and os.stat(path).st_uid not in (0, os.geteuid())
    except OSError:
        return True


def is_shallow(repository: Repository) -> bool:
    """Tell whether older commits were left where it was cloned from."""
    return os.path.exists(os.path.join(repository.common, "shallow"))


def is_partial(repository: Repository) -> bool:
    """Tell whether objects were left where it was cloned from, to be fetched when needed."""
    try:
        names = os.listdir(os.path.join(repository.common, "objects", "pack"))
    except OSError:
        return False
    return any(name.endswith(".promisor") for name in names)


def _is_git_directory(directory: str) -> bool:
    parts = (("HEAD", stat.S_ISREG), ("objects", stat.S_ISDIR), ("refs", stat.S_ISDIR))
    try:
        return all(is_it(os.lstat(os.path.join(directory, part)).st_mode) for part, is_it in parts)
    except OSError:
        return False


def _directories(directory: str) -> list[str]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []
