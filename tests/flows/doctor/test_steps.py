"""Steps about `.env` files do what they say, from any directory and with odd names."""

import os
from pathlib import Path

import pytest
from doctor_scope import make_scope, only
from env_checkout import live, put
from following import NAMES, devkeys_on_path, elsewhere, follow, root
from real import need
from repositories import commit, git_answer, run_git

from devkeys.flows.doctor import steps
from devkeys.flows.doctor.checks import envfiles
from devkeys.scan.finding import Finding

__all__ = ["elsewhere", "root"]  # fixtures


def configured(root: Path, home: Path, kind: str) -> list[Finding]:
    """Return the findings of *kind* about `.env` files."""
    scope = make_scope(home, root, PATH=os.environ["PATH"])
    return [one for one in only(Finding, envfiles.look(scope)) if one.kind.id == kind]


@pytest.mark.parametrize("name", NAMES)
def test_a_tracked_file_is_let_go(root: Path, home: Path, elsewhere: Path, name: str) -> None:
    """Also one that was staged anew and changed since; it stays, and so do all others."""
    put(root, "web/.env.b", f"API_KEY={live()}\n")
    commit(root, "web/.env.b", "X=1\n")
    commit(root, f"web/{name}", f"API_KEY={live()}\n")
    put(root, f"web/{name}", f"API_KEY={live()}\n")
    run_git("--literal-pathspecs", "add", "--", f"web/{name}", cwd=root)
    file = put(root, f"web/{name}", f"API_KEY={live()}\n")

    (finding,) = [f for f in configured(root, home, "env/tracked") if f.place.path == str(file)]
    follow(finding.step, elsewhere)

    assert git_answer("ls-files", cwd=root) == "web/.env.b"
    assert file.exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_old_file_leaves_every_commit_of_a_clone(
    root: Path, home: Path, elsewhere: Path, name: str
) -> None:
    """For git filter-repo the clone is a fresh one, and nothing else goes."""
    need("git-filter-repo")
    commit(root, f"web/{name}", f"API_KEY={live()}\n")
    commit(root, "kept", "1\n")
    run_git("--literal-pathspecs", "rm", "-q", "--", f"web/{name}", cwd=root)
    run_git("commit", "-q", "-m", "gone", cwd=root)

    (finding,) = configured(root, home, "env/committed")
    follow(finding.step, elsewhere)

    rewritten = Path(f"{root}{steps.REWRITTEN}")
    names = git_answer("log", "--all", "--format=", "--name-only", cwd=rewritten).split()
    assert names == ["kept"]


def test_a_repository_above_is_the_one_that_is_rewritten(root: Path, home: Path) -> None:
    """A directory in it that is looked at alone is no repository to clone."""
    commit(root, "web/.env", f"API_KEY={live()}\n")
    run_git("rm", "-q", "web/.env", cwd=root)
    run_git("commit", "-q", "-m", "gone", cwd=root)
    (root / "web").mkdir()
    (finding,) = configured(root / "web", home, "env/committed")
    assert finding.step.endswith(" --path=web/.env")
    assert f"{root.name}/web" not in finding.step.replace("'\"'\"'", "'")


@pytest.mark.parametrize("name", NAMES)
def test_public_settings_are_shown_as_git_has_them(
    root: Path, home: Path, elsewhere: Path, name: str
) -> None:
    """Before the first commit, too."""
    put(root, name, "PORT=1\n")
    run_git("--literal-pathspecs", "add", "-f", "--", name, cwd=root)
    (finding,) = configured(root, home, "env/tracked-settings")
    follow(finding.step, elsewhere)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("before", ["", "# last line", "# last line\n"])
def test_a_file_is_ignored(root: Path, home: Path, elsewhere: Path, name: str, before: str) -> None:
    """Behind a last line that has no end, the new one is a line of its own."""
    put(root, name, f"API_KEY={live()}\n")
    put(root, ".gitignore", before)
    for finding in configured(root, home, "env/not-ignored"):
        follow(finding.step, elsewhere)
    assert configured(root, home, "env/not-ignored") == []
    assert (root / ".gitignore").read_text().startswith(before)


@pytest.mark.parametrize(
    ("name", "profile"),
    [(".env", ""), (".env.production", "-p production"), (".env.staging.local", "-p staging")],
)
def test_values_go_into_the_profile_that_the_name_tells(
    root: Path, home: Path, elsewhere: Path, tmp_path: Path, name: str, profile: str
) -> None:
    """And into the project that the file lies in, wherever one is."""
    put(root, "web/.env.example", "API_KEY=\n")
    put(root, f"web/{name}", f"API_KEY={live()}\n")
    (finding,) = configured(root, home, "env/plain-text")
    said = tmp_path / "said"
    path = devkeys_on_path(tmp_path / "bin", f'echo "$PWD:$*" > "{said}"')
    follow(finding.step, elsewhere, PATH=path)
    words = " ".join(filter(None, ("import", profile, name, "--remove")))
    assert said.read_text() == f"{root}/web:{words}\n"


def test_a_file_of_no_known_profile_leaves_that_to_the_user(root: Path, home: Path) -> None:
    """A copy may be of production: no command is ready that stores it as development's."""
    put(root, ".env.example", "API_KEY=\n")
    put(root, ".env.bak", f"API_KEY={live()}\n")
    (finding,) = configured(root, home, "env/plain-text")
    assert finding.step == (
        f"in {root}, devkeys import .env.bak --remove, with -p and the profile that it is of"
    )


def test_where_nothing_declares_names_that_comes_first(root: Path, home: Path) -> None:
    """Without a declaration `devkeys import` ends in an error."""
    put(root, ".env", f"API_KEY={live()}\n")
    (finding,) = configured(root, home, "env/plain-text")
    assert finding.step.startswith(f"write its names into {root}/.env.example; then: cd ")
