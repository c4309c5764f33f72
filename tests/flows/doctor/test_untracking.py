"""Taking a file out of git's index: of any name, whatever is staged, in hostile repositories."""

import os
import shutil
from pathlib import Path

import pytest
from hostile_repository import make_hostile
from repositories import commit, git_answer, repository, run_git

from devkeys.flows.doctor.untracking import untrack

__all__ = ["repository"]


def untracks(path: Path) -> bool:
    """Say whether git forgot the file."""
    return untrack(str(path), program=shutil.which("git") or "")


@pytest.mark.parametrize("name", [".env", "deep/er/.env", ".env.*", ":(top).env", '.env "\n'])
def test_one_file_is_forgotten_and_stays(repository: Path, name: str) -> None:
    """Its name is no pattern."""
    commit(repository, ".env.other", "B=2\n")
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text("A=1\n")
    run_git("--literal-pathspecs", "add", "-f", "--", name, cwd=repository)

    assert untracks(repository / name)
    assert git_answer("ls-files", cwd=repository) == ".env.other"
    assert (repository / name).read_text() == "A=1\n"


def test_what_was_staged_last_is_no_matter(repository: Path) -> None:
    """The commit, the index and the file may hold three contents."""
    commit(repository, ".env", "A=1\n")
    (repository / ".env").write_text("A=2\n")
    run_git("add", "-f", ".env", cwd=repository)
    (repository / ".env").write_text("A=three\n")

    assert untracks(repository / ".env")
    assert git_answer("ls-files", cwd=repository) == ""


def test_nothing_that_the_repository_configures_is_run(repository: Path, tmp_path: Path) -> None:
    """Neither for the file that git forgets nor for those whose times make git look again."""
    commit(repository, ".env", "A=1\n")
    make_hostile(repository, tmp_path / "canary", "value")
    (repository / ".env").write_text("A=2\n")
    # Git takes what is not older than its index for what may have changed since.
    os.utime(repository / ".git" / "index", (1, 1))

    assert untracks(repository / ".env")
    assert not (tmp_path / "ran").exists()


def test_a_file_that_is_not_tracked_is_none_to_forget(repository: Path) -> None:
    """Nothing is changed then."""
    commit(repository, "a", "1")
    (repository / ".env").write_text("A=1\n")

    assert not untracks(repository / ".env")
    assert git_answer("ls-files", cwd=repository) == "a"


def test_a_worktree_has_an_index_of_its_own(repository: Path, tmp_path: Path) -> None:
    """That of the repository keeps the file."""
    commit(repository, ".env", "A=1\n")
    run_git("worktree", "add", "-q", str(tmp_path / "other"), cwd=repository)

    assert untracks(tmp_path / "other" / ".env")
    assert git_answer("ls-files", cwd=tmp_path / "other") == ""
    assert git_answer("ls-files", cwd=repository) == ".env"
