"""Keeping `.env` out of a real git repository."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import real

from devkeys.flows.gitignore import Ignored, cover, with_line


@pytest.fixture
def repository(tmp_path: Path, home: Path) -> Path:
    """Make an empty repository; *home* keeps the user's own git configuration out."""
    real.need("git")
    assert home.is_dir()
    root = tmp_path / "chat"
    run_git(tmp_path, "init", "-q", str(root))
    return root


def run_git(where: Path, *words: str) -> None:
    """Let git do something in *where*."""
    subprocess.run(["git", *words], cwd=where, check=True, capture_output=True)


def covered(root: Path, path: str = ".env") -> Ignored:
    """Cover *path* in *root*."""
    program = shutil.which("git") or ""
    return cover(str(root / path), str(root), program=program)


def test_a_line_is_added_where_there_is_no_file(repository: Path) -> None:
    """Git then ignores the file."""
    assert covered(repository) == Ignored(str(repository / ".gitignore"))
    assert (repository / ".gitignore").read_bytes() == b".env\n"


def test_what_is_ignored_already_needs_no_line(repository: Path) -> None:
    """Any rule will do, also one of the user's own that no `.gitignore` shows."""
    (repository / ".git/info/exclude").write_text("*.env\n.env\n")
    assert covered(repository) == Ignored()
    assert not (repository / ".gitignore").exists()


def test_a_second_time_changes_nothing(repository: Path) -> None:
    """The line is there once."""
    covered(repository)
    assert covered(repository) == Ignored()
    assert (repository / ".gitignore").read_bytes() == b".env\n"


def test_mode_and_line_ends_stay(repository: Path) -> None:
    """The file's CR LF, its missing final line end and its mode are kept."""
    ignore = repository / ".gitignore"
    ignore.write_bytes(b"*.log\r\ndist")
    ignore.chmod(0o640)
    covered(repository)
    assert ignore.read_bytes() == b"*.log\r\ndist\r\n.env\r\n"
    assert ignore.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(repository)) == [".git", ".gitignore"]


def test_the_file_beside_it_comes_before_the_repository_s(repository: Path) -> None:
    """A project in a folder uses that folder's rules if there are any."""
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "web").mkdir()
    assert covered(repository, "web/.env").added_to == str(repository / ".gitignore")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "web/.gitignore").write_text("dist\n")
    assert covered(repository, "web/.env").added_to == str(repository / "web/.gitignore")


def test_a_tracked_file_is_said_to_be_tracked(repository: Path) -> None:
    """A rule does not take out what is in the index, and devkeys does not either."""
    (repository / ".env").write_text("A=1\n")
    run_git(repository, "add", ".env")
    found = covered(repository)
    assert found.tracked
    assert found.added_to is not None
    assert covered(repository) == Ignored(tracked=True)


def test_a_rule_that_takes_it_out_again_is_said(repository: Path) -> None:
    """The last rule wins, and a nearer file's comes last."""
    (repository / "web").mkdir()
    (repository / "web/.env").write_text("")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / "web/.gitignore").symlink_to("elsewhere")
    assert covered(repository, "web/.env").trouble is not None


def test_a_file_that_cannot_be_changed_is_no_end(repository: Path) -> None:
    """What is stored is stored: the rest of `init` goes on, and says what is left to do."""
    (repository / ".gitignore").write_bytes(b"#\n" * (1 << 20))
    assert "too large" in (covered(repository).trouble or "")


def test_where_git_cannot_be_asked_nothing_is_written(tmp_path: Path) -> None:
    """A directory that git calls no repository gets no file."""
    real.need("git")
    (tmp_path / ".git").mkdir()
    assert covered(tmp_path).trouble == "git cannot be asked there"
    assert not (tmp_path / ".gitignore").exists()


def test_an_empty_file_gets_one_line() -> None:
    """No blank line comes first."""
    assert with_line(b"", b".env") == b".env\n"
