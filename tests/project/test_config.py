"""devkeys.toml and the user's config.toml."""

import contextlib
import time
from pathlib import Path

import pytest

from devkeys.errors import DeclarationError
from devkeys.project import config
from devkeys.project.find import Checkout


def checkout(directory: Path, root: Path | None = None) -> Checkout:
    """Return the project in *directory*."""
    return Checkout(str(directory), str(root or directory))


def test_nothing_configured(tmp_path: Path) -> None:
    """Without a file there are no profiles and the usual declaration file."""
    found = config.read(checkout(tmp_path))

    assert (found.files, dict(found.profiles), dict(found.scopes)) == ((".env.example",), {}, {})


def test_profiles_scopes_files(tmp_path: Path) -> None:
    """Profiles, scopes and file names are read."""
    (tmp_path / "devkeys.toml").write_text(
        '[project]\nfiles = [".env.sample"]\n'
        '[profiles.staging]\nsource = "op://Eng/chat-staging"\nconfirm = true\n'
        '[scopes]\nlint = []\nweb = ["A", "B"]\n'
    )

    found = config.read(checkout(tmp_path))

    assert found.files == (".env.sample",)
    assert found.profiles["staging"] == config.Profile("op://Eng/chat-staging", confirm=True)
    assert found.scopes == {"lint": (), "web": ("A", "B")}


def test_nearest_file_upward(tmp_path: Path) -> None:
    """A package without a file of its own takes the repository's, but not its file names."""
    package = tmp_path / "packages" / "api"
    package.mkdir(parents=True)
    (tmp_path / "devkeys.toml").write_text(
        '[project]\nfiles = [".env.sample"]\n[scopes]\nlint = []\n'
    )

    found = config.read(checkout(package, tmp_path))

    assert found.scopes == {"lint": ()}
    assert found.files == (".env.example",)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[profile.dev]\n", "unknown key profile"),
        ("[profiles.dev]\nsorce = 'op://a'\n", "unknown key profiles.dev.sorce"),
        ("[profiles.dev]\nsource = 'vault'\n", "source must be a reference"),
        ("[profiles.dev]\nconfirm = 1\n", "confirm must be true or false"),
        ("[scopes]\nlint = 'A'\n", "lint must be a list"),
        ("[project]\nfiles = ['../.env']\n", "files must be a list of file names"),
        ("profiles = 3\n", "profiles must be a table"),
        ("[scopes\n", "line 1"),
        ("[profiles]\ndev = 1\n", "profiles.dev must be a table"),
        ('[project]\nfiles = ["a\\u0000b"]\n', "files must be a list of file names"),
        pytest.param(f"a = {'9' * 5000}\n", "4300 digits", id="many digits"),
        pytest.param(f"a = {'[' * 50_000}\n", "recursion", id="many brackets"),
        pytest.param(
            f"\n{'a.' * 200_000}a = 1\n", "2: a name of more than 32 parts", id="long name"
        ),
        pytest.param(f"[{'a . ' * 50_000}a]\n", "1: a name of more than 32", id="long table"),
        pytest.param("\"a b\".'c'." * 50_000 + "a = 1\n", "1: a name of", id="quoted name"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    """A mistake is named with the file and what to write instead."""
    (tmp_path / "devkeys.toml").write_text(text)

    with pytest.raises(DeclarationError, match=complaint) as caught:
        config.read(checkout(tmp_path))

    assert str(tmp_path) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("unit", ["a", "'", '"', "a ", "'a' ", '"a', ".", ". ", "a. "])
def test_the_search_for_long_names_takes_no_time(tmp_path: Path, unit: str) -> None:
    """A megabyte of what may begin a long name is searched at once."""
    (tmp_path / "devkeys.toml").write_text(f"# {unit * (900_000 // len(unit))}\n")
    began = time.process_time()

    with contextlib.suppress(DeclarationError):
        config.read(checkout(tmp_path))

    assert time.process_time() - began < 2
