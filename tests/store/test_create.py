"""Making the identity once, and never a second one."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import quick_scrypt
from memory_keychain import MemoryKeychain
from new_store import NewStore, key, make

from devkeys.errors import DevkeysError, KeychainAbsentError, KeychainError, StoreError
from devkeys.keychain.errors import KeychainLockedError, KeychainRefusedError, KeychainTimeoutError
from devkeys.secret import Secret
from devkeys.store import create, envelope, identity, layout
from devkeys.store.record import PASSPHRASE, read_record

ITEM = ("devkeys", "identity")


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    """Name a data directory that is not there yet."""
    return str(tmp_path / "above" / "data")


class FailingKeychain(MemoryKeychain):
    """Raises *error* whenever it is asked."""

    def __init__(self, error: KeychainError) -> None:
        super().__init__()
        self.error = error

    def get(self, service: str, account: str) -> Secret | None:  # noqa: ARG002  # the seam's
        """Fail."""
        raise self.error


class ForgetfulKeychain(MemoryKeychain):
    """Takes every item and keeps none."""

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Forget."""


def test_with_a_keychain_the_identity_is_there_only(data_dir: str) -> None:
    """No file holds it."""
    keychain = MemoryKeychain()
    made = create.create(data_dir, keychain=keychain)
    assert made.kind == "keychain"
    assert keychain.items == {ITEM: made.secret}
    for name in os.listdir(data_dir):
        assert made.secret.reveal() not in Path(data_dir, name).read_bytes()


def test_without_a_keychain_it_is_a_file(data_dir: str) -> None:
    """The answer says so, and only the user may read it."""
    made = create.create(data_dir, keychain=None)
    path = layout.identity_path(data_dir)
    assert made.kind == "file"
    assert made.secret.reveal() in Path(path).read_bytes()


def test_everything_is_the_users_alone(data_dir: str) -> None:
    """Directories 0700, files 0600, whatever the umask."""
    old = os.umask(0)
    try:
        store = make(data_dir)
        store.set("org/chat", "dev", A=key())
    finally:
        os.umask(old)
    for top in (store.data_dir, store.state_dir):
        for folder, _, names in os.walk(top):
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
            for name in names:
                assert stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode) == 0o600


def test_the_record_is_as_documented(data_dir: str) -> None:
    """Kind, account, recipient; it is a format."""
    made = create.create(data_dir, keychain=MemoryKeychain())
    assert Path(layout.record_path(data_dir)).read_text() == (
        f"devkeys-store 1\nidentity keychain\naccount identity\nrecipient {made.recipients[0]}\n"
    )
    assert made.recipients == (envelope.recipient_of(made.secret),)


def test_an_absent_keychain_decides_for_the_file(data_dir: str) -> None:
    """A machine without a keychain gets a headless store."""
    keychain = FailingKeychain(KeychainAbsentError("none here"))
    assert create.create(data_dir, keychain=keychain).kind == "file"


@pytest.mark.parametrize(
    "error", [KeychainLockedError, KeychainTimeoutError, KeychainRefusedError, KeychainError]
)
def test_no_other_failure_of_the_keychain_does(data_dir: str, error: type[KeychainError]) -> None:
    """Locked, slow or refused goes through, and nothing is made."""
    with pytest.raises(error):
        create.create(data_dir, keychain=FailingKeychain(error("not now")))
    assert os.listdir(data_dir) == ["lock"]


def test_a_keychain_that_keeps_nothing_makes_no_store(data_dir: str) -> None:
    """The item is read back before the record is written."""
    with pytest.raises(StoreError, match="did not give back what it was given"):
        create.create(data_dir, keychain=ForgetfulKeychain())
    assert os.listdir(data_dir) == ["lock"]


@pytest.mark.parametrize("with_keychain", [True, False])
def test_a_second_creation_gives_the_first_identity(data_dir: str, *, with_keychain: bool) -> None:
    """Nothing is written again."""
    keychain = MemoryKeychain() if with_keychain else None
    first = create.create(data_dir, keychain=keychain)
    second = create.create(data_dir, keychain=keychain)
    assert second.secret == first.secret
    assert keychain is None or keychain.writes == [ITEM]


def test_a_store_with_a_keychain_gets_no_file_without_one(data_dir: str) -> None:
    """A session over ssh must not begin a second store."""
    create.create(data_dir, keychain=MemoryKeychain())
    with pytest.raises(KeychainAbsentError, match="keychain item devkeys/identity"):
        create.create(data_dir, keychain=None)
    assert sorted(os.listdir(data_dir)) == ["lock", "store", "store.copy"]


