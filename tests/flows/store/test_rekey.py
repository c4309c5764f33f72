"""`devkeys store rekey`, as a whole: its files, its readers, its passphrase, its interruption."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import checkout
import pytest
import quick_scrypt
from command import DEVKEYS, devkeys, environment
from gnome_keyring import GnomeKeyring, keyring
from new_store import key
from real import absent, need
from store_states import check, check_settled, load, record_of

from devkeys import atomic
from devkeys.flows.store import finishing, rekey
from devkeys.store import layout, resealing
from devkeys.store.record import PASSPHRASE, Record, write_record

__all__ = ["keyring"]


@pytest.fixture
def chat(tmp_path: Path, home: Path) -> Path:
    """Make a checkout with two values, one of which had another before."""
    folder = checkout.make(tmp_path / "chat", "A_API_KEY=\nB_API_KEY=\n")
    checkout.allowed(folder, home)
    for value in ("earlier", "present"):
        checkout.store(folder, home, A_API_KEY=value, B_API_KEY="b")
    return folder


EXPECTED = {("chat", "dev"): {"A_API_KEY": b"present", "B_API_KEY": b"b"}}


def _store(home: Path) -> tuple[str, str]:
    session = checkout.session(home)
    return session.data_dir, session.state_dir


def test_it_says_what_it_does_and_does_not(chat: Path, home: Path) -> None:
    """Before it is agreed to: copies stay readable, values that leaked are to be replaced."""
    refused = devkeys("store", "rekey", cwd=chat, home=home)
    assert refused.returncode == 2
    assert b"--yes does not ask" in refused.stderr
    done = devkeys("store", "rekey", "--yes", cwd=chat, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert b"The old key opens what was\ncopied before" in done.stderr
    assert b"the store has a new key" in done.stderr
    check(*_store(home), EXPECTED)
    check_settled(_store(home)[0])


def test_age_opens_all_with_the_new_identity_and_nothing_with_the_old(
    chat: Path, home: Path, tmp_path: Path
) -> None:
    """With the real age: nobody needs devkeys to get at the values."""
    need("age")
    data_dir, _ = _store(home)
    old = tmp_path / "old"
    new = Path(layout.identity_path(data_dir))
    old.write_bytes(new.read_bytes())
    assert devkeys("store", "rekey", "--yes", cwd=chat, home=home).returncode == 0
    paths = resealing.list_sealed(data_dir)
    assert len(paths) == 3
    for path in paths:
        for identity, code in ((new, 0), (old, 1)):
            command = ["age", "-d", "-i", str(identity), path]
            assert subprocess.run(command, capture_output=True, check=False).returncode == code


def test_no_store_is_an_error(chat: Path, tmp_path: Path) -> None:
    """Nothing is made."""
    other = tmp_path / "other"
    other.mkdir()
    done = devkeys("store", "rekey", "--yes", cwd=chat, home=other)
    assert done.returncode == 3
    assert b"there is no store in" in done.stderr
    assert b"no key of their own" not in done.stderr


def test_confirmed_profiles_without_a_key_are_an_error(chat: Path, home: Path) -> None:
    """There is nothing to replace."""
    done = devkeys("store", "rekey", "--confirmed", "--yes", cwd=chat, home=home)
    assert done.returncode == 3
    assert b"no key of their own yet" in done.stderr


@pytest.mark.parametrize(
    ("call", "when"),
    [("rename", when) for when in (2, 4, 5, 7, 8, 9, 10, 12, 14)] + [("unlink", 2), ("fsync", 9)],
)
def test_a_killed_rekey_costs_nothing(chat: Path, home: Path, call: str, when: int) -> None:
    """Every command works afterwards, and the next rekey finishes it."""
    need("strace")
    inject = f"inject={call}:signal=KILL:when={when}"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject, *DEVKEYS, "store", "rekey", "-y"],
        cwd=chat,
        env=environment(home),
        capture_output=True,
        check=False,
    )
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert done.returncode == -signal.SIGKILL
    check(*_store(home), EXPECTED)
    assert devkeys("run", "--", "printenv", "A_API_KEY", cwd=chat, home=home).stdout == b"present\n"
    assert devkeys("set", "B_API_KEY", cwd=chat, home=home, given=b"b").returncode == 0
    again = devkeys("store", "rekey", "--yes", cwd=chat, home=home)
    assert again.returncode == 0, again.stderr
    check(*_store(home), EXPECTED)
    check_settled(_store(home)[0])


@pytest.mark.parametrize("when", [1, 4, 8, 12])
def test_a_full_disk_costs_nothing(chat: Path, home: Path, when: int) -> None:
    """It is said that it is not finished; when there is room again, the next one finishes."""
    need("strace")
    inject = f"inject=fsync:error=ENOSPC:when={when}+"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject, *DEVKEYS, "store", "rekey", "-y"],
        cwd=chat,
        env=environment(home),
        capture_output=True,
        check=False,
    )
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert done.returncode == 3, done.stderr
    assert b"no space left" in done.stderr
    assert b"devkeys: hint: " in done.stderr
    check(*_store(home), EXPECTED)
    assert devkeys("store", "rekey", "--yes", cwd=chat, home=home).returncode == 0
    check(*_store(home), EXPECTED)
    check_settled(_store(home)[0])


READER = """
import sys, os
from devkeys import opening
from devkeys.session import Session
stop, count = sys.argv[1], 0
session = Session(dict(os.environ))
while not os.path.exists(stop):
    (found,) = opening.read_layers(session, {"chat": None}, "dev", confirm=False)
    assert found.values["A_API_KEY"].reveal() == b"present"
    count += 1
