"""Another identity: at every moment whatever is installed opens every file."""

import os
import shutil
from pathlib import Path

import interrupting
import pytest
from directory_keychain import DirectoryKeychain, FaultyKeychain
from new_store import NewStore, key, make
from store_states import check, check_settled, load, nowhere, opened_by, record_of

from devkeys import atomic
from devkeys.errors import DevkeysError, KeychainError, StoreError
from devkeys.secret import Secret
from devkeys.store import create, envelope, layout, recovery, rekeying, remote, resealing, write
from devkeys.store.placing import Place
from devkeys.store.record import CONFIRMED, FILE, KEYCHAIN, OWN, Record, write_record

Expected = dict[tuple[str, str], dict[str, bytes]]


def fill(store: NewStore) -> Expected:
    """Store values in three profiles, with earlier ones."""
    expected: Expected = {}
    for profile in ("dev", "staging"):
        store.set("chat", profile, A=key())
        expected["chat", profile] = {"A": key(), "B": b"b"}
        store.set("chat", profile, **expected["chat", profile])
    return expected


def change(secret: Secret, place: Place | None = None) -> rekeying.Change:
    """Return the change of a store's own identity, which is *secret* now."""
    return rekeying.Change(OWN, place or Place(FILE), secret, {OWN: (secret,)})


def rekey(store: NewStore, secret: Secret, place: Place | None = None) -> Secret:
    """Give the store another identity and return that."""
    rekeying.begin(store.data_dir, OWN)
    new = rekeying.complete(store.data_dir, change(secret, place))
    assert new is not None
    return new


def test_the_new_one_opens_everything_and_the_old_one_nothing(store: NewStore) -> None:
    """The values, the earlier ones and the file before the last write; counters stay."""
    expected = fill(store)
    old = store.identity.secret
    assert opened_by(store.data_dir, old) == 6
    new = rekey(store, old)
    check(*store[:2], expected)
    check_settled(store.data_dir)
    assert (opened_by(store.data_dir, new), opened_by(store.data_dir, old)) == (6, 0)


def test_what_providers_gave_is_dropped(store: NewStore) -> None:
    """It can be asked for again, and its file would be the old identity's."""
    fill(store)
    remote.write(store.data_dir, "chat", "dev", store.identity, [])
    rekey(store, store.identity.secret)
    assert not os.path.exists(layout.remote_path(store.data_dir, "chat", "dev"))


def test_an_identity_in_the_keychain_is_replaced_there(tmp_path: Path) -> None:
    """The item is another one, and there is no file."""
    keychain = DirectoryKeychain(str(tmp_path / "keychain"))
    data_dir = str(tmp_path / "data")
    store = NewStore(data_dir, str(tmp_path / "state"), create.create(data_dir, keychain=keychain))
    expected = fill(store)
    new = rekey(store, store.identity.secret, Place(KEYCHAIN, keychain))
    assert keychain.get("devkeys", "identity") == new
    assert not os.path.exists(layout.identity_path(data_dir))
    check(data_dir, store.state_dir, expected, keychain.get)
    check_settled(data_dir, keychain.get)


@pytest.mark.parametrize("fault", ["refuse", "lose", "ignore", "late"])
def test_a_keychain_that_fails_costs_nothing(tmp_path: Path, fault: str) -> None:
    """One of both identities is in it, which opens everything; the next attempt finishes."""
    keychain = FaultyKeychain(str(tmp_path / "keychain"))
    data_dir = str(tmp_path / "data")
    store = NewStore(data_dir, str(tmp_path / "state"), create.create(data_dir, keychain=keychain))
    expected = fill(store)
    keychain.fault = fault
    with pytest.raises(DevkeysError):
        rekey(store, store.identity.secret, Place(KEYCHAIN, keychain))
    check(data_dir, store.state_dir, expected, keychain.get)
    installed = keychain.get("devkeys", "identity")
    assert installed is not None
    assert (installed == store.identity.secret) == (fault != "late")
    rekeying.complete(data_dir, change(installed, Place(KEYCHAIN, keychain)))
    check(data_dir, store.state_dir, expected, keychain.get)
    check_settled(data_dir, keychain.get)
    assert opened_by(data_dir, store.identity.secret) == 0


