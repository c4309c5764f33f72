"""The store's identity between a file and the keychain."""

import os
import shutil
from pathlib import Path

import interrupting
import pytest
import quick_scrypt
from directory_keychain import DirectoryKeychain
from new_store import NewStore, key
from store_states import check, load, record_of

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.store import create, envelope, layout, moving, placing
from devkeys.store.placing import Place
from devkeys.store.record import CONFIRMED, FILE, KEYCHAIN, OWN


@pytest.fixture
def keychain(tmp_path: Path) -> DirectoryKeychain:
    """Make an empty keychain."""
    return DirectoryKeychain(str(tmp_path / "keychain"))


def test_both_identities_go_into_the_keychain(store: NewStore, keychain: DirectoryKeychain) -> None:
    """And out of their files, which only a removal afterwards touches."""
    store.set("chat", "dev", A=b"a")
    create.create_confirmed(store.data_dir, store.identity, keychain=None)
    both = load(store.data_dir)
    secrets = {OWN: store.identity.secret, CONFIRMED: both.secret}
    former = moving.move(store.data_dir, Place(KEYCHAIN, keychain), secrets)
    assert [which for which, _ in former] == [OWN, CONFIRMED]
    for which, holder in former:
        placing.remove(store.data_dir, which, holder, keychain)
        assert keychain.get("devkeys", which) == secrets[which]
        assert not os.path.exists(layout.identity_path(store.data_dir, which))
    check(*store[:2], {("chat", "dev"): {"A": b"a"}}, keychain.get)


def test_an_item_of_another_store_is_not_replaced(
    store: NewStore, keychain: DirectoryKeychain
) -> None:
    """Nothing is changed, and nothing put beside it."""
    other = envelope.new_identity()
    keychain.set("devkeys", "identity", other)
    secrets = {OWN: store.identity.secret}
    with pytest.raises(StoreError, match="is there already, and is not this store's"):
        moving.move(store.data_dir, Place(KEYCHAIN, keychain), secrets)
    assert keychain.get("devkeys", "identity") == other
    assert record_of(store.data_dir).own.kind == FILE


def test_a_file_of_another_identity_is_not_replaced(
    tmp_path: Path, keychain: DirectoryKeychain
) -> None:
    """It may open something elsewhere."""
    data_dir = str(tmp_path / "data")
    made = create.create(data_dir, keychain=keychain)
    content = create.file_content(envelope.new_identity())
    atomic.write(layout.identity_path(data_dir), content)
    with pytest.raises(StoreError, match="is not this store's"):
        moving.move(data_dir, Place(FILE), {OWN: made.secret})
    assert Path(layout.identity_path(data_dir)).read_bytes() == content


def test_a_copy_is_removed_only_with_proof(store: NewStore, keychain: DirectoryKeychain) -> None:
    """An item of another store is no copy; ours goes if the right place gave the identity."""
    record = record_of(store.data_dir)
    keychain.set("devkeys", "identity", envelope.new_identity())
    assert moving.copies(store.data_dir, record, keychain) == []
    keychain.set("devkeys", "identity", store.identity.secret)
    (copy,) = moving.copies(store.data_dir, record, keychain)
    assert copy.where == "the keychain item devkeys/identity"
    assert moving.copies(store.data_dir, record, None) == []
    assert moving.remove_copies(store.data_dir, {}, keychain) == []
    assert keychain.get("devkeys", "identity")
    assert moving.remove_copies(store.data_dir, {OWN: store.identity.secret}, keychain) == [copy]
    assert keychain.get("devkeys", "identity") is None
    assert load(store.data_dir).secret == store.identity.secret


def test_a_file_of_another_store_is_no_copy(tmp_path: Path, keychain: DirectoryKeychain) -> None:
    """It may be all that opens that one."""
    data_dir = str(tmp_path / "data")
    made = create.create(data_dir, keychain=keychain)
    content = create.file_content(envelope.new_identity())
    atomic.write(layout.identity_path(data_dir), content)
    assert moving.remove_copies(data_dir, {OWN: made.secret}, keychain) == []
    assert Path(layout.identity_path(data_dir)).read_bytes() == content


def test_a_file_with_a_passphrase_is_put_aside(tmp_path: Path, keychain: DirectoryKeychain) -> None:
    """Nobody can tell whose it is without the passphrase."""
    data_dir = str(tmp_path / "data")
    made = create.create(data_dir, keychain=keychain)
    path = layout.identity_path(data_dir)
    for number in (1, 2):
        content = quick_scrypt.seal(b"%d" % number, "passphrase")
        atomic.write(path, content)
        assert len(moving.remove_copies(data_dir, {OWN: made.secret}, keychain)) == 1
        assert not os.path.exists(path)
        assert Path(f"{path}.old{number}").read_bytes() == content


MOVE = """
from devkeys.store import moving, placing, identity
from devkeys.store.placing import Place
from devkeys.store.record import FILE, KEYCHAIN, OWN, read_record
from directory_keychain import DirectoryKeychain
data_dir, items, kind = sys.argv[1:]
keychain = DirectoryKeychain(items)
found = identity.load(data_dir, read_keychain=keychain.get)
place = Place(KEYCHAIN, keychain) if kind == KEYCHAIN else Place(FILE)
for which, holder in moving.move(data_dir, place, {OWN: found.secret}):
    placing.remove(data_dir, which, holder, keychain)
"""


@pytest.mark.parametrize("kind", [FILE, KEYCHAIN])
def test_it_may_be_interrupted_before_every_step(
    tmp_path: Path, keychain: DirectoryKeychain, kind: str
) -> None:
    """What the record names is there; a copy that is left is found and removed."""
    data_dir = str(tmp_path / "data")
    made = create.create(data_dir, keychain=None if kind == KEYCHAIN else keychain)
    store = NewStore(data_dir, str(tmp_path / "state"), made)
    expected = {("chat", "dev"): {"A": key()}}
    store.set("chat", "dev", **expected["chat", "dev"])
    places = (data_dir, keychain.directory)
    for place in places:
        shutil.copytree(place, place + ".saved")
    left = 0
    for _step, _code in interrupting.steps(MOVE, *places, kind, env={}):
        check(data_dir, store.state_dir, expected, keychain.get)
        left += len(moving.remove_copies(data_dir, {OWN: made.secret}, keychain))
        assert moving.copies(data_dir, record_of(data_dir), keychain) == []
        check(data_dir, store.state_dir, expected, keychain.get)
        for place in places:
            shutil.rmtree(place)
            shutil.copytree(place + ".saved", place)
    assert left >= 2
