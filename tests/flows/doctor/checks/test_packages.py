"""What images and packages would take along, as the check tells it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from doctor_scope import kinds, make_scope, only
from env_checkout import live, put
from real import need
from repositories import repository

from devkeys.flows.doctor.checks import packages
from devkeys.flows.doctor.checks.contexts import IMAGE
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen

__all__ = ["repository"]
HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'


def look(root: Path, home: Path) -> list[Finding | Unseen | Fine]:
    """Look at the checkout *root*."""
    return list(packages.look(make_scope(home, root, PATH=os.environ["PATH"])))


@pytest.fixture
def checkout(repository: Path) -> Path:
    """Make a checkout with a secret in `.env`, one below, and settings."""
    for place in (".env", "web/.env"):
        put(repository, place, f"API_KEY={live()}\n")
    put(repository, ".env.public", "PORT=1\n")
    return repository


def test_where_nothing_is_built_nothing_is_said(checkout: Path, home: Path) -> None:
    """No Dockerfile, no package."""
    assert look(checkout, home) == []


def test_an_image_that_copies_all_is_told(checkout: Path, home: Path) -> None:
    """Each file with the line for `.dockerignore`; what holds no secret is passed over."""
    put(checkout, "Dockerfile", "FROM x\nCOPY . .\n")
    found = only(Finding, look(checkout, home))
    assert {f.place.path for f in found} == {str(checkout / ".env"), str(checkout / "web/.env")}
    remedy = Remedy("dockerignore", str(checkout / ".dockerignore"), "**/.env")
    assert {f.remedy for f in found} == {remedy}
    put(checkout, ".dockerignore", remedy.detail + "\n")
    assert kinds(look(checkout, home)) == []


def test_an_image_that_copies_some_is_fine(checkout: Path, home: Path) -> None:
    """What is not copied is not in it."""
    put(checkout, "Dockerfile", "FROM x\nCOPY package.json src ./\n")
    results = look(checkout, home)
    assert kinds(results) == []
    assert only(Fine, results) != []


def test_a_dockerfile_s_own_ignore_file_comes_first(checkout: Path, home: Path) -> None:
    """`.dockerignore` then does not count."""
    put(checkout, "api.Dockerfile", "FROM x\nCOPY . .\n")
    put(checkout, ".dockerignore", "**/.env\n")
    assert kinds(look(checkout, home)) == []
    own = put(checkout, "api.Dockerfile.dockerignore", "x\n")
    found = only(Finding, look(checkout, home))
    assert {f.remedy.path for f in found if f.remedy} == {str(own)}


def test_the_context_of_a_compose_file_counts(checkout: Path, home: Path) -> None:
    """A Dockerfile deep below may be built from the top."""
    put(checkout, "ops/images/Dockerfile", "FROM x\nCOPY . .\n")
    assert IMAGE not in {f.kind for f in only(Finding, look(checkout, home))}
    text = (
        "services:\n  a:\n    build:\n      dockerfile: ops/images/Dockerfile\n      context: .\n"
    )
    put(checkout, "compose.yml", text)
    assert IMAGE in {f.kind for f in only(Finding, look(checkout, home))}


def test_a_file_that_is_made_later_would_be_copied(repository: Path, home: Path) -> None:
    """Advice, with the line."""
    put(repository, "Dockerfile", "FROM x\nCOPY . .\n")
    assert kinds(look(repository, home)) == ["package/image-later"]
    put(repository, ".dockerignore", ".env*\n")
    assert kinds(look(repository, home)) == []


def test_npm_would_publish_it(checkout: Path, home: Path) -> None:
    """A list of files keeps it out."""
    put(checkout, "package.json", '{"name": "x", "version": "1.0.0"}')
    assert kinds(look(checkout, home)) == ["package/npm"] * 2
    put(checkout, "package.json", '{"name": "x", "version": "1.0.0", "files": ["lib"]}')
    assert kinds(look(checkout, home)) == []


def test_a_private_package_is_only_advice(checkout: Path, home: Path) -> None:
    """It cannot be published by npm."""
    put(checkout, "package.json", '{"name": "x", "version": "1.0.0", "private": true}')
    assert kinds(look(checkout, home)) == ["package/npm-private"] * 2


@pytest.mark.parametrize("ignored", ["", ".gitignore", ".npmignore", "packages/.gitignore"])
def test_a_workspace_has_the_rules_above_it(
    repository: Path, home: Path, monkeypatch: pytest.MonkeyPatch, ignored: str
) -> None:
    """As the real npm has it."""
    need("npm")
    monkeypatch.setenv("npm_config_update_notifier", "false")
    monkeypatch.setenv("npm_config_cache", str(home / "npm"))
    manifest = {"name": "x", "version": "1.0.0", "private": True, "workspaces": ["packages/*"]}
    put(repository, "package.json", json.dumps(manifest))
    put(repository, "packages/a/package.json", '{"name": "a", "version": "1.0.0"}')
    put(repository, "packages/a/lib/.env", f"API_KEY={live()}\n")
    if ignored:
        put(repository, ignored, ".env\n")
    words = ["npm", "pack", "--dry-run", "--json", "--ignore-scripts"]
    done = subprocess.run(words, cwd=repository / "packages/a", check=True, capture_output=True)
    really = b"lib/.env" in done.stdout
    assert ("package/npm" in kinds(look(repository, home))) is really


def test_a_source_distribution_would_take_it(checkout: Path, home: Path) -> None:
    """All that the top `.gitignore` does not name, with hatchling."""
    put(checkout, "pyproject.toml", HATCH + '[project]\nname = "x"\n')
    assert kinds(look(checkout, home)) == ["package/sdist"] * 2
    put(checkout, ".gitignore", ".env\n")
    assert kinds(look(checkout, home)) == []


def test_a_file_for_linters_builds_nothing(checkout: Path, home: Path) -> None:
    """`pyproject.toml` is often only that."""
    put(checkout, "pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    assert kinds(look(checkout, home)) == []


def test_an_unknown_backend_is_not_looked_at(checkout: Path, home: Path) -> None:
    """It is said, and not guessed."""
    put(checkout, "pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "mine"\n')
    assert [u.place for u in only(Unseen, look(checkout, home))] == [
        str(checkout / "pyproject.toml")
    ]


def test_nothing_of_the_project_is_run(checkout: Path, home: Path) -> None:
    """Neither `setup.py`, nor a hook, nor a script of npm's."""
    sprung = checkout / "sprung"
    code = f"open({str(sprung)!r}, 'w')\n"
    for name in ("setup.py", "hatch_build.py", "conftest.py", "sitecustomize.py"):
        put(checkout, name, code)
    scripts = {"prepack": f"touch {sprung}", "prepare": f"touch {sprung}"}
    put(checkout, "package.json", json.dumps({"name": "x", "version": "1.0.0", "scripts": scripts}))
    put(
        checkout, "pyproject.toml", HATCH + '[tool.hatch.build.hooks.custom]\n[project]\nname="x"\n'
    )
    assert look(checkout, home) != []
    assert not sprung.exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", "[" * 100_000),
        ("package.json", '{"files": 3, "workspaces": {"packages": 7}, "name": null'),
        ("pyproject.toml", "[project"),
        ("pyproject.toml", 'build-system = 3\nproject = 4\ntool = "x"\n'),
        ("Dockerfile", "COPY [\nCOPY\nADD <<EOF\n"),
        ("compose.yml", "services: *none\n  build: {context: ../..}\n"),
    ],
)
def test_broken_files_are_no_end(checkout: Path, home: Path, name: str, text: str) -> None:
    """Whatever stands in them, the check comes to its end."""
    put(checkout, name, text)
    assert all(isinstance(one, Finding | Unseen | Fine) for one in look(checkout, home))


def test_links_are_not_followed(checkout: Path, home: Path) -> None:
    """Neither a Dockerfile nor an ignore file that leads out of the checkout."""
    (checkout / "Dockerfile").symlink_to(put(home, "Dockerfile", "COPY . .\n"))
    assert kinds(look(checkout, home)) == []
    assert [u.place for u in only(Unseen, look(checkout, home))] == [str(checkout / "Dockerfile")]
