"""Every place of a real repository where a value can stand, and what is said of it."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from repositories import commit, git_answer, repository, run_git
from repository_looks import LABEL, findings, look, make_value, only, unseen

from devkeys.flows.doctor import repository as flow
from devkeys.git import repositories
from devkeys.scan.finding import Fine, Unseen

__all__ = ["repository"]  # a fixture


def test_a_clean_repository_is_fine(repository: Path) -> None:
    """Without any hit the report says that the history was looked at."""
    commit(repository, "a.py", "x = 1\n")

    items = look(repository, make_value())

    assert [type(item) for item in items] == [Fine]
    assert re.search(r": [1-9][0-9]* bytes\Z", getattr(items[0], "what", ""))


def test_a_value_in_an_old_commit(repository: Path) -> None:
    """The first commit that had it is named, with path, line and time, though HEAD has it not."""
    value = make_value()
    first = commit(repository, "app/.env", f"A=1\nB={value}\n")
    commit(repository, "app/.env", f"A=2\nB={value}\n")
    commit(repository, "app/.env", "A=1\n")

    found = only(look(repository, value))

    assert found.kind.id == "git/committed"
    assert found.place[:2] == (str(repository), 2)
    assert (found.place.commit, found.place.member) == (first, "app/.env")
    assert found.place.times == 2
    assert found.place.when is not None
    assert abs(found.place.when - time.time()) < 600
    assert "filter-repo --invert-paths --path=app/.env" in found.step


def test_a_value_in_source_is_replaced_through_a_pipe(repository: Path) -> None:
    """A file that is more than its values stays, and no command holds a value."""
    value = make_value()
    commit(repository, "app.py", f"key = '{value}'\n")

    step = only(look(repository, value)).step

    assert f"devkeys get --reveal {LABEL} | git -C {repository}.rewritten filter-repo" in step


def test_packed_objects(repository: Path) -> None:
    """A value is found in a pack, as a delta too."""
    value = make_value()
    lines = [f"line {number} {os.urandom(20).hex()}\n" for number in range(300)]
    commit(repository, "big", "".join(lines))
    commit(repository, "big", "".join([*lines, value]))
    run_git("gc", "-q", "--prune=now", cwd=repository)

    found = only(look(repository, value))

    assert found.place.line == 301


def test_a_pushed_commit_is_told(repository: Path, tmp_path: Path) -> None:
    """What a remote-tracking branch reaches has left this machine."""
    value = make_value()
    commit(repository, "app.py", value)
    run_git("init", "-q", "--bare", str(tmp_path / "up"), cwd=tmp_path)
    run_git("remote", "add", "origin", str(tmp_path / "up"), cwd=repository)
    run_git("push", "-q", "origin", "HEAD:main", cwd=repository)

    found = only(look(repository, value))

    assert found.kind.id == "git/pushed"
    assert "push it with --force" in found.step


def test_a_stash(repository: Path) -> None:
    """An older stash counts, which only the reflog of the stash leads to."""
    value = make_value()
    commit(repository, "a", "1")
    for text in (value, "another"):
        (repository / "a").write_text(text)
        run_git("stash", "-q", cwd=repository)

    found = only(look(repository, value))

    assert (found.kind.id, found.place.member) == ("git/stashed", "a")
    assert "git stash drop" in found.step


def test_untracked_files_in_a_stash(repository: Path) -> None:
    """What `stash -u` took along is in a third parent."""
    value = make_value()
    (repository / "new").write_text(value)
    run_git("stash", "-q", "-u", cwd=repository)

    assert only(look(repository, value)).kind.id == "git/stashed"


def test_after_a_reset(repository: Path) -> None:
    """A discarded commit is still there, and the step makes git forget it, really."""
    value = make_value()
    commit(repository, "a", value)
    run_git("reset", "-q", "--hard", "HEAD^", cwd=repository)

    found = only(look(repository, value))
    subprocess.run(["sh", "-c", found.step.partition(": ")[2]], check=True)

    assert found.kind.id == "git/discarded"
    assert "reflog" in found.what
    assert findings(look(repository, value)) == []


def test_a_commit_that_nothing_refers_to(repository: Path) -> None:
    """Without a reflog, a discarded commit is named all the same."""
    value = make_value()
    gone = commit(repository, "a", value)
    run_git("reset", "-q", "--hard", "HEAD^", cwd=repository)
    run_git("reflog", "expire", "--expire=now", "--all", cwd=repository)

    found = only(look(repository, value))

    assert (found.kind.id, found.place.commit) == ("git/discarded", gone)
    assert "nothing refers" in found.what


def test_the_index_alone(repository: Path) -> None:
    """What is staged and in no commit is told as that."""
    value = make_value()
    (repository / "a").write_text(f"\n{value}")
    run_git("add", "a", cwd=repository)

    found = only(look(repository, value))

    assert (found.kind.id, found.place.member, found.place.line) == ("git/staged", "a", 2)


def test_what_was_staged_once(repository: Path) -> None:
    """An object that neither a commit nor an index has is found."""
    value = make_value()
    (repository / "a").write_text(value)
    run_git("add", "a", cwd=repository)
    run_git("rm", "-q", "--cached", "a", cwd=repository)

    found = only(look(repository, value))

    assert found.kind.id == "git/discarded"
    assert found.place.member.startswith("blob ")


def test_a_worktree(repository: Path, tmp_path: Path) -> None:
    """The index of another worktree counts, and a look from there sees the same."""
    value = make_value()
    run_git("worktree", "add", "-q", str(tmp_path / "wt"), cwd=repository)
    (tmp_path / "wt" / "a").write_text(value)
    run_git("add", "a", cwd=tmp_path / "wt")

    for root in (repository, tmp_path / "wt"):
        assert only(look(root, value)).kind.id == "git/staged"


def test_messages_and_authors(repository: Path) -> None:
    """A commit's message and its author's name are texts, too; the reflog's copy is not told."""
    value = make_value()
    run_git("commit", "-q", "--allow-empty", "-m", f"use {value}", cwd=repository)
    run_git("-c", f"user.name={value}", "commit", "-q", "--allow-empty", "-m", "x", cwd=repository)

    found = findings(look(repository, value))

    told = {(one.kind.id, one.place.member) for one in found}
    assert {("git/message", "message"), ("git/message", "author")} <= told
    assert not any("logs" in one.place.member for one in found)


