"""Sealing what is kept of a profile to the identity of confirmed profiles."""

import os

import pytest
from new_store import NewStore, key

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import create, envelope, identity, layout, remote, tightening, write
from devkeys.store.identity import Identity

PATHS = (layout.values_path, layout.before_path, layout.previous_path, layout.remote_path)


def confirmed(store: NewStore) -> Identity:
    """Return the identity of confirmed profiles, made now."""
    create.create_confirmed(store.data_dir, store.identity, keychain=None)
    found = identity.load(store.data_dir, read_keychain=lambda *_: None, confirm=True)
    assert found is not None
    return found


def filled(store: NewStore) -> dict[str, bytes]:
    """Fill all four files of chat, dev; return what must be found in them."""
    first, second, kept = key(), key(), key()
    store.set("chat", "dev", LLM_API_KEY=first)
    store.set("chat", "dev", LLM_API_KEY=second)
    one = remote.Kept("op://a/b/c", "0" * 32, 1, 2, Secret(kept))
    remote.write(store.data_dir, "chat", "dev", store.identity, [one])
    return {".age": second, ".before": first, ".previous": first, ".remote": kept}


def opened_by(store: NewStore, secret: Secret) -> dict[str, bytes]:
    """Return the plain text of those files that *secret* alone opens, by their endings."""
    found = {}
    for path_of in PATHS:
        path = path_of(store.data_dir, "chat", "dev")
        sealed = layout.read(path, limit=layout.LIMIT)
        assert sealed is not None
        try:
            found[os.path.splitext(path)[1]] = envelope.unseal(sealed, secret, path=path)
        except StoreError:
            continue
    return found


def test_each_file_is_sealed_to_it_alone(store: NewStore) -> None:
    """Nothing that was of the profile is left to the store's own identity."""
    wanted = filled(store)
    other = confirmed(store)
    tightening.tighten(store.data_dir, "chat", "dev", other)

    found = opened_by(store, other.secret)
    assert {ending for ending, value in wanted.items() if value in found[ending]} == set(wanted)
    assert opened_by(store, store.identity.secret) == {}


def test_other_profiles_stay_as_they_are(store: NewStore) -> None:
    """What is to be confirmed is one profile."""
    value = key()
    store.set("chat", "staging", LLM_API_KEY=value)
    filled(store)
    tightening.tighten(store.data_dir, "chat", "dev", confirmed(store))

    assert store.get("chat", "staging") == {"LLM_API_KEY": value}


def test_what_is_right_is_not_written(store: NewStore) -> None:
    """The second time changes nothing."""
    filled(store)
    other = confirmed(store)
    tightening.tighten(store.data_dir, "chat", "dev", other)
    before = [os.stat(path_of(store.data_dir, "chat", "dev")).st_ino for path_of in PATHS]
    tightening.tighten(store.data_dir, "chat", "dev", other)

    after = [os.stat(path_of(store.data_dir, "chat", "dev")).st_ino for path_of in PATHS]
    assert after == before


def test_a_damaged_file_stays_for_its_reader_to_tell(store: NewStore) -> None:
    """The others are sealed all the same."""
    filled(store)
    path = layout.previous_path(store.data_dir, "chat", "dev")
    with open(path, "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"?")
    damaged = layout.read(path)
    other = confirmed(store)
    tightening.tighten(store.data_dir, "chat", "dev", other)

    assert layout.read(path) == damaged
    assert set(opened_by(store, other.secret)) == {".age", ".before", ".remote"}


@pytest.mark.parametrize("left", range(1, 4))
def test_an_interruption_is_made_good(store: NewStore, left: int) -> None:
    """Some files are sealed already, some are not: all can be read, and the next write ends it."""
    wanted = filled(store)
    other = confirmed(store)
    own = {path_of: layout.read(path_of(store.data_dir, "chat", "dev")) for path_of in PATHS}
    tightening.tighten(store.data_dir, "chat", "dev", other)
    for path_of in PATHS[left:]:
        with open(path_of(store.data_dir, "chat", "dev"), "wb") as file:
            file.write(own[path_of] or b"")
    write.update(
        store.data_dir,
        store.state_dir,
        "chat",
        "dev",
        other,
        write.setting({"MORE": (Secret(b"x"), "secret")}),
        source="prompt",
        who="me",
        now=0,
    )
    tightening.tighten(store.data_dir, "chat", "dev", other)

    assert opened_by(store, store.identity.secret) == {}
    assert wanted[".age"] in opened_by(store, other.secret)[".age"]


def test_whose_a_profile_is(store: NewStore) -> None:
    """The values decide, the rest where there are none; nothing at all is anybody's."""
    other = confirmed(store)
    assert tightening.opens(store.data_dir, "chat", "dev", store.identity)
    filled(store)
    assert tightening.opens(store.data_dir, "chat", "dev", store.identity)
    tightening.tighten(store.data_dir, "chat", "dev", other)
    assert not tightening.opens(store.data_dir, "chat", "dev", store.identity)
    for path_of in PATHS[:3]:
        os.unlink(path_of(store.data_dir, "chat", "dev"))
        assert not tightening.opens(store.data_dir, "chat", "dev", store.identity)
        assert tightening.opens(store.data_dir, "chat", "dev", other)
