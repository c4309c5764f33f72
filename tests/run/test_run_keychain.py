"""`devkeys run` with the identity in a real gnome-keyring."""

import secrets
import signal
import subprocess
import time
from pathlib import Path

import checkout
import pytest
from command import DEVKEYS
from gnome_keyring import GnomeKeyring, keyring, private_bus
from real import need

__all__ = ["keyring"]


class Chat:
    """A checkout whose secret is stored, with its key in the keyring."""

    def __init__(self, folder: Path, ring: GnomeKeyring) -> None:
        self.folder = folder
        self.env = dict(ring.env)
        self.home = Path(ring.env["HOME"])
        self.value = secrets.token_hex(16)

    def devkeys(
        self, *words: str, given: str = "", **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run devkeys in the session of the keyring."""
        return subprocess.run(
            [*DEVKEYS, *words],
            cwd=self.folder,
            env=self.env | env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def wait_at_most(self, seconds: float) -> None:
        """Configure how long a keychain may take."""
        folder = self.home / ".config" / "devkeys"
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f"wait = {seconds}\n")


@pytest.fixture
def chat(tmp_path: Path, keyring: GnomeKeyring) -> Chat:  # a fixture's own name
    """Make a checkout, allow it and store its secret, with the real commands."""
    made = Chat(checkout.make(tmp_path / "chat", "LLM_API_KEY=\nLLM_MODEL=small\n"), keyring)
    assert made.devkeys("allow", "--yes").returncode == 0
    done = made.devkeys("set", "LLM_API_KEY", given=made.value)
    assert done.returncode == 0, done.stderr
    return made


def test_child_gets_the_value(chat: Chat) -> None:
    """The identity is fetched from the keyring, and the child gets the value."""
    done = chat.devkeys("run", "--", "printenv", "LLM_API_KEY")

    assert (done.stdout, done.stderr) == (chat.value + "\n", "")


def test_identity_is_in_the_keyring_and_in_no_file(chat: Chat) -> None:
    """No file holds the identity or the value in plain text."""
    data = chat.home / ".local" / "share" / "devkeys"
    everything = b"".join(path.read_bytes() for path in chat.home.rglob("*") if path.is_file())

    assert not (data / "identity").exists()
    assert b"AGE-SECRET-KEY" not in everything
    assert chat.value.encode() not in everything


def test_other_programs_read_the_identity(chat: Chat) -> None:
    """`secret-tool` and `keyring get` read the item, and `age` decrypts the store with it."""
    need("secret-tool", "age")
    lookup = ["secret-tool", "lookup", "service", "devkeys", "username", "identity"]
    identity = subprocess.run(lookup, env=chat.env, capture_output=True, text=True, check=True)
    by_keyring = subprocess.run(
        [DEVKEYS[0], "-P", "-m", "keyring", "get", "devkeys", "identity"],
        env=chat.env,
        capture_output=True,
        text=True,
        check=True,
    )
    decrypted = subprocess.run(
        ["age", "-d", "-i", "-", str(chat.home / ".local/share/devkeys/projects/chat/dev.age")],
        input=identity.stdout,
        capture_output=True,
        text=True,
        check=True,
    )

    assert identity.stdout.strip() == by_keyring.stdout.strip()
    assert f"LLM_API_KEY\0{chat.value}\0" in decrypted.stdout


def test_absent(chat: Chat) -> None:
    """Without a bus the keychain is absent: said so, with no other identity made."""
    with private_bus() as empty:
        env = {"DBUS_SESSION_BUS_ADDRESS": empty.address}
        done = chat.devkeys("run", "--", "true", **env)
        again = chat.devkeys("set", "LLM_API_KEY", given="other", **env)

    assert (done.returncode, again.returncode) == (125, 3)
    assert "no Secret Service" in done.stderr or "keychain" in done.stderr
    assert not (chat.home / ".local/share/devkeys/identity").exists()


def test_locked(chat: Chat, keyring: GnomeKeyring) -> None:  # a fixture's own name
    """A locked keyring is said to be locked, and is not taken for an empty one."""
    chat.wait_at_most(1)
    keyring.lock()

    done = chat.devkeys("run", "--", "true")

    assert done.returncode == 125
    assert "lock" in done.stderr
    assert "missing" not in done.stderr


def test_slow(chat: Chat, keyring: GnomeKeyring) -> None:  # a fixture's own name
    """A keyring that does not answer is waited for, aloud, and ends as `could not ask`."""
    chat.wait_at_most(1.5)
    chat.devkeys("run", "--", "true")
    keyring.freeze()
    try:
        done = chat.devkeys("run", "--", "true")
    finally:
        keyring.thaw()

    assert done.returncode == 125
    assert "devkeys: waiting for the keychain" in done.stderr
    assert "did not answer within 1.5 s" in done.stderr


def test_slow_one_that_answers_in_the_end(
    chat: Chat,
    keyring: GnomeKeyring,  # a fixture's own name
) -> None:
    """A keyring that answers after a while is still right."""
    keyring.freeze()
    process = subprocess.Popen(
        [*DEVKEYS, "run", "--", "printenv", "LLM_API_KEY"],
        cwd=chat.folder,
        env=chat.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "waiting for the keychain" in process.stderr.readline()
    keyring.thaw()
    out, _ = process.communicate(timeout=20)

    assert out == chat.value + "\n"


def test_ctrl_c_ends_the_waiting(
    chat: Chat,
    keyring: GnomeKeyring,  # a fixture's own name
) -> None:
    """Ctrl-C while the keychain is waited for ends at once, cleanly, with 130."""
    keyring.freeze()
    try:
        process = subprocess.Popen(
            [*DEVKEYS, "run", "--", "true"],
            cwd=chat.folder,
            env=chat.env,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert "waiting for the keychain" in process.stderr.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=10)
    finally:
        keyring.thaw()

    assert (process.returncode, rest) == (130, "")
    assert time.monotonic() - began < 5


def test_item_deleted(chat: Chat) -> None:
    """A deleted identity is not replaced; the values stay, and the message says what to do."""
    need("secret-tool")
    clear = ["secret-tool", "clear", "service", "devkeys", "username", "identity"]
    subprocess.run(clear, env=chat.env, check=True)
    file = chat.home / ".local/share/devkeys/projects/chat/dev.age"
    before = file.read_bytes()

    run = chat.devkeys("run", "--", "true")
    again = chat.devkeys("set", "LLM_API_KEY", given="other")

    assert (run.returncode, again.returncode) == (125, 3)
    assert "the keychain item devkeys/identity is gone" in run.stderr
    assert "devkeys: hint: restore" in run.stderr
    assert file.read_bytes() == before


def test_exported_values_need_no_keychain(
    chat: Chat,
    keyring: GnomeKeyring,  # a fixture's own name
) -> None:
    """Where everything is exported a keychain that is gone does not keep the command back."""
    keyring.kill()

    done = chat.devkeys(
        "run", "--", "printenv", "LLM_API_KEY", LLM_API_KEY="mine", LLM_MODEL="mine"
    )

    assert done.stdout == "mine\n"
    assert "could not be asked" in done.stderr
