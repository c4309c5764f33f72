"""`keychain://service/account` against a real gnome-keyring: the contract, and its own ways."""

import itertools
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from gnome_keyring import GnomeKeyring, gnome_keyring, keyring, private_bus
from keyring_backends import environ
from real import need

from devkeys.providers import Provider, get_many
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    UnreachableError,
)
from devkeys.providers.keychain import Keychain
from devkeys.references import Reference, parse
from devkeys.secret import Secret
from devkeys.testing import Subject, Unable, WritableProviderContract

__all__ = ["keyring"]
linux = pytest.mark.skipif(sys.platform != "linux", reason="another system's keychain")
pytestmark = linux


def caller(names: Mapping[str, str], limit: float = 20.0) -> Caller:
    """Return who asks the keychain on the bus of *names*."""
    return Caller(dict(names), names["HOME"], names["HOME"], limit=limit)


class GnomeSubject(Subject):
    """Items written by `secret-tool`, on a gnome-keyring of the test's own."""

    def __init__(self, running: GnomeKeyring) -> None:
        super().__init__(Keychain(caller(running.env)))
        self._running = running
        self._numbers = itertools.count()

    def put(self, value: bytes) -> Reference:
        """Store an item as another program does."""
        need("secret-tool")
        account = f"item {next(self._numbers)}"
        names = ["service", "team/chat", "username", account]
        command = ["secret-tool", "store", "--label=of the test", *names]
        if len(value) > 8192:  # secret-tool keeps no more of a pipe, and says nothing
            code = "import keyring, sys; keyring.set_password(*sys.argv[1:], sys.stdin.read())"
            command = [sys.executable, "-c", code, "team/chat", account]
        subprocess.run(command, env=self._running.env, input=value, check=True)
        return Reference("keychain", ("team/chat", account))

    def absent(self) -> Reference:
        """Lead to no item."""
        return parse("keychain://team/absent")

    def locked(self) -> Provider:
        """Lock the collection, where no dialog can be shown."""
        self._running.lock()
        return self.provider

    def slow(self) -> Provider:
        """Stop the daemon."""
        self._running.freeze()
        return Keychain(caller(self._running.env, limit=1.0))

    def without_program(self) -> Provider:
        """Leave the session."""
        names = {"PATH": "/usr/bin:/bin", "HOME": self._running.env["HOME"]}
        bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
        return Keychain(caller({**names, **bus}))

    def cut_off(self) -> Provider:
        """Kill the daemon."""
        raise Unable("a keychain's service answers over a bus, which passes whole messages on")


class TestKeychain(WritableProviderContract):
    """The contract, on a real gnome-keyring."""

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        """Give one of this test's own."""
        with gnome_keyring() as running:
            yield GnomeSubject(running)


ONE, TWO = "keychain://team/one", "keychain://team/two"


@pytest.mark.parametrize(
    "text",
    [
        "keychain://devkeys/identity",
        "keychain://devkeys/confirmed",
        "keychain://devkeys/another",
        "keychain://DevKeys/identity",
        "keychain://identity@devkeys/identity",
    ],
)
def test_the_stores_own_key_is_no_value(keyring: GnomeKeyring, text: str) -> None:
    """No reference reads, writes or removes what devkeys keeps for itself, by whatever name."""
    keyring.store(secrets.token_hex(8))
    provider = Keychain(caller(keyring.env))
    reference = parse(text)
    for action in (
        lambda: provider.get_many([reference]),
        lambda: provider.check_writable(reference),
        lambda: provider.set(reference, Secret(b"x")),
        lambda: provider.delete(reference),
    ):
        with pytest.raises(DeniedError, match="own item"):
            action()
    assert isinstance(provider.diagnose([reference]).error, DeniedError)
    assert len(keyring.items()) == 1


def test_keyring_reads_what_was_written(keyring: GnomeKeyring) -> None:
    """The item is the one that the library and its users know."""
    value = secrets.token_hex(8)
    Keychain(caller(keyring.env)).set(parse(ONE), Secret(value.encode()))
    command = [sys.executable, "-m", "keyring", "get", "team", "one"]
    done = subprocess.run(command, env=keyring.env, capture_output=True, text=True, check=True)
    assert done.stdout == f"{value}\n"


def test_each_has_its_own_error(keyring: GnomeKeyring) -> None:
    """Two items of a name are no answer for that one; the others are read."""
    for number in "12":
        names = ["service", "team", "username", "one", "n", number]
        command = ["secret-tool", "store", "--label=x", *names]
        subprocess.run(command, env=keyring.env, input=b"x", check=True)
    Keychain(caller(keyring.env)).set(parse(TWO), Secret(b"2"))
    found = get_many([ONE, TWO, "keychain://team/three"], caller(keyring.env))
    assert isinstance(found[ONE], UnreachableError)
    assert found[TWO] == Secret(b"2")
    assert found["keychain://team/three"] is None


def test_diagnosis_opens_nothing(keyring: GnomeKeyring) -> None:
    """Who is asked and what is there is told by a search; a locked item is not called readable."""
    provider = Keychain(caller(keyring.env))
    provider.set(parse(ONE), Secret(b"x"))
    asked = [parse(ONE), parse(TWO)]
    found = provider.diagnose(asked)
    assert (found.account, found.error) == ("Secret Service (gnome-keyring)", None)
    assert found.readable == {asked[0]: True, asked[1]: False}
    keyring.lock()
    found = provider.diagnose(asked)
    assert found.readable == {asked[0]: None, asked[1]: False}
    assert isinstance(found.error, LockedError)


def test_diagnosis_without_a_keychain(tmp_path: Path) -> None:
    """None at all is an error that says what to install; one of keyring's is named."""
    with private_bus() as bus:
        found = Keychain(caller(bus.env)).diagnose([parse(ONE)])
        assert isinstance(found.error, ProgramMissingError)
        names = {**bus.env, **environ(tmp_path)}
        found = Keychain(caller(names)).diagnose([parse(ONE)])
        assert found.error is None
        assert found.account
        assert found.readable == {parse(ONE): None}


def test_a_frozen_keychain_is_looked_at_quickly(keyring: GnomeKeyring) -> None:
    """A service that does not answer keeps nobody waiting who only looks."""
    keyring.freeze()
    began = time.monotonic()
    found = Keychain(caller(keyring.env)).diagnose([parse(ONE)])
    assert isinstance(found.error, UnreachableError)
    assert time.monotonic() - began < 10


def test_what_keyring_cannot_keep_is_denied(tmp_path: Path) -> None:
    """A value that is no text is refused where only text can be kept."""
    with private_bus() as bus:
        provider = Keychain(caller({**bus.env, **environ(tmp_path)}))
        with pytest.raises(DeniedError, match="keeps text only"):
            provider.set(parse(ONE), Secret(b"\xff"))
