"""Identity from `.git`: what git itself made is believed, what a repository brought is not."""

import shutil
import subprocess
import sys
from pathlib import Path

from real import absent, need
from repositories import repository, run_git

from devkeys.project.identity import common_directory

__all__ = ["repository"]  # a fixture


def test_repository_is_its_git_directory(repository: Path) -> None:
    """A plain repository is known by its own git directory."""
    assert common_directory(str(repository)) == str(repository / ".git")


def test_worktree_shares_the_identity(repository: Path, tmp_path: Path) -> None:
    """A worktree that git made is known by the main checkout's git directory."""
    run_git("worktree", "add", "-q", str(tmp_path / "feature"), cwd=repository)

    assert common_directory(str(tmp_path / "feature")) == str(repository / ".git")


def test_worktree_with_relative_paths(repository: Path, tmp_path: Path) -> None:
    """The relative pointers that newer git writes are followed too."""
    run_git("worktree", "add", "-q", str(tmp_path / "feature"), cwd=repository)
    private = repository / ".git" / "worktrees" / "feature"
    (tmp_path / "feature" / ".git").write_text("gitdir: ../chat/.git/worktrees/feature\n")
    (private / "gitdir").write_text("../../../../feature/.git\n")

    assert common_directory(str(tmp_path / "feature")) == str(repository / ".git")


def test_forged_worktree_pointer(repository: Path, tmp_path: Path) -> None:
    """A `.git` file that names a victim's worktree proves nothing."""
    run_git("worktree", "add", "-q", str(tmp_path / "feature"), cwd=repository)
    evil = tmp_path / "evil"
    evil.mkdir()
    shutil.copy(tmp_path / "feature" / ".git", evil / ".git")

    assert common_directory(str(evil)) is None


def test_forged_pointer_to_a_git_directory(repository: Path, tmp_path: Path) -> None:
    """A `.git` file that names a victim's git directory proves nothing."""
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / ".git").write_text(f"gitdir: {repository}/.git\n")

    assert common_directory(str(evil)) is None


def test_forged_commondir(repository: Path, tmp_path: Path) -> None:
    """A `commondir` inside an ordinary git directory is not followed."""
    evil = tmp_path / "evil"
    (evil / ".git").mkdir(parents=True)
    (evil / ".git" / "commondir").write_text(f"{repository}/.git\n")

    assert common_directory(str(evil)) == str(evil / ".git")


def test_forged_worktrees_folder(repository: Path, tmp_path: Path) -> None:
    """A worktree folder that a repository brought leads to that repository only."""
    evil = tmp_path / "evil"
    private = evil / "fake" / "worktrees" / "x"
    private.mkdir(parents=True)
    (evil / ".git").write_text(f"gitdir: {private}\n")
    (private / "gitdir").write_text(f"{evil}/.git\n")
    (private / "commondir").write_text(f"{repository}/.git\n")

    assert common_directory(str(evil)) == str(evil / "fake")


def test_symlinked_git_directory(repository: Path, tmp_path: Path) -> None:
    """A `.git` that is a symbolic link to a victim's is no identity."""
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / ".git").symlink_to(repository / ".git")

    assert common_directory(str(evil)) is None


def test_submodule_has_no_identity_of_the_parent(repository: Path, tmp_path: Path) -> None:
    """A submodule is not known by its parent's git directory."""
    outer = tmp_path / "outer"
    outer.mkdir()
    run_git("init", "-q", cwd=outer)
    run_git(
        "-c", "protocol.file.allow=always", "submodule", "add", str(repository), "sub", cwd=outer
    )

    assert common_directory(str(outer / "sub")) is None


def test_no_repository(tmp_path: Path) -> None:
    """A folder without `.git` is no repository."""
    assert common_directory(str(tmp_path)) is None


def test_pointer_with_a_nul(tmp_path: Path) -> None:
    """What no path can hold is no error."""
    (tmp_path / ".git").write_bytes(b"gitdir: \0x\n")

    assert common_directory(str(tmp_path)) is None


def test_a_failing_disk_is_not_taken_for_no_repository(repository: Path) -> None:
    """Else its values would be looked for, and stored, under another project."""
    need("strace")
    code = f"from devkeys.project.identity import common_directory as c; c({str(repository)!r})"
    trace = ["strace", "-qq", "-o", "/dev/null", "-P", str(repository / ".git")]
    inject = ["-e", "inject=lstat,newfstatat:error=EIO"]
    done = subprocess.run(
        [*trace, *inject, sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    if "ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert f"DevkeysError: cannot look at {repository}/.git: input/output error" in done.stderr
