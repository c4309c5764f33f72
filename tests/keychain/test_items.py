"""Writing to and deleting from a real gnome-keyring, and what other clients see of it."""

import secrets
import subprocess
import sys

import pytest
from gnome_keyring import GnomeKeyring, private_bus
from real import need

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.items import SecretService
from devkeys.secret import Secret


@pytest.fixture
def value() -> Secret:
    """Make up a value."""
    return Secret(secrets.token_hex(37).encode())


@pytest.fixture
def keychain(keyring: GnomeKeyring) -> SecretService:
    """Give the keychain that the running gnome-keyring is."""
    return SecretService(environ=keyring.env)


def run(keyring: GnomeKeyring, *command: str, value: Secret | None = None) -> bytes:
    """Run another client of the keychain."""
    given = b"" if value is None else value.reveal()
    done = subprocess.run(command, env=keyring.env, input=given, capture_output=True, check=True)
    return done.stdout


NAMES = ("service", "devkeys", "username", "identity")
KEYRING = (sys.executable, "-m", "keyring")


@pytest.mark.parametrize(
    "raw", [b"x", b"", b" a\nb \n", b"\0\xff\x80", "żółć 日本".encode(), b"'\"$`\\", b"x" * 100_000]
)
def test_a_value_comes_back_as_it_was(keychain: SecretService, raw: bytes) -> None:
    """Bytes are kept exactly, whatever they are."""
    keychain.set("devkeys", "identity", Secret(raw))
    assert keychain.get("devkeys", "identity") == Secret(raw)


def test_keyring_finds_what_was_written(keyring: GnomeKeyring, value: Secret) -> None:
    """`keyring get` of another program gives our item."""
    SecretService(environ=keyring.env).set("devkeys", "identity", value)
    assert run(keyring, *KEYRING, "get", "devkeys", "identity") == value.reveal() + b"\n"


def test_secret_tool_finds_what_was_written(keyring: GnomeKeyring, value: Secret) -> None:
    """`secret-tool lookup` gives our item, under a label that a person understands."""
    need("secret-tool")
    SecretService(environ=keyring.env).set("devkeys", "identity", value)
    assert run(keyring, "secret-tool", "lookup", *NAMES) == value.reveal()
    assert keyring.label(*NAMES) == "devkeys identity"


def test_a_second_write_replaces_the_first(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """There is one item afterwards, with the new value."""
    keychain.set("devkeys", "identity", Secret(b"old"))
    keychain.set("devkeys", "identity", value)
    assert keychain.get("devkeys", "identity") == value
    assert len(keyring.items()) == 1


def test_another_programs_item_is_replaced_and_not_doubled(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """An item that secret-tool made, with other attributes besides, stays the only one."""
    keyring.store("old")
    keychain.set("devkeys", "identity", value)
    assert keychain.get("devkeys", "identity") == value
    assert len(keyring.items()) == 1
    assert keyring.label(*NAMES) == "mine"


def test_keyring_replaces_our_item_and_does_not_double_it(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """`keyring set` of another program writes into our item."""
    keychain.set("devkeys", "identity", Secret(b"old"))
    run(keyring, *KEYRING, "set", "devkeys", "identity", value=value)
    assert keychain.get("devkeys", "identity") == value
    assert len(keyring.items()) == 1


def test_two_items_are_left_as_they_are(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """Where it is not clear which item is meant, nothing is written or removed."""
    for number in "12":
        keyring.store("old", "n", number)
    with pytest.raises(KeychainError, match="2 items"):
        keychain.set("devkeys", "identity", value)
    with pytest.raises(KeychainError, match="2 items"):
        keychain.delete("devkeys", "identity")
    assert len(keyring.items()) == 2
    assert run(keyring, "secret-tool", "lookup", *NAMES) == b"old"


def test_delete_removes_only_this_item(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """Another account's item stays, and a second delete says that there was none."""
    keychain.set("devkeys", "identity", value)
    keychain.set("devkeys", "other", value)
    assert keychain.delete("devkeys", "identity")
    assert not keychain.delete("devkeys", "identity")
    assert [item["username"] for item in keyring.items()] == ["other"]


def test_a_locked_keychain_is_not_written(
    keyring: GnomeKeyring, keychain: SecretService, value: Secret
) -> None:
    """Where it cannot be unlocked, set and delete are errors and change nothing."""
    keychain.set("devkeys", "identity", value)
    keyring.lock()
    with pytest.raises(KeychainLockedError):
        keychain.set("devkeys", "identity", Secret(b"new"))
    with pytest.raises(KeychainLockedError):
        keychain.set("devkeys", "another", Secret(b"new"))
    with pytest.raises(KeychainLockedError):
        keychain.delete("devkeys", "identity")
    keyring.unlock()
    assert keychain.get("devkeys", "identity") == value
    assert len(keyring.items()) == 1


def test_without_a_service_it_is_absent(value: Secret) -> None:
    """Writing and deleting need a keychain, and say so."""
    with private_bus() as bus:
        keychain = SecretService(environ=bus.env)
        with pytest.raises(KeychainAbsentError):
            keychain.set("devkeys", "identity", value)
        with pytest.raises(KeychainAbsentError):
            keychain.delete("devkeys", "identity")
