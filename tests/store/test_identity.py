"""Which identity opens the store, and that it is the right one."""

import os
from pathlib import Path

import pytest
from memory_keychain import MemoryKeychain
from new_store import NewStore, key

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.keychain.errors import KeychainLockedError
from devkeys.secret import Secret
from devkeys.store import create, envelope, identity, layout
from devkeys.store.record import CONFIRMED, OWN, Record, encode, read_record

ITEM = ("devkeys", "identity")


def _never(service: str, account: str) -> Secret | None:
    raise AssertionError(service, account)


@pytest.fixture
def data_dir(tmp_path: Path) -> str:
    """Name a data directory that is not there yet."""
    return str(tmp_path / "data")


def test_no_store_is_none(data_dir: str) -> None:
    """The keychain is not even asked."""
    assert identity.load(data_dir, read_keychain=_never) is None


def test_a_headless_store_does_not_ask_the_keychain(store: NewStore) -> None:
    """A hanging keychain cannot hold up a store that has none."""
    found = identity.load(store.data_dir, read_keychain=_never)
    assert found is not None
    assert (found.kind, found.secret) == ("file", store.identity.secret)
    assert found.recipients == store.identity.recipients


def test_the_keychains_item_is_asked_for(data_dir: str) -> None:
    """Service and account are those of the record."""
    keychain = MemoryKeychain()
    made = create.create(data_dir, keychain=keychain)
    found = identity.load(data_dir, read_keychain=keychain.get)
    assert found is not None
    assert (found.kind, found.secret) == ("keychain", made.secret)
    assert list(keychain.items) == [ITEM]


def test_an_item_that_is_gone_is_an_error(data_dir: str) -> None:
    """None of the keychain is not taken for an empty store; the hint says how to go on."""
    keychain = MemoryKeychain()
    create.create(data_dir, keychain=keychain)
    with pytest.raises(StoreError, match="keychain item devkeys/identity is gone") as caught:
        identity.load(data_dir, read_keychain=MemoryKeychain().get)
    assert "restore the keychain" in (caught.value.hint or "")


def test_the_hint_says_whether_values_are_at_stake(store: NewStore) -> None:
    """Without a value nothing is lost, and beginning anew is one command."""
    os.unlink(layout.identity_path(store.data_dir))
    with pytest.raises(StoreError, match="identity is gone") as caught:
        identity.load(store.data_dir, read_keychain=_never)
    assert "holds no values yet" in (caught.value.hint or "")


def test_a_headless_file_that_is_gone_is_an_error(store: NewStore) -> None:
    """No new one is made."""
    store.set("chat", "dev", A=key())
    os.unlink(layout.identity_path(store.data_dir))
    with pytest.raises(StoreError, match="identity is gone") as caught:
        identity.load(store.data_dir, read_keychain=_never)
    assert "lost for good" in (caught.value.hint or "")
    assert not os.path.exists(layout.identity_path(store.data_dir))


def test_what_the_keychain_raises_goes_through(data_dir: str) -> None:
    """Locked is not absent."""
    create.create(data_dir, keychain=MemoryKeychain())

    def locked(_service: str, _account: str) -> Secret | None:
        raise KeychainLockedError("the keychain is locked")

    with pytest.raises(KeychainLockedError):
        identity.load(data_dir, read_keychain=locked)


@pytest.mark.parametrize("other", [envelope.new_identity(), Secret(b"garbage"), Secret(b"")])
def test_another_identity_is_an_error(data_dir: str, other: Secret) -> None:
    """An item that does not belong to the record opens nothing."""
    keychain = MemoryKeychain()
    create.create(data_dir, keychain=keychain)
    keychain.items[ITEM] = other
    with pytest.raises(StoreError, match="devkeys/identity is not the identity") as caught:
        identity.load(data_dir, read_keychain=keychain.get)
    assert "AGE-SECRET" not in f"{caught.value}{caught.value.hint}"


def test_another_identity_file_is_an_error(store: NewStore) -> None:
    """The same holds for the headless file."""
    other = envelope.new_identity().reveal()
    atomic.write(layout.identity_path(store.data_dir), other)
    with pytest.raises(StoreError, match=r"/identity is not the identity"):
        identity.load(store.data_dir, read_keychain=_never)


def test_an_ordinary_age_identity_file_is_read(tmp_path: Path) -> None:
    """Comments, blank lines and Windows line ends do not matter."""
    secret = envelope.new_identity()
    path = tmp_path / "identity"
    atomic.write(str(path), b"# created: x\r\n\r\n" + secret.reveal() + b"\r\n")
    assert identity.read_identity_file(str(path)) == secret


@pytest.mark.parametrize("copies", [0, 2])
def test_an_identity_file_holds_exactly_one(tmp_path: Path, copies: int) -> None:
    """None or two is damage; the error shows nothing of them."""
    line = envelope.new_identity().reveal() + b"\n"
    path = tmp_path / "identity"
    atomic.write(str(path), b"# comment\n" + line * copies)
    with pytest.raises(StoreError, match="exactly one age identity") as caught:
        identity.read_identity_file(str(path))
    assert "AGE-SECRET" not in str(caught.value)
    assert "store recover" in (caught.value.hint or "")  # no repair makes it anew


