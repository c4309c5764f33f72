"""What git would hang on is seen before git is started."""

import os
import socket
from pathlib import Path

import pytest
from repositories import commit, git_answer, repository, run_git

from devkeys.errors import DevkeysError
from devkeys.git.traps import LARGEST, check_directory, obstacle

__all__ = ["repository"]
OPENED = (
    *("HEAD", "config", "config.worktree", "index", "packed-refs", "shallow", "commondir"),
    *("refs/heads/main", "refs/heads/a/b/c", "refs/tags/x", "logs/HEAD", "info/exclude"),
    *("objects/info/alternates", "objects/info/commit-graph", "objects/pack/multi-pack-index"),
    *("objects/pack/pack-0f.idx", "worktrees/w/HEAD", "worktrees/w/gitdir"),
)


def put(repository: Path, name: str) -> Path:
    """Make way for something of that name in the git directory."""
    path = repository / ".git" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def why(repository: Path) -> str:
    """Return why git is not to be asked about the repository, or nothing."""
    try:
        check_directory(str(repository / ".git"))
    except DevkeysError as error:
        return str(error)
    return ""


def test_an_ordinary_repository_is_none(repository: Path) -> None:
    """With packs, a graph of its commits, loose objects, and a script that is a link."""
    commit(repository, "a", "1")
    run_git("gc", "-q", cwd=repository)
    run_git("commit-graph", "write", cwd=repository)
    commit(repository, "b", "2")
    (repository / ".git" / "hooks" / "x").symlink_to("/dev/tty")
    assert why(repository) == ""


@pytest.mark.parametrize("name", OPENED)
def test_a_fifo(repository: Path, name: str) -> None:
    """Wherever git would open it."""
    os.mkfifo(put(repository, name))
    assert why(repository) == f"its .git/{name} is a FIFO"


@pytest.mark.parametrize("name", ["HEAD", "config", "refs/heads/main", "objects/pack/pack-0f.idx"])
def test_a_link_to_what_has_no_end(repository: Path, name: str) -> None:
    """It would be read until there is no memory left."""
    put(repository, name).symlink_to("/dev/zero")
    assert why(repository) == f"its .git/{name} is a device"


def test_a_fifo_for_an_object(repository: Path) -> None:
    """One is enough for `git log` to wait for ever."""
    commit(repository, "a", "1")
    blob = git_answer("rev-parse", "HEAD:a", cwd=repository)
    name = f"objects/{blob[:2]}/{blob[2:]}"
    os.mkfifo(put(repository, name))
    assert why(repository) == f"its .git/{name} is a FIFO"


@pytest.mark.parametrize("name", ["HEAD", "config", "refs/heads/main", "info/exclude"])
def test_what_is_too_large_to_be_read(repository: Path, name: str) -> None:
    """A file with holes costs nothing on the disk, and all of the memory."""
    with put(repository, name).open("wb") as file:
        file.truncate(1 << 40)
    assert why(repository).startswith(f"its .git/{name} is too large")


@pytest.mark.parametrize("name", ["index", "packed-refs", "objects/pack/pack-0f.pack"])
def test_what_is_large_in_large_repositories(repository: Path, name: str) -> None:
    """Git maps it."""
    with put(repository, name).open("wb") as file:
        file.truncate(LARGEST + 1)
    assert why(repository) == ""


def test_a_link_to_the_null_device(repository: Path) -> None:
    """It ends at once, and is a usual way to turn something off."""
    put(repository, "info/exclude").symlink_to(os.devnull)
    assert why(repository) == ""


def test_a_socket(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be opened, so git goes on at once."""
    monkeypatch.chdir(repository / ".git")  # a socket's path has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("config.worktree")
        assert why(repository) == ""


@pytest.mark.parametrize("key", ["include.path", "includeIf.onbranch:x.path", "core.excludesFile"])
@pytest.mark.parametrize("absolute", [True, False])
def test_a_fifo_that_the_configuration_names(repository: Path, key: str, *, absolute: bool) -> None:
    """As it is read by every command."""
    os.mkfifo(repository / "fifo")
    path = str(repository / "fifo") if absolute else "../fifo"
    run_git("config", key, path, cwd=repository)
    assert "its .git/config leads to" in why(repository)
    assert why(repository).endswith("is a FIFO")


def test_nothing_is_no_obstacle(tmp_path: Path) -> None:
    """Git says at once that it is not there."""
    assert obstacle(str(tmp_path / "x")) is None
    assert obstacle(str(tmp_path)) is None
