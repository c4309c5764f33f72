"""The file of values as it was before its last write."""

import os
from pathlib import Path

from new_store import NewStore, key

from devkeys.store import before, layout, previous, values


def _before(store: NewStore) -> values.Values:
    path = layout.before_path(store.data_dir, "chat", "dev")
    sealed = Path(path).read_bytes()
    plain = store.identity.unseal(sealed, path=path)
    return values.decode(plain, "chat", "dev", path=path)


def test_the_first_write_has_nothing_before_it(store: NewStore) -> None:
    """There is no file of which it could be kept."""
    store.set("chat", "dev", A=key())
    assert not os.path.exists(layout.before_path(store.data_dir, "chat", "dev"))


def test_each_write_keeps_the_one_before(store: NewStore) -> None:
    """One step back, and no further."""
    for value in (b"1", b"2", b"3"):
        store.set("chat", "dev", A=value)
    assert _before(store).values["A"].reveal() == b"2"
    assert _before(store).counter == 2


def test_what_is_unset_does_not_stay_in_it(store: NewStore) -> None:
    """`unset` says that a value is gone for good: no file of the profile has it any more."""
    store.set("chat", "dev", A=b"1", B=b"2")
    store.set("chat", "dev", B=b"3")
    store.unset("chat", "dev", "A")
    assert list(_before(store).values) == ["B"]
    former = previous.read(store.data_dir, "chat", "dev", store.identity)
    assert "A" not in [one.name for one in former]


def test_an_interrupted_write_can_be_repeated(store: NewStore) -> None:
    """The link may be there already, and both names may be one file."""
    store.set("chat", "dev", A=b"1")
    path = layout.values_path(store.data_dir, "chat", "dev")
    kept = layout.before_path(store.data_dir, "chat", "dev")
    os.link(path, kept)
    before.keep(path, kept)
    assert sorted(os.listdir(os.path.dirname(path))) == ["dev.age", "dev.before", "dev.json"]
    store.set("chat", "dev", A=b"2")
    assert _before(store).values["A"].reveal() == b"1"


def test_it_is_the_users_alone(store: NewStore) -> None:
    """The same mode as the file that it was."""
    store.set("chat", "dev", A=b"1")
    store.set("chat", "dev", A=b"2")
    assert os.stat(layout.before_path(store.data_dir, "chat", "dev")).st_mode & 0o777 == 0o600
