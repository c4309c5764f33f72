"""The walk of a checkout."""

from pathlib import Path

import pytest
from env_checkout import put

from devkeys.flows.doctor.checks import tree
from devkeys.flows.doctor.checks.tree import is_environment, is_template, profile_of, walk


@pytest.mark.parametrize(
    "name",
    [".env", ".env.local", ".env.production", ".envrc", ".ENV", "prod.env", ".env.bak", ".env~"],
)
def test_names_of_environments(name: str) -> None:
    """With or without a profile, and copies that editors and people leave."""
    assert is_environment(name)
    assert not is_template(name)


@pytest.mark.parametrize("name", [".env.example", ".env.local.sample", "env.dist", "example.env"])
def test_names_of_templates(name: str) -> None:
    """They are made to be committed."""
    assert is_template(name)
    assert not is_environment(name)


@pytest.mark.parametrize(
    "name", ["environment.py", ".env.ts", "env.md", ".env.age", ".env.vault", "example.txt"]
)
def test_other_names(name: str) -> None:
    """Code, documentation, and what is encrypted."""
    assert not is_environment(name)
    assert not is_template(name)


def test_each_file_is_found_as_what_it_is(tmp_path: Path) -> None:
    """By its name, at any depth."""
    names = {
        "environments": "a/.env",
        "templates": "a/b/.env.example",
        "composes": "docker-compose.dev.yml",
        "dockerfiles": "a/Dockerfile.prod",
        "packages": "a/package.json",
        "projects": "setup.py",
    }
    for name in (*names.values(), "main.py", "Dockerfile.prod.dockerignore", "a/compose.txt"):
        put(tmp_path, name, "")
    found = walk(str(tmp_path))
    for field, name in names.items():
        assert getattr(found, field) == (str(tmp_path / name),)
    assert found.whole


def test_a_loop_of_links_is_not_entered(tmp_path: Path) -> None:
    """Links to directories are not followed at all."""
    put(tmp_path, "a/.env", "")
    (tmp_path / "a/up").symlink_to("..")
    assert walk(str(tmp_path)).environments == (str(tmp_path / "a/.env"),)


def test_the_innermost_repository_is_asked(tmp_path: Path) -> None:
    """A path belongs to the repository that is nearest."""
    put(tmp_path, "inner/.git", "gitdir: elsewhere")
    found = walk(str(tmp_path))
    assert found.repositories == (str(tmp_path), str(tmp_path / "inner"))
    assert found.repository_of(str(tmp_path / "inner/.env")) == str(tmp_path / "inner")
    assert found.repository_of(str(tmp_path / "innermost/.env")) == str(tmp_path)


def test_a_walk_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many entries it stops, and says so."""
    for number in range(30):
        put(tmp_path, f"d{number}/f", "")
    monkeypatch.setattr(tree, "MOST", 20)
    assert not walk(str(tmp_path)).whole


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        *((".env", "dev"), (".env.local", "dev"), (".env.development", "dev"), (".envrc", "dev")),
        *((".env.production", "production"), (".env.production.local", "production")),
        *((".env.staging", "staging"), ("prod.env", "prod"), (".env.bak", None), (".env~", None)),
        (".env.customer", None),
    ],
)
def test_a_name_tells_the_profile(name: str, profile: str | None) -> None:
    """Values of a production file are no development's; of a copy nobody knows."""
    assert profile_of(name) == profile
