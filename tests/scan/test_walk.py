"""Which files a walk comes to, and what it says of the rest."""

import os
import socket
import time
from pathlib import Path

import pytest

from devkeys.scan.finding import Unseen
from devkeys.scan.walk import File, Walk


def walked(root: Path, walk: Walk | None = None) -> tuple[set[str], list[Unseen]]:
    """Return the files below *root*, relative to it, and what was left out."""
    found = list((walk or Walk()).below(str(root)))
    files = {os.path.relpath(one.path, root) for one in found if isinstance(one, File)}
    return files, [one for one in found if isinstance(one, Unseen)]


def write(root: Path, *names: str) -> None:
    """Write small files."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("text")


def test_files_at_every_depth(tmp_path: Path) -> None:
    """Hidden and nested files are there, with their sizes."""
    write(tmp_path, "a", ".hidden", "b/c/d/e")
    assert walked(tmp_path) == ({"a", ".hidden", "b/c/d/e"}, [])
    assert {one.size for one in Walk().below(str(tmp_path)) if isinstance(one, File)} == {4}


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Links to files, to directories and in a circle lead nowhere."""
    write(tmp_path, "real/file", "elsewhere/file")
    (tmp_path / "real/link").symlink_to(tmp_path / "elsewhere/file")
    (tmp_path / "real/loop").symlink_to(tmp_path / "real")
    (tmp_path / "real/gone").symlink_to(tmp_path / "nothing")
    assert walked(tmp_path / "real") == ({"file"}, [])


def test_no_directory_is_walked_twice(tmp_path: Path) -> None:
    """A second root inside the first gives nothing again."""
    write(tmp_path, "a/b/file")
    walk = Walk()
    assert walked(tmp_path / "a", walk)[0] == {"b/file"}
    assert walked(tmp_path, walk)[0] == set()


def test_what_is_no_file_is_named_and_not_opened(tmp_path: Path) -> None:
    """A FIFO and a socket are told, a line for each kind of a directory."""
    os.mkfifo(tmp_path / "fifo")
    os.mkfifo(tmp_path / "fifo2")
    with socket.socket(socket.AF_UNIX) as listener:
        directory = os.getcwd()
        os.chdir(tmp_path)  # a socket's path may not be long
        try:
            listener.bind("socket")
        finally:
            os.chdir(directory)
        files, unseen = walked(tmp_path)
    assert files == set()
    assert sorted((one.why, one.number, one.failed) for one in unseen) == [
        ("a FIFO is not opened", 2, False),
        ("a socket is not opened", 1, False),
    ]


def test_devices_are_not_opened() -> None:
    """Walking through /dev opens nothing and ends."""
    files, unseen = walked(Path("/dev"))
    assert "null" not in files
    assert "a device is not opened" in {one.why for one in unseen}


@pytest.mark.parametrize(
    "name", ["node_modules", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache"]
)
def test_what_was_fetched_is_left_out(tmp_path: Path, name: str) -> None:
    """Directories that a command fills again are left out, and counted."""
    write(tmp_path, f"{name}/file", f"sub/{name}/file", "kept")
    assert walked(tmp_path) == ({"kept"}, [Unseen(str(tmp_path), f"{name} is left out", 2)])
    assert walked(tmp_path / name)[0] == {"file"}


def test_virtual_environments_are_left_out(tmp_path: Path) -> None:
    """A directory with a pyvenv.cfg is one, whatever its name; unless it was asked for."""
    write(tmp_path, "whatever/pyvenv.cfg", "whatever/lib/file", "kept")
    files, unseen = walked(tmp_path)
    assert files == {"kept"}
    assert [one.why for one in unseen] == ["virtual environments are left out"]
    assert walked(tmp_path / "whatever")[0] == {"pyvenv.cfg", "lib/file"}


def test_objects_of_git_are_left_out_and_its_files_are_not(tmp_path: Path) -> None:
    """Of `.git` only the objects are another search's."""
    git = [f".git/{name}" for name in ("HEAD", "config", "logs/HEAD", "packed-refs", "refs/x")]
    write(tmp_path, *git, ".git/objects/aa/bb", ".git/lfs/objects/c", "objects/mine")
    files, unseen = walked(tmp_path)
    assert files == {*git, "objects/mine"}
    assert [one.number for one in unseen] == [2]


def test_what_is_given_is_left_out(tmp_path: Path) -> None:
    """Files and directories can be left out by what they are, whatever their path."""
    write(tmp_path, "a/file", "b/file", "kept")
    status = [os.stat(tmp_path / name) for name in ("a", "b/file")]
    walk = Walk([(one.st_dev, one.st_ino) for one in status])
    assert walked(tmp_path, walk)[0] == {"kept"}


def test_since(tmp_path: Path) -> None:
    """What was modified before is left out."""
    write(tmp_path, "old", "new")
    os.utime(tmp_path / "old", (1000, 1000))
    assert walked(tmp_path, Walk(since=2000))[0] == {"new"}


def test_a_directory_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """What may not be listed is no error of the run."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    write(tmp_path, "closed/file", "kept")
    (tmp_path / "closed").chmod(0)
    files, unseen = walked(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert files == {"kept"}
    assert unseen == [Unseen(str(tmp_path / "closed"), "permission denied", failed=True)]


def test_a_root_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A missing root was asked for."""
    assert [one.failed for one in walked(tmp_path / "nothing")[1]] == [True]


def test_names_of_any_bytes(tmp_path: Path) -> None:
    """Newlines, escapes and bytes that are no text are names as others are."""
    names = {b"new\nline", b"\x1b[31mred", b"\xff\xfe", "ä".encode()}
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text("x")
    assert {os.fsencode(name) for name in walked(tmp_path)[0]} == names


def test_a_path_too_long_for_the_system_is_told(tmp_path: Path) -> None:
    """Directories deeper than a path can name end the way there, not the run."""
    top = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(30):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.chdir(top)
    files, unseen = walked(tmp_path)
    assert files == set()
    assert [one.why for one in unseen] == ["file name too long"]


def test_two_thousand_files_take_no_time(tmp_path: Path) -> None:
    """The walk is a small part of a second."""
    for number in range(40):
        write(tmp_path, *(f"d{number}/f{other}" for other in range(50)))
    start = time.perf_counter()
    assert len(walked(tmp_path)[0]) == 2000
    assert time.perf_counter() - start < 0.5
