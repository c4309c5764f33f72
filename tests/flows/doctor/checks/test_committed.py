"""What git once had of `.env` files."""

import os
import subprocess
from pathlib import Path

from doctor_scope import make_scope, only, says
from env_checkout import commit, live, put
from repositories import repository, run_git

from devkeys.flows.doctor.checks import envfiles
from devkeys.flows.doctor.checks.committed import COMMITTED
from devkeys.scan.finding import Finding

__all__ = ["repository"]


def found(root: Path, home: Path) -> list[Finding]:
    """Return the findings about what was committed."""
    results = list(envfiles.look(make_scope(home, root, PATH=os.environ["PATH"])))
    return [finding for finding in only(Finding, results) if finding.kind is COMMITTED]


def remove(root: Path, path: str) -> None:
    """Take a file out of git and out of the tree, in a commit."""
    run_git("rm", "-q", path, cwd=root)
    commit(root)


def test_a_file_that_was_deleted_since_is_found(repository: Path, home: Path) -> None:
    """With its first commit, the names, and the command that takes it out of the history."""
    value = live()
    put(repository, "web/.env", f"API_KEY={value}\n")
    commit(repository, "web/.env")
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True
    )
    put(repository, "web/.env", f"API_KEY={live()}\nB_TOKEN={live()}\n")
    commit(repository, "web/.env")
    remove(repository, "web/.env")
    (finding,) = found(repository, home)
    assert finding.place.commit == head.stdout.decode().strip()
    assert finding.place.member == "web/.env"
    assert finding.place.times == 2
    assert set(finding.secrets) == {"API_KEY", "B_TOKEN"}
    assert "filter-repo --invert-paths --path=web/.env" in finding.step
    assert not says([finding], value)


def test_a_branch_that_was_merged_and_left_nothing_is_found(repository: Path, home: Path) -> None:
    """Git's history of a path leaves such a branch out unless all of it is asked for."""
    run_git("checkout", "-q", "-b", "side", cwd=repository)
    put(repository, ".env.local", f"API_KEY={live()}\n")
    commit(repository, ".env.local")
    remove(repository, ".env.local")
    run_git("checkout", "-q", "-", cwd=repository)
    run_git("commit", "-q", "--allow-empty", "-m", "meanwhile", cwd=repository)
    run_git("merge", "-q", "--no-ff", "-m", "merge", "side", cwd=repository)
    run_git("branch", "-q", "-D", "side", cwd=repository)
    assert [finding.place.member for finding in found(repository, home)] == [".env.local"]


def test_a_file_that_came_with_a_merge_or_by_renaming_is_found(
    repository: Path, home: Path
) -> None:
    """Neither is an addition for git's own eyes."""
    put(repository, "notes.txt", f"API_KEY={live()}\n")
    commit(repository, "notes.txt")
    run_git("mv", "notes.txt", ".env", cwd=repository)
    commit(repository)
    remove(repository, ".env")
    run_git("checkout", "-q", "-b", "side", cwd=repository)
    run_git("commit", "-q", "--allow-empty", "-m", "side", cwd=repository)
    run_git("checkout", "-q", "-", cwd=repository)
    run_git("commit", "-q", "--allow-empty", "-m", "meanwhile", cwd=repository)
    run_git("merge", "-q", "--no-ff", "--no-commit", "side", cwd=repository)
    put(repository, ".env.merged", f"B_TOKEN={live()}\n")
    commit(repository, ".env.merged")
    remove(repository, ".env.merged")
    assert {f.place.member for f in found(repository, home)} == {".env", ".env.merged"}


def test_other_branches_and_stashes_count(repository: Path, home: Path) -> None:
    """Whatever a clone or a backup of the repository has."""
    put(repository, ".env", "PORT=1\n")
    commit(repository, ".env")
    run_git("checkout", "-q", "-b", "other", cwd=repository)
    put(repository, ".env.staging", f"API_KEY={live()}\n")
    commit(repository, ".env.staging")
    run_git("checkout", "-q", "-", cwd=repository)
    put(repository, ".env", f"B_TOKEN={live()}\n")
    run_git("stash", "-q", cwd=repository)
    assert {f.place.member for f in found(repository, home)} == {".env", ".env.staging"}


def test_a_file_that_never_held_a_secret_is_none(repository: Path, home: Path) -> None:
    """Nor is a template, nor what a package manager brought."""
    put(repository, ".env", "PORT=1\nAPI_KEY=your-api-key\n")
    put(repository, ".env.example", f"API_KEY={live()}\n")
    put(repository, "node_modules/x/.env", f"API_KEY={live()}\n")
    commit(repository, ".env", ".env.example", "node_modules/x/.env")
    remove(repository, ".env")
    assert found(repository, home) == []


def test_the_user_s_settings_of_git_change_nothing(repository: Path, home: Path) -> None:
    """Neither the first commit, nor the order, nor the form of a log is theirs to hide."""
    put(
        home, ".gitconfig", "[log]\nshowRoot=false\nfollow=true\ndate=iso\n[diff]\nrenames=copies\n"
    )
    put(repository, ".env", f"API_KEY={live()}\n")
    commit(repository, ".env")
    run_git("checkout", "-q", "--orphan", "anew", cwd=repository)
    commit(repository)
    remove(repository, ".env")
    assert len(found(repository, home)) == 1


def test_a_version_of_many_megabytes_is_not_read(repository: Path, home: Path) -> None:
    """Git tells the size before anything is unpacked."""
    put(repository, ".env", f"API_KEY={live()}\n" + "#" * (2 << 20))
    commit(repository, ".env")
    put(repository, ".env.local", f"API_KEY={live()}\n")
    commit(repository, ".env.local")
    remove(repository, ".env")
    remove(repository, ".env.local")
    assert [finding.place.member for finding in found(repository, home)] == [".env.local"]


def test_names_with_line_ends_are_names(repository: Path, home: Path) -> None:
    """What looks like a part of git's answer is none."""
    name = ".env\n:100644 100644 a b A\t\x1b[31m"
    put(repository, name, f"API_KEY={live()}\n")
    commit(repository, name)
    run_git("rm", "-q", "--", name, cwd=repository)
    commit(repository)
    assert [finding.place.member for finding in found(repository, home)] == [name]