def test_an_annotated_tag(repository: Path) -> None:
    """The text of a tag is searched, and the tag named."""
    value = make_value()
    run_git("tag", "-a", "v1", "-m", f"with {value}", cwd=repository)

    messages = [one for one in findings(look(repository, value)) if one.kind.id == "git/message"]

    assert [one.place.member for one in messages] == ["tag v1"]


def test_a_note(repository: Path) -> None:
    """A note is told as one, with the command that removes it."""
    value = make_value()
    run_git("notes", "add", "-m", f"note {value}", cwd=repository)
    head = git_answer("rev-parse", "HEAD", cwd=repository)

    notes = [one for one in findings(look(repository, value)) if one.kind.id == "git/note"]

    assert len(notes) == 1
    assert f"notes remove --ignore-missing {head}" in notes[0].step


def test_a_merge_that_brought_it(repository: Path) -> None:
    """What only a merge commit brought (an evil merge) leads to that commit."""
    value = make_value()
    main = git_answer("symbolic-ref", "--short", "HEAD", cwd=repository)
    run_git("checkout", "-q", "-b", "side", cwd=repository)
    commit(repository, "side", "1")
    run_git("checkout", "-q", main, cwd=repository)
    commit(repository, "main", "1")
    run_git("merge", "-q", "--no-commit", "side", cwd=repository)
    (repository / "side").write_text(value)
    run_git("add", "side", cwd=repository)
    run_git("commit", "-q", "-m", "merge", cwd=repository)

    found = only(look(repository, value))

    assert found.place.commit == git_answer("rev-parse", "HEAD", cwd=repository)


@pytest.mark.parametrize("name", [b"new\nline", b"\x1b[31mred", b"not \xff utf-8", b"a\ttab"])
def test_names_that_are_no_text(repository: Path, name: bytes) -> None:
    """A file is named as it is, and its name comes into no command unless it can be shown."""
    value = make_value()
    commit(repository, os.fsdecode(name), value)

    found = only(look(repository, value))

    assert os.fsencode(found.place.member) == name


def test_a_name_that_holds_it(repository: Path) -> None:
    """Names of files and branches that hold the value are told and not shown."""
    value = make_value()
    commit(repository, f"dir/{value}.txt", "1")
    run_git("branch", f"try-{value}", cwd=repository)

    found = [one for one in findings(look(repository, value)) if one.kind.id == "git/name"]

    assert sorted(one.what for one in found) == ["in the name of a branch", "in the name of a file"]
    assert any(one.place.commit for one in found)


def test_the_address_of_a_remote(repository: Path) -> None:
    """A token in `.git/config` is found, though no commit has it."""
    value = make_value()
    run_git("remote", "add", "origin", f"https://me:{value}@example.invalid/x", cwd=repository)

    found = only(look(repository, value))

    assert (found.kind.id, found.place.member) == ("git/directory", ".git/config")
    assert "git remote set-url" in found.step


