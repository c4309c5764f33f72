"""Live values in templates, and templates' values where live ones belong."""

import os
from pathlib import Path

import pytest
from doctor_scope import make_scope, only, says
from env_checkout import commit, live, put
from repositories import repository

from devkeys.flows.doctor.checks import templates
from devkeys.flows.doctor.checks.templates import DEFAULT, LIVE, LIVE_YET, judge_stored, profile_of
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.secret import Secret

__all__ = ["repository"]


def look(root: Path, home: Path) -> list[Finding | Unseen | Fine]:
    """Look at the checkout *root*."""
    return list(templates.look(make_scope(home, root, PATH=os.environ["PATH"])))


def of(kind: object, results: list[Finding | Unseen | Fine]) -> list[Finding]:
    """Return the findings of one kind."""
    return [finding for finding in only(Finding, results) if finding.kind is kind]


@pytest.mark.parametrize(
    "name",
    [
        *(".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults"),
        *("env.example", "web/.env.local.example", "example.env", ":!x/[a]*.env.sample"),
    ],
)
def test_a_live_value_in_a_committed_template_has_leaked(
    repository: Path, home: Path, name: str
) -> None:
    """Whatever the template is called; the value is not shown."""
    value = live()
    put(repository, name, f"PORT=1\nAPI_KEY={value}\n")
    commit(repository, name)
    results = look(repository, home)
    (finding,) = of(LIVE, results)
    assert (finding.secrets, finding.place.line) == (("API_KEY",), 2)
    assert not says(results, value)


def test_before_it_is_committed_it_is_a_risk(repository: Path, home: Path) -> None:
    """There is still time."""
    put(repository, ".env.example", f"API_KEY={live()}\n")
    results = look(repository, home)
    assert (len(of(LIVE, results)), len(of(LIVE_YET, results))) == (0, 1)


def test_a_template_of_examples_is_fine(repository: Path, home: Path) -> None:
    """And it is said."""
    put(repository, ".env.example", "API_KEY=your-key\nDB_PASSWORD=postgres\nPORT=1\n")
    commit(repository, ".env.example")
    assert only(Finding, look(repository, home)) == []
    assert only(Fine, look(repository, home)) != []


@pytest.mark.parametrize("name", ["docker-compose.yml", "compose.yaml", "docker-compose.prod.yml"])
def test_environments_in_compose_files_are_read(repository: Path, home: Path, name: str) -> None:
    """As a list, as a mapping, behind an anchor; references and defaults of images are none."""
    text = (
        "x-env: &env\n  C_TOKEN: '" + live() + "' # a comment\n"
        "services:\n  a:\n    environment:\n"
        f"      - A_TOKEN={live()}\n      - PASSWORD=${{PASSWORD}}\n"
        f'  b:\n    environment:\n      B_TOKEN: "{live()}"\n      POSTGRES_PASSWORD: postgres\n'
        "    image: registry.example.org/x@sha256:" + "3f" * 32 + "\n"
    )
    put(repository, name, text)
    commit(repository, name)
    found = of(LIVE, look(repository, home))
    assert [finding.secrets[0] for finding in found] == ["C_TOKEN", "A_TOKEN", "B_TOKEN"]


def test_a_known_value_in_a_file_of_production_is_told(repository: Path, home: Path) -> None:
    """Published, or the template's own; the same in development is what it is for."""
    shown = live()
    put(repository, ".env.example", f"API_KEY={shown}\nDB_PASSWORD=\nMODEL=small\n")
    text = f"API_KEY={shown}\nDB_PASSWORD=postgres\nMODEL=small\nOTHER_KEY={live()}\n"
    for name in (".env", ".env.development", ".env.production"):
        put(repository, name, text)
    found = of(DEFAULT, look(repository, home))
    assert {finding.secrets[0] for finding in found} == {
        "API_KEY (production)",
        "DB_PASSWORD (production)",
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".env", None),
        (".env.local", None),
        (".env.production", "production"),
        (".env.prod.local", "prod"),
        (".envs/.production/.django", "production"),
        ("deploy/staging.env", "staging"),
        (".env.product", None),
    ],
)
def test_the_profile_of_a_file(path: str, expected: str | None) -> None:
    """By the words of its path."""
    assert profile_of(path) == expected


@pytest.mark.parametrize(
    ("name", "profile", "value", "default", "found"),
    [
        ("DB_PASSWORD", "prod", "changeme", None, True),
        ("DB_PASSWORD", "dev", "changeme", None, False),
        ("DB_PASSWORD", "test", "changeme", None, False),
        ("API_KEY", "prod", "q7f0aa91c5c3de41", "q7f0aa91c5c3de41", True),
        ("API_KEY", "prod", "q7f0aa91c5c3de41", "another", False),
        ("API_KEY", "prod", "q7f0aa91c5c3de41", None, False),
        ("BASE_URL", "prod", "https://api.example.org", "https://api.example.org", False),
        ("DEBUG_TOKEN", "prod", "true", "true", False),
        ("API_KEY", "prod", "your-api-key", None, True),
        ("DB_URL", "staging", "postgres://u:postgres@db/x", None, True),
    ],
)
def test_a_stored_value_is_judged_by_its_profile(
    name: str, profile: str, value: str, default: str | None, *, found: bool
) -> None:
    """What the template gives, or everybody knows, keeps nobody out outside of development."""
    finding = judge_stored(name, profile, Secret(value.encode()), default)
    assert (finding is not None) is found
    if finding is not None:
        assert finding.secrets == (f"{name} ({profile})",)
        assert finding.step == f"devkeys set {name} -p {profile}"


def test_any_bytes_may_be_stored() -> None:
    """A value need not be text."""
    assert judge_stored("API_KEY", "prod", Secret(b"\xff\x00\xfe"), None) is None
