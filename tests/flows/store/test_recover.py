"""`devkeys store recovery-key` and `recover`: what is printed once brings everything back."""

import os
import stat
import subprocess
from pathlib import Path

import checkout
import pytest
import quick_scrypt
from command import DEVKEYS, devkeys, environment
from gnome_keyring import GnomeKeyring, keyring
from real import need
from store_states import check, check_settled, load, opened_by, record_of
from terminal import Terminal

from devkeys.keychain.items import SecretService
from devkeys.secret import Secret
from devkeys.store import envelope, layout, recovery, rekeying
from devkeys.store.record import OWN

__all__ = ["keyring"]

WORD = "kept elsewhere"
EXPECTED = {("chat", "dev"): {"A_API_KEY": b"present"}}


@pytest.fixture
def chat(tmp_path: Path, home: Path) -> Path:
    """Make a checkout with a value that had another before, and a file with a passphrase."""
    folder = checkout.make(tmp_path / "chat", "A_API_KEY=\n")
    checkout.allowed(folder, home)
    for value in ("earlier", "present"):
        checkout.store(folder, home, A_API_KEY=value)
    (tmp_path / "word").write_text(WORD + "\n")
    return folder


def _store(home: Path) -> tuple[str, str]:
    session = checkout.session(home)
    return session.data_dir, session.state_dir


def _give(home: Path, text: Path) -> Secret:
    """Give the store a recovery key, whose text is quick to open."""
    data_dir, _ = _store(home)
    secret = envelope.new_identity()
    recovery.change(data_dir, {OWN: (load(data_dir).secret,)}, rekeying.recipient(secret))
    text.write_bytes(quick_scrypt.seal(secret.reveal() + b"\n", WORD))
    return secret


