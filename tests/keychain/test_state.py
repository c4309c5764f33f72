"""The keychain's state as `status` shows it."""

import time

import pytest
from fake_secrets import fake_secrets
from gnome_keyring import GnomeKeyring, private_bus

from devkeys.keychain.items import SecretService
from devkeys.keychain.state import probe
from devkeys.secret import Secret

NAME = "Secret Service (gnome-keyring)"


@pytest.mark.parametrize("has_item", [False, True])
def test_unlocked_and_locked(keyring: GnomeKeyring, has_item: bool) -> None:
    """Both are told apart, with and without our item, and a probe unlocks nothing."""
    if has_item:
        SecretService(environ=keyring.env).set("devkeys", "identity", Secret(b"x"))
    assert str(probe(environ=keyring.env)) == f"{NAME}: unlocked"
    keyring.lock()
    assert str(probe(environ=keyring.env)) == f"{NAME}: locked"
    assert probe(environ=keyring.env).kind == "locked"


def test_slow(keyring: GnomeKeyring, capfd: pytest.CaptureFixture[str]) -> None:
    """A probe waits for a moment only, in silence, and does not call slow absent."""
    keyring.freeze()
    begin = time.monotonic()
    state = probe(limit=0.1, environ=keyring.env)
    assert time.monotonic() - begin < 5
    assert state.kind == "slow"
    assert "0.1 s" in state.detail
    assert capfd.readouterr().err == ""


def test_absent_with_the_reason() -> None:
    """A bus without a service and no bus at all are told apart in words."""
    with private_bus() as bus:
        assert "no Secret Service answers" in str(probe(environ=bus.env))
    state = probe(environ={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})
    assert state.kind == "absent"
    assert "no D-Bus session bus" in state.detail


def test_two_items_are_shown(keyring: GnomeKeyring) -> None:
    """What would make a read fail is shown as its reason."""
    keyring.store("x", "n", "1")
    keyring.store("x", "n", "2")
    state = probe(environ=keyring.env)
    assert state.kind == "broken"
    assert "2 items" in state.detail


def test_a_service_without_a_default_collection() -> None:
    """It is usable, and that it will ask is said."""
    with private_bus() as bus, fake_secrets(bus, "ignore") as service:
        service.value = None
        state = probe(environ=bus.env)
    assert state.kind == "unlocked"
    assert "no default keyring" in state.detail
