"""What git ignores, asked about many paths at once."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real import need
from repositories import repository, run_git

from devkeys import ignoring
from devkeys.ignoring import Rule, is_ignored, line_for

__all__ = ["repository"]
GIT = "/usr/bin/git"


@pytest.fixture
def program() -> str:
    """Find the real git."""
    need("git")
    import shutil

    return shutil.which("git") or ""


def test_nested_negated_and_missing_files_are_told_apart(repository: Path, program: str) -> None:
    """Each path comes with the rule that decides about it, whether it exists or not."""
    (repository / ".gitignore").write_text("# all\n.env*\n!.env.example\n")
    (repository / "web").mkdir()
    (repository / "web/.gitignore").write_text("!.env\n")
    paths = [".env", ".env.example", "web/.env", "web/.env.local", "README"]
    assert ignoring.rules(str(repository), paths, program=program) == {
        ".env": Rule(".gitignore", 2, ".env*"),
        ".env.example": Rule(".gitignore", 3, "!.env.example"),
        "web/.env": Rule("web/.gitignore", 1, "!.env"),
        "web/.env.local": Rule(".gitignore", 2, ".env*"),
        "README": None,
    }


def test_the_user_s_own_rules_count(repository: Path, program: str, home: Path) -> None:
    """A global excludesFile, and one that is not in any commit."""
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/ignore").write_text(".env.local\n")
    (repository / ".git/info/exclude").write_text(".envrc\n")
    found = ignoring.rules(str(repository), [".env.local", ".envrc", ".env"], program=program)
    assert found is not None
    assert [is_ignored(found[path]) for path in (".env.local", ".envrc", ".env")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("ignorecase", ["true", "false"])
def test_case_counts_as_git_has_it(repository: Path, program: str, ignorecase: str) -> None:
    """`core.ignorecase` decides whether `.ENV` is ignored by `.env`."""
    run_git("config", "core.ignorecase", ignorecase, cwd=repository)
    (repository / ".gitignore").write_text(".env\n")
    found = ignoring.rules(str(repository), [".ENV"], program=program)
    assert found is not None
    assert is_ignored(found[".ENV"]) == (ignorecase == "true")


def test_what_is_tracked_is_judged_as_any_other(repository: Path, program: str) -> None:
    """Whether a rule ignores a path has nothing to do with the index."""
    (repository / ".env").write_text("A=1\n")
    run_git("add", ".env", cwd=repository)
    (repository / ".gitignore").write_text(".env\n")
    found = ignoring.rules(str(repository), [".env"], program=program)
    assert found is not None
    assert is_ignored(found[".env"])


def test_no_repository_is_no_answer(tmp_path: Path, program: str) -> None:
    """None is not the same as "no rule"."""
    assert ignoring.rules(str(tmp_path), [".env"], program=program) is None


def test_nothing_to_ask_asks_nothing() -> None:
    """No git is needed for no path."""
    assert ignoring.rules("/nowhere", [], program="/nowhere/git") == {}


def test_nothing_that_a_repository_configures_is_run(repository: Path, program: str) -> None:
    """Neither a monitor nor a program for signatures, a pager or a helper."""
    trap, sign = repository / "trap", repository / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch '{sign}'\n")
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    for name in ("core.fsmonitor", "gpg.program", "core.pager", "core.editor", "diff.external"):
        run_git("config", name, str(trap), cwd=repository)
    run_git("config", "log.showSignature", "true", cwd=repository)
    ignoring.rules(str(repository), [".env"], program=program)
    from devkeys.flows.doctor.checks import committed

    committed.past(str(repository), program=program)
    committed.tracked(str(repository), program=program)
    assert not sign.exists()


_NAMES = st.text(st.characters(min_codepoint=9, max_codepoint=0x17F), min_size=1, max_size=8)


@given(st.lists(_NAMES.filter(lambda n: "/" not in n and n not in (".", "..")), max_size=8))
def test_the_line_for_a_name_ignores_that_name(tmp_path_factory: object, names: list[str]) -> None:
    """Whatever is in it: blanks, line ends, patterns, `!` and `#`."""
    import shutil
    import subprocess

    program = shutil.which("git")
    if program is None:
        need("git")
        return
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    root = tmp_path_factory.mktemp("lines")
    subprocess.run([program, "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_bytes(b"".join(os.fsencode(line_for(n)) + b"\n" for n in names))
    found = ignoring.rules(str(root), dict.fromkeys(names), program=program)
    assert found is not None
    assert all(is_ignored(found[name]) for name in names)


def test_the_line_for_a_path_is_only_about_that_path(repository: Path, program: str) -> None:
    """It is anchored, so that a file of the same name elsewhere is not meant."""
    (repository / ".gitignore").write_text(line_for("web/.env") + "\n")
    found = ignoring.rules(str(repository), ["web/.env", "a/web/.env"], program=program)
    assert found is not None
    assert [is_ignored(rule) for rule in found.values()] == [True, False]