print(count)
"""


def test_those_who_read_meanwhile_never_fail(chat: Path, home: Path, tmp_path: Path) -> None:
    """Two readers without a pause, beside rekeys one after the other."""
    stop = tmp_path / "stop"
    command = [sys.executable, "-c", READER, str(stop)]
    readers = [
        subprocess.Popen(
            command,
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    session = checkout.session(home)
    deadline = time.monotonic() + 8
    rekeys = 0
    while time.monotonic() < deadline:
        rekey.rekey(session, confirmed=False, yes=True)
        rekeys += 1
    stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=30)
        assert reader.returncode == 0, err
        assert int(out) > rekeys
    assert rekeys > 3
    check_settled(session.data_dir)
    assert chat.exists()


def test_two_at_once_leave_one_key(chat: Path, home: Path) -> None:
    """One of them may have to be repeated; none makes the other's key a second one."""
    session = checkout.session(home)
    codes: list[int] = []

    def run() -> None:
        codes.append(devkeys("store", "rekey", "--yes", cwd=chat, home=home).returncode)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(codes) <= {0, 3}
    assert 0 in codes
    check(*_store(home), EXPECTED)
    check_settled(session.data_dir)


def test_the_passphrase_stays(chat: Path, home: Path, tmp_path: Path) -> None:
    """It is asked for once, tried on the old file, and protects the new one."""
    data_dir, _ = _store(home)
    word = tmp_path / "word"
    word.write_text("a passphrase\n")
    plain = Path(layout.identity_path(data_dir)).read_bytes()
    atomic.write(layout.identity_path(data_dir), quick_scrypt.seal(plain, "a passphrase"))
    own = record_of(data_dir).own
    write_record(data_dir, Record(own.but(kind=PASSPHRASE)))
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    before = Path(layout.identity_path(data_dir)).read_bytes()
    refused = devkeys(
        "store",
        "rekey",
        "--yes",
        cwd=chat,
        home=home,
        env={"DEVKEYS_PASSPHRASE_FILE": str(wrong)},
    )
    assert refused.returncode == 3
    assert Path(layout.identity_path(data_dir)).read_bytes() == before
    env = {"DEVKEYS_PASSPHRASE_FILE": str(word)}
    done = devkeys("store", "rekey", "--yes", cwd=chat, home=home, env=env)
    assert done.returncode == 0, done.stderr
    after = Path(layout.identity_path(data_dir)).read_bytes()
    assert after != before
    assert after.startswith(b"age-encryption.org/v1\n-> scrypt ")
    got = devkeys("get", "A_API_KEY", "--reveal", cwd=chat, home=home, env=env)
    assert got.stdout == b"present", got.stderr
    assert record_of(data_dir).own.kind == PASSPHRASE


def test_the_keychains_item_is_replaced(tmp_path: Path, keyring: GnomeKeyring) -> None:
    """In a real gnome-keyring: one item, another identity."""
    home = Path(keyring.env["HOME"])
    folder = checkout.make(tmp_path / "chat", "A_API_KEY=\n")
    value = key().decode()

    def run(*words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*DEVKEYS, *words],
            cwd=folder,
            env=keyring.env,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    assert run("allow", "--yes").returncode == 0
    assert run("set", "A_API_KEY", given=value).returncode == 0
    assert run("store", "rekey", "--yes").returncode == 0
    assert run("get", "A_API_KEY", "--reveal").stdout == value
    assert len(keyring.items()) == 1
    keyring.lock()
    locked = subprocess.run(
        [*DEVKEYS, "store", "rekey", "--yes"],
        cwd=folder,
        env=keyring.env | {"CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert locked.returncode == 3, locked.stderr
    keyring.unlock()
    assert run("get", "A_API_KEY", "--reveal").stdout == value
    assert home.exists()


def test_finish_says_what_it_did(chat: Path, home: Path) -> None:
    """Nothing, where nothing was left."""
    session = checkout.session(home)
    assert finishing.finish(session) == []
    found = load(session.data_dir)
    path = layout.next_path(session.data_dir, "identity")
    Path(path).write_bytes(b"left")
    os.chmod(path, 0o600)
    finishing.finish(session)
    assert not os.path.exists(path)
    assert load(session.data_dir).secret == found.secret
    assert chat.exists()
