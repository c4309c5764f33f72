"""What git is asked, and that nothing of the repository's runs because of it."""

import shutil
from pathlib import Path

import pytest
from repositories import repository, run_git

from devkeys import git

__all__ = ["repository"]  # a fixture


def test_ignored_by_a_nested_rule(repository: Path) -> None:
    """Git's own answer counts, nested and negated rules included."""
    program = shutil.which("git") or ""
    (repository / ".gitignore").write_text(".env*\n!.env.example\n")

    assert git.is_ignored(str(repository), ".env", program=program)
    assert not git.is_ignored(str(repository), ".env.example", program=program)


def test_remote_hides_a_credential(repository: Path) -> None:
    """A token in the remote's address is not part of what is shown."""
    word = "x" + "y" * 8
    run_git(
        "remote", "add", "origin", f"https://me:{word}@example.invalid/chat.git", cwd=repository
    )

    found = git.remote(str(repository), program=shutil.which("git") or "")

    assert found == "https://example.invalid/chat.git"


def test_hostile_configuration_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """A repository's fsmonitor, a command, is not run by what devkeys asks."""
    trap = tmp_path / "trap"
    run_git("config", "core.fsmonitor", f"touch {trap}", cwd=repository)
    (repository / ".env").write_text("A=1\n")
    program = shutil.which("git") or ""

    git.is_tracked(str(repository), ".env", program=program)
    git.is_ignored(str(repository), ".env", program=program)

    assert not trap.exists()


def test_a_path_is_no_pattern(repository: Path) -> None:
    """A file named like a pattern is asked for by its name."""
    program = shutil.which("git") or ""
    (repository / "ab").write_text("1")
    run_git("add", "ab", cwd=repository)

    assert git.is_tracked(str(repository), "ab", program=program)
    assert not git.is_tracked(str(repository), "a*", program=program)


def test_the_callers_git_variables_are_left_out(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another repository in GIT_DIR changes no answer."""
    program = shutil.which("git") or ""
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))

    answer = git.ask(str(repository), "rev-parse", "--absolute-git-dir", program=program)

    assert answer == f"{repository / '.git'}\n"
