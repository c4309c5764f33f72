"""devkeys.toml and the user's config.toml."""

from pathlib import Path

import pytest

from devkeys.errors import DeclarationError, UsageError
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
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, complaint: str) -> None:
    """A mistake is named with the file and what to write instead."""
    (tmp_path / "devkeys.toml").write_text(text)

    with pytest.raises(DeclarationError, match=complaint) as caught:
        config.read(checkout(tmp_path))

    assert str(tmp_path) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "1e300", "true", "'2'"])
def test_a_wait_is_a_number_that_a_clock_takes(tmp_path: Path, wait: str) -> None:
    """What no clock can wait for is refused where it is written."""
    (tmp_path / "config.toml").write_text(f"wait = {wait}\n")

    with pytest.raises(DeclarationError, match="wait must be a number of seconds"):
        config.read_user(str(tmp_path))


def test_users_own(tmp_path: Path) -> None:
    """The user's own file lists steering names and how long to wait."""
    (tmp_path / "config.toml").write_text('allow_names = ["NODE_OPTIONS"]\nwait = 0\n')

    found = config.read_user(str(tmp_path))

    assert (found.allow_names, found.wait) == (("NODE_OPTIONS",), 0.0)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("8h", 28800)])
def test_a_time_that_values_are_kept(tmp_path: Path, text: str, seconds: int) -> None:
    """`cache` is a time with its unit, in either file."""
    for name in (config.USER_FILE, "devkeys.toml"):
        (tmp_path / name).write_text(f'[profiles.dev]\ncache = "{text}"\n')
    assert config.read_user(str(tmp_path)).caches == {"dev": seconds}
    assert config.read(checkout(tmp_path)).profiles["dev"].cache == seconds


@pytest.mark.parametrize("cache", ["8", '"8"', '"8 h"', '"-1h"', '"8d"', '"1e3s"', "true"])
def test_a_time_needs_unit_and_bound(tmp_path: Path, cache: str) -> None:
    """A bare number, another form or more than a week is a mistake."""
    (tmp_path / config.USER_FILE).write_text(f"[profiles.dev]\ncache = {cache}\n")
    with pytest.raises(DeclarationError, match="cache must be a time"):
        config.read_user(str(tmp_path))


def test_a_credential_is_an_item_of_the_keychain(tmp_path: Path) -> None:
    """What a provider needs for itself is named by its place in the keychain."""
    (tmp_path / config.USER_FILE).write_text(
        '[credentials]\nOP_SERVICE_ACCOUNT_TOKEN = "keychain://1password/team"\n'
    )
    found = config.read_user(str(tmp_path))
    assert found.credentials == {"OP_SERVICE_ACCOUNT_TOKEN": ("1password", "team")}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('LLM_API_KEY = "keychain://a/b"', "no credential of a provider"),
        ('VAULT_TOKEN = "hvs.value"', "must be a reference to the keychain"),
        ('VAULT_TOKEN = "op://a/b/c"', "must be a reference to the keychain"),
        ('VAULT_TOKEN = "keychain://a"', "too short"),
    ],
)
def test_a_credential_is_nothing_else(tmp_path: Path, line: str, complaint: str) -> None:
    """Other names, and values themselves, are refused; what stands there is not repeated."""
    (tmp_path / config.USER_FILE).write_text(f"[credentials]\n{line}\n")
    with pytest.raises((DeclarationError, UsageError), match=complaint) as caught:
        config.read_user(str(tmp_path))
    assert "hvs." not in str(caught.value)
