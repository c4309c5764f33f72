"""The user's own config.toml."""

from pathlib import Path

import pytest

from devkeys.errors import DeclarationError
from devkeys.project import config, toml, user
from devkeys.project.find import Checkout


def checkout(directory: Path) -> Checkout:
    """Return the project in *directory*."""
    return Checkout(str(directory), str(directory))


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "1e300", "true", "'2'"])
def test_a_wait_is_a_number_that_a_clock_takes(tmp_path: Path, wait: str) -> None:
    """What no clock can wait for is refused where it is written."""
    (tmp_path / "config.toml").write_text(f"wait = {wait}\n")

    with pytest.raises(DeclarationError, match="wait must be a number of seconds"):
        user.read(str(tmp_path))


def test_users_own(tmp_path: Path) -> None:
    """The user's own file lists steering names and how long to wait."""
    (tmp_path / "config.toml").write_text('allow_names = ["NODE_OPTIONS"]\nwait = 0\n')

    found = user.read(str(tmp_path))

    assert (found.allow_names, found.wait) == (("NODE_OPTIONS",), 0.0)


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("8h", 28800)])
def test_a_time_that_values_are_kept(tmp_path: Path, text: str, seconds: int) -> None:
    """`cache` is a time with its unit, in either file."""
    for name in (user.FILE, "devkeys.toml"):
        (tmp_path / name).write_text(f'[profiles.dev]\ncache = "{text}"\n')
    assert user.read(str(tmp_path)).caches == {"dev": seconds}
    assert config.read(checkout(tmp_path)).profiles["dev"].cache == seconds


@pytest.mark.parametrize("text", ["90s", "30m", "8h", "36h", "7d", "0d"])
def test_a_time_is_shown_as_it_is_written(tmp_path: Path, text: str) -> None:
    """Consent is asked for in the words of the file."""
    (tmp_path / user.FILE).write_text(f'[profiles.dev]\ncache = "{text}"\n')
    assert toml.duration(user.read(str(tmp_path)).caches["dev"]) == text


@pytest.mark.parametrize("cache", ["8", '"8"', '"8 h"', '"-1h"', '"8d"', '"1e3s"', "true"])
def test_a_time_needs_unit_and_bound(tmp_path: Path, cache: str) -> None:
    """A bare number, another form or more than a week is a mistake."""
    (tmp_path / user.FILE).write_text(f"[profiles.dev]\ncache = {cache}\n")
    with pytest.raises(DeclarationError, match="cache must be a time"):
        user.read(str(tmp_path))


def test_a_credential_is_an_item_of_the_keychain(tmp_path: Path) -> None:
    """What a provider needs for itself is named by its place in the keychain."""
    (tmp_path / user.FILE).write_text(
        '[credentials]\nOP_SERVICE_ACCOUNT_TOKEN = "keychain://1password/team"\n'
    )
    found = user.read(str(tmp_path))
    assert found.credentials == {"OP_SERVICE_ACCOUNT_TOKEN": ("1password", "team")}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('LLM_API_KEY = "keychain://a/b"', "no credential of a provider"),
        ('VAULT_TOKEN = "hvs.value"', "must be a reference to the keychain"),
        ('VAULT_TOKEN = "op://a/b/c"', "must be a reference to the keychain"),
        ('VAULT_TOKEN = "keychain://a"', "too short"),
        ('VAULT_TOKEN = "keychain://devkeys/identity"', "given to nobody"),
    ],
)
def test_a_credential_is_nothing_else(tmp_path: Path, line: str, complaint: str) -> None:
    """Other names, and values themselves, are refused; what stands there is not repeated."""
    (tmp_path / user.FILE).write_text(f"[credentials]\n{line}\n")
    with pytest.raises(DeclarationError, match=complaint) as caught:
        user.read(str(tmp_path))
    assert "hvs." not in str(caught.value)
