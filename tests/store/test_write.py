"""Changing values: under the lock, all or nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from new_store import NewStore, key, make
from real import absent, need
from small_disk import fill, small_disk

from devkeys import atomic
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.secret import Secret
from devkeys.store import envelope, layout, ledger, values, write
from devkeys.store.values import Values


def _read(store: NewStore) -> Values:
    found = values.read(*store[:2], "chat", "dev", store.identity)
    assert found is not None
    return found


def test_what_is_set_is_read(store: NewStore) -> None:
    """Values with spaces, newlines, quotes, no UTF-8 and nothing at all come back."""
    given_values = {
        "SPACES": b"  a b  ",
        "LINES": b"-----BEGIN\nx\r\n-----END\n\n",
        "QUOTES": b"\"'`$HOME ${X} \\ #=",
        "BYTES": bytes(range(1, 256)),
        "EMPTY": b"",
    }
    store.set("org/chat", "dev", **given_values)
    assert store.get("org/chat", "dev") == given_values


def test_setting_one_name_keeps_the_others(store: NewStore) -> None:
    """Only the changed name gets a new generation; the file's counter grows."""
    one, two = key(), key()
    store.set("chat", "dev", A=one, B=b"old")
    store.set("chat", "dev", B=two)
    found = _read(store)
    assert found.values == {"A": Secret(one), "B": Secret(two)}
    assert found.generations == {"A": 1, "B": 2}
    assert found.counter == 2


def test_setting_the_same_value_writes_nothing(store: NewStore) -> None:
    """An import that is repeated does not look like a rotation."""
    value = key()
    store.set("chat", "dev", A=value)
    path = layout.values_path(store.data_dir, "chat", "dev")
    before = os.stat(path).st_ino
    assert store.set("chat", "dev", A=value).counter == 1
    assert os.stat(path).st_ino == before


def test_a_secret_can_become_a_setting(store: NewStore) -> None:
    """The value stays, and with it the generation."""
    store.set("chat", "dev", A=b"https://example.com")
    new = {"A": (Secret(b"https://example.com"), "setting")}
    write.update(
        *store[:2],
        "chat",
        "dev",
        store.identity,
        write.setting(new),
        source="stdin",
        who="me",
        now=0,
    )
    found = _read(store)
    assert (found.kinds, found.generations) == ({"A": "setting"}, {"A": 1})


def test_removing_takes_away_what_is_there(store: NewStore) -> None:
    """A name without a value is no error; the last one leaves an empty file."""
    store.set("chat", "dev", A=key(), B=b"b")
    store.unset("chat", "dev", "A", "NEVER")
    assert store.get("chat", "dev") == {"B": b"b"}
    store.unset("chat", "dev", "B")
    assert store.get("chat", "dev") == {}


def test_removing_from_nothing_makes_no_file(store: NewStore) -> None:
    """`unset` in a project without values leaves it without."""
    assert store.unset("chat", "dev", "A").values == {}
    assert store.get("chat", "dev") is None


def test_a_removed_name_goes_on_counting(store: NewStore) -> None:
    """No child that was given the first value may take the second for the same."""
    store.set("chat", "dev", A=b"one")
    store.unset("chat", "dev", "A")
    store.set("chat", "dev", A=b"two")
    assert _read(store).generations == {"A": 2}


def test_update_changes_the_present_values(store: NewStore) -> None:
    """The change sees what is stored now, and what it returns is what is stored."""
    store.set("chat", "dev", A=b"1", B=b"2")

    def swap(contents: write.Contents) -> write.Contents:
        return {"A": contents["B"], "B": contents["A"]}

    write.update(*store[:2], "chat", "dev", store.identity, swap, source="x", who="me", now=0)
    assert store.get("chat", "dev") == {"A": b"2", "B": b"1"}


def test_a_change_that_fails_changes_nothing(store: NewStore) -> None:
    """And lets go of the lock."""
    store.set("chat", "dev", A=b"1")

    def fail(contents: write.Contents) -> write.Contents:
        contents.clear()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write.update(*store[:2], "chat", "dev", store.identity, fail, source="", who="", now=0)
    store.set("chat", "dev", B=b"2")
    assert store.get("chat", "dev") == {"A": b"1", "B": b"2"}


def test_a_nul_is_refused_with_the_name(store: NewStore) -> None:
    """No environment can hold it; the error names the variable and not the value."""
    value = key()
    with pytest.raises(UsageError, match="value of TOKEN contains a NUL") as caught:
        store.set("chat", "dev", OTHER=b"x", TOKEN=value + b"\0")
    assert value.decode() not in str(caught.value)
    assert store.get("chat", "dev") is None


@pytest.mark.parametrize("name", ["", "A B", "A=B", "A\nB", "A\0", "\x1b[0m", "A\u00a0B", "\udcff"])
def test_a_name_that_is_none_is_refused(store: NewStore, name: str) -> None:
    """What could not be read back is not written."""
    with pytest.raises(UsageError, match="cannot be the name of a variable"):
        store.set("chat", "dev", **{name: b"x"})
    assert store.get("chat", "dev") is None


