"""Dialogs of the Secret Service: shown, waited for, dismissed, left alone."""

import signal
from collections.abc import Iterator

import pytest
from fake_secrets import fake_secrets
from gnome_keyring import PrivateBus, private_bus
from keychain_scripts import READ, finish, start, wait_line

from devkeys.errors import KeychainError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.items import SecretService
from devkeys.keychain.secretservice import read
from devkeys.secret import Secret


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    """Run a bus for the fake service."""
    with private_bus() as running:
        yield running


def test_a_locked_item_is_read_once_it_is_unlocked(bus: PrivateBus) -> None:
    """The service is asked to unlock the item, wherever it lies, and the value comes."""
    with fake_secrets(bus, "allow"):
        assert read("devkeys", "identity", environ=bus.env) == Secret(b"locked away")


def test_a_dismissed_dialog_is_locked(bus: PrivateBus) -> None:
    """Who says no has a locked keychain, not an empty one."""
    with fake_secrets(bus, "dismiss"), pytest.raises(KeychainLockedError, match="dismissed"):
        read("devkeys", "identity", environ=bus.env)


def test_a_service_that_goes_away_while_it_asks(bus: PrivateBus) -> None:
    """The dialog's answer is not waited for when nobody is left to give it."""
    with fake_secrets(bus, "vanish"), pytest.raises(KeychainError, match="went away"):
        read("devkeys", "identity", environ=bus.env)


def test_an_open_dialog_is_waited_for_and_said_so(bus: PrivateBus) -> None:
    """Without a terminal it ends at the limit, as time that ran out."""
    with fake_secrets(bus, "ignore"):
        out, err = finish(start(READ, "0.3", env=bus.env))
    assert out.startswith("KeychainTimeoutError the keychain was not unlocked within 0.3 s")
    assert err == "devkeys: waiting for the keychain to be unlocked\n"


def test_ctrl_c_ends_the_waiting_for_a_dialog(bus: PrivateBus) -> None:
    """An interrupt ends it at once, without a traceback."""
    with fake_secrets(bus, "ignore"):
        process = start(READ, "0", env=bus.env)
        assert wait_line(process) == "devkeys: waiting for the keychain to be unlocked\n"
        process.send_signal(signal.SIGINT)
        assert finish(process) == ("interrupted\n", "")


def test_setting_unlocks_first(bus: PrivateBus) -> None:
    """A locked item is replaced after its dialog."""
    with fake_secrets(bus, "allow") as service:
        SecretService(environ=bus.env).set("devkeys", "identity", Secret(b"new"))
        assert service.value == b"new"


def test_a_missing_default_collection_is_made(bus: PrivateBus) -> None:
    """Where no collection is the default yet, as in WSL, the service is asked to make one."""
    with fake_secrets(bus, "allow") as service:
        service.value = None
        SecretService(environ=bus.env).set("devkeys", "identity", Secret(b"new"))
        assert service.value == b"new"
        assert service.attributes["service"] == "devkeys"
        assert service.attributes["username"] == "identity"


def test_a_refused_collection_keeps_nothing(bus: PrivateBus) -> None:
    """Who dismisses the dialog for a new collection is told that nothing was kept."""
    with fake_secrets(bus, "dismiss") as service:
        service.value = None
        with pytest.raises(KeychainLockedError):
            SecretService(environ=bus.env).set("devkeys", "identity", Secret(b"new"))
        assert service.value is None


def test_deleting_asks_where_the_service_wants_it(bus: PrivateBus) -> None:
    """A service may ask before it removes an item."""
    with fake_secrets(bus, "allow") as service:
        assert SecretService(environ=bus.env).delete("devkeys", "identity")
        assert service.value is None


def test_a_service_that_keeps_something_else_is_found_out(bus: PrivateBus) -> None:
    """What is read back has to be what was written."""
    with fake_secrets(bus, "allow") as service:
        service.forgets = True
        with pytest.raises(KeychainError, match="did not keep"):
            SecretService(environ=bus.env).set("devkeys", "identity", Secret(b"new"))