def _recover(chat: Path, home: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    place = str(chat.parent / "word")
    return devkeys("store", "recover", "--passphrase-file", place, *words, cwd=chat, home=home)


def test_the_text_is_all_that_is_printed(chat: Path, home: Path, tmp_path: Path) -> None:
    """On stdout, so that it can be printed; recover takes it from there, and so does age."""
    need("age")
    word = str(tmp_path / "word")
    done = devkeys(
        *("store", "recovery-key", "--yes", "--passphrase-file", word), cwd=chat, home=home
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
    assert done.stdout.endswith(b"-----END AGE ENCRYPTED FILE-----\n")
    assert b"AGE-SECRET-KEY" not in done.stdout + done.stderr
    data_dir, _ = _store(home)
    recipient = record_of(data_dir).recovery.encode()
    assert recipient
    assert recipient not in done.stdout + done.stderr
    os.unlink(layout.identity_path(data_dir))
    again = devkeys(
        *("store", "recover", "--passphrase-file", word), cwd=chat, home=home, given=done.stdout
    )
    assert again.returncode == 0, again.stderr
    check(*_store(home), EXPECTED)
    check_settled(data_dir)


def test_it_may_go_to_a_new_file(chat: Path, home: Path, tmp_path: Path) -> None:
    """Of mode 0600; one that is there is not replaced, and nothing is changed then."""
    data_dir, _ = _store(home)
    there = tmp_path / "there"
    there.write_text("mine")
    words = ("store", "recovery-key", "--yes", "--passphrase-file", str(tmp_path / "word"))
    refused = devkeys(*words, "--to", str(there), cwd=chat, home=home)
    assert refused.returncode == 2
    assert there.read_text() == "mine"
    assert record_of(data_dir).recovery == ""
    done = devkeys(*words, "--to", str(tmp_path / "new"), cwd=chat, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600
    assert record_of(data_dir).recovery


def test_without_a_terminal_nobody_says_that_it_is_kept(chat: Path, home: Path) -> None:
    """Then nothing is made."""
    done = devkeys("store", "recovery-key", cwd=chat, home=home)
    assert done.returncode == 2
    assert done.stdout == b""
    assert record_of(_store(home)[0]).recovery == ""


@pytest.mark.parametrize(("answer", "kept"), [("yes", True), ("no", False)])
def test_at_a_terminal_it_has_to_be_kept(chat: Path, home: Path, answer: str, kept: bool) -> None:
    """Only then files are sealed to it."""
    terminal = Terminal(
        [*DEVKEYS, "store", "recovery-key"],
        {**environment(home), "TERM": "xterm-256color"},
        str(chat),
        prompt="new passphrase of the recovery key:",
    )
    with terminal as screen:
        screen.wait("2004h")
        screen.send(WORD + "\r")
        screen.wait("once more:")
        screen.wait("2004h")
        screen.send(WORD + "\r")
        screen.wait("-----END AGE ENCRYPTED FILE-----")
        screen.wait("Then type yes:")
        screen.send(answer + "\r")
        assert screen.ended() == (0 if kept else 2)
    assert WORD not in screen.screen
    assert bool(record_of(_store(home)[0]).recovery) == kept
    check_settled(_store(home)[0])


def test_it_can_be_taken_away(chat: Path, home: Path, tmp_path: Path) -> None:
    """It opens nothing any more."""
    secret = _give(home, tmp_path / "text")
    done = devkeys("store", "recovery-key", "--remove", "--yes", cwd=chat, home=home)
    assert done.returncode == 0, done.stderr
    assert opened_by(_store(home)[0], secret) == 0
    none = devkeys("store", "recovery-key", "--remove", "--yes", cwd=chat, home=home)
    assert none.returncode == 3
    assert b"has no recovery key" in none.stderr


def test_a_lost_file_is_made_good(chat: Path, home: Path, tmp_path: Path) -> None:
    """The next run gets its values."""
    _give(home, tmp_path / "text")
    data_dir, _ = _store(home)
    os.unlink(layout.identity_path(data_dir))
    lost = devkeys("run", "--", "printenv", "A_API_KEY", cwd=chat, home=home)
    assert b"devkeys store recover" in lost.stderr
    done = _recover(chat, home, str(tmp_path / "text"))
    assert done.returncode == 0, done.stderr
    run = devkeys("run", "--", "printenv", "A_API_KEY", cwd=chat, home=home)
    assert run.stdout == b"present\n"
    check_settled(data_dir)


def test_a_store_that_is_not_lost_gets_a_new_key_too(
    chat: Path, home: Path, tmp_path: Path
) -> None:
    """The old one opens nothing afterwards."""
    _give(home, tmp_path / "text")
    data_dir, _ = _store(home)
    old = load(data_dir).secret
    assert _recover(chat, home, str(tmp_path / "text")).returncode == 0
    check(*_store(home), EXPECTED)
    check_settled(data_dir)
    assert opened_by(data_dir, old) == 0


def _as_it_was(data_dir: str) -> dict[str, bytes]:
    return {
        os.path.join(folder, name): Path(folder, name).read_bytes()
        for folder, _, names in os.walk(data_dir)
        for name in names
        if name != "lock"
    }


@pytest.mark.parametrize("case", ["passphrase", "text", "half", "other", "none", "directory"])
def test_what_does_not_fit_is_one_error(chat: Path, home: Path, tmp_path: Path, case: str) -> None:
    """And nothing is changed."""
    text = tmp_path / "text"
    _give(home, text)
    word = {"passphrase": "another", "other": WORD}.get(case, WORD)
    (tmp_path / "word").write_text(word)
    if case == "text":
        text.write_text("my shopping list")
    elif case == "half":
        text.write_bytes(text.read_bytes()[:-30])
    elif case == "other":
        text.write_bytes(quick_scrypt.seal(envelope.new_identity().reveal() + b"\n", WORD))
    elif case == "none":
        text.unlink()
    elif case == "directory":
        text.unlink()
        text.mkdir()
    before = _as_it_was(_store(home)[0])
    done = _recover(chat, home, str(text))
    assert done.returncode in (2, 3)
    assert done.stderr.count(b"devkeys: error: ") == 1
    assert b"devkeys: hint: " in done.stderr
    assert b"Traceback" not in done.stderr
    assert _as_it_was(_store(home)[0]) == before


def test_what_cannot_be_opened_is_told(chat: Path, home: Path, tmp_path: Path) -> None:
    """The rest is had back; the exit code says that there is something left."""
    _give(home, tmp_path / "text")
    data_dir, _ = _store(home)
    path = layout.before_path(data_dir, "chat", "dev")
    Path(path).unlink()
    Path(path).write_bytes(b"damaged")
    os.chmod(path, 0o600)
    os.unlink(layout.identity_path(data_dir))
    done = _recover(chat, home, str(tmp_path / "text"))
    assert done.returncode == 1
    assert f"cannot be opened, and is left as it is: {path}".encode() in done.stderr
    got = devkeys("get", "A_API_KEY", "--reveal", cwd=chat, home=home)
    assert got.stdout == b"present"


class Desk:
    """A checkout in the session of a real gnome-keyring."""

    def __init__(self, folder: Path, ring: GnomeKeyring) -> None:
        self.folder = folder
        self.ring = ring
        self.keychain = SecretService(environ=ring.env)
        self.data_dir = str(Path(ring.env["HOME"]) / ".local" / "share" / "devkeys")

    def run(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run devkeys there."""
        return subprocess.run(
            [*DEVKEYS, *words],
            cwd=self.folder,
            env=self.ring.env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def give(self, text: Path) -> None:
        """Give the store a recovery key, whose text is quick to open."""
        own = self.keychain.get("devkeys", "identity")
        assert own is not None
        secret = envelope.new_identity()
        recovery.change(self.data_dir, {OWN: (own,)}, rekeying.recipient(secret))
        text.write_bytes(quick_scrypt.seal(secret.reveal() + b"\n", WORD))

    def reads(self) -> bool:
        """Say whether a run gets the value."""
        return self.run("run", "--", "printenv", "A_API_KEY").stdout == "present\n"


@pytest.fixture
def desk(tmp_path: Path, keyring: GnomeKeyring) -> Desk:
    """Make a checkout with a value, in a session with a keychain."""
    (tmp_path / "word").write_text(WORD)
    made = Desk(checkout.make(tmp_path / "chat", "A_API_KEY=\n"), keyring)
    assert made.run("allow", "--yes").returncode == 0
    done = made.run("set", "A_API_KEY", given="present")
    assert done.returncode == 0, done.stderr
    return made


def test_a_deleted_keychain_item_is_made_good(desk: Desk, tmp_path: Path) -> None:
    """In a real gnome-keyring; the new identity is in it."""
    text = tmp_path / "text"
    desk.give(text)
    desk.keychain.delete("devkeys", "identity")
    assert not desk.reads()
    words = ("--passphrase-file", str(tmp_path / "word"), str(text))
    done = desk.run("store", "recover", *words)
    assert done.returncode == 0, done.stderr
    assert "the keychain item devkeys/identity" in done.stderr
    assert desk.reads()
    check_settled(desk.data_dir, desk.keychain.get)


def test_another_stores_item_is_not_replaced(desk: Desk, tmp_path: Path) -> None:
    """The new identity can go to a file then."""
    text = tmp_path / "text"
    desk.give(text)
    other = envelope.new_identity()
    desk.keychain.set("devkeys", "identity", other)
    words = ("--passphrase-file", str(tmp_path / "word"), str(text))
    refused = desk.run("store", "recover", *words)
    assert refused.returncode == 3
    assert "is not this store's" in refused.stderr
    done = desk.run("store", "recover", "--to", "file", *words)
    assert done.returncode == 0, done.stderr
    assert desk.reads()
    assert desk.keychain.get("devkeys", "identity") == other


def test_the_old_item_does_not_stay_behind(desk: Desk, tmp_path: Path) -> None:
    """A recovery into a file takes it away, so that the key can go into the keychain later."""
    text = tmp_path / "text"
    desk.give(text)
    words = ("--to", "file", "--passphrase-file", str(tmp_path / "word"), str(text))
    done = desk.run("store", "recover", *words)
    assert done.returncode == 0, done.stderr
    assert desk.keychain.get("devkeys", "identity") is None
    assert desk.run("store", "move", "keychain").returncode == 0
    assert desk.reads()


def test_a_lost_record_beside_its_keychain_item(desk: Desk, tmp_path: Path) -> None:
    """Repair is what helps there: the item opens everything and must not be replaced."""
    text = tmp_path / "text"
    desk.give(text)
    for path in (layout.record_path, layout.record_copy_path):
        os.unlink(path(desk.data_dir))
    own = desk.keychain.get("devkeys", "identity")
    done = desk.run("store", "recover", "--passphrase-file", str(tmp_path / "word"), str(text))
    assert done.returncode == 3
    assert "devkeys store repair" in done.stderr
    assert desk.keychain.get("devkeys", "identity") == own


def test_the_key_moves_out_of_the_keychain_and_back(desk: Desk) -> None:
    """It is in one place only each time, and opens the store from there."""
    asked = desk.run("store", "move", "file")
    assert asked.returncode == 2
    assert "--no-passphrase" in asked.stderr
    done = desk.run("store", "move", "file", "--no-passphrase")
    assert done.returncode == 0, done.stderr
    assert "only its mode protects" in done.stderr
    assert desk.keychain.get("devkeys", "identity") is None
    assert os.path.exists(layout.identity_path(desk.data_dir))
    assert desk.reads()
    done = desk.run("store", "move", "keychain")
    assert done.returncode == 0, done.stderr
    assert not os.path.exists(layout.identity_path(desk.data_dir))
    assert desk.reads()
    again = desk.run("store", "move", "keychain")
    assert again.returncode == 0
    assert "already" in again.stderr


def test_a_copy_that_a_killed_move_left_goes_at_the_next(desk: Desk) -> None:
    """The user took the key out of the keychain: it must not stay there unnoticed."""
    own = desk.keychain.get("devkeys", "identity")
    assert own is not None
    assert desk.run("store", "move", "file", "--no-passphrase").returncode == 0
    desk.keychain.set("devkeys", "identity", own)
    done = desk.run("store", "move", "file", "--no-passphrase")
    assert done.returncode == 0, done.stderr
    assert "removed a copy of the store's key: the keychain item devkeys/identity" in done.stderr
    assert desk.keychain.get("devkeys", "identity") is None
    assert desk.reads()


def test_a_locked_keychain_changes_nothing(desk: Desk) -> None:
    """What it raises goes through."""
    assert desk.run("store", "move", "file", "--no-passphrase").returncode == 0
    desk.ring.lock()
    done = desk.run("store", "move", "keychain")
    assert done.returncode == 3
    assert os.path.exists(layout.identity_path(desk.data_dir))
    assert desk.reads()
    desk.ring.unlock()
    assert desk.run("store", "move", "keychain").returncode == 0
    assert desk.reads()


def test_there_is_no_other_place(desk: Desk) -> None:
    """A wrong word is a usage error."""
    done = desk.run("store", "move", "cloud")
    assert done.returncode == 2
    assert "keychain|file" in done.stderr


def test_a_store_without_recovery_key_says_so_before_it_asks(desk: Desk, tmp_path: Path) -> None:
    """Nobody is to look for the passphrase of a key that opens nothing."""
    text = tmp_path / "text"
    desk.give(text)
    assert desk.run("store", "recovery-key", "--remove", "--yes").returncode == 0
    missing = str(tmp_path / "not there")
    done = desk.run("store", "recover", "--passphrase-file", missing, str(text))
    assert done.returncode == 3
    assert "the store has no recovery key, so none opens it" in done.stderr