def test_an_unknown_kind_is_refused(store: NewStore) -> None:
    """There are secrets and settings."""
    new = {"A": (Secret(b"x"), "public")}
    with pytest.raises(UsageError, match="a secret or a setting, not 'public'"):
        write.update(
            *store[:2], "a", "dev", store.identity, write.setting(new), source="", who="", now=0
        )


def test_too_much_is_refused(store: NewStore) -> None:
    """What could not be read again is not written; the old values stay."""
    store.set("chat", "dev", A=b"old")
    with pytest.raises(UsageError, match="at most 16777216 are kept"):
        store.set("chat", "dev", B=b"x" * layout.LIMIT)
    assert store.get("chat", "dev") == {"A": b"old"}


def test_a_large_value_is_stored(store: NewStore) -> None:
    """Certificates and service accounts are larger than a keychain's item may be."""
    value = os.urandom(3 << 20).replace(b"\0", b"x")
    store.set("chat", "dev", A=value)
    assert store.get("chat", "dev") == {"A": value}


changes = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.none() | st.binary(max_size=3).filter(lambda v: b"\0" not in v)
    ),
    max_size=6,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=changes)
def test_it_behaves_as_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, bytes | None]]
) -> None:
    """After any sets and removals the values are the dictionary's, and no generation repeats."""
    store = make(str(tmp_path_factory.mktemp("store")))
    model: dict[str, bytes] = {}
    given_out: dict[tuple[str, int], bytes] = {}
    for name, value in changes:
        if value is None:
            model.pop(name, None)
            found = store.unset("chat", "dev", name)
        else:
            model[name] = value
            found = store.set("chat", "dev", **{name: value})
        assert (store.get("chat", "dev") or {}) == model
        for held, generation in found.generations.items():
            assert given_out.setdefault((held, generation), model[held]) == model[held]
        assert ledger.names(ledger.read(store.data_dir, "chat", "dev")) == sorted(model)


def test_the_counter_goes_on_after_its_file_was_lost(store: NewStore) -> None:
    """The file's own counter is the basis."""
    store.set("chat", "dev", A=b"1")
    os.unlink(layout.counter_path(store.state_dir, "chat", "dev"))
    assert store.set("chat", "dev", A=b"2").counter == 2
    assert values.read_counter(layout.counter_path(store.state_dir, "chat", "dev")) == 2


def test_the_counter_goes_on_after_the_values_were_lost(store: NewStore) -> None:
    """An old file that comes back later is still noticed."""
    store.set("chat", "dev", A=b"1")
    path = layout.values_path(store.data_dir, "chat", "dev")
    old = Path(path).read_bytes()
    os.unlink(path)
    assert store.set("chat", "dev", A=b"2").counter == 2
    atomic.write(path, old)
    with pytest.raises(StoreError, match="older"):
        store.get("chat", "dev")


def test_another_identity_does_not_write(store: NewStore, tmp_path: Path) -> None:
    """A process that loaded the identity before it was exchanged is told to try again."""
    other = make(str(tmp_path / "other"))
    mixed = NewStore(store.data_dir, store.state_dir, other.identity)
    with pytest.raises(StoreError, match="another identity meanwhile"):
        mixed.set("chat", "dev", A=b"1")
    assert store.get("chat", "dev") is None


def test_a_removed_store_is_not_written_to(store: NewStore) -> None:
    """Values without a record could never be told whose they are."""
    os.unlink(layout.record_path(store.data_dir))
    with pytest.raises(StoreError):
        store.set("chat", "dev", A=b"1")
    assert not os.path.exists(layout.values_path(store.data_dir, "chat", "dev"))


def test_every_recipient_can_read_what_is_written(store: NewStore) -> None:
    """A recovery recipient in the record is honoured by every write."""
    second = envelope.new_identity()
    recipients = (*store.identity.recipients, envelope.recipient_of(second) or "")
    record = "devkeys-store 2\nidentity file\nrecipient {}\nrecovery {}\nend\n".format(*recipients)
    atomic.write(layout.record_path(store.data_dir), record.encode())
    store.identity.recipients = recipients
    store.set("chat", "dev", A=b"1")
    path = layout.values_path(store.data_dir, "chat", "dev")
    assert envelope.unseal(Path(path).read_bytes(), second, path=path).endswith(b"A\x001\0")


SET = """
import sys
from devkeys.secret import Secret
from devkeys.store import identity, write
data_dir, state_dir, *pairs = sys.argv[1:]
found = identity.load(data_dir, read_keychain=lambda *_: None)
for pair in pairs:
    name, value = pair.split("=")
    write.update(data_dir, state_dir, "chat", "dev", found,
                 write.setting({name: (Secret(value.encode()), "secret")}),
                 source="x", who="me", now=0)
"""


