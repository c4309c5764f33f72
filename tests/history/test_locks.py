"""The locks of shells, held as they hold them."""

import os
import threading
import time
from pathlib import Path

import pytest

from devkeys.history import Book
from devkeys.history.locks import locked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="is about POSIX locks")


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Make a zsh history."""
    path = tmp_path / "history"
    path.write_bytes(b"ls\n")
    return Book("zsh", str(path), "zsh")


def test_zshs_lock_is_a_link_that_says_whose_it_is(book: Book) -> None:
    """It is gone afterwards."""
    lock = f"{book.path}.LOCK"
    with locked(book):
        assert os.readlink(lock).startswith(f"/pid-{os.getpid()}/host-")
    assert not os.path.lexists(lock)


def test_a_lock_that_a_zsh_holds_is_waited_for(book: Book) -> None:
    """Until it lets go."""
    lock = f"{book.path}.LOCK"
    os.symlink("/pid-1/host-x", lock)
    threading.Timer(0.2, os.unlink, [lock]).start()
    began = time.monotonic()
    with locked(book):
        assert time.monotonic() - began > 0.1


def test_a_lock_of_more_than_ten_seconds_is_that_of_the_dead(book: Book) -> None:
    """As zsh takes it for."""
    lock = f"{book.path}.LOCK"
    os.symlink("/pid-1/host-x", lock)
    old = time.time() - 11
    os.utime(lock, (old, old), follow_symlinks=False)
    with locked(book):
        assert os.readlink(lock) != "/pid-1/host-x"


def test_a_lock_that_was_taken_over_is_not_removed(book: Book) -> None:
    """A zsh that took ours for stale has its own there."""
    lock = f"{book.path}.LOCK"
    with locked(book):
        os.unlink(lock)
        os.symlink("/pid-1/host-x", lock)
    assert os.readlink(lock) == "/pid-1/host-x"


@pytest.mark.parametrize("form", ["fish", "nushell", "mksh"])
def test_others_wait_for_the_kernels_lock(book: Book, form: str) -> None:
    """Of the file, as these shells take it."""
    import fcntl

    with Path(book.path).open("rb") as file:
        with locked(book._replace(format=form)), pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_format_without_a_lock_leaves_nothing(book: Book, tmp_path: Path) -> None:
    """Nor does one whose file is not there."""
    with locked(book._replace(format="bash")):
        assert os.listdir(tmp_path) == ["history"]
    os.unlink(book.path)
    with locked(book):
        pass
    assert os.listdir(tmp_path) == []
