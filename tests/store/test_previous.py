"""Former values: kept when a value is replaced, searched for by doctor, gone with the name."""

from pathlib import Path

import new_store
import pytest
from hypothesis import given
from hypothesis import strategies as st
from new_store import NewStore, key

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout, previous, projects
from devkeys.store.previous import Former

FORMER = st.builds(
    Former,
    st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True),
    st.integers(1, 10**12),
    st.binary(max_size=60).map(Secret),
)


@pytest.fixture
def store(tmp_path: Path) -> NewStore:
    """Return an empty store."""
    return new_store.make(str(tmp_path))


def read(store: NewStore, project: str = "chat") -> list[tuple[str, int, bytes]]:
    """Return what is kept of *project*'s dev profile, revealed."""
    found = previous.read(store.data_dir, project, "dev", store.identity)
    return [(one.name, one.generation, one.value.reveal()) for one in found]


def test_a_replaced_value_is_kept(store: NewStore) -> None:
    """What a name held before is there after it got another value, with its generation."""
    first, second = key(), key()
    store.set("chat", "dev", LLM_API_KEY=first)
    store.set("chat", "dev", LLM_API_KEY=second)

    assert read(store) == [("LLM_API_KEY", 1, first)]
    assert store.get("chat", "dev") == {"LLM_API_KEY": second}


def test_a_first_value_leaves_no_file(store: NewStore) -> None:
    """Nothing is kept where nothing was replaced."""
    store.set("chat", "dev", LLM_API_KEY=key())

    assert not Path(layout.previous_path(store.data_dir, "chat", "dev")).exists()


def test_the_last_ones_are_kept(store: NewStore) -> None:
    """Of many generations the last KEPT stay."""
    keys = [key() for _ in range(previous.KEPT + 3)]
    for one in keys:
        store.set("chat", "dev", LLM_API_KEY=one)

    assert [value for _, _, value in read(store)] == keys[2:-1]


def test_unset_drops_them(store: NewStore) -> None:
    """A name that is taken out of the store takes its former values with it, and no others."""
    kept = key()
    store.set("chat", "dev", A_KEY=key(), B_KEY=kept)
    store.set("chat", "dev", A_KEY=key(), B_KEY=key())
    store.unset("chat", "dev", "A_KEY")

    assert read(store) == [("B_KEY", 1, kept)]


def test_forget_drops_them(store: NewStore) -> None:
    """Whoever forgets a profile forgets its former values."""
    store.set("chat", "dev", A_KEY=key())
    store.set("chat", "dev", A_KEY=key())
    projects.remove_project(store.data_dir, store.state_dir, "chat", "dev")

    assert not Path(layout.previous_path(store.data_dir, "chat", "dev")).exists()


def test_another_profiles_file_is_refused(store: NewStore) -> None:
    """A file that was put in another's place is not taken for it."""
    store.set("chat", "dev", A_KEY=key())
    store.set("chat", "dev", A_KEY=key())
    store.set("bot", "dev", A_KEY=key())
    source = Path(layout.previous_path(store.data_dir, "chat", "dev"))
    source.rename(layout.previous_path(store.data_dir, "bot", "dev"))

    with pytest.raises(StoreError, match="another project or profile"):
        read(store, "bot")


def test_the_file_holds_no_value_in_clear(store: NewStore) -> None:
    """On disk a former value is encrypted."""
    first = key()
    store.set("chat", "dev", A_KEY=first)
    store.set("chat", "dev", A_KEY=key())

    assert first not in Path(layout.previous_path(store.data_dir, "chat", "dev")).read_bytes()


@given(former=st.lists(FORMER, max_size=8))
def test_what_is_kept_comes_back(
    former: list[Former], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any names, generations and bytes are read as they were kept, each value of a name once."""
    store = new_store.make(str(tmp_path_factory.mktemp("store")))
    previous.keep(store.data_dir, "chat", "dev", store.identity, former, ())
    found = previous.read(store.data_dir, "chat", "dev", store.identity)

    assert {(one.name, one.value.reveal()) for one in found} <= {
        (one.name, one.value.reveal()) for one in former
    }
    assert {one.name for one in found} == {one.name for one in former}


@given(header=st.binary(max_size=80))
def test_damage_is_one_clear_error(header: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever stands in the file, it is values or a StoreError."""
    store = new_store.make(str(tmp_path_factory.mktemp("store")))
    store.set("chat", "dev", A_KEY=key())
    plain = b"devkeys-previous 1\nproject chat\nprofile dev\n" + header
    path = Path(layout.previous_path(store.data_dir, "chat", "dev"))
    path.write_bytes(envelope.seal(plain, store.identity.recipients))
    path.chmod(0o600)

    try:
        found = previous.read(store.data_dir, "chat", "dev", store.identity)
    except StoreError:
        return
    assert all(isinstance(one.value, Secret) for one in found)


def test_damage_of_it_names_a_way_on(store: NewStore) -> None:
    """A damaged file of earlier values stops a write, which says that it can be done without."""
    store.set("chat", "dev", A_KEY=key())
    store.set("chat", "dev", A_KEY=key())
    path = Path(layout.previous_path(store.data_dir, "chat", "dev"))
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(StoreError, match="earlier values only") as raised:
        store.set("chat", "dev", A_KEY=key())
    assert str(path) in (raised.value.hint or "")
    path.unlink()
    store.set("chat", "dev", A_KEY=key())


def test_large_values_do_not_pile_up(store: NewStore) -> None:
    """However large they are, the file can be read again; the last of them is kept."""
    large = [bytes([65 + number]) * (3 << 20) for number in range(4)]
    for value in large:
        store.set("chat", "dev", A_KEY=value)

    assert [generation for _, generation, _ in read(store)] == [3]
