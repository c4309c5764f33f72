"""Reading from a real gnome-keyring."""

import os
import secrets
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gnome_keyring import GnomeKeyring, private_bus
from jeepney import message_bus, new_error  # type: ignore[import-untyped]  # it has no types
from keychain_scripts import READ, finish, start, wait_line
from real import need

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.items import SecretService
from devkeys.keychain.secretservice import read
from devkeys.secret import Secret


def store_with_keyring(keyring: GnomeKeyring, value: str) -> None:
    """Keep *value* as the identity through the keyring library."""
    code = "import keyring, sys; keyring.set_password('devkeys', 'identity', sys.stdin.read())"
    process = start(code, env=keyring.env, stdin=subprocess.PIPE)
    process.communicate(value, timeout=20)
    assert process.returncode == 0


@pytest.fixture
def value() -> str:
    """Make up a value."""
    return secrets.token_hex(37)


def test_an_item_that_was_never_kept_is_none(keyring: GnomeKeyring) -> None:
    """A keychain that answers and holds no such item gives None."""
    assert read("devkeys", "identity", environ=keyring.env) is None


def test_what_secret_tool_wrote_is_read(keyring: GnomeKeyring, value: str) -> None:
    """An item of another client is found by its attributes."""
    keyring.store(value)
    assert read("devkeys", "identity", environ=keyring.env) == Secret(value.encode())


def test_what_keyring_wrote_is_read(keyring: GnomeKeyring, value: str) -> None:
    """An item of the keyring library is found by its attributes."""
    store_with_keyring(keyring, value)
    assert read("devkeys", "identity", environ=keyring.env) == Secret(value.encode())


@pytest.mark.parametrize("names", [("devkeys", "other"), ("other", "identity")])
def test_another_item_is_not_taken_for_it(
    keyring: GnomeKeyring, value: str, names: tuple[str, str]
) -> None:
    """Both attributes have to match."""
    keyring.store(value)
    assert read(*names, environ=keyring.env) is None


def test_names_that_are_not_ascii(keyring: GnomeKeyring, value: str) -> None:
    """A service and an account may be any text."""
    SecretService(environ=keyring.env).set("żółć", "日本", Secret(value.encode()))
    [item] = keyring.items()
    assert (item["service"], item["username"]) == ("żółć", "日本")
    assert read("żółć", "日本", environ=keyring.env) == Secret(value.encode())


def test_a_large_value(keyring: GnomeKeyring) -> None:
    """A value that comes in many pieces is put together."""
    value = secrets.token_hex(150_000)
    store_with_keyring(keyring, value)
    assert read("devkeys", "identity", environ=keyring.env) == Secret(value.encode())


def test_two_items_are_an_error(keyring: GnomeKeyring, value: str) -> None:
    """Which of two items is meant is not guessed, and neither value is shown."""
    keyring.store(value, "number", "1")
    keyring.store(value, "number", "2")
    with pytest.raises(KeychainError, match="2 items with service devkeys") as caught:
        read("devkeys", "identity", environ=keyring.env)
    assert value not in f"{caught.value}{caught.value.hint}"


def test_a_locked_item_is_not_absent(keyring: GnomeKeyring, value: str) -> None:
    """Where no dialog can be shown, a locked keychain is an error of its own."""
    keyring.store(value)
    keyring.lock()
    with pytest.raises(KeychainLockedError) as caught:
        read("devkeys", "identity", environ=keyring.env)
    assert caught.value.hint


def test_after_unlocking_it_is_read_again(keyring: GnomeKeyring, value: str) -> None:
    """Locking and unlocking leave the item as it was."""
    keyring.store(value)
    keyring.lock()
    keyring.unlock()
    assert read("devkeys", "identity", environ=keyring.env) == Secret(value.encode())


def test_a_killed_daemon_is_absent(keyring: GnomeKeyring) -> None:
    """Without the service on the bus there is no keychain, which is not None."""
    keyring.kill()
    with pytest.raises(KeychainAbsentError, match="no Secret Service"):
        read("devkeys", "identity", environ=keyring.env)


def test_a_daemon_that_dies_in_mid_call(keyring: GnomeKeyring, value: str) -> None:
    """The end of the service while it is asked is neither None nor a hang."""
    keyring.store(value)
    keyring.freeze()
    process = start(READ, "0", env=keyring.env)
    assert "waiting" in wait_line(process)
    keyring.kill()
    assert "KeychainError the keychain's service went away" in finish(process)[0]