def test_a_store_whose_item_is_gone_gets_no_other(data_dir: str) -> None:
    """Not even with a keychain at hand."""
    create.create(data_dir, keychain=MemoryKeychain())
    other = MemoryKeychain()
    with pytest.raises(StoreError, match="is gone"):
        create.create(data_dir, keychain=other)
    assert other.items == {}


def test_values_without_a_record_get_no_identity(store: NewStore) -> None:
    """While any file of values exists, no other identity is made."""
    store.set("chat", "dev", A=key())
    os.unlink(layout.record_path(store.data_dir))
    keychain = MemoryKeychain()
    with pytest.raises(StoreError, match="the store holds values"):
        create.create(store.data_dir, keychain=keychain)
    assert keychain.items == {}


def test_an_interrupted_creation_is_taken_up(data_dir: str) -> None:
    """An item that was written before a crash is used, not replaced."""
    keychain = MemoryKeychain()
    keychain.items[ITEM] = envelope.new_identity()
    made = create.create(data_dir, keychain=keychain)
    assert made.secret == keychain.items[ITEM]
    assert keychain.writes == []


def test_an_interrupted_headless_creation_is_taken_up(store: NewStore) -> None:
    """So is a file."""
    os.unlink(layout.record_path(store.data_dir))
    assert create.create(store.data_dir, keychain=None).secret == store.identity.secret


def test_a_foreign_item_is_not_overwritten(data_dir: str) -> None:
    """What is no identity may be somebody's password."""
    keychain = MemoryKeychain()
    keychain.items[ITEM] = Secret(key())
    with pytest.raises(StoreError, match="something else than an identity"):
        create.create(data_dir, keychain=keychain)
    assert keychain.writes == []


def test_a_damaged_headless_file_is_not_overwritten(store: NewStore) -> None:
    """It may be a typing error in somebody's only copy."""
    os.unlink(layout.record_path(store.data_dir))
    path = Path(layout.identity_path(store.data_dir))
    path.write_text("garbage\n")
    with pytest.raises(StoreError, match="exactly one age identity"):
        create.create(store.data_dir, keychain=None)
    assert path.read_text() == "garbage\n"


def test_two_threads_end_with_one_identity(data_dir: str) -> None:
    """Two windows that run `init` at once share what the first made."""
    keychain = MemoryKeychain()
    made: list[bytes] = []

    def run() -> None:
        made.append(create.create(data_dir, keychain=keychain).secret.reveal())

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1
    assert keychain.writes == [ITEM]


def test_two_processes_end_with_one_identity(data_dir: str) -> None:
    """The same with real processes and the headless file."""
    code = (
        "import sys; from devkeys.store import create\n"
        "print(create.create(sys.argv[1], keychain=None).recipients[0])"
    )
    command = [sys.executable, "-c", code, data_dir]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(4)]
    answers = {process.communicate(timeout=60)[0] for process in processes}
    found = identity.load(data_dir, read_keychain=MemoryKeychain().get)
    assert found is not None
    assert answers == {found.recipients[0].encode() + b"\n"}


def test_an_open_directory_is_refused(tmp_path: Path) -> None:
    """Nothing is made where others may look."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)
    with pytest.raises(DevkeysError, match="mode 0755"):
        create.create(str(tmp_path / "data"), keychain=None)
    assert os.listdir(tmp_path / "data") == []


def test_a_passphrase_from_the_start(data_dir: str) -> None:
    """The file holds what encrypts made of it, the record says so, and the identity is usable."""
    made = create.create(data_dir, keychain=None, wrap=lambda plain: plain[::-1])

    with open(layout.identity_path(data_dir), "rb") as file:
        assert file.read()[::-1] == made.secret.reveal() + b"\n"
    record = read_record(data_dir)
    assert record is not None
    assert (record.own.kind, record.own.recipient) == (PASSPHRASE, made.recipients[0])


@pytest.mark.parametrize("first", [None, lambda plain: quick_scrypt.seal(plain, "words")])
@pytest.mark.parametrize("second", [None, lambda plain: quick_scrypt.seal(plain, "words")])
def test_a_file_without_a_record_blocks_nobody(
    data_dir: str,
    first: Callable[[bytes], bytes] | None,
    second: Callable[[bytes], bytes] | None,
) -> None:
    """An interruption left it; one that a passphrase protects opens nothing yet."""
    before = create.create(data_dir, keychain=None, wrap=first)
    os.unlink(layout.record_path(data_dir))
    after = create.create(data_dir, keychain=None, wrap=second)

    kept = first is None and second is None
    assert (before.secret == after.secret) == kept
    with open(layout.identity_path(data_dir), "rb") as file:
        assert envelope.wants_passphrase(file.read()) == (second is not None)
