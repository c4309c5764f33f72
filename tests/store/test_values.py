"""One profile's values, as they stand in their file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from new_store import NewStore, key

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, filenames, layout, values
from devkeys.store.values import Values

names = st.text(
    st.characters(blacklist_categories=["Cs", "Cc", "Z"], blacklist_characters="="), min_size=1
).filter(values.is_name)
contents = st.dictionaries(
    names | st.sampled_from(["LLM_API_KEY", "DATABASE_URL", "a.b-c"]),
    st.tuples(
        st.binary(max_size=40).map(lambda data: data.replace(b"\0", b"")),
        st.sampled_from(values.KINDS),
        st.integers(1, 10**15 - 1),
    ),
    max_size=6,
)
labels = st.text(min_size=1, max_size=20).filter(filenames.is_plain)


def _values(held: dict[str, tuple[bytes, str, int]], counter: int = 1) -> Values:
    return Values(
        counter,
        {name: Secret(value) for name, (value, _, _) in held.items()},
        {name: kind for name, (_, kind, _) in held.items()},
        {name: generation for name, (_, _, generation) in held.items()},
    )


@given(held=contents, project=labels, profile=labels, counter=st.integers(1, 10**15 - 1))
def test_what_is_encoded_is_decoded(
    held: dict[str, tuple[bytes, str, int]], project: str, profile: str, counter: int
) -> None:
    """Every name, value, kind, generation and the counter come back."""
    given_values = _values(held, counter)
    plain = values.encode(project, profile, given_values)
    found = values.decode(plain, project, profile, path="x")
    assert found.counter == counter
    assert found.values == given_values.values
    assert found.kinds == given_values.kinds
    assert found.generations == given_values.generations


PLAIN = values.encode(
    "chat", "dev", _values({"A": (b"one", "secret", 1), "B": (b"", "setting", 2)})
)


@given(st.binary(max_size=60) | st.sampled_from([PLAIN[:cut] for cut in range(len(PLAIN))]))
def test_anything_else_is_a_store_error(plain: bytes) -> None:
    """No bytes but whole ones give values."""
    with pytest.raises(StoreError):
        values.decode(plain, "chat", "dev", path="x")


HEAD = "devkeys-values 1\nproject chat\nprofile dev\ncounter 1\n"
WRONG = {
    "no newline at all": "devkeys-values 1",
    "no counter": HEAD.replace("counter 1\n", "") + "\n",
    "counter zero": HEAD.replace("counter 1", "counter 0") + "\n",
    "counter with sign": HEAD.replace("counter 1", "counter +1") + "\n",
    "counter too large": HEAD.replace("counter 1", "counter " + "9" * 16) + "\n",
    "counter in other digits": HEAD.replace("counter 1", "counter \u0661") + "\n",
    "lines swapped": "devkeys-values 1\nprofile dev\nproject chat\ncounter 1\n\n",
    "unknown line": HEAD + "note x\n\n",
    "unknown kind": HEAD + "name A public 1\n\nA\0x\0",
    "no generation": HEAD + "name A secret\n\nA\0x\0",
    "generation zero": HEAD + "name A secret 0\n\nA\0x\0",
    "two blanks": HEAD + "name  A secret 1\n\nA\0x\0",
    "name with =": HEAD + "name A=B secret 1\n\nA=B\0x\0",
    "name twice": HEAD + "name A secret 1\nname A secret 1\n\nA\0x\0A\0y\0",
    "name twice, value once": HEAD + "name A secret 1\nname A secret 2\n\nA\0x\0",
    "value without name in header": HEAD + "name A secret 1\n\nA\0x\0B\0y\0",
    "value twice": HEAD + "name A secret 1\n\nA\0x\0A\0y\0",
    "name without value": HEAD + "name A secret 1\nname B secret 1\n\nA\0x\0",
    "other name in body": HEAD + "name A secret 1\n\nB\0x\0",
    "other order in body": HEAD + "name A secret 1\nname B secret 1\n\nB\0x\0A\0y\0",
    "last NUL missing": HEAD + "name A secret 1\n\nA\0x",
    "value cut off": HEAD + "name A secret 1\n\nA\0",
    "more after the last NUL": HEAD + "name A secret 1\n\nA\0x\0y",
    "windows lines": HEAD.replace("\n", "\r\n") + "\r\n",
    "no end of header": HEAD,
}


@pytest.mark.parametrize("plain", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_one_clear_error(plain: str) -> None:
    """It names the file, has a hint, and holds no value."""
    with pytest.raises(StoreError, match=r"^/the/file is damaged: ") as caught:
        values.decode(plain.encode(), "chat", "dev", path="/the/file")
    assert caught.value.hint


def test_a_newer_format_is_refused() -> None:
    """It is told apart from damage."""
    with pytest.raises(StoreError, match=r"newer devkeys \(format 2\)"):
        values.decode(PLAIN.replace(b"values 1", b"values 2"), "chat", "dev", path="x")


def test_values_do_not_show_themselves() -> None:
    """Printing them tells their number."""
    value = key()
    shown = repr(_values({"A": (value, "secret", 1)}))
    assert shown == "<values of 1 names, counter 1>"


def test_no_file_is_none(store: NewStore) -> None:
    """A profile that never got a value has none, which is no error."""
    assert values.read(*store[:2], "chat", "dev", store.identity) is None


def _path(store: NewStore, project: str = "chat", profile: str = "dev") -> str:
    return layout.values_path(store.data_dir, project, profile)


@pytest.mark.parametrize(("project", "profile"), [("chat", "prod"), ("other", "dev")])
def test_a_file_copied_over_another_is_noticed(store: NewStore, project: str, profile: str) -> None:
    """Age would open it; the header says whose values they are."""
    store.set("chat", "dev", A=key())
    store.set(project, profile, A=key())
    shutil.copy(_path(store, project, profile), _path(store))
    with pytest.raises(StoreError, match=f"holds the values of '{project}', profile '{profile}'"):
        store.get("chat", "dev")


def test_a_write_after_the_counter_was_read_is_no_old_file(store: NewStore) -> None:
    """What was seen counts from before the values were read, so that both may get newer."""
    store.set("chat", "dev", A=b"old")
    seen = values.read_counter(layout.counter_path(store.state_dir, "chat", "dev"))
    store.set("chat", "dev", A=b"new")
    found = values.read(*store[:2], "chat", "dev", store.identity, seen=seen)
    assert found is not None
    assert (seen, found.counter) == (1, 2)
    with pytest.raises(StoreError, match="write 2, seen 3"):
        values.read(*store[:2], "chat", "dev", store.identity, seen=3)


def test_an_old_file_put_back_is_noticed(store: NewStore) -> None:
    """Its values may be keys that were replaced; the hint tells how to accept it."""
    store.set("chat", "dev", A=b"old")
    old = Path(_path(store)).read_bytes()
    store.set("chat", "dev", A=b"new")
    atomic.write(_path(store), old)
    with pytest.raises(
        StoreError, match="older than what was seen here: write 1, seen 2"
    ) as caught:
        store.get("chat", "dev")
    assert "devkeys store repair" in (caught.value.hint or "")
    os.unlink(layout.counter_path(store.state_dir, "chat", "dev"))
    assert store.get("chat", "dev") == {"A": b"old"}


def test_nothing_is_written_over_an_old_file_put_back(store: NewStore) -> None:
    """`set` does not launder it."""
    store.set("chat", "dev", A=b"old")
    old = Path(_path(store)).read_bytes()
    store.set("chat", "dev", A=b"new")
    atomic.write(_path(store), old)
    with pytest.raises(StoreError, match="older"):
        store.set("chat", "dev", B=b"more")
    assert Path(_path(store)).read_bytes() == old


@pytest.mark.parametrize(
    "content", ["", "devkeys-counter 1\n", "devkeys-counter 1\n7", "devkeys-counter 1\n-7\n", "7\n"]
)
def test_a_damaged_counter_is_an_error(store: NewStore, content: str) -> None:
    """Only a missing one is tolerated."""
    store.set("chat", "dev", A=key())
    path = layout.counter_path(store.state_dir, "chat", "dev")
    atomic.write(path, content.encode())
    with pytest.raises(StoreError, match=f"{path} is damaged"):
        store.get("chat", "dev")


def test_a_newer_counter_is_left_alone(store: NewStore) -> None:
    """Neither reading nor writing touches what a newer devkeys wrote."""
    store.set("chat", "dev", A=key())
    path = layout.counter_path(store.state_dir, "chat", "dev")
    atomic.write(path, b"devkeys-counter 2\nanything")
    with pytest.raises(StoreError, match="newer devkeys"):
        store.get("chat", "dev")
    with pytest.raises(StoreError, match="newer devkeys"):
        store.set("chat", "dev", A=key())
    assert Path(path).read_bytes() == b"devkeys-counter 2\nanything"


def _spoil_mode(path: str) -> None:
    os.chmod(path, 0o644)


def _spoil_link(path: str) -> None:
    os.rename(path, path + ".real")
    os.symlink(path + ".real", path)


def _spoil_bit(path: str) -> None:
    data = bytearray(Path(path).read_bytes())
    data[-1] ^= 1
    Path(path).write_bytes(data)


def _spoil_end(path: str) -> None:
    os.truncate(path, os.path.getsize(path) - 1)


def _spoil_all(path: str) -> None:
    os.truncate(path, 0)


def _spoil_kind(path: str) -> None:
    os.unlink(path)
    os.mkfifo(path, 0o600)


def _spoil_size(path: str) -> None:
    os.truncate(path, layout.LIMIT + 1)


@pytest.mark.parametrize(
    "spoil",
    [_spoil_mode, _spoil_link, _spoil_bit, _spoil_end, _spoil_all, _spoil_kind, _spoil_size],
)
def test_a_spoilt_file_is_one_clear_error(store: NewStore, spoil: Callable[[str], None]) -> None:
    """It names the file and has a hint; writing refuses too."""
    store.set("chat", "dev", A=key())
    path = _path(store)
    spoil(path)
    with pytest.raises(StoreError, match=path) as caught:
        store.get("chat", "dev")
    assert caught.value.hint
    before = os.lstat(path)
    with pytest.raises(StoreError, match=path):
        store.set("chat", "dev", B=key())
    after = os.lstat(path)
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)


@pytest.mark.needs_root
def test_a_file_of_another_user_is_an_error(store: NewStore) -> None:
    """Whoever else owns it can change it at any time."""
    store.set("chat", "dev", A=key())
    os.chown(_path(store), 12345, -1)
    with pytest.raises(StoreError, match="belongs to another user"):
        store.get("chat", "dev")


def test_a_file_for_another_identity_is_an_error(store: NewStore) -> None:
    """A file from another machine cannot be read with this store's identity."""
    store.set("chat", "dev", A=key())
    stranger = envelope.recipient_of(envelope.new_identity()) or ""
    atomic.write(_path(store), envelope.seal(PLAIN, (stranger,)))
    with pytest.raises(StoreError, match="cannot be decrypted"):
        store.get("chat", "dev")


def test_reading_imports_almost_nothing(store: NewStore) -> None:
    """Identity and values are read before every command that is run."""
    store.set("chat", "dev", A=key())
    code = f"""
import os, sys
sys.path[:0] = {sys.path!r}
before = set(sys.modules)
from devkeys.store import identity, values
found = identity.load({store.data_dir!r}, read_keychain=lambda *_: None)
assert values.read({store.data_dir!r}, {store.state_dir!r}, "chat", "dev", found).counter == 1
print(*sorted(set(sys.modules) - before))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True
    )
    ours = [name for name in done.stdout.split() if name.partition(".")[0] != "pyrage"]
    parts = ("", ".envelope", ".identity", ".layout", ".record", ".values")
    assert ours == [
        *("devkeys", "devkeys.errors", "devkeys.files", "devkeys.secret"),
        *(f"devkeys.store{part}" for part in parts),
    ]