def test_a_record_that_is_gone_is_an_error_while_there_are_values(store: NewStore) -> None:
    """Otherwise the next `set` would make a second identity."""
    store.set("chat", "dev", A=key())
    os.unlink(layout.record_path(store.data_dir))
    with pytest.raises(StoreError, match="is gone, but the store holds values"):
        identity.load(store.data_dir, read_keychain=_never)


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_an_open_directory_is_an_error(store: NewStore, mode: int) -> None:
    """Who may write into it may exchange any file."""
    os.chmod(store.data_dir, mode)
    with pytest.raises(StoreError, match=f"mode 0{mode:o}"):
        identity.load(store.data_dir, read_keychain=_never)


@pytest.mark.parametrize("name", ["store", "identity"])
def test_an_open_file_is_an_error(store: NewStore, name: str) -> None:
    """A file of mode 0644 is named, with the command that mends it."""
    path = os.path.join(store.data_dir, name)
    os.chmod(path, 0o644)
    with pytest.raises(StoreError, match="mode 0644") as caught:
        identity.load(store.data_dir, read_keychain=_never)
    assert f"chmod go= {path}" in (caught.value.hint or "")


RECIPIENT = envelope.recipient_of(envelope.new_identity()) or ""
SECOND = envelope.recipient_of(envelope.new_identity()) or ""
THIRD = envelope.recipient_of(envelope.new_identity()) or ""
FOURTH = envelope.recipient_of(envelope.new_identity()) or ""


def _record(text: str, tmp_path: Path) -> Record | None:
    atomic.make_private_dir(str(tmp_path / "data"))
    atomic.write(str(tmp_path / "data" / "store"), text.encode())
    return read_record(str(tmp_path / "data"))


def test_a_record_of_format_1_is_understood(tmp_path: Path) -> None:
    """It is what the first devkeys wrote."""
    text = f"devkeys-store 1\nidentity keychain\naccount identity\nrecipient {RECIPIENT}\n"
    found = _record(text, tmp_path)
    assert found is not None
    assert (found.own.kind, found.own.account) == ("keychain", "identity")
    assert found.recipients(OWN) == (RECIPIENT,)
    assert encode(found) == text.encode()


def test_a_record_of_format_2_is_understood(tmp_path: Path) -> None:
    """A recovery key, an identity for confirmed profiles, and a rekey under way."""
    text = (
        f"devkeys-store 2\nidentity passphrase\nrecipient {RECIPIENT}\nnext {SECOND}\n"
        f"confirmed file\nrecipient {THIRD}\nformer {SECOND}\nrecovery {FOURTH}\nend\n"
    )
    found = _record(text, tmp_path)
    assert found is not None
    assert found.recipients(OWN) == (RECIPIENT, SECOND, FOURTH)
    assert found.recipients(CONFIRMED) == (THIRD, FOURTH)
    assert encode(found) == text.encode()


FILE_RECORD = f"devkeys-store 1\nidentity file\nrecipient {RECIPIENT}\n"


DAMAGED = {
    "empty": "",
    "garbage": "garbage\n",
    "last newline": FILE_RECORD[:-1],
    "cut short": FILE_RECORD[:-5] + "\n",
    "unknown kind": FILE_RECORD.replace("file", "disk"),
    "keychain without account": FILE_RECORD.replace("file", "keychain"),
    "file with account": FILE_RECORD.replace("file", "file\naccount identity"),
    "empty account": FILE_RECORD.replace("file", "keychain\naccount "),
    "kind twice": FILE_RECORD.replace("file", "file\nidentity file"),
    "misspelt": FILE_RECORD.replace("recipient", "recipients"),
    "empty recipient": FILE_RECORD.replace(RECIPIENT, ""),
    "unknown line": FILE_RECORD + "note\n",
    "blank line": FILE_RECORD + "\n",
    "no recipient": "devkeys-store 1\nidentity file\n",
    "no kind": f"devkeys-store 1\nrecipient {RECIPIENT}\n",
    "windows": FILE_RECORD.replace("\n", "\r\n"),
    "two recipients": FILE_RECORD + f"recipient {SECOND}\n",
    "more than its format knows": FILE_RECORD + f"recovery {SECOND}\n",
    "recovery twice": FILE_RECORD.replace(" 1", " 2") + f"recovery {SECOND}\n" * 2 + "end\n",
    "confirmed without recipient": FILE_RECORD.replace(" 1", " 2") + "confirmed file\nend\n",
    "without its end": FILE_RECORD.replace(" 1", " 2") + f"recovery {SECOND}\n",
    "end in format 1": FILE_RECORD + "end\n",
    "recipient of nobody": FILE_RECORD.replace(" 1", " 2").replace("identity", "confirmed")
    + "end\n",
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_is_an_error(text: str, tmp_path: Path) -> None:
    """Nothing is guessed about which identity it was."""
    with pytest.raises(StoreError, match=r"data/store is damaged"):
        _record(text, tmp_path)


def test_a_newer_record_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Nor is another identity made over it."""
    text = "devkeys-store 3\nanything\n"
    with pytest.raises(StoreError, match=r"newer devkeys \(format 3\)"):
        _record(text, tmp_path)
    with pytest.raises(StoreError, match="newer devkeys"):
        create.create(str(tmp_path / "data"), keychain=None)
    assert (tmp_path / "data" / "store").read_text() == text
