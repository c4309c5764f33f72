"""Whether git really ignores `.env` files."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from doctor_scope import kinds, make_scope, only
from env_checkout import live, put
from repositories import repository, run_git

from devkeys.flows.doctor.checks import envfiles
from devkeys.flows.doctor.checks.ignored import KINDS
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen

__all__ = ["repository"]


def look(root: Path, home: Path) -> list[Finding | Unseen | Fine]:
    """Return what is said about ignoring."""
    results = envfiles.look(make_scope(home, root, PATH=os.environ["PATH"]))
    return [one for one in results if not isinstance(one, Finding) or one.kind in KINDS]


def follow(results: list[Finding | Unseen | Fine]) -> None:
    """Do what the remedies say."""
    for finding in only(Finding, results):
        assert finding.remedy is not None
        with Path(finding.remedy.path).open("a") as file:
            file.write(finding.remedy.detail + "\n")


def test_a_file_with_secrets_that_is_not_ignored_is_told(repository: Path, home: Path) -> None:
    """With the line that is missing."""
    put(repository, ".env", f"API_KEY={live()}\n")
    put(repository, ".gitignore", ".env.*\n")
    (finding,) = only(Finding, look(repository, home))
    assert finding.kind.id == "env/not-ignored"
    assert finding.remedy == Remedy("ignore", str(repository / ".gitignore"), ".env")


def test_files_that_do_not_exist_yet_must_be_ignored(repository: Path, home: Path) -> None:
    """The first one that is made is committed otherwise."""
    put(repository, ".env.example", "API_KEY=\n")
    found = kinds(look(repository, home))
    assert found == ["env/not-yet-ignored", "env/not-yet-ignored"]


def test_where_nothing_uses_one_it_is_only_advice(repository: Path, home: Path) -> None:
    """A repository of anything else is no risk for that."""
    put(repository, "package.json", '{"dependencies": {"left-pad": "1"}}')
    found = only(Finding, look(repository, home))
    assert {(one.kind.id, one.kind.grade) for one in found} == {("env/not-yet-used", "advice")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web/.env.sample", "PORT=\n"),
        (".env", "PORT=1\n"),
        ("package.json", '{"dependencies": {"dotenv": "16"}}'),
        ("web/package.json", '{"devDependencies": {"vite" : "7"}}'),
        ("pyproject.toml", '[project]\ndependencies = ["python-dotenv"]\n'),
        (".gitignore", ".env.*\n!.env\n!.env.local\n"),
    ],
)
def test_what_says_that_one_belongs_here(
    repository: Path, home: Path, name: str, text: str
) -> None:
    """A template, a file, a package that reads one, or a rule about it."""
    put(repository, name, text)
    assert "env/not-yet-ignored" in kinds(look(repository, home))


def test_a_profile_s_file_is_only_advice(repository: Path, home: Path) -> None:
    """Frameworks commit those; `.env.local` they do not."""
    put(repository, ".gitignore", ".env\n.env.local\n")
    assert kinds(look(repository, home)) == ["env/profile-not-ignored"]


def test_the_lines_spare_the_templates(repository: Path, home: Path) -> None:
    """What `--fix` writes ignores every `.env`, and no template."""
    put(repository, ".env.example", "")
    put(repository, ".env.production.sample", "")
    follow(look(repository, home))
    assert kinds(look(repository, home)) == []
    run_git("add", "-A", cwd=repository)
    listed = subprocess.run(["git", "ls-files"], cwd=repository, check=True, capture_output=True)
    assert listed.stdout.split() == [b".env.example", b".env.production.sample", b".gitignore"]


def test_a_pattern_that_brings_it_back_is_named(repository: Path, home: Path) -> None:
    """The line is added to the file that has the pattern, behind it."""
    put(repository, ".gitignore", ".env*\n!.env.example\n")
    put(repository, "web/.gitignore", "!.env\n")
    put(repository, "web/package.json", "{}")
    (finding,) = only(Finding, look(repository, home))
    assert "web/.gitignore:1 takes it out again (!.env)" in finding.what
    assert finding.remedy == Remedy("ignore", str(repository / "web/.gitignore"), ".env")
    follow([finding])
    assert kinds(look(repository, home)) == []


def test_rules_of_the_user_s_own_suffice(repository: Path, home: Path) -> None:
    """A global excludesFile ignores for this user."""
    put(home, ".config/git/ignore", ".env*\n!.env.example\n")
    results = look(repository, home)
    assert kinds(results) == []
    assert any("ignores every" in fine.what for fine in only(Fine, results))


def test_the_case_of_a_name_counts_where_git_says_so(repository: Path, home: Path) -> None:
    """`.ENV` is another file than `.env` only for some."""
    put(repository, ".gitignore", ".env*\n")
    put(repository, ".ENV", f"API_KEY={live()}\n")
    run_git("config", "core.ignorecase", "false", cwd=repository)
    assert kinds(look(repository, home)) == ["env/not-ignored"]
    run_git("config", "core.ignorecase", "true", cwd=repository)
    assert kinds(look(repository, home)) == []


def test_a_tracked_file_is_as_the_project_wants_it(repository: Path, home: Path) -> None:
    """Whoever committed `.env.production` meant to."""
    put(repository, ".gitignore", ".env*\n!.env.production\n")
    put(repository, ".env.production", "PORT=1\n")
    run_git("add", ".env.production", cwd=repository)
    assert kinds(look(repository, home)) == []


def test_the_step_is_a_command_that_does_it(repository: Path, home: Path) -> None:
    """For whoever does not let devkeys do it."""
    bash = shutil.which("bash")
    assert bash is not None
    put(repository, ".env", f"API_KEY={live()}\n")
    for finding in only(Finding, look(repository, home)):
        subprocess.run([bash, "-c", finding.step], cwd="/", check=True)
    assert kinds(look(repository, home)) == []