def test_a_keychain_that_fails_twice_says_what_is_not_known(tmp_path: Path) -> None:
    """The item was lost and could not be put back: that is told, with what helps."""

    class Broken(FaultyKeychain):
        def set(self, service: str, account: str, secret: Secret) -> None:
            super().set(service, account, secret)
            self.delete(service, account)
            raise KeychainError("the keychain failed")

    keychain = Broken(str(tmp_path / "keychain"))
    data_dir = str(tmp_path / "data")
    good = DirectoryKeychain(keychain.directory)
    store = NewStore(data_dir, str(tmp_path / "state"), create.create(data_dir, keychain=good))
    fill(store)
    with pytest.raises(StoreError, match="is not known") as caught:
        rekey(store, store.identity.secret, Place(KEYCHAIN, keychain))
    assert "devkeys store recover" in (caught.value.hint or "")


def test_a_file_that_cannot_be_opened_stops_it_before_anything(store: NewStore) -> None:
    """It is named, and repair is."""
    fill(store)
    path = layout.before_path(store.data_dir, "chat", "staging")
    atomic.write(path, b"damaged")
    with pytest.raises(StoreError, match=r"staging\.before cannot be opened") as caught:
        resealing.survey_all(store.data_dir, {OWN: (store.identity.secret,)})
    assert "devkeys store repair" in (caught.value.hint or "")


def test_an_announced_identity_that_was_lost_is_taken_back(store: NewStore) -> None:
    """Without its file nobody could ever install it."""
    expected = fill(store)
    rekeying.begin(store.data_dir, OWN)
    assert record_of(store.data_dir).own.next
    load(store.data_dir)
    atomic.write(layout.next_path(store.data_dir, OWN), b"damaged")
    fresh = store._replace(identity=load(store.data_dir))
    fresh.set("chat", "dev", **expected["chat", "dev"], C=b"c")
    expected["chat", "dev"]["C"] = b"c"
    assert rekeying.complete(store.data_dir, change(store.identity.secret)) is None
    check(*store[:2], expected)
    check_settled(store.data_dir)


def test_writers_and_readers_go_on_while_one_is_pending(store: NewStore) -> None:
    """What is written between is sealed to both, and opens afterwards."""
    expected = fill(store)
    rekeying.begin(store.data_dir, OWN)
    fresh = store._replace(identity=load(store.data_dir))
    expected["chat", "new"] = {"N": key()}
    fresh.set("chat", "new", **expected["chat", "new"])
    check(*store[:2], expected)
    rekeying.complete(store.data_dir, change(store.identity.secret))
    check(*store[:2], expected)
    check_settled(store.data_dir)


def test_a_writer_with_the_old_identity_is_told_to_try_again(store: NewStore) -> None:
    """It writes nothing that the new one cannot open."""
    expected = fill(store)
    rekey(store, store.identity.secret)
    with pytest.raises(StoreError, match="another identity meanwhile") as caught:
        store.set("chat", "dev", A=b"late")
    assert "try again" in (caught.value.hint or "")
    check(*store[:2], expected)


def test_the_recovery_key_opens_everything_afterwards(store: NewStore) -> None:
    """It is a recipient of every file at every step."""
    fill(store)
    second = envelope.new_identity()
    recovery.change(store.data_dir, {OWN: (store.identity.secret,)}, rekeying.recipient(second))
    rekey(store, store.identity.secret)
    assert opened_by(store.data_dir, second) == 6
    assert record_of(store.data_dir).recovery == rekeying.recipient(second)


def test_the_confirmed_identity_is_replaced_alone(store: NewStore) -> None:
    """Files of the store's own are not touched, and those of confirmed profiles are no one else's.

    Whose a file is, is told by what opens it.
    """
    fill(store)
    create.create_confirmed(store.data_dir, store.identity, keychain=None)
    both = load(store.data_dir)
    write.update(
        *store[:2],
        "chat",
        "production",
        both,
        write.setting({"P": (Secret(b"p"), "secret")}),
        source="x",
        who="me",
        now=0,
    )
    keys = {OWN: (store.identity.secret,), CONFIRMED: (both.secret,)}
    before = Path(layout.values_path(store.data_dir, "chat", "dev")).read_bytes()
    rekeying.begin(store.data_dir, CONFIRMED)
    one = rekeying.Change(CONFIRMED, Place(FILE), both.secret, keys)
    new = rekeying.complete(store.data_dir, one)
    assert Path(layout.values_path(store.data_dir, "chat", "dev")).read_bytes() == before
    check(*store[:2], {("chat", "production"): {"P": b"p"}})
    check_settled(store.data_dir)
    assert new is not None
    assert (opened_by(store.data_dir, new), opened_by(store.data_dir, both.secret)) == (1, 0)
    assert opened_by(store.data_dir, store.identity.secret) == 6


