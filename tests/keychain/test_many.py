"""Several items at once: one connection, one session, one child, one dialog."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest
from gnome_keyring import GnomeKeyring, private_bus
from keyring_backends import environ

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import dbus, items
from devkeys.keychain.child import Keyring
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.items import SecretService
from devkeys.keychain.many import look, one_by_one, read_many
from devkeys.keychain.waiting import Patience
from devkeys.secret import Secret

ITEMS = [("team", "a"), ("team", "b"), ("other", "a")]


def made() -> dict[tuple[str, str], Secret]:
    """Make up a value for each item."""
    return {item: Secret(secrets.token_hex(9).encode()) for item in ITEMS}


def test_all_come_over_one_connection(
    keyring: GnomeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many items there are, the bus is connected to once."""
    values = made()
    keychain = SecretService(environ=keyring.env)
    for item, value in values.items():
        keychain.set(*item, value)
    connected = []

    def connect(names: Mapping[str, str], patience: Patience) -> dbus.Bus:
        connected.append(names)
        return dbus.connect(names, patience)

    monkeypatch.setattr(items, "connect", connect)
    asked = [*ITEMS, ("team", "absent")]
    assert read_many(asked, limit=5, environ=keyring.env) == {**values, ("team", "absent"): None}
    assert len(connected) == 1


def test_a_locked_one_is_an_error_of_its_own(keyring: GnomeKeyring) -> None:
    """What is locked and cannot be unlocked says so; what is not there is still None."""
    SecretService(environ=keyring.env).set("team", "a", Secret(b"x"))
    keyring.lock()
    found = read_many(ITEMS[:2], limit=5, environ=keyring.env)
    assert isinstance(found["team", "a"], KeychainLockedError)
    assert found["team", "b"] is None


def test_two_items_of_a_name_are_an_error_of_its_own(keyring: GnomeKeyring) -> None:
    """Which of the two is meant cannot be told; the others are read."""
    SecretService(environ=keyring.env).set("team", "a", Secret(b"x"))
    for number in "12":
        keyring.store("old", "n", number)
    found = read_many([("devkeys", "identity"), ("team", "a")], limit=5, environ=keyring.env)
    assert "2 items" in str(found["devkeys", "identity"])
    assert found["team", "a"] == Secret(b"x")


def test_keyring_is_asked_in_one_child(tmp_path: Path) -> None:
    """The library is imported once for all items; one that fails is an error of its own."""
    names = {**environ(tmp_path), "TEST_VALUE": "żółć\n "}
    with open(tmp_path / "backend_of_test.py", "a", encoding="utf-8") as file:
        file.write("open(here + '/starts', 'a').write('x')\n")
    keychain = Keyring(environ=names)
    (tmp_path / "starts").unlink()
    found = keychain.get_many(ITEMS)
    assert found == dict.fromkeys(ITEMS, Secret("żółć\n ".encode()))
    assert (tmp_path / "starts").read_text() == "x"
    with pytest.raises(KeychainError, match="without an answer"):
        keychain.get_many([("team", "a"), ("dies", "a")])


def test_through_keyring_each_has_its_own_answer(keyring: GnomeKeyring) -> None:
    """The same real items come through keyring; a locked keychain is one refusal for all."""
    SecretService(environ=keyring.env).set("team", "a", Secret(b"x"))
    keychain = Keyring(environ=keyring.env)
    assert keychain.get_many(ITEMS) == {**dict.fromkeys(ITEMS), ("team", "a"): Secret(b"x")}
    keyring.lock()
    assert {type(one) for one in keychain.get_many(ITEMS).values()} == {KeychainLockedError}


def test_without_a_service_keyrings_none_is_doubted(tmp_path: Path) -> None:
    """A value of keyring's counts; that it has none does not mean that there is none."""
    with private_bus() as bus:
        names = {**bus.env, **environ(tmp_path)}
        found = read_many(ITEMS, limit=20, environ={**names, "TEST_VALUE": "x"})
        assert found == dict.fromkeys(ITEMS, Secret(b"x"))
        found = read_many(ITEMS, limit=20, environ=names)
        assert {type(one) for one in found.values()} == {KeychainAbsentError}


class OneDialog:
    """A keychain with one call for each item, whose dialogs are dismissed."""

    name = "another"

    def __init__(self) -> None:
        self.asked = 0

    def get(self, service: str, _account: str) -> Secret | None:
        """Show a dialog."""
        self.asked += 1
        if service == "open":
            return Secret(b"x")
        raise KeychainLockedError("dismissed", hint="unlock it")

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Do nothing."""

    def delete(self, _service: str, _account: str) -> bool:
        """Do nothing."""
        return False


def test_a_dismissed_dialog_is_the_last() -> None:
    """Who dismissed one is not shown another for each further item."""
    keychain = OneDialog()
    found = one_by_one(keychain, [("open", "a"), ("team", "a"), ("team", "b")])
    assert keychain.asked == 2
    assert found["open", "a"] == Secret(b"x")
    assert isinstance(found["team", "b"], KeychainLockedError)


def test_looking_unlocks_nothing(keyring: GnomeKeyring) -> None:
    """What is there, what is not and what is locked is told by a search alone."""
    SecretService(environ=keyring.env).set("team", "a", Secret(b"x"))
    assert look(ITEMS, environ=keyring.env) == {**dict.fromkeys(ITEMS, False), ("team", "a"): True}
    keyring.lock()
    found = look(ITEMS, environ=keyring.env)
    assert isinstance(found["team", "a"], KeychainLockedError)
    assert found["team", "b"] is False
