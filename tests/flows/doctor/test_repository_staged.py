"""What the next commit would take along."""

from pathlib import Path

import pytest
from repositories import commit, repository, run_git
from repository_looks import findings, look_staged, make_value, only

from devkeys.scan.finding import Fine

__all__ = ["repository"]  # a fixture


def test_nothing_staged(repository: Path) -> None:
    """A value in HEAD, or only in the working tree, is not staged."""
    value = make_value()
    commit(repository, "old", value)
    (repository / "old").write_text(f"{value} again {value}")
    (repository / "new").write_text(value)

    (item,) = look_staged(repository, value)

    assert isinstance(item, Fine)


def test_a_new_and_a_changed_file(repository: Path) -> None:
    """Both are found, with path and line, and the step is git's own."""
    value = make_value()
    commit(repository, "old", "1\n")
    (repository / "old").write_text(f"1\n2\n{value}")
    (repository / "new").write_text(value)
    run_git("add", ".", cwd=repository)

    found = findings(look_staged(repository, value))

    assert sorted((one.place.member, one.place.line) for one in found) == [("new", 1), ("old", 3)]
    assert {one.kind.grade for one in found} == {"risk"}
    assert " restore --staged -- new && " in found[0].step


def test_what_is_staged_counts_and_not_the_file(repository: Path) -> None:
    """A partly staged file is searched as it is in the index."""
    value = make_value()
    (repository / "a").write_text(value)
    run_git("add", "a", cwd=repository)
    (repository / "a").write_text("harmless")

    assert only(look_staged(repository, value)).place.member == "a"


def test_an_intention_to_add_holds_nothing(repository: Path) -> None:
    """After `git add -N` the next commit has nothing of the file."""
    value = make_value()
    (repository / "a").write_text(value)
    run_git("add", "-N", "a", cwd=repository)

    assert findings(look_staged(repository, value)) == []


def test_before_the_first_commit(tmp_path: Path, home: Path) -> None:  # noqa: ARG001
    """All that is staged is new then, and the step is the one that works then."""
    value = make_value()
    root = tmp_path / "new"
    root.mkdir()
    run_git("init", "-q", cwd=root)
    (root / "a").write_text(value)
    run_git("add", "a", cwd=root)

    assert " rm -q -f --cached -- a && " in only(look_staged(root, value)).step


def test_a_removal_is_not_staged_content(repository: Path) -> None:
    """To stage that a file goes is the way out, and no finding."""
    value = make_value()
    commit(repository, "a", value)
    run_git("rm", "-q", "a", cwd=repository)

    assert findings(look_staged(repository, value)) == []


def test_a_staged_name(repository: Path) -> None:
    """A file's name that holds the value is told and not shown."""
    value = make_value()
    (repository / f"x-{value}").write_text("1")
    run_git("add", ".", cwd=repository)

    assert only(look_staged(repository, value)).place.member.startswith("(")


def test_two_files_with_one_content(repository: Path) -> None:
    """Each path is told, though git has one object for both."""
    value = make_value()
    for name in ("a", "b"):
        (repository / name).write_text(value)
    run_git("add", ".", cwd=repository)

    assert [one.place.member for one in findings(look_staged(repository, value))] == ["a", "b"]


def test_a_hooks_own_index(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`git commit -a` gives its hook another index, which is what will be committed."""
    value = make_value()
    commit(repository, "a", "1")
    (repository / "a").write_text(value)
    index = repository / ".git" / "next-index.lock"
    index.write_bytes((repository / ".git" / "index").read_bytes())
    monkeypatch.setenv("GIT_INDEX_FILE", str(index))
    run_git("add", "a", cwd=repository)

    assert only(look_staged(repository, value)).place.member == "a"


def test_an_index_elsewhere_is_not_taken(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only an index within the git directory can be the one of this repository."""
    value = make_value()
    (repository / "a").write_text(value)
    run_git("add", "a", cwd=repository)
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))

    assert only(look_staged(repository, value)).place.member == "a"


def test_a_conflict(repository: Path) -> None:
    """An index with a conflict in it is looked at, and nothing fails."""
    value = make_value()
    commit(repository, "a", "1")
    run_git("checkout", "-q", "-b", "side", cwd=repository)
    commit(repository, "a", "2")
    run_git("checkout", "-q", "-", cwd=repository)
    commit(repository, "a", "3")
    with pytest.raises(Exception, match="merge"):
        run_git("merge", "-q", "side", cwd=repository)
    (repository / "b").write_text(value)
    run_git("add", "b", cwd=repository)

    assert only(look_staged(repository, value)).place.member == "b"
