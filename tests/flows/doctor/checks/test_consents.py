"""Consent that has outlived what it was given to."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import real
from checkout import allowed, make, session
from doctor_scope import kinds, make_scope, only

from devkeys.consent import path_of, record
from devkeys.consent.record import Agreed, Record
from devkeys.flows.doctor.checks.consents import look
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen


def agreed(home: Path, folder: Path) -> Path:
    """Make a checkout that is allowed what it asks for."""
    made = make(folder, "LLM_API_KEY=\n")
    allowed(made, home)
    return made


def git(folder: Path, *words: str) -> None:
    """Run git there."""
    real.need("git")
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def test_a_checkout_that_is_there_is_fine(home: Path, tmp_path: Path) -> None:
    """Nothing is to be done."""
    agreed(home, tmp_path / "chat")
    assert [type(one) for one in look(make_scope(home))] == [Fine]


def test_a_checkout_that_is_gone_is_told_of(home: Path, tmp_path: Path) -> None:
    """With the record's own words for --fix; a second one that is there is not."""
    folder = agreed(home, tmp_path / "chat")
    agreed(home, tmp_path / "other")
    shutil.rmtree(folder)
    (found,) = only(Finding, look(make_scope(home)))
    assert (found.kind.id, found.kind.grade) == ("consent/gone", "advice")
    assert found.remedy == Remedy("forget-consent", str(folder), f"{folder}/.git")
    assert "1 variable as chat" in found.what


def test_a_consent_that_was_withdrawn_is_none(home: Path, tmp_path: Path) -> None:
    """What the remedy leaves of the record is no finding any more."""
    folder = agreed(home, tmp_path / "chat")
    shutil.rmtree(folder)
    record.withdraw(session(home).data_dir, f"{folder}/.git", None)
    assert list(look(make_scope(home))) == []


def test_a_worktree_that_is_gone_is_none(home: Path, tmp_path: Path) -> None:
    """What was allowed is the repository, and that is there."""
    folder = agreed(home, tmp_path / "chat")
    data_dir = session(home).data_dir
    kept = record.read(data_dir, f"{folder}/.git")
    assert kept
    record.write(data_dir, kept._replace(path=str(tmp_path / "worktree-gone")))
    assert kinds(look(make_scope(home))) == []


@pytest.mark.parametrize(
    ("before", "after", "other"),
    [
        ("https://git.example/ana/chat.git", "git@git.example:ana/chat.git", False),
        ("https://git.example/ana/chat", "ssh://git@git.example:2222/ana/chat.git", False),
        ("https://git.example/ana/chat", "https://git.example/eve/chat", True),
        ("https://git.example/ana/chat", "https://git.evil/ana/chat", True),
        ("git@git.example:ana/chat.git", "git@git.example:ana/chats.git", True),
        ("/srv/git/chat.git", "/srv/git/other.git", True),
    ],
)
def test_another_remote_may_be_another_repository(
    home: Path, tmp_path: Path, before: str, after: str, other: bool
) -> None:
    """Another address of the same repository is none."""
    folder = tmp_path / "chat"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", before)
    make(folder, "LLM_API_KEY=\n", git=False)
    allowed(folder, home)
    git(folder, "remote", "set-url", "origin", after)
    expected = ["consent/another-repository"] if other else []
    assert kinds(look(make_scope(home, folder))) == expected


def test_a_password_in_a_remote_is_not_said(home: Path, tmp_path: Path) -> None:
    """Neither of the remote of then nor of that of now."""
    folder = tmp_path / "chat"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", "https://ana:hunter2hunter2@git.example/a/b")
    make(folder, "LLM_API_KEY=\n", git=False)
    allowed(folder, home)
    git(folder, "remote", "set-url", "origin", "https://ana:hunter2hunter2@git.example/a/c")
    found = list(look(make_scope(home, folder)))
    assert kinds(found) == ["consent/another-repository"]
    assert "hunter2" not in repr(found)


def test_a_repository_where_a_directory_was_is_another(home: Path, tmp_path: Path) -> None:
    """The consent of a directory outside of git is not that of a repository cloned there."""
    folder = make(tmp_path / "chat", "LLM_API_KEY=\n", git=False)
    allowed(folder, home)
    assert kinds(look(make_scope(home))) == []
    (folder / ".git").mkdir()
    assert kinds(look(make_scope(home))) == ["consent/another-repository"]


def test_damaged_records_are_counted(home: Path, tmp_path: Path) -> None:
    """What cannot be read is said, and hides nothing else."""
    folder = agreed(home, tmp_path / "chat")
    agreed(home, tmp_path / "other")
    data_dir = session(home).data_dir
    Path(path_of(data_dir, f"{folder}/.git")).write_bytes(b"\0damaged")
    results = list(look(make_scope(home)))
    assert [one.number for one in only(Unseen, results)] == [1]
    assert len(only(Fine, results)) == 1


def test_a_directory_of_records_that_cannot_be_read_is_said(home: Path) -> None:
    """As a file in its place is."""
    data_dir = Path(session(home).data_dir)
    data_dir.mkdir(parents=True, mode=0o700)
    (data_dir / "consent").write_text("")
    assert [type(one) for one in look(make_scope(home))] == [Unseen]


def test_many_records_are_quick(home: Path) -> None:
    """No process is started for a checkout that we are not in."""
    data_dir = session(home).data_dir
    facts = frozenset((Agreed("", "dev", "LLM_API_KEY", ("secret",)),))
    for number in range(50):
        one = Record(f"/gone/{number}/.git", f"/gone/{number}", "x:y/z", "chat", facts)
        record.write(data_dir, one)
    assert len(only(Finding, look(make_scope(home)))) == 50
    assert not os.path.exists("/gone")
