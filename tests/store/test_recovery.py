"""The recovery key: that the record names it means that every file has it."""

import os
import shutil
from pathlib import Path

import interrupting
import pytest
import quick_scrypt
from directory_keychain import DirectoryKeychain
from new_store import NewStore, key
from store_states import check, check_settled, load, opened_by, record_of

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import create, envelope, layout, recovery, rekeying, write
from devkeys.store.placing import Place
from devkeys.store.record import FILE, KEYCHAIN, OWN, read_record

Expected = dict[tuple[str, str], dict[str, bytes]]


def fill(store: NewStore) -> Expected:
    """Store values in two profiles, with earlier ones."""
    expected: Expected = {}
    for profile in ("dev", "staging"):
        store.set("chat", profile, A=key())
        expected["chat", profile] = {"A": key()}
        store.set("chat", profile, **expected["chat", profile])
    return expected


def give(store: NewStore) -> Secret:
    """Give the store a recovery key, and return its secret half."""
    secret = envelope.new_identity()
    keys = {OWN: (load(store.data_dir).secret,)}
    recovery.change(store.data_dir, keys, rekeying.recipient(secret))
    return secret


def bring_back(store: NewStore, secret: Secret, place: Place | None = None) -> Secret:
    """Recover the store with *secret* alone, into a file or to *place*."""
    place = place or Place(FILE)
    found = recovery.examine(store.data_dir, secret, ())
    if found.record is None:
        return recovery.found_anew(store.data_dir, place, secret, found.files)
    return recovery.bring_back(store.data_dir, place, found, {OWN: (secret,)}, None)


def test_the_text_opens_with_its_passphrase_only() -> None:
    """It is armored age, as `age -d` reads it, and holds one identity."""
    made = recovery.make(Secret(b"correct horse"))
    assert made.text.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    recovery.check_text(made.text)
    found = recovery.open_text(made.text, Secret(b"correct horse"))
    assert found is not None
    assert rekeying.recipient(found) == made.recipient


def test_another_passphrase_opens_nothing() -> None:
    """That is told from a damaged text."""
    text = quick_scrypt.seal(b"x", "one")
    assert recovery.open_text(text, Secret(b"two")) is None
    with pytest.raises(StoreError, match="no recovery key, or not all of it"):
        recovery.open_text(text[:-4], Secret(b"one"))


@pytest.mark.parametrize("text", [b"", b"hello", b"AGE-SECRET-KEY-1", b"-----BEGIN"])
def test_what_is_no_recovery_key_is_refused(text: bytes) -> None:
    """Before a passphrase is asked for."""
    with pytest.raises(StoreError, match="no recovery key, or not all of it"):
        recovery.check_text(text)


def test_every_file_has_it(store: NewStore) -> None:
    """Those of before, too, and what is written later."""
    expected = fill(store)
    secret = give(store)
    assert opened_by(store.data_dir, secret) == 6
    fresh = store._replace(identity=load(store.data_dir))
    fresh.set("chat", "new", N=b"n")
    assert opened_by(store.data_dir, secret) == 7
    check(*store[:2], expected)
    check_settled(store.data_dir)


def test_another_replaces_it(store: NewStore) -> None:
    """The old one opens nothing, whatever an earlier change left half done."""
    fill(store)
    first = give(store)
    second = give(store)
    assert (opened_by(store.data_dir, first), opened_by(store.data_dir, second)) == (0, 6)


def test_it_can_be_taken_away(store: NewStore) -> None:
    """The record is then as an older devkeys reads it."""
    expected = fill(store)
    secret = give(store)
    recovery.change(store.data_dir, {OWN: (store.identity.secret,)}, "")
    assert opened_by(store.data_dir, secret) == 0
    assert record_of(store.data_dir).recovery == ""
    check(*store[:2], expected)
    check_settled(store.data_dir)


CHANGE = """
from devkeys.store import recovery, identity
from devkeys.store.record import OWN
data_dir, recipient = sys.argv[1:]
found = identity.load(data_dir, read_keychain=lambda *_: None)
recovery.change(data_dir, {OWN: (found.secret,)}, recipient)
"""


