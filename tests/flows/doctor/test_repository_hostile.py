"""Nothing that a repository brought is run or followed, and what is broken stops nothing."""

import os
import subprocess
from pathlib import Path

import pytest
from hostile_repository import make_hostile
from repositories import commit, git_answer, repository, run_git
from repository_looks import findings, look, look_staged, make_value, only, unseen

from devkeys.scan.finding import Unseen

__all__ = ["repository"]  # a fixture


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """Name a program that leaves a trace when it is run."""
    (tmp_path / "cage").mkdir()
    return tmp_path / "cage" / "canary"


def test_no_program_of_the_repository_runs(repository: Path, canary: Path) -> None:
    """Neither hooks, drivers, pagers, gpg nor remotes run; the same calls of git's run them."""
    value = make_value()
    missing = make_hostile(repository, canary, value)
    ran = canary.parent / "ran"

    told = [only(look(repository, value)).kind.id, *findings(look_staged(repository, value))]
    assert told == ["git/committed"]
    assert not ran.exists()

    for words in (("status",), ("log", "-p"), ("cat-file", "-p", missing)):
        subprocess.run(["git", *words], cwd=repository, capture_output=True, check=False)
        assert ran.exists(), words  # else this test would prove nothing
        ran.unlink()


def test_an_included_fifo_hangs_nobody(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that makes git itself hang is one line after a while."""
    monkeypatch.setattr("devkeys.git.TIMEOUT", 1)
    os.mkfifo(repository / "fifo")
    (repository / "included").write_text(f"[include]\npath = {repository / 'fifo'}\n")
    run_git("config", "include.path", str(repository / "included"), cwd=repository)

    (item,) = look(repository, make_value())

    assert isinstance(item, Unseen)


def test_a_fifo_for_an_object_hangs_nobody(repository: Path) -> None:
    """Git is not started on objects that would hang it."""
    commit(repository, "a", "1")
    blob = git_answer("rev-parse", "HEAD:a", cwd=repository)
    path = repository / ".git" / "objects" / blob[:2] / blob[2:]
    path.unlink()
    os.mkfifo(path)

    items = look(repository, make_value())

    assert any("is a FIFO" in one.why for one in unseen(items))


def test_a_fifo_in_the_git_directory(repository: Path) -> None:
    """What is no regular file there is passed over."""
    os.mkfifo(repository / ".git" / "pipe")
    os.symlink("/dev/zero", repository / ".git" / "zero")

    assert findings(look(repository, make_value())) == []


def test_alternates_that_are_a_fifo(repository: Path) -> None:
    """Git is not started on a repository whose alternates would hang it."""
    os.mkfifo(repository / ".git" / "objects" / "info" / "alternates")

    assert any("FIFO" in one.why for one in unseen(look(repository, make_value())))


def test_alternates_on_another_machine(repository: Path) -> None:
    """A path of the network is not opened: Windows would tell that machine who we are."""
    alternates = repository / ".git" / "objects" / "info" / "alternates"
    alternates.write_text("\\\\host\\share\n")

    assert any("another machine" in one.why for one in unseen(look(repository, make_value())))


def test_a_commondir_leads_nowhere(repository: Path, tmp_path: Path) -> None:
    """A file `commondir` in the git directory does not make it another repository."""
    value, other = make_value(), tmp_path / "other"
    other.mkdir()
    run_git("init", "-q", cwd=other)
    commit(other, "a", value)
    (repository / ".git" / "commondir").write_text(f"{other / '.git'}\n")

    assert findings(look(repository, value)) == []


def test_a_git_file_that_leads_elsewhere(repository: Path, tmp_path: Path) -> None:
    """A `.git` that points to a repository which does not know it is not followed."""
    value = make_value()
    commit(repository, "a", value)
    (tmp_path / "trap").mkdir()
    (tmp_path / "trap" / ".git").write_text(f"gitdir: {repository / '.git'}\n")

    (item,) = look(tmp_path / "trap", value)

    assert isinstance(item, Unseen)


def test_core_worktree_leads_nowhere(repository: Path, tmp_path: Path) -> None:
    """Another working tree in the configuration changes nothing."""
    value = make_value()
    commit(repository, "a", value)
    run_git("config", "core.worktree", str(tmp_path / "nowhere"), cwd=repository)

    assert only(look(repository, value)).kind.id == "git/committed"


def test_replaced_objects_are_looked_at_as_they_are(repository: Path) -> None:
    """A replacement does not hide the object that it stands for."""
    value = make_value()
    commit(repository, "a", value)
    commit(repository, "b", "harmless")
    names = [git_answer("rev-parse", f"HEAD:{name}", cwd=repository) for name in "ab"]
    run_git("replace", *names, cwd=repository)

    assert [one.place.member for one in findings(look(repository, value))] == ["a"]


def test_a_damaged_object_stops_nothing(repository: Path) -> None:
    """One object that cannot be read is one line; all others are searched."""
    values = [make_value() for _ in range(6)]
    for number, value in enumerate(values):
        commit(repository, f"f{number}", value)
    blob = git_answer("rev-parse", "HEAD:f3", cwd=repository)
    path = repository / ".git" / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-6] + b"damage")

    looks = [look(repository, value) for value in values]

    assert [len(findings(items)) for items in looks] == [1, 1, 1, 0, 1, 1]
    assert all(unseen(items) for items in looks)


def test_a_damaged_pack_stops_nothing(repository: Path) -> None:
    """What is not in the damaged pack is searched."""
    value = make_value()
    for number in range(5):
        commit(repository, f"f{number}", os.urandom(3000).hex())
    run_git("gc", "-q", cwd=repository)
    (pack,) = (repository / ".git" / "objects" / "pack").glob("*.pack")
    pack.chmod(0o600)
    data = bytearray(pack.read_bytes())
    data[500:4000] = bytes(3500)
    pack.write_bytes(data)
    (repository / "new").write_text(value)
    run_git("hash-object", "-w", "new", cwd=repository)

    items = look(repository, value)

    assert len(findings(items)) == 1
    assert unseen(items)


def test_a_missing_tree_stops_nothing(repository: Path) -> None:
    """Without a way back to a commit, the value is told all the same."""
    value = make_value()
    commit(repository, "a", value)
    tree = git_answer("rev-parse", "HEAD^{tree}", cwd=repository)
    (repository / ".git" / "objects" / tree[:2] / tree[2:]).unlink()

    items = look(repository, value)

    assert len(findings(items)) == 1
    assert any("led back" in one.why for one in unseen(items))


@pytest.mark.needs_root
def test_another_users_repository(repository: Path) -> None:
    """Git does not open it, and that is what the report says."""
    for parent, directories, names in os.walk(repository):
        for name in ("", *directories, *names):
            os.lchown(os.path.join(parent, name), 12345, 12345)

    (item,) = look(repository, make_value())

    assert isinstance(item, Unseen)
    assert "git status" in item.why