REKEY = """
from devkeys.store import rekeying, identity
from devkeys.store.placing import Place
from devkeys.store.record import FILE, KEYCHAIN, OWN, read_record
from directory_keychain import DirectoryKeychain
data_dir, items = sys.argv[1:]
keychain = DirectoryKeychain(items)
found = identity.load(data_dir, read_keychain=keychain.get)
kind = read_record(data_dir).own.kind
place = Place(KEYCHAIN, keychain) if kind == KEYCHAIN else Place(FILE)
if not read_record(data_dir).own.next and not read_record(data_dir).own.former:
    rekeying.begin(data_dir, OWN)
rekeying.complete(data_dir, rekeying.Change(OWN, place, found.secret, {OWN: (found.secret,)}))
"""


def _again(data_dir: str, keychain: DirectoryKeychain) -> None:
    """Rekey as REKEY does, uninterrupted."""
    secret = load(data_dir, keychain.get).secret
    own = record_of(data_dir).own
    place = Place(own.kind, keychain if own.kind == KEYCHAIN else None)
    if not own.next and not own.former:
        rekeying.begin(data_dir, OWN)
    rekeying.complete(data_dir, change(secret, place))


@pytest.mark.parametrize("kind", [FILE, KEYCHAIN])
def test_it_may_be_interrupted_before_every_step(tmp_path: Path, kind: str) -> None:
    """What is installed opens every file then, a write works, and the next rekey finishes it."""
    keychain = DirectoryKeychain(str(tmp_path / "keychain"))
    world = tmp_path / "world"
    data_dir = str(world / "data")
    made = create.create(data_dir, keychain=keychain if kind == KEYCHAIN else None)
    store = NewStore(data_dir, str(world / "state"), made)
    expected = fill(store)
    recovery.change(data_dir, {OWN: (made.secret,)}, rekeying.recipient(envelope.new_identity()))
    shutil.copytree(world, tmp_path / "saved")
    seen = 0
    for step, code in interrupting.steps(REKEY, data_dir, keychain.directory, env={}):
        seen = step
        check(data_dir, store.state_dir, expected, keychain.get)
        fresh = store._replace(identity=load(data_dir, keychain.get))
        fresh.set("chat", "late", L=b"late")
        late = {**expected, ("chat", "late"): {"L": b"late"}}
        _again(data_dir, keychain)
        check(data_dir, store.state_dir, late, keychain.get)
        check_settled(data_dir, keychain.get)
        assert opened_by(data_dir, made.secret) == 0
        assert code in (0, interrupting.DIED)
        shutil.rmtree(world)
        shutil.copytree(tmp_path / "saved", world)
        if kind == KEYCHAIN:
            keychain.set("devkeys", "identity", made.secret)
    assert seen > 20


def test_recipients_that_are_too_many_are_found(store: NewStore, tmp_path: Path) -> None:
    """Without a key: that is what verify has where the store cannot be opened."""
    fill(store)
    other = make(str(tmp_path / "other")).identity.recipients
    path = layout.values_path(store.data_dir, "chat", "dev")
    plain = store.identity.unseal(Path(path).read_bytes(), path=path)
    atomic.write(path, envelope.seal(plain, (*store.identity.recipients, *other)))
    assert resealing.miscounted(store.data_dir, record_of(store.data_dir)) == [path]
    recovery.settle(store.data_dir, {OWN: (store.identity.secret,)})
    assert resealing.miscounted(store.data_dir, record_of(store.data_dir)) == []


def test_a_change_of_the_record_meanwhile_is_noticed(store: NewStore) -> None:
    """Whoever waited for the lock does not go on with what it read before."""
    known = record_of(store.data_dir)
    other = envelope.recipient_of(envelope.new_identity()) or ""
    write_record(store.data_dir, Record(known.own, None, other))
    with pytest.raises(StoreError, match="changed the store meanwhile"):
        rekeying.check_same(store.data_dir, known)


def test_the_keychain_is_not_asked_for_a_headless_store(store: NewStore) -> None:
    """A hanging keychain cannot hold up what has nothing to do with it."""
    expected = fill(store)
    rekey(store, store.identity.secret)
    check(*store[:2], expected, nowhere)
