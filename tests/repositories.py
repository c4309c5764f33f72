"""Repositories that real git makes."""

import subprocess
from pathlib import Path

import pytest
from real import need


def run_git(*words: str, cwd: Path) -> None:
    """Run real git with a configuration of the test's own."""
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", *words],
        cwd=cwd,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Path:  # noqa: ARG001  # git reads HOME
    """Make a repository with one commit."""
    need("git")
    root = tmp_path / "chat"
    root.mkdir()
    run_git("init", "-q", cwd=root)
    run_git("commit", "-q", "--allow-empty", "-m", "first", cwd=root)
    return root
