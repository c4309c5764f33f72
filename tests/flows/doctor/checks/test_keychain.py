"""What opens the store, and what keeps passwords in plain text."""

import os
import subprocess
import time
from pathlib import Path

import pytest
import real
from doctor_scope import kinds, make_scope, only, says
from gnome_keyring import GnomeKeyring, keyring, private_bus
from locked_store import wrap

from devkeys.flows.doctor.checks.keychain import look
from devkeys.flows.doctor.scope import Scope
from devkeys.keychain import open_keychain
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen
from devkeys.store import create, identity, layout

__all__ = ["keyring"]


def headless(home: Path) -> Scope:
    """Make a store that an identity file opens."""
    scope = make_scope(home)
    create.create(scope.session.data_dir, keychain=None)
    return scope


def in_keychain(home: Path, keyring: GnomeKeyring) -> Scope:
    """Make a store that the item of a real gnome-keyring opens."""
    scope = make_scope(home, None, **{k: v for k, v in keyring.env.items() if k != "HOME"})
    create.create(scope.session.data_dir, keychain=open_keychain(environ=keyring.env))
    return scope


def test_without_a_store_nothing_is_said(home: Path) -> None:
    """There is nothing to be opened, and nothing is made."""
    assert list(look(make_scope(home))) == []
    assert list(home.iterdir()) == []


def test_an_identity_file_is_told_of(home: Path) -> None:
    """With what it does not keep out; it is no reason for exit code 1."""
    (found,) = only(Finding, look(headless(home)))
    assert (found.kind.id, found.kind.grade) == ("keychain/identity-file", "advice")
    assert "backup" in found.kind.why


def test_an_identity_file_that_is_open_is_a_risk(home: Path) -> None:
    """With the mode that mends it."""
    scope = headless(home)
    path = layout.identity_path(scope.session.data_dir)
    os.chmod(path, 0o640)
    found = only(Finding, look(scope))
    assert [one.kind.id for one in found] == [
        "keychain/identity-file-open",
        "keychain/identity-file",
    ]
    assert found[0].remedy == Remedy("mode", path, "600")


def test_an_identity_file_that_is_gone_is_said(home: Path) -> None:
    """The store cannot be opened, and it was not looked at."""
    scope = headless(home)
    os.unlink(layout.identity_path(scope.session.data_dir))
    assert [type(one) for one in look(scope)] == [Unseen]


def test_a_passphrase_is_fine(home: Path) -> None:
    """It is said whether it is locked, and nobody is asked."""
    scope = headless(home)
    wrap(scope.session.data_dir, "words")
    (found,) = look(scope)
    assert isinstance(found, Fine)
    assert found.what == "a passphrase protects what opens the store, now locked"


def test_an_interrupted_protection_is_no_protection(home: Path) -> None:
    """The file counts, not the record; the same for what opens confirmed profiles."""
    scope = headless(home)
    data_dir = scope.session.data_dir
    own = identity.load(data_dir, read_keychain=lambda *_: None)
    assert own is not None
    create.create_confirmed(data_dir, own, keychain=None)
    plain = Path(layout.identity_path(data_dir)).read_bytes()
    wrap(data_dir, "words")
    Path(layout.identity_path(data_dir)).write_bytes(plain)
    first, second = only(Finding, look(scope))
    assert first.kind.id == second.kind.id == "keychain/identity-file"
    assert "was interrupted" in first.what
    assert first.step == "devkeys store passphrase"
    assert "opens confirmed profiles" in second.what
    assert second.step == "devkeys store passphrase --confirmed"


def test_nothing_of_the_identity_is_said(home: Path) -> None:
    """It is the one key of all values."""
    scope = headless(home)
    secret = Path(layout.identity_path(scope.session.data_dir)).read_text().strip()
    assert not says(look(scope), secret[-20:])


def test_an_unlocked_keychain_is_fine(home: Path, keyring: GnomeKeyring) -> None:
    """A real one, asked without a dialog."""
    (found,) = look(in_keychain(home, keyring))
    assert isinstance(found, Fine)
    assert "gnome-keyring" in found.what