def test_a_bus_that_dies_in_mid_call(keyring: GnomeKeyring) -> None:
    """The end of the bus while the service is asked is neither None nor a hang."""
    keyring.freeze()
    process = start(READ, "0", env=keyring.env)
    assert "waiting" in wait_line(process)
    keyring.bus.process.kill()
    assert "KeychainError the keychain's service went away" in finish(process)[0]


def test_a_bus_without_a_service_is_absent() -> None:
    """A session bus alone is no keychain."""
    with private_bus() as bus, pytest.raises(KeychainAbsentError, match="no Secret Service"):
        read("devkeys", "identity", environ=bus.env)


def test_a_program_that_only_has_the_name_is_absent() -> None:
    """A program that owns the service's name and knows none of its methods is no keychain."""
    need("dbus-daemon")
    with private_bus() as bus, bus.connection() as connection:
        connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))

        def refuse() -> None:
            for _ in range(3):
                call = connection.receive(timeout=10)
                while call.header.message_type.name != "method_call":
                    call = connection.receive(timeout=10)
                connection.send(new_error(call, "org.freedesktop.DBus.Error.UnknownMethod"))

        thread = threading.Thread(target=refuse)
        thread.start()
        with pytest.raises(KeychainAbsentError, match="is no Secret Service"):
            read("devkeys", "identity", environ=bus.env)
        thread.join()


def test_no_bus_is_absent(tmp_path: Path) -> None:
    """Without a session bus there is no keychain, and the hint says what to do."""
    with pytest.raises(KeychainAbsentError, match="no D-Bus session bus") as caught:
        read("devkeys", "identity", environ={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert caught.value.hint


def test_without_an_address_the_runtime_directory_is_tried(
    keyring: GnomeKeyring, value: str
) -> None:
    """A shell without DBUS_SESSION_BUS_ADDRESS finds the bus where systemd puts it."""
    keyring.store(value)
    os.symlink(f"{keyring.bus.root}/bus", f"{keyring.bus.root}/run/bus")
    environ = {"XDG_RUNTIME_DIR": f"{keyring.bus.root}/run"}
    assert read("devkeys", "identity", environ=environ) == Secret(value.encode())


def test_the_first_address_that_answers_is_used(keyring: GnomeKeyring, value: str) -> None:
    """Of several addresses those of other transports and without a listener are passed over."""
    keyring.store(value)
    address = f"tcp:host=localhost,port=1;unix:path=/nonexistent;{keyring.bus.address},guid=00"
    environ = {"DBUS_SESSION_BUS_ADDRESS": address}
    assert read("devkeys", "identity", environ=environ) == Secret(value.encode())


@pytest.fixture
def strangers_bus() -> Iterator[str]:
    """Listen on a socket as another user; gives its address."""
    with tempfile.TemporaryDirectory(prefix="dk-", dir="/tmp") as root:
        os.chmod(root, 0o777)  # noqa: S103  # the other user makes its socket in it
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{root}/bus")
            os.seteuid(65534)
            try:
                listener.listen()  # the kernel notes here whose socket it is
            finally:
                os.seteuid(0)
            yield f"unix:path={root}/bus"


@pytest.mark.needs_root
def test_another_users_bus_is_not_used(strangers_bus: str) -> None:
    """Nothing is asked of, or sent to, a bus that another user runs."""
    with pytest.raises(KeychainError, match=r"another user \(uid 65534\)") as caught:
        read("devkeys", "identity", environ={"DBUS_SESSION_BUS_ADDRESS": strangers_bus})
    assert not isinstance(caught.value, KeychainAbsentError)


def test_a_thousand_reads_leave_the_daemon_alive(keyring: GnomeKeyring, value: str) -> None:
    """gnome-keyring aborts on clients that open a session before it knows them; ours does not."""
    keyring.store(value)
    deadline = time.monotonic() + 3
    for _ in range(1000):
        assert read("devkeys", "identity", environ=keyring.env) == Secret(value.encode())
        if time.monotonic() > deadline:
            break
    assert keyring.bus.has_owner("org.freedesktop.secrets")