@pytest.mark.parametrize("which", ["first", "second", "none"])
def test_a_change_may_be_interrupted_before_every_step(
    store: NewStore, tmp_path: Path, which: str
) -> None:
    """The key that the record names opens every file; the next change finishes."""
    expected = fill(store)
    known = {"": store.identity.secret}
    for _ in range(which != "first"):
        secret = give(store)
        known[rekeying.recipient(secret)] = secret
    new = envelope.new_identity()
    known[rekeying.recipient(new)] = new
    recipient = "" if which == "none" else rekeying.recipient(new)
    shutil.copytree(store.data_dir, tmp_path / "saved")
    seen = 0
    for step, _ in interrupting.steps(CHANGE, store.data_dir, recipient, env={}):
        seen = step
        check(*store[:2], expected)
        assert opened_by(store.data_dir, known[record_of(store.data_dir).recovery]) == 6
        last = give(store)
        check(*store[:2], expected)
        check_settled(store.data_dir)
        counts = [opened_by(store.data_dir, one) for one in known.values()]
        assert counts == [6, *(0 for _ in counts[1:])]
        assert opened_by(store.data_dir, last) == 6
        shutil.rmtree(store.data_dir)
        shutil.copytree(tmp_path / "saved", store.data_dir)
    assert seen > 8


def test_a_lost_identity_is_replaced(store: NewStore) -> None:
    """The recovery key stays one, and the old identity opens nothing."""
    expected = fill(store)
    secret = give(store)
    os.unlink(layout.identity_path(store.data_dir))
    new = bring_back(store, secret)
    assert load(store.data_dir).secret == new
    check(*store[:2], expected)
    check_settled(store.data_dir)
    counts = [opened_by(store.data_dir, one) for one in (new, secret, store.identity.secret)]
    assert counts == [6, 6, 0]


def test_a_lost_record_is_written_anew(store: NewStore) -> None:
    """That the key opens the files is proof enough."""
    expected = fill(store)
    secret = give(store)
    for path in (layout.record_path, layout.record_copy_path, layout.identity_path):
        os.unlink(path(store.data_dir))
    bring_back(store, secret)
    check(*store[:2], expected)
    check_settled(store.data_dir)
    assert record_of(store.data_dir).recovery == rekeying.recipient(secret)


def test_a_damaged_record_is_read_from_its_copy(store: NewStore) -> None:
    """The copy names the recovery key, so it is this store's."""
    expected = fill(store)
    secret = give(store)
    atomic.write(layout.record_path(store.data_dir), b"devkeys-store 2\nident")
    bring_back(store, secret)
    check(*store[:2], expected)
    check_settled(store.data_dir)


def test_a_newer_record_is_left_as_it_is(store: NewStore) -> None:
    """What it says is not known here."""
    fill(store)
    secret = give(store)
    atomic.write(layout.record_path(store.data_dir), b"devkeys-store 3\n")
    with pytest.raises(StoreError, match="newer devkeys"):
        recovery.examine(store.data_dir, secret, ())


def test_another_stores_key_is_refused(store: NewStore) -> None:
    """Nothing is changed, with a record and without."""
    fill(store)
    other = envelope.new_identity()
    with pytest.raises(StoreError, match="has no recovery key"):
        recovery.examine(store.data_dir, other, ())
    give(store)
    with pytest.raises(StoreError, match="not the recovery key of the store"):
        recovery.examine(store.data_dir, other, ())
    for path in (layout.record_path, layout.record_copy_path):
        os.unlink(path(store.data_dir))
    with pytest.raises(StoreError, match="opens nothing here"):
        recovery.examine(store.data_dir, other, ())


def test_a_damaged_file_is_told_and_left(store: NewStore) -> None:
    """One of them does not keep the others from being had back."""
    expected = fill(store)
    secret = give(store)
    path = layout.values_path(store.data_dir, "chat", "staging")
    atomic.write(path, b"damaged")
    os.unlink(layout.identity_path(store.data_dir))
    assert recovery.examine(store.data_dir, secret, ()).lost == [path]
    new = bring_back(store, secret)
    assert Path(path).read_bytes() == b"damaged"
    assert opened_by(store.data_dir, new) == 5
    os.unlink(path)
    del expected["chat", "staging"]
    check(*store[:2], expected)


