"""What is said of images and packages where their files cannot be read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from doctor_scope import make_scope, only
from env_checkout import live, put
from repositories import repository

from devkeys.flows.doctor.checks import packages
from devkeys.scan.finding import Finding, Fine, Unseen

__all__ = ["repository"]
AS_USER = pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
SETUPTOOLS = '[project]\nname = "x"\n'
BUILDS: dict[str, dict[str, str]] = {
    "Dockerfile": {},
    ".dockerignore": {"Dockerfile": "FROM x\nCOPY src .\n"},
    "compose.yml": {},
    "package.json": {},
    ".npmignore": {"package.json": "{}", ".gitignore": ".env\n"},
    "pyproject.toml": {},
    "setup.cfg": {"pyproject.toml": "[tool.ruff]\n"},
    "MANIFEST.in": {"pyproject.toml": SETUPTOOLS},
}


def look(root: Path, home: Path) -> list[Finding | Unseen | Fine]:
    """Look at the checkout *root*."""
    return list(packages.look(make_scope(home, root, PATH=os.environ["PATH"])))


@pytest.fixture
def checkout(repository: Path) -> Path:
    """Make a checkout with a secret in `.env`."""
    put(repository, ".env", f"API_KEY={live()}\n")
    return repository


def make_fifo(path: Path) -> None:
    """Put a FIFO there."""
    os.mkfifo(path)


def make_endless(path: Path) -> None:
    """Put a link to what has no end there."""
    path.symlink_to("/dev/zero")


def make_large(path: Path) -> None:
    """Put a file there that is larger than what is read."""
    with path.open("wb") as file:
        file.truncate(1 << 40)


def make_unreadable(path: Path) -> None:
    """Put a file there that nobody may read."""
    path.write_text("x")
    path.chmod(0)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_fifo, "is a FIFO, not a regular file"),
        (make_endless, "is a symbolic link, and was not followed"),
        (make_large, "is too large: 1099511627776 bytes, at most 1048576 are read"),
        pytest.param(make_unreadable, "permission denied", marks=AS_USER),
    ],
)
@pytest.mark.parametrize("name", BUILDS)
def test_what_cannot_be_read_is_told(
    checkout: Path, home: Path, name: str, make: Callable[[Path], None], why: str
) -> None:
    """By its name and why; it is not counted as fine."""
    for other, text in BUILDS[name].items():
        put(checkout, other, text)
    make(checkout / name)
    results = look(checkout, home)
    (unseen,) = only(Unseen, results)
    assert unseen.place == str(checkout / name)
    assert why in unseen.why
    assert only(Fine, results) == []


def test_nothing_is_fine_with_an_env_file_that_was_not_read(checkout: Path, home: Path) -> None:
    """Nobody knows whether a secret stands in it."""
    put(checkout, "package.json", '{"name": "x", "version": "1.0.0", "files": ["lib"]}')
    assert only(Fine, look(checkout, home)) != []
    make_large(checkout / ".env.large")
    assert only(Fine, look(checkout, home)) == []


def test_more_packages_than_are_read(
    checkout: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is told by its number."""
    monkeypatch.setattr(packages, "MOST", 2)
    for number in range(5):
        put(checkout, f"p{number}/package.json", "{}")
    (unseen,) = only(Unseen, look(checkout, home))
    assert unseen.number == 3
