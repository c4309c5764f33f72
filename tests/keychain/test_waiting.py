"""Waiting for a keychain that is there and does not answer."""

import os
import pty
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import pytest
from gnome_keyring import GnomeKeyring
from keychain_scripts import READ, finish, start, wait_line

from devkeys.keychain.errors import KeychainTimeoutError
from devkeys.keychain.items import SecretService
from devkeys.keychain.waiting import Patience
from devkeys.secret import Secret

LINE = "devkeys: waiting for the keychain\n"


@pytest.fixture
def silent_bus() -> Iterator[dict[str, str]]:
    """Listen as a bus that accepts and never answers; gives the environment that names it."""
    with (
        tempfile.TemporaryDirectory(prefix="dk-", dir="/tmp") as root,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        listener.bind(f"{root}/bus")
        listener.listen()
        address = f"unix:path={root}/bus"
        yield {"PATH": os.environ["PATH"], "HOME": root, "DBUS_SESSION_BUS_ADDRESS": address}


def test_an_answer_at_once_is_not_commented(keyring: GnomeKeyring) -> None:
    """Nothing is said where nothing is waited for."""
    assert finish(start(READ, "5", env=keyring.env)) == ("None\n", "")


def test_a_slow_daemon_is_waited_for(keyring: GnomeKeyring) -> None:
    """After a second one line says so, and a late answer still counts."""
    value = secrets.token_hex(20)
    SecretService(environ=keyring.env).set("devkeys", "identity", Secret(value.encode()))
    keyring.freeze()
    begin = time.monotonic()
    process = start(READ, "20", env=keyring.env)
    assert wait_line(process) == LINE
    assert time.monotonic() - begin >= 1
    keyring.thaw()
    assert finish(process) == (f"{value}\n", "")


def test_without_a_terminal_the_limit_ends_it(keyring: GnomeKeyring) -> None:
    """Nobody can end the waiting of a cron job, so the limit does; this is not absence."""
    keyring.freeze()
    out, err = finish(start(READ, "0.2", env=keyring.env))
    assert out.startswith("KeychainTimeoutError the keychain did not answer within 0.2 s")
    assert err == LINE


def test_a_bus_that_never_answers_ends_at_the_limit(silent_bus: dict[str, str]) -> None:
    """A bus that accepts a connection and stays silent is slow, too."""
    out, _ = finish(start(READ, "0.2", env=silent_bus))
    assert out.startswith("KeychainTimeoutError")


def test_at_a_terminal_the_limit_does_not_count(keyring: GnomeKeyring) -> None:
    """A person who looks for the password is not cut off."""
    SecretService(environ=keyring.env).set("devkeys", "identity", Secret(b"late"))
    keyring.freeze()
    ours, theirs = pty.openpty()
    try:
        process = start(READ, "0.1", env=keyring.env, stdin=theirs)
        assert wait_line(process) == LINE
        time.sleep(0.3)
        assert process.poll() is None
        keyring.thaw()
        assert finish(process) == ("late\n", "")
    finally:
        os.close(ours)
        os.close(theirs)


def test_ctrl_c_ends_the_waiting_at_once(keyring: GnomeKeyring) -> None:
    """An interrupt leaves no traceback."""
    keyring.freeze()
    process = start(READ, "0", env=keyring.env)
    assert wait_line(process) == LINE
    process.send_signal(signal.SIGINT)
    begin = time.monotonic()
    assert finish(process) == ("interrupted\n", "")
    assert time.monotonic() - begin < 5


def test_a_probes_limit_counts_everywhere_and_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    """A strict limit ends without a word, terminal or not."""
    patience = Patience(0.01, strict=True)
    time.sleep(0.02)
    with pytest.raises(KeychainTimeoutError):
        patience.left()
    assert capfd.readouterr().err == ""


def test_a_locked_keychain_is_called_so(capfd: pytest.CaptureFixture[str]) -> None:
    """The line tells the user that it is the unlocking that is waited for."""
    patience = Patience(0, locked=True)
    patience._start -= 5
    patience.left()
    assert "was not unlocked" in str(patience.over())
    assert capfd.readouterr().err == "devkeys: waiting for the keychain to be unlocked\n"


def test_the_line_is_written_once(capfd: pytest.CaptureFixture[str]) -> None:
    """However often time passes, it is said once."""
    patience = Patience(0)
    patience._start -= 5
    assert patience.left() is None
    assert patience.left() is None
    assert capfd.readouterr().err == LINE


def test_a_closed_stderr_does_not_matter(keyring: GnomeKeyring) -> None:
    """What cannot be said is left unsaid, above all into the socket that has its number then."""
    keyring.freeze()
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-c", READ, "1.2"]
    done = subprocess.run(
        command,
        env=keyring.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=True,
        timeout=20,
    )
    assert done.stdout.startswith(b"KeychainTimeoutError")