def test_confirmed_profiles_are_had_back_too(store: NewStore) -> None:
    """Both identities are gone; whose a file was cannot be told, so one opens them all."""
    expected = fill(store)
    create.create_confirmed(store.data_dir, store.identity, keychain=None)
    new = {"P": (Secret(b"p"), "secret")}
    both = load(store.data_dir)
    write.update(
        *store[:2], "chat", "production", both, write.setting(new), source="x", who="me", now=0
    )
    expected["chat", "production"] = {"P": b"p"}
    secret = envelope.new_identity()
    keys = {OWN: (store.identity.secret,), "confirmed": (both.secret,)}
    recovery.change(store.data_dir, keys, rekeying.recipient(secret))
    for which in ("identity", "confirmed"):
        os.unlink(layout.identity_path(store.data_dir, which))
    bring_back(store, secret)
    check(*store[:2], expected)
    check_settled(store.data_dir)
    assert record_of(store.data_dir).confirmed is None


RECOVER = """
from devkeys.secret import Secret
from devkeys.store import recovery
from devkeys.store.placing import Place
from devkeys.store.record import FILE, KEYCHAIN, OWN
from directory_keychain import DirectoryKeychain
data_dir, items, identity_file = sys.argv[1:]
secret = Secret(open(identity_file, "rb").read())
place = Place(KEYCHAIN, DirectoryKeychain(items)) if items else Place(FILE)
found = recovery.examine(data_dir, secret, ())
if found.record is None:
    recovery.found_anew(data_dir, place, secret, found.files)
else:
    recovery.bring_back(data_dir, place, found, {OWN: (secret,)}, None)
"""


@pytest.mark.parametrize("case", ["keychain", "confirmed", "record"])
def test_a_recovery_may_be_interrupted_before_every_step(tmp_path: Path, case: str) -> None:
    """The recovery key opens everything all the time, and the next attempt finishes."""
    items = str(tmp_path / "keychain") if case == "keychain" else ""
    world = tmp_path / "world"
    data_dir = str(world / "data")
    store = NewStore(data_dir, str(world / "state"), create.create(data_dir, keychain=None))
    expected = fill(store)
    keys = {OWN: (store.identity.secret,)}
    if case == "confirmed":
        create.create_confirmed(data_dir, store.identity, keychain=None)
        both = load(data_dir)
        new = {"P": (Secret(b"p"), "secret")}
        write.update(*store[:2], "chat", "prod", both, write.setting(new), source="", who="", now=0)
        expected["chat", "prod"] = {"P": b"p"}
        keys["confirmed"] = (both.secret,)
        os.unlink(layout.identity_path(data_dir, "confirmed"))
    secret = envelope.new_identity()
    recovery.change(data_dir, keys, rekeying.recipient(secret))
    os.unlink(layout.identity_path(data_dir))
    if case == "record":
        os.unlink(layout.record_path(data_dir))
        os.unlink(layout.record_copy_path(data_dir))
    file = tmp_path / "secret"
    file.write_bytes(secret.reveal())
    files = opened_by(data_dir, secret)
    shutil.copytree(world, tmp_path / "saved")
    keychain = DirectoryKeychain(items or str(tmp_path / "none"))
    place = Place(KEYCHAIN, keychain) if items else Place(FILE)
    seen = 0
    for step, _ in interrupting.steps(RECOVER, data_dir, items, str(file), env={}):
        seen = step
        assert opened_by(data_dir, secret) == files
        bring_back(store, secret, place)
        check(data_dir, store.state_dir, expected, keychain.get)
        check_settled(data_dir, keychain.get)
        assert opened_by(data_dir, store.identity.secret) == 0
        assert opened_by(data_dir, secret) == files
        shutil.rmtree(world)
        shutil.rmtree(keychain.directory)
        os.mkdir(keychain.directory)
        shutil.copytree(tmp_path / "saved", world)
    assert seen > 8


def test_a_store_without_a_record_has_none(store: NewStore) -> None:
    """Nothing of the values says what the record said, so it is not made up."""
    os.unlink(layout.record_path(store.data_dir))
    assert read_record(store.data_dir) is None
    with pytest.raises(StoreError, match="no store"):
        recovery.change(store.data_dir, {}, "")