def test_a_submodule(repository: Path, tmp_path: Path) -> None:
    """A submodule's repository is looked at by itself, in `modules/` of the outer one."""
    value = make_value()
    inner = tmp_path / "inner"
    inner.mkdir()
    run_git("init", "-q", cwd=inner)
    commit(inner, "a", value)
    add = ("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    run_git(*add, cwd=repository)

    found = only(look(repository, value))

    assert found.kind.id == "git/pushed"
    assert found.place.path == str(repository / ".git" / "modules" / "sub")


def test_a_nested_repository_with_a_git_directory(repository: Path) -> None:
    """A submodule that was made by hand keeps its git directory in the checkout."""
    value = make_value()
    inner = repository / "inner"
    inner.mkdir()
    run_git("init", "-q", cwd=inner)
    commit(inner, "a", value)
    run_git("add", "inner", cwd=repository)

    assert only(look(repository, value)).place.path == str(inner / ".git")


def test_alternates(repository: Path, tmp_path: Path) -> None:
    """Objects that another repository lends are looked at."""
    value = make_value()
    commit(repository, "a", value)
    run_git("clone", "-q", "--shared", str(repository), str(tmp_path / "shared"), cwd=tmp_path)

    assert only(look(tmp_path / "shared", value)).kind.id == "git/pushed"


def test_a_shallow_clone_says_so(repository: Path, tmp_path: Path) -> None:
    """What was left where it was cloned from cannot be looked at."""
    value = make_value()
    commit(repository, "a", value)
    commit(repository, "a", "1")
    source = f"file://{repository}"
    run_git("clone", "-q", "--depth=1", source, str(tmp_path / "shallow"), cwd=tmp_path)

    items = look(tmp_path / "shallow", value)

    assert findings(items) == []
    assert [one.why for one in unseen(items)] == ["a shallow clone: older commits are not here"]


def test_sha256(tmp_path: Path, home: Path) -> None:  # noqa: ARG001  # git reads HOME
    """A repository with the longer hashes is no different."""
    value = make_value()
    root = tmp_path / "long"
    root.mkdir()
    run_git("init", "-q", "--object-format=sha256", cwd=root)
    first = commit(root, "a", value)

    found = only(look(root, value))

    assert (found.place.commit, len(first)) == (first, 64)


def test_before_the_first_commit(tmp_path: Path, home: Path) -> None:  # noqa: ARG001
    """A repository without any commit has an index."""
    value = make_value()
    root = tmp_path / "new"
    root.mkdir()
    run_git("init", "-q", cwd=root)
    (root / "a").write_text(value)
    run_git("add", "a", cwd=root)

    assert only(look(root, value)).kind.id == "git/staged"


def test_since_leaves_out_what_is_older(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what came with commits since then is looked at."""
    old, new = make_value(), make_value()
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2020-01-01T00:00:00Z")
    commit(repository, "old", old)
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    commit(repository, "new", new)
    day = time.time() - 86400

    assert findings(look(repository, old, since=day)) == []
    assert only(look(repository, new, since=day)).place.member == "new"


def test_since_says_what_it_leaves_out(repository: Path) -> None:
    """What nothing refers to has no place in time: it is not looked at, and that is told."""
    value = make_value()
    commit(repository, "a", value)
    run_git("reset", "-q", "--hard", "HEAD^", cwd=repository)
    run_git("reflog", "expire", "--expire=now", "--all", cwd=repository)

    items = look(repository, value, since=time.time() - 86400)

    assert findings(items) == []
    assert any("what no branch" in one.why and not one.failed for one in unseen(items))


def test_a_crowd_of_directories_below_modules(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than are looked into are told, and it counts as failed."""
    monkeypatch.setattr(repositories, "MOST", 20)
    for number in range(30):
        (repository / ".git" / "modules" / f"m{number}").mkdir(parents=True)

    items = look(repository, make_value())

    assert ["more than 20 directories" in one.why for one in unseen(items)] == [True]
    assert unseen(items)[0].failed


def test_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where git is not installed, that is what the report says, and it counts as failed."""
    monkeypatch.setenv("PATH", "/nonexistent")

    items = look(repository, make_value())

    assert items == [Unseen(str(repository), "git is not installed", failed=True)]


def test_outside_of_a_repository(tmp_path: Path, home: Path) -> None:  # noqa: ARG001
    """A directory without git is one line, and no error."""
    (item,) = look(tmp_path, make_value())

    assert isinstance(item, Unseen)
    assert item.failed


def test_every_kind_is_declared(repository: Path) -> None:  # noqa: ARG001  # as the others
    """Ids of kinds are unique and of this source."""
    ids = [kind.id for kind in flow.KINDS]

    assert len(set(ids)) == len(ids)
    assert all(name.startswith("git/") for name in ids)
