"""Following a step for real: its command is pasted into `sh` in another directory."""

import os
import subprocess
from pathlib import Path

import pytest
from real import need
from repositories import run_git

WHO = {f"GIT_{who}_{what}": "t@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NAMES = (".env", ".env 'x' \"y\"", ".env.$(touch sprung)", ".env.[a-z]*", ".env.-:(top)ä")


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:  # noqa: ARG001  # git reads HOME
    """Make a repository whose path needs quotes, with one commit."""
    need("git")
    root = tmp_path / "it's a $chat"
    root.mkdir()
    run_git("init", "-q", cwd=root)
    run_git("commit", "-q", "--allow-empty", "-m", "first", cwd=root)
    return root


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a directory that has nothing to do with the repository."""
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


def follow(step: str, directory: Path, **environ: str) -> None:
    """Paste the command of *step* into a shell in *directory*."""
    command = step.partition(": ")[2] if ": " in step.partition("git -C")[0] else step
    subprocess.run(
        ["sh", "-c", command],
        cwd=directory,
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **WHO, **environ},
    )
    assert os.listdir(directory) == []


def devkeys_on_path(folder: Path, script: str) -> str:
    """Return a PATH on which `devkeys` is a *script*: its own values are not the point here."""
    folder.mkdir()
    (folder / "devkeys").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "devkeys").chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
