"""Steps about git's history do what they say, from any directory and with odd names."""

import os
import secrets
import subprocess
from pathlib import Path

import pytest
from env_checkout import put
from following import NAMES, devkeys_on_path, elsewhere, follow, root
from real import need
from repositories import commit, git_answer, run_git
from repository_looks import LABEL, findings, look, look_staged, make_value, only

from devkeys.flows.doctor import steps

__all__ = ["elsewhere", "root"]  # fixtures


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_what_is_staged_is_unstaged(
    tmp_path: Path, root: Path, elsewhere: Path, name: str, *, first: bool
) -> None:
    """And git forgets it, also before the first commit, and where the file has changed since."""
    value = make_value()
    if first:
        root = tmp_path / "a new one"
        root.mkdir()
        run_git("init", "-q", cwd=root)
    put(root, name, value)
    put(root, ".env.b", "1\n")
    run_git("add", "-f", ".", cwd=root)
    put(root, name, "harmless\n")

    follow(only(look_staged(root, value)).step, elsewhere)

    assert not first or git_answer("ls-files", cwd=root) == ".env.b"
    assert findings(look(root, value)) == []
    assert (root / name).read_text() == "harmless\n"


def test_what_was_discarded_is_forgotten_and_stashes_stay(root: Path, elsewhere: Path) -> None:
    """All of them; expiring every reflog would drop them silently."""
    value = make_value()
    commit(root, "a", "1")
    for text in ("2", "3"):
        (root / "a").write_text(text)
        run_git("stash", "-q", cwd=root)
    commit(root, "b", value)
    run_git("reset", "-q", "--hard", "HEAD^", cwd=root)

    follow(only(look(root, value)).step, elsewhere)

    assert findings(look(root, value)) == []
    assert len(git_answer("stash", "list", cwd=root).splitlines()) == 2


def test_a_note_is_forgotten_and_the_others_stay(root: Path, elsewhere: Path) -> None:
    """Its history goes with it: an older note is in it."""
    value = make_value()
    run_git("notes", "add", "-m", "another", cwd=root)
    commit(root, "a", "1")
    run_git("notes", "add", "-m", f"note {value}", cwd=root)

    for finding in findings(look(root, value)):
        if finding.kind.id == "git/note":
            follow(finding.step, elsewhere)

    assert findings(look(root, value)) == []
    assert git_answer("notes", "show", "HEAD^", cwd=root) == "another"


@pytest.mark.parametrize("name", ["app.py", *NAMES])
@pytest.mark.parametrize("pushed", [False, True])
def test_a_value_leaves_every_commit_of_a_clone(
    tmp_path: Path, root: Path, elsewhere: Path, name: str, *, pushed: bool
) -> None:
    """Of what was pushed the clone is the remote's, with its other branches."""
    need("git-filter-repo")
    value = make_value()
    commit(root, name, f"key = '{value}'\n")
    if pushed:
        run_git("init", "-q", "--bare", "../up", cwd=root)
        run_git("remote", "add", "origin", "../up", cwd=root)
        run_git("push", "-q", "origin", "HEAD:master", "HEAD:other", cwd=root)
        run_git("symbolic-ref", "HEAD", "refs/heads/master", cwd=tmp_path / "up")
        run_git("fetch", "-q", cwd=root)
    said = f'test "$PWD" = "{str(root).replace("$", chr(92) + "$")}" && echo {value}'
    path = devkeys_on_path(tmp_path / "bin", said)

    follow(only(look(root, value)).step, elsewhere, PATH=path)

    rewritten = Path(f"{root}{steps.REWRITTEN}")
    assert findings(look(rewritten, value)) == []
    assert git_answer("rev-list", "--count", "--all", cwd=rewritten) != "0"
    if pushed:
        assert "refs/heads/other" in git_answer("for-each-ref", cwd=rewritten)


def test_a_value_is_piped_before_the_new_one_is_stored(root: Path) -> None:
    """Whoever stores the new value first would take that one out, which stands nowhere."""
    value = make_value()
    commit(root, "app.py", value)
    step = only(look(root, value)).step
    assert "before you store the new one" in step.partition(f"devkeys get --reveal {LABEL}")[0]


def test_a_message_is_rewritten(tmp_path: Path, root: Path, elsewhere: Path) -> None:
    """With the same pipe."""
    need("git-filter-repo")
    value = make_value()
    run_git("commit", "-q", "--allow-empty", "-m", f"use {value}", cwd=root)
    path = devkeys_on_path(tmp_path / "bin", f"echo {value}")
    (finding,) = [one for one in findings(look(root, value)) if one.kind.id == "git/message"]
    follow(finding.step, elsewhere, PATH=path)
    assert findings(look(Path(f"{root}{steps.REWRITTEN}"), value)) == []


def test_a_second_clone_is_not_made_over_the_first(root: Path, elsewhere: Path) -> None:
    """Whatever lies there stays, and nothing is rewritten."""
    need("git-filter-repo")
    put(Path(f"{root}{steps.REWRITTEN}"), "mine", secrets.token_hex())
    value = make_value()
    commit(root, ".env", value)
    with pytest.raises(subprocess.CalledProcessError):
        follow(only(look(root, value)).step, elsewhere)
    assert os.listdir(f"{root}{steps.REWRITTEN}") == ["mine"]