def _set(store: NewStore, *pairs: str, before: tuple[str, ...] = ()) -> list[str]:
    return [*before, sys.executable, "-c", SET, *store[:2], *pairs]


def test_writers_at_the_same_time_lose_nothing(store: NewStore) -> None:
    """Eight processes that set four names each leave thirty-two, and a counter of as many."""
    pairs = [[f"P{process}_{n}=v{n}" for n in range(4)] for process in range(8)]
    processes = [subprocess.Popen(_set(store, *own)) for own in pairs]
    assert [process.wait(60) for process in processes] == [0] * 8
    found = _read(store)
    assert len(found.values) == found.counter == 32
    assert len(ledger.names(ledger.read(store.data_dir, "chat", "dev"))) == 32


@pytest.mark.parametrize(
    ("call", "when", "held"),
    [
        *(("fsync", when, b"old") for when in range(1, 4)),
        *(("rename", when, b"old") for when in (1, 2, 3)),
        ("linkat", 1, b"old"),
        *(("fsync", when, b"new") for when in range(4, 9)),
        *(("rename", when, b"new") for when in (4, 5)),
    ],
)
def test_a_killed_writer_leaves_the_old_or_the_new(
    store: NewStore, call: str, when: int, held: bytes
) -> None:
    """Wherever it dies, in former values, values, counter or ledger; the next write cleans up."""
    need("strace")
    store.set("chat", "dev", A=b"old")
    inject = f"inject={call}:signal=KILL:when={when}"
    trace = ("strace", "-qq", "-o", "/dev/null", "-e", inject)
    done = subprocess.run(_set(store, "A=new", before=trace), check=False, capture_output=True)
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert done.returncode == -signal.SIGKILL
    assert store.get("chat", "dev") == {"A": held}
    store.set("chat", "dev", B=b"next")
    assert store.get("chat", "dev") == {"A": held, "B": b"next"}
    folders = [
        os.path.dirname(layout.values_path(store.data_dir, "chat", "dev")),
        os.path.dirname(layout.counter_path(store.state_dir, "chat", "dev")),
    ]
    present = [set(os.listdir(folder)) - {"dev.previous", "dev.before"} for folder in folders]
    assert present == [{"dev.age", "dev.json"}, {"dev"}]


def test_repeating_what_was_killed_makes_up_for_the_rest(store: NewStore) -> None:
    """The value is there already; counter and ledger follow, and later values get no such name."""
    need("strace")
    trace = ("strace", "-qq", "-o", "/dev/null", "-e", "inject=rename:signal=KILL:when=2")
    done = subprocess.run(_set(store, "A=new", before=trace), check=False, capture_output=True)
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert store.get("chat", "dev") == {"A": b"new"}
    assert ledger.read(store.data_dir, "chat", "dev") == {}
    store.set("chat", "dev", A=b"new")
    assert ledger.names(ledger.read(store.data_dir, "chat", "dev")) == ["A"]
    assert values.read_counter(layout.counter_path(store.state_dir, "chat", "dev")) == 1


@pytest.mark.needs_root
def test_a_full_disk_keeps_the_old_values(tmp_path: Path) -> None:
    """The error says that nothing was changed, and that is so."""
    with small_disk(str(tmp_path / "disk")) as disk:
        store = make(disk)
        store.set("chat", "dev", A=b"old")
        fill(disk)
        with pytest.raises(DevkeysError, match="no space left on device") as caught:
            store.set("chat", "dev", A=b"new" * 5000)
        assert caught.value.hint == "nothing was changed"
        assert store.get("chat", "dev") == {"A": b"old"}


def test_a_cut_off_write_keeps_the_old_values(store: NewStore) -> None:
    """The same, where the kernel takes only part of the file."""
    store.set("chat", "dev", A=b"old")
    import resource

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(
        _set(store, "A=" + "new" * 1000),
        check=False,
        capture_output=True,
        preexec_fn=limit,  # nothing else runs in this test's process
    )
    assert b"file too large" in done.stderr
    assert store.get("chat", "dev") == {"A": b"old"}


def test_a_failure_after_the_values_is_not_told_as_no_change(store: NewStore) -> None:
    """The values are stored although the counter's directory cannot be used."""
    atomic.make_private_dir(store.state_dir)
    Path(layout.counters_dir(store.state_dir)).touch(mode=0o600)
    with pytest.raises(StoreError, match="the values were stored, but not what is noted") as caught:
        store.set("chat", "dev", A=b"new")
    assert caught.value.hint
    os.unlink(layout.counters_dir(store.state_dir))
    assert store.get("chat", "dev") == {"A": b"new"}


def test_no_value_lies_about_in_plain_text(store: NewStore) -> None:
    """Neither in the store, nor in its ledger, nor in what is noted beside it."""
    value = key()
    store.set("chat", "dev", A=value)
    store.set("chat", "dev", A=key())
    for top in store[:2]:
        for folder, _, names in os.walk(top):
            for name in names:
                assert value not in Path(folder, name).read_bytes()
