"""A running git: what it is given, what it answers, and that it is ended when it hangs."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from repositories import commit, git_answer, repository

from devkeys.errors import DevkeysError
from devkeys.git import running
from devkeys.git.running import Repository, ask

__all__ = ["repository"]  # a fixture


@pytest.fixture
def opened(repository: Path) -> Repository:
    """Open the repository's git directory."""
    directory = str(repository / ".git")
    return Repository(shutil.which("git") or "", directory, directory)


def test_an_answer_in_records(opened: Repository, repository: Path) -> None:
    """What git parts with NULs comes back as a list."""
    commit(repository, "a b", "1")
    commit(repository, "c\nd", "1")

    assert ask(opened, "ls-files", "-z") == [b"a b", b"c\nd"]


def test_a_failure_is_an_error(opened: Repository) -> None:
    """An exit code other than 0 is raised, at the end."""
    with pytest.raises(DevkeysError, match="git ended with 128"):
        ask(opened, "cat-file", "blob", "HEAD")


def test_it_is_given_more_than_a_pipe_holds(opened: Repository, repository: Path) -> None:
    """Input and output flow at a time."""
    head = git_answer("rev-parse", "HEAD", cwd=repository)
    feed = (f"{head}\n".encode() for _ in range(20_000))

    with running.running(opened, "cat-file", "--batch-check", feed=feed) as output:
        count = sum(1 for _ in output.records(b"\n"))
        output.finish()

    assert count == 20_000


def test_what_it_was_not_given_is_an_error(opened: Repository) -> None:
    """If what feeds it fails, its answer is not taken for the whole one."""

    def feed() -> Iterator[bytes]:
        yield b"HEAD\n"
        raise DevkeysError("no more")

    with running.running(opened, "cat-file", "--batch-check", feed=feed()) as output:
        assert len(list(output.records(b"\n"))) == 1
        with pytest.raises(DevkeysError, match="no more"):
            output.finish()


def test_it_is_ended_with_the_block(opened: Repository) -> None:
    """Who reads no more need not wait for the rest, whatever git still has to say."""

    def feed() -> Iterator[bytes]:
        while True:
            yield b"HEAD\n" * 1000

    start = time.monotonic()
    with running.running(opened, "cat-file", "--batch", feed=feed()) as output:
        assert output.some()

    assert time.monotonic() - start < 5


def test_a_silent_git_is_ended(opened: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that neither gives nor takes is ended after a while."""
    monkeypatch.setattr(running, "STALL", 0.5)

    def feed() -> Iterator[bytes]:
        time.sleep(4)
        yield b""

    with running.running(opened, "cat-file", "--batch", feed=feed()) as output:
        assert not output.some()
        with pytest.raises(DevkeysError, match="no answer"):
            output.finish()


def test_a_program_that_is_not_there(opened: Repository) -> None:
    """A git that cannot be started is an error with a reason."""
    with pytest.raises(DevkeysError, match="cannot start git"):
        ask(opened._replace(program="/nonexistent/git"), "version")
