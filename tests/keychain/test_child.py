"""keyring in a process of its own: values come through, hangs and crashes are ended."""

import os
import signal
import time
from pathlib import Path

import pytest
from gnome_keyring import GnomeKeyring
from keychain_scripts import finish, is_running, start, wait_line
from keyring_backends import environ

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.child import Keyring, _found
from devkeys.keychain.errors import KeychainLockedError, KeychainRefusedError, UnfitError
from devkeys.secret import Secret

GET = """
import sys
from devkeys.keychain.child import Keyring, _found
from devkeys.keychain.errors import UnfitError
from devkeys.errors import KeychainError
try:
    print(Keyring(limit=float(sys.argv[2])).get(sys.argv[1], "identity"))
except KeychainError as error:
    print(type(error).__name__, error)
except KeyboardInterrupt:
    print("interrupted")
"""


def child_pid(directory: Path) -> int:
    """Return the process in which the backend ran."""
    for _ in range(200):
        if (directory / "pid").exists() and (text := (directory / "pid").read_text()):
            return int(text)
        time.sleep(0.05)
    raise AssertionError("the backend was never asked")


@pytest.mark.parametrize("value", ["x", "a\nb ", "żółć\n日本", "y" * 90_000])
def test_a_value_comes_through(tmp_path: Path, value: str) -> None:
    """Text of any kind and length, though the backend prints to stdout."""
    keychain = Keyring(environ={**environ(tmp_path), "TEST_VALUE": value})
    assert keychain.get("devkeys", "identity") == Secret(value.encode())


def test_a_backend_does_not_work_in_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative entry of PATH is no way to a program that the repository brought."""
    (tmp_path / "checkout").mkdir()
    monkeypatch.chdir(tmp_path / "checkout")
    Keyring(environ=environ(tmp_path)).get("devkeys", "identity")
    assert (tmp_path / "cwd").read_text() == str(tmp_path)


def test_none_comes_through(tmp_path: Path) -> None:
    """What is not there is None."""
    assert Keyring(environ=environ(tmp_path)).get("devkeys", "identity") is None


def test_a_failure_comes_through_without_the_value(tmp_path: Path) -> None:
    """The class and the message are the child's; what the backend said is not."""
    keychain = Keyring(environ=environ(tmp_path))
    with pytest.raises(KeychainError, match="failed: RuntimeError") as caught:
        keychain.set("devkeys", "identity", Secret(b"confidential"))
    assert "confidential" not in str(caught.value)


def test_a_value_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """The library keeps text; bytes that are none are not changed into it."""
    with pytest.raises(KeychainError, match="keeps text only"):
        Keyring(environ=environ(tmp_path)).set("devkeys", "identity", Secret(b"\xff"))


def test_a_plain_text_backend_is_refused(tmp_path: Path) -> None:
    """Even one that the user configured; the hint says what to do."""
    with pytest.raises(KeychainRefusedError, match="PlaintextKeyring") as caught:
        Keyring(environ=environ(tmp_path, "PlaintextKeyring"))
    assert caught.value.hint


def test_a_missing_backend_is_an_error(tmp_path: Path) -> None:
    """A configuration that names nothing is not the same as no keychain."""
    names = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with pytest.raises(KeychainError, match="cannot be loaded") as caught:
        Keyring(environ={**names, "PYTHON_KEYRING_BACKEND": "nowhere.Keyring"})
    assert not isinstance(caught.value, KeychainAbsentError)


def test_without_any_backend_it_is_absent(tmp_path: Path) -> None:
    """A machine without a bus and a configuration has none."""
    names = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(KeychainAbsentError):
        Keyring(environ={**names, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"})


def test_a_child_that_dies_is_an_error(tmp_path: Path) -> None:
    """Silence is not None."""
    with pytest.raises(KeychainError, match="without an answer"):
        Keyring(environ=environ(tmp_path)).get("dies", "identity")


def test_a_backend_that_hangs_ends_at_the_limit(tmp_path: Path) -> None:
    """The line is written, the limit holds, and no process is left behind."""
    process = start(GET, "hangs", "1.2", env=environ(tmp_path))
    pid = child_pid(tmp_path)
    out, err = finish(process)
    assert out.startswith("KeychainTimeoutError")
    assert err == "devkeys: waiting for the keychain\n"
    assert not is_running(pid)


def test_ctrl_c_ends_a_backend_that_hangs(tmp_path: Path) -> None:
    """An interrupt of the whole group, as a terminal sends it, leaves no process and no noise."""
    process = start(GET, "hangs", "0", env=environ(tmp_path))
    pid = child_pid(tmp_path)
    assert wait_line(process) == "devkeys: waiting for the keychain\n"
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process) == ("interrupted\n", "")
    assert not is_running(pid)


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """Not even a kill of devkeys leaves a process that waits for ever."""
    process = start(GET, "hangs", "0", env=environ(tmp_path))
    pid = child_pid(tmp_path)
    process.kill()
    finish(process)
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(pid)


def test_a_repositorys_modules_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the current directory nor PYTHONPATH decides which keyring answers."""
    for name in ("keyring", "devkeys", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the repository')")
    monkeypatch.chdir(tmp_path)
    names = {**environ(tmp_path), "PYTHONPATH": str(tmp_path), "TEST_VALUE": "value"}
    assert Keyring(environ=names).get("devkeys", "identity") == Secret(b"value")


def test_the_secret_service_through_keyring(keyring: GnomeKeyring) -> None:
    """The same real item is read, written, locked and deleted through keyring."""
    keychain = Keyring(environ=keyring.env)
    assert keychain.name
    assert keychain.get("devkeys", "identity") is None
    keychain.set("devkeys", "identity", Secret(b"value"))
    assert keychain.get("devkeys", "identity") == Secret(b"value")
    keyring.lock()
    with pytest.raises(KeychainLockedError):
        keychain.get("devkeys", "identity")
    keyring.unlock()
    assert keychain.delete("devkeys", "identity")
    assert not keychain.delete("devkeys", "identity")


def test_text_that_is_none_is_an_error_without_it() -> None:
    """Half a surrogate pair is no fault of ours, and no exception holds the text."""
    found = _found({"value": "VALUE\ud800"})
    assert isinstance(found, UnfitError)
    assert found.__context__ is None
