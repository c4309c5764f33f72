"""Git is asked about a checkout of its own, and of no other."""

import os
import secrets
from pathlib import Path

import pytest
from doctor_scope import make_scope, only
from env_checkout import live, put
from repositories import commit, repository, run_git

from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.checks import envfiles, packages, templates
from devkeys.scan.finding import Fine, Unseen

__all__ = ["repository"]
NOT_ITS_OWN = "its .git leads to a repository that does not know it, so git was not asked"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a directory that is going to have a `.git`."""
    path = tmp_path / "checkout"
    path.mkdir()
    return path


def test_a_repository(repository: Path, tmp_path: Path) -> None:
    """Also from a directory in it; outside of any there is nothing to ask about."""
    (repository / "a").mkdir()
    assert trap(str(repository)) is None
    assert trap(str(repository / "a")) is None
    assert trap(str(tmp_path)) is None


def test_a_worktree(repository: Path, tmp_path: Path) -> None:
    """Its repository knows it."""
    run_git("worktree", "add", "-q", str(tmp_path / "w"), cwd=repository)
    assert trap(str(tmp_path / "w")) is None
    os.mkfifo(repository / ".git" / "shallow")
    assert trap(str(tmp_path / "w")) == "its .git/shallow is a FIFO, so git was not asked"


def test_submodules(repository: Path, tmp_path: Path) -> None:
    """One in another, and in a worktree."""
    allow = ("-c", "protocol.file.allow=always")
    for name, inner in (("b", ""), ("a", "b")):
        (tmp_path / name).mkdir()
        run_git("init", "-q", cwd=tmp_path / name)
        commit(tmp_path / name, "x", "1")
        if inner:
            words = ("submodule", "--quiet", "add", str(tmp_path / inner), inner)
            run_git(*allow, *words, cwd=tmp_path / name)
            run_git("commit", "-q", "-m", "x", cwd=tmp_path / name)
    run_git(*allow, "submodule", "--quiet", "add", str(tmp_path / "a"), "a", cwd=repository)
    run_git("commit", "-q", "-m", "x", cwd=repository)
    run_git("worktree", "add", "-q", str(tmp_path / "w"), cwd=repository)
    for root in (repository, tmp_path / "w"):
        run_git(*allow, "submodule", "--quiet", "update", "--init", "--recursive", cwd=root)
        assert [trap(str(root / path)) for path in ("a", "a/b")] == [None, None]


def test_a_git_file_that_leads_to_another_repository(repository: Path, checkout: Path) -> None:
    """Whose index and history would be told as those of this one, and changed by --fix."""
    (checkout / ".git").write_text(f"gitdir: {repository / '.git'}\n")
    assert trap(str(checkout)) == NOT_ITS_OWN


def test_a_worktree_of_its_own_that_shares_with_another(repository: Path, checkout: Path) -> None:
    """It names the `.git` back, but git takes all else from where `commondir` says."""
    private = checkout / "x" / "worktrees" / "w"
    private.mkdir(parents=True)
    (checkout / ".git").write_text(f"gitdir: {private}\n")
    (private / "gitdir").write_text(f"{checkout / '.git'}\n")
    (private / "commondir").write_text(f"{repository / '.git'}\n")
    (private / "HEAD").write_text("ref: refs/heads/main\n")
    assert trap(str(checkout)) == NOT_ITS_OWN


def test_a_git_directory_that_shares_with_another(repository: Path, checkout: Path) -> None:
    """Git itself makes no `commondir` there."""
    run_git("init", "-q", cwd=checkout)
    (checkout / ".git" / "commondir").write_text(f"{repository / '.git'}\n")
    assert "commondir" in (trap(str(checkout)) or "")


@pytest.mark.parametrize("kind", ["link", "fifo", "device"])
def test_a_git_that_is_neither(repository: Path, checkout: Path, kind: str) -> None:
    """A link leads anywhere."""
    if kind == "fifo":
        os.mkfifo(checkout / ".git")
    else:
        to = repository / ".git" if kind == "link" else "/dev/zero"
        (checkout / ".git").symlink_to(to)
    assert "neither a directory nor a regular file" in (trap(str(checkout)) or "")


def test_a_worktree_whose_repository_is_gone(repository: Path, tmp_path: Path) -> None:
    """It is said."""
    run_git("worktree", "add", "-q", str(tmp_path / "w"), cwd=repository)
    repository.rename(tmp_path / "elsewhere")
    assert "that is not there" in (trap(str(tmp_path / "w")) or "")


@pytest.mark.parametrize("text", ["", "gitdir: ", "gitdir: \0x", "x" * 5000, "gitdir: /\n"])
def test_a_git_file_that_is_none(checkout: Path, text: str) -> None:
    """Whatever stands in it."""
    (checkout / ".git").write_text(text)
    assert "git was not asked" in (trap(str(checkout)) or "")


def test_git_is_not_started_by_any_check(repository: Path, home: Path, tmp_path: Path) -> None:
    """One line for the repository; nothing of it is fine."""
    git = put(tmp_path, "bin/git", f"#!/bin/sh\ntouch {tmp_path}/started\nexit 1\n", mode=0o700)
    put(repository, ".env", f"A_KEY={live()}\n")
    put(repository, ".env.example", f"A_KEY=sk-{secrets.token_hex(24)}\n")
    put(repository, "pyproject.toml", '[project]\nname = "x"\n[build-system]\nrequires = []\n')
    put(repository, "MANIFEST.in", "")
    scope = make_scope(home, repository, PATH=str(git.parent))
    looks = (envfiles.look, packages.look, templates.look)
    list(envfiles.look(scope))
    assert (tmp_path / "started").exists()  # else this test would prove nothing
    (tmp_path / "started").unlink()
    (repository / ".git" / "index").unlink(missing_ok=True)
    os.mkfifo(repository / ".git" / "index")
    results = [one for look in looks for one in look(scope)]
    assert not (tmp_path / "started").exists()
    (unseen,) = only(Unseen, results)
    assert unseen.why == "its .git/index is a FIFO, so git was not asked"
    assert not any("ignores" in fine.what for fine in only(Fine, results))
