"""The file of remote values: what was kept comes back, and nothing else passes for it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import create, envelope, layout, remote
from devkeys.store.identity import Identity
from devkeys.store.remote import Kept

KEPT = st.builds(
    Kept,
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=30).filter(
        str.isprintable
    ),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.integers(1, 10**12),
    st.integers(1, 10**12),
    st.binary(max_size=60).map(Secret),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Identity]:
    """Return a store's directory and its identity."""
    folder = tmp_path_factory.mktemp("store")
    folder.chmod(0o700)
    return str(folder), create.create(str(folder), keychain=None)


def facts(kept: list[Kept]) -> list[tuple[str, str, int, int, bytes]]:
    """Return all that *kept* says."""
    return [(k.reference, k.context, k.taken, k.until, k.value.reveal()) for k in kept]


@given(kept=st.lists(KEPT, max_size=5))
def test_what_is_kept_comes_back(made: tuple[str, Identity], kept: list[Kept]) -> None:
    """Every reference, date and byte is read as it was written."""
    data_dir, identity = made
    remote.write(data_dir, "chat", "dev", identity, kept)
    assert facts(remote.read(data_dir, "chat", "dev", identity)) == facts(kept)


def test_another_projects_file_is_refused(made: tuple[str, Identity]) -> None:
    """A file that was put in another's place gives nothing."""
    data_dir, identity = made
    remote.write(data_dir, "chat", "prod", identity, [Kept("op://a/b/c", "0", 1, 2, Secret(b"v"))])
    source = Path(layout.remote_path(data_dir, "chat", "prod"))
    target = Path(layout.remote_path(data_dir, "chat", "dev"))
    target.write_bytes(source.read_bytes())
    target.chmod(0o600)
    with pytest.raises(StoreError, match="another project or profile"):
        remote.read(data_dir, "chat", "dev", identity)


@pytest.mark.parametrize("length", ["9" * 5000, "9", "-1", "٣", ""])
def test_length_that_cannot_be_is_damage(made: tuple[str, Identity], length: str) -> None:
    """Whoever knows the recipient can write such a file; it is refused, and no fault of ours."""
    data_dir, identity = made
    head = f"devkeys-remote 1\nproject chat\nprofile dev\nvalue 0 1 2 {length} op://a/b/c\n\nabc"
    path = Path(layout.remote_path(data_dir, "chat", "dev"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(envelope.seal(head.encode(), identity.recipients))
    path.chmod(0o600)
    with pytest.raises(StoreError):
        remote.read(data_dir, "chat", "dev", identity)


def test_nothing_kept_is_nothing(made: tuple[str, Identity]) -> None:
    """A profile without such a file has no kept values."""
    data_dir, identity = made
    assert remote.read(data_dir, "chat", "never", identity) == []
