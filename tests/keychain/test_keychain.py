"""This system's keychain: which one is opened, and what `run` imports for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from gnome_keyring import GnomeKeyring, private_bus
from keyring_backends import environ

from devkeys import keychain
from devkeys.errors import KeychainAbsentError
from devkeys.keychain.items import SecretService
from devkeys.secret import Secret

linux = pytest.mark.skipif(sys.platform != "linux", reason="another system's keychain")
pytestmark = linux


def use(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> None:
    """Make *names* the whole environment."""
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in names.items():
        monkeypatch.setenv(name, value)


def test_the_secret_service_is_opened(
    keyring: GnomeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one answers it is used, locked or not."""
    use(monkeypatch, keyring.env)
    keyring.lock()
    assert isinstance(keychain.open_keychain(), SecretService)


def test_a_slow_keychain_is_not_absent(
    keyring: GnomeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that does not answer at once is opened all the same: it may when it is asked."""
    use(monkeypatch, keyring.env)
    keyring.freeze()
    assert isinstance(keychain.open_keychain(), SecretService)


def test_read_finds_what_open_keychain_kept(
    keyring: GnomeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways lead to the same item."""
    use(monkeypatch, keyring.env)
    assert keychain.read("devkeys", "identity") is None
    keychain.open_keychain().set("devkeys", "identity", Secret(b"value"))
    assert keychain.read("devkeys", "identity") == Secret(b"value")
    assert str(keychain.describe()) == "Secret Service (gnome-keyring): unlocked"


def test_without_a_service_keyrings_own_backend_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user of KWallet or another backend is served through keyring."""
    with private_bus() as bus:
        use(monkeypatch, {**bus.env, **environ(tmp_path), "TEST_VALUE": "value"})
        assert keychain.read("devkeys", "identity") == Secret(b"value")
        assert keychain.open_keychain().get("devkeys", "identity") == Secret(b"value")


def test_another_keychains_none_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept in the service that is missing now is not reported as never kept."""
    with private_bus() as bus:
        use(monkeypatch, {**bus.env, **environ(tmp_path)})
        with pytest.raises(KeychainAbsentError, match="no Secret Service answers"):
            keychain.read("devkeys", "identity")


def test_no_keychain_at_all_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and opening say the same, with the reason and a hint."""
    with private_bus() as bus:
        use(monkeypatch, bus.env)
        for act in (lambda: keychain.read("devkeys", "identity"), keychain.open_keychain):
            with pytest.raises(KeychainAbsentError, match="no Secret Service answers") as caught:
                act()
            assert caught.value.hint


def test_a_read_imports_next_to_nothing(keyring: GnomeKeyring) -> None:
    """The way of `run` stays short: a new import here is paid before every command."""
    SecretService(environ=keyring.env).set("devkeys", "identity", Secret(b"value"))
    code = (
        "import sys; before = set(sys.modules); from devkeys import keychain; "
        "assert keychain.read('devkeys', 'identity').reveal() == b'value'; "
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, env=keyring.env, capture_output=True, text=True, check=True)
    ours = {"keychain", "keychain.dbus", "keychain.secretservice", "keychain.waiting"}
    expected = {f"devkeys.{name}" for name in ours | {"errors", "keychain.wire", "secret"}}
    assert set(done.stdout.split()) == expected | {"devkeys", "_socket"}
