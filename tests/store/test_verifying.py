"""What is said of a store whose files are not as they were written."""

import os
from pathlib import Path

import pytest
from new_store import NewStore, key

from devkeys.store import faults, layout, verifying
from devkeys.store.faults import Fault, Store


@pytest.fixture
def full(store: NewStore) -> NewStore:
    """Give this test a store whose every file exists."""
    store.set("chat", "dev", A=key(), B=key())
    store.set("chat", "dev", A=key())
    store.set("other", "prod", C=key())
    return store


def _faults(store: NewStore) -> list[Fault]:
    return list(verifying.examine(Store(*store)))


def _remedies(store: NewStore) -> list[tuple[str, str]]:
    return [(os.path.basename(fault.path), fault.remedy) for fault in _faults(store)]


def test_a_whole_store_has_no_fault(full: NewStore) -> None:
    """Nor has one that holds nothing yet."""
    assert _faults(full) == []


def test_an_empty_store_has_no_fault(store: NewStore) -> None:
    """It is whole, though it holds nothing."""
    assert _faults(store) == []


def _flip(path: str) -> None:
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2] ^= 1
    Path(path).write_bytes(bytes(data))


FILES = {
    "age": (layout.values_path, faults.RESTORE),
    "before": (layout.before_path, faults.BEFORE),
    "previous": (layout.previous_path, faults.ASIDE),
}


@pytest.mark.parametrize(("path_of", "remedy"), FILES.values(), ids=FILES.keys())
def test_a_damaged_file_is_found(full: NewStore, path_of: object, remedy: str) -> None:
    """One flipped bit, and what helps against it."""
    assert callable(path_of)
    path = path_of(full.data_dir, "chat", "dev")
    _flip(path)
    assert (path, remedy) in [(fault.path, fault.remedy) for fault in _faults(full)]


def test_values_that_are_gone_are_found_by_the_ledger(full: NewStore) -> None:
    """A profile without a file before its last write can only be told of."""
    os.unlink(layout.values_path(full.data_dir, "other", "prod"))
    assert _remedies(full) == [("prod.age", "")]


def test_gone_values_with_a_file_before_can_be_restored(full: NewStore) -> None:
    """That is what it is for."""
    os.unlink(layout.values_path(full.data_dir, "chat", "dev"))
    assert ("dev.age", faults.RESTORE) in _remedies(full)


def test_an_old_file_is_found(full: NewStore) -> None:
    """It is whole, and yet not what was written last."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    os.replace(layout.before_path(full.data_dir, "chat", "dev"), path)
    assert _remedies(full) == [("dev.age", faults.OLD)]


def test_a_swapped_file_is_found(full: NewStore) -> None:
    """It decrypts well, and is another profile's."""
    source = Path(layout.values_path(full.data_dir, "other", "prod"))
    Path(layout.values_path(full.data_dir, "chat", "dev")).write_bytes(source.read_bytes())
    (fault,) = _faults(full)
    assert "holds the values of 'other', profile 'prod'" in fault.what


def test_a_ledger_that_is_behind_is_found(full: NewStore) -> None:
    """`list` reads nothing else."""
    os.unlink(layout.ledger_path(full.data_dir, "chat", "dev"))
    assert _remedies(full) == [("dev.json", faults.LEDGER)]


def test_a_damaged_counter_is_found(full: NewStore) -> None:
    """Without it an old file would not be noticed."""
    Path(layout.counter_path(full.state_dir, "chat", "dev")).write_text("?")
    assert _remedies(full) == [("dev", faults.COUNTER)]


def test_leftovers_are_found(full: NewStore) -> None:
    """In the store, beside the values and beside the counters."""
    name = ".dev.age.0123456789ab.tmp"
    for folder in (
        full.data_dir,
        os.path.dirname(layout.values_path(full.data_dir, "chat", "dev")),
        os.path.dirname(layout.counter_path(full.state_dir, "chat", "dev")),
    ):
        Path(folder, name).touch(mode=0o600)
    assert _remedies(full) == [(name, faults.REMOVE)] * 3


def test_a_strange_file_is_named_and_left(full: NewStore) -> None:
    """Nobody knows whether it can go."""
    path = Path(layout.values_path(full.data_dir, "chat", "dev")).with_name("notes.txt")
    path.touch(mode=0o600)
    assert _remedies(full) == [("notes.txt", "")]


def test_an_open_mode_is_found(full: NewStore) -> None:
    """The files of the store are the user's alone."""
    path = layout.before_path(full.data_dir, "chat", "dev")
    os.chmod(path, 0o640)
    assert (path, faults.MODE) in [(one.path, one.remedy) for one in _faults(full)]


def test_a_damaged_record_is_found(full: NewStore) -> None:
    """And what it says is not guessed."""
    Path(layout.record_path(full.data_dir)).write_text("devkeys-store 1\n")
    assert ("store", faults.RECORD) in _remedies(full)


def test_a_newer_record_is_left_alone(full: NewStore) -> None:
    """An older devkeys has no business mending it."""
    Path(layout.record_path(full.data_dir)).write_text("devkeys-store 9\n")
    assert ("store", "") in _remedies(full)


def test_a_copy_that_is_behind_is_found(full: NewStore) -> None:
    """A killed change of the record leaves it."""
    Path(layout.record_copy_path(full.data_dir)).write_text("devkeys-store 1\n")
    assert _remedies(full) == [("store.copy", faults.COPY)]


def test_without_a_key_the_rest_is_looked_at(full: NewStore) -> None:
    """A locked keychain is no reason not to see a file that others can read."""
    os.chmod(layout.record_path(full.data_dir), 0o644)
    _flip(layout.values_path(full.data_dir, "chat", "dev"))
    found = list(verifying.examine(Store(full.data_dir, full.state_dir, None)))
    assert {os.path.basename(fault.path) for fault in found} == {"store"}


def test_no_fault_holds_a_value(full: NewStore) -> None:
    """Names and places only."""
    value = key()
    full.set("chat", "dev", A=value)
    full.set("chat", "dev", A=key())
    for path in (layout.values_path, layout.before_path, layout.previous_path):
        _flip(path(full.data_dir, "chat", "dev"))
    assert value.decode() not in repr(_faults(full))
