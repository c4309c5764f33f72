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


def git_answer(*words: str, cwd: Path) -> str:
    """Return what real git prints for *words*, without the line end."""
    done = subprocess.run(["git", *words], cwd=cwd, check=True, capture_output=True, text=True)
    return done.stdout.rstrip("\n")


def commit(root: Path, name: str, data: str | bytes) -> str:
    """Write *data* into the file *name* of a repository, commit it, and return the commit."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    run_git("add", "-f", "--", name, cwd=root)
    run_git("commit", "-q", "-m", "a change", cwd=root)
    return git_answer("rev-parse", "HEAD", cwd=root)


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Path:  # noqa: ARG001  # git reads HOME
    """Make a repository with one commit."""
    need("git")
    root = tmp_path / "chat"
    root.mkdir()
    run_git("init", "-q", cwd=root)
    run_git("commit", "-q", "--allow-empty", "-m", "first", cwd=root)
    return root
