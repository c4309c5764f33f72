"""The advice for a file of the git directory works, and git keeps what it needs."""

import shlex
import subprocess
from pathlib import Path

import pytest
from repositories import commit, git_answer, repository, run_git

from devkeys.flows.doctor.git_edits import edit
from devkeys.flows.doctor.git_kinds import HIDDEN

__all__ = ["repository"]
NEEDED = (
    *("config", "config.worktree", "index", "sharedindex.0f", "packed-refs", "shallow", "HEAD"),
    *("refs/heads/x", "logs/HEAD", "logs/refs/stash", "info/exclude", "worktrees/w/index"),
    *("worktrees/w/logs/HEAD", "worktrees/w/HEAD", "lfs/objects/0f/0f/0f", "unheard-of", HIDDEN),
)


def run(step: str, pattern: str = "", new: str = "") -> None:
    """Run the command at the end of *step*, with what stands for a name."""
    command = step.rpartition(": ")[2]
    command = command.replace("PATTERN", shlex.quote(pattern)).replace("NEW", new)
    subprocess.run(["sh", "-ec", command], check=True)


@pytest.mark.parametrize("path", NEEDED)
def test_what_git_needs_is_not_deleted(path: str) -> None:
    """Nor is anything of which nobody knows."""
    step = edit(path, "/c")
    assert "remove that file" not in step
    assert "delete" not in step.replace("do not delete the file", "").replace("=delete ", "")


@pytest.mark.parametrize("path", ["COMMIT_EDITMSG", "MERGE_MSG", "hooks/pre-push", "description"])
def test_what_git_does_without_may_go(path: str) -> None:
    """A text for a person, or a script."""
    assert f"delete {path}" in edit(path, "/c")


def test_a_setting_is_taken_away_without_its_value() -> None:
    """By its key, or in an editor."""
    step = edit("config", "/c d")
    assert "git config --unset KEY" in step
    assert step.endswith(": git -C '/c d' config --local --edit")


def test_a_branch_goes_without_its_name(repository: Path) -> None:
    """By a pattern, from `packed-refs` too; other branches stay."""
    for name in ("fix-secret", "other"):
        run_git("branch", name, cwd=repository)
    run_git("pack-refs", "--all", cwd=repository)
    run(edit("packed-refs", str(repository)), pattern="refs/heads/fix-*")
    assert "secret" not in (repository / ".git" / "packed-refs").read_text()
    assert git_answer("rev-parse", "other", cwd=repository)


def test_the_current_branch_gets_another_name(repository: Path) -> None:
    """Git does not delete the one that is checked out."""
    run_git("checkout", "-q", "-b", "secret", cwd=repository)
    run(edit("HEAD", str(repository)), new="other")
    assert (repository / ".git" / "HEAD").read_text() == "ref: refs/heads/other\n"


def test_a_file_leaves_the_index_without_its_name(repository: Path) -> None:
    """By a pattern; the file itself stays."""
    commit(repository, "fix-secret", "x")
    run(edit("index", str(repository)), pattern="fix-*")
    assert b"secret" not in (repository / ".git" / "index").read_bytes()
    assert (repository / "fix-secret").exists()


def test_the_reflog_is_emptied(repository: Path) -> None:
    """Of what it repeats of messages."""
    run_git("commit", "-q", "--allow-empty", "-m", "secret", cwd=repository)
    run_git("commit", "-q", "--amend", "--allow-empty", "-m", "x", cwd=repository)
    run(edit("logs/HEAD", str(repository)))
    assert "secret" not in (repository / ".git" / "logs" / "HEAD").read_text()