def test_a_locked_keychain_is_advice(home: Path, keyring: GnomeKeyring) -> None:
    """It is locked still afterwards: nobody was asked to unlock it."""
    scope = in_keychain(home, keyring)
    keyring.lock()
    assert kinds(look(scope)) == ["keychain/locked"]
    assert kinds(look(scope)) == ["keychain/locked"]


def test_an_item_that_is_gone_is_a_risk(home: Path, keyring: GnomeKeyring) -> None:
    """The keychain is well, and opens nothing any more."""
    scope = in_keychain(home, keyring)
    subprocess.run(
        ["secret-tool", "clear", "service", "devkeys", "username", "identity"],
        env=keyring.env,
        check=True,
    )
    assert kinds(look(scope)) == ["keychain/lost"]


def test_a_keychain_that_hangs_is_not_waited_for(home: Path, keyring: GnomeKeyring) -> None:
    """Half a second, and it is under what was not looked at."""
    scope = in_keychain(home, keyring)
    keyring.freeze()
    start = time.monotonic()
    try:
        assert [type(one) for one in look(scope)] == [Unseen]
    finally:
        keyring.thaw()
    assert time.monotonic() - start < 5


def test_a_keychain_that_is_gone_is_a_risk(home: Path, keyring: GnomeKeyring) -> None:
    """The store needs it: over ssh and in cron it often is not there."""
    scope = in_keychain(home, keyring)
    keyring.kill()
    assert kinds(look(scope)) == ["keychain/absent"]


def test_a_bus_without_a_service_is_no_trouble_without_a_store(home: Path) -> None:
    """Who has no store needs no keychain yet."""
    with private_bus() as bus:
        scope = make_scope(home, DBUS_SESSION_BUS_ADDRESS=bus.address)
        assert list(look(scope)) == []


def test_a_damaged_record_is_said(home: Path) -> None:
    """It crashes nothing."""
    scope = headless(home)
    Path(layout.record_path(scope.session.data_dir)).write_bytes(b"\xff\0")
    assert [type(one) for one in look(scope)] == [Unseen]


@pytest.mark.parametrize("where", [".config", ".local/share"])
def test_a_backend_of_plain_text_is_named_with_its_line(home: Path, where: str) -> None:
    """In keyring's configuration, at its place of today and of old."""
    path = home / where / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir(parents=True)
    path.write_text("[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\n")
    (found,) = only(Finding, look(make_scope(home)))
    assert (found.kind.id, found.place.path, found.place.line) == (
        "keychain/plain-text",
        str(path),
        2,
    )


def test_a_backend_that_the_shell_chooses_is_named(home: Path) -> None:
    """By the variable that keyring reads."""
    scope = make_scope(home, PYTHON_KEYRING_BACKEND="keyrings.alt.file.PlaintextKeyring")
    (found,) = only(Finding, look(scope))
    assert found.step == "unset PYTHON_KEYRING_BACKEND"


def test_other_backends_are_fine(home: Path) -> None:
    """What encrypts is nobody's business."""
    path = home / ".config" / "python_keyring" / "keyringrc.cfg"
    path.parent.mkdir(parents=True)
    path.write_text("[backend]\ndefault-keyring=keyring.backends.SecretService.Keyring\n")
    assert list(look(make_scope(home))) == []


def test_what_the_real_backend_has_written_is_found(home: Path) -> None:
    """keyrings.alt's file of passwords, written by keyring itself; none of them is said."""
    real.need("keyring-alt")
    environ = {
        **make_scope(home).session.environ,
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
    }
    command = ["keyring-alt", "set", "pypi.example", "ana"]
    subprocess.run(command, env=environ, input=b"tr0ubadour-9q\n", check=True, timeout=60)
    results = list(look(make_scope(home)))
    assert kinds(results) == ["keychain/plain-text"]
    assert not says(results, "tr0ub")
