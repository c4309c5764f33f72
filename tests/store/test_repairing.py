"""Mending a store: what can still be read is not lost."""

import os
from pathlib import Path

import pytest
from new_store import NewStore, key

from devkeys.errors import StoreError
from devkeys.store import faults, layout, ledger, previous, repairing, values, verifying
from devkeys.store.faults import Fault, Store
from devkeys.store.projects import remove_project
from devkeys.store.repairing import Moment

MOMENT = Moment("me@here", 1_800_000_000.0)
OLD, NEW = key(), key()


@pytest.fixture
def full(store: NewStore) -> NewStore:
    """Give this test a store in which A has been replaced once, and B came last."""
    store.set("chat", "dev", A=OLD)
    store.set("chat", "dev", A=NEW, B=key())
    return store


def _fault(store: NewStore) -> Fault:
    return next(fault for fault in verifying.examine(Store(*store)) if fault.remedy)


def _mend(store: NewStore) -> Fault:
    fault = _fault(store)
    repairing.ACTIONS[fault.remedy](Store(*store), fault, MOMENT)
    return fault


def _damage(path: str) -> bytes:
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[:-1])
    return data[:-1]


def test_damaged_values_are_restored_from_the_file_before(full: NewStore) -> None:
    """Its values count again, and the store goes on as if they had been written now."""
    _damage(layout.values_path(full.data_dir, "chat", "dev"))
    _mend(full)
    assert full.get("chat", "dev") == {"A": OLD}
    assert list(verifying.examine(Store(*full))) == []


def test_what_restoring_loses_is_told_before(full: NewStore) -> None:
    """Names that came with the last write, and names whose value it replaced."""
    _damage(layout.values_path(full.data_dir, "chat", "dev"))
    assert repairing.forecast(Store(*full), _fault(full)) == (["B"], ["A"])


def test_a_restored_value_takes_no_generation_of_another(full: NewStore) -> None:
    """A process that was given the lost value must not pass for one that has this one."""
    _damage(layout.values_path(full.data_dir, "chat", "dev"))
    _mend(full)
    found = values.read(full.data_dir, full.state_dir, "chat", "dev", full.identity)
    assert found is not None
    assert found.generations["A"] == 3
    assert found.counter > 2


def test_the_damaged_file_is_put_aside(full: NewStore) -> None:
    """Somebody may still get something out of it."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    damaged = _damage(path)
    _mend(full)
    assert Path(f"{path}.damaged.20270115T080000Z").read_bytes() == damaged


def test_a_gone_file_is_restored(full: NewStore) -> None:
    """There is nothing to put aside then."""
    os.unlink(layout.values_path(full.data_dir, "chat", "dev"))
    _mend(full)
    assert full.get("chat", "dev") == {"A": OLD}


def test_an_old_file_is_taken_as_it_is(full: NewStore) -> None:
    """Where somebody says so: it is written anew, and nothing is older than what was seen."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    os.replace(layout.before_path(full.data_dir, "chat", "dev"), path)
    assert _mend(full).remedy == faults.OLD
    assert full.get("chat", "dev") == {"A": OLD}


def test_of_two_readable_files_the_newer_counts(full: NewStore) -> None:
    """An old file in the place of the present one, and the file before still there."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    first = Path(layout.before_path(full.data_dir, "chat", "dev")).read_bytes()
    full.set("chat", "dev", C=key())
    Path(path).write_bytes(first)
    _mend(full)
    assert sorted(full.get("chat", "dev") or ()) == ["A", "B"]


def test_the_notes_are_made_anew(full: NewStore) -> None:
    """Names and generations come from the values; dates that nobody knows stay unknown."""
    os.unlink(layout.ledger_path(full.data_dir, "chat", "dev"))
    _mend(full)
    notes = ledger.read(full.data_dir, "chat", "dev")
    assert {name: note.generation for name, note in notes.items()} == {"A": 2, "B": 1}


def test_a_damaged_counter_counts_on_from_the_values(full: NewStore) -> None:
    """What is there now is the newest that is known."""
    path = layout.counter_path(full.state_dir, "chat", "dev")
    Path(path).write_text("?")
    _mend(full)
    assert values.read_counter(path) == 2


def test_a_damaged_file_before_becomes_a_copy(full: NewStore) -> None:
    """So that there are two again."""
    path = layout.before_path(full.data_dir, "chat", "dev")
    _damage(path)
    _mend(full)
    sealed = Path(layout.values_path(full.data_dir, "chat", "dev")).read_bytes()
    assert Path(path).read_bytes() == sealed
    assert os.stat(path).st_nlink == 1


def test_damaged_former_values_are_put_aside(full: NewStore) -> None:
    """The next write makes a new file of them."""
    _damage(layout.previous_path(full.data_dir, "chat", "dev"))
    _mend(full)
    assert previous.read(full.data_dir, "chat", "dev", full.identity) == []
    full.set("chat", "dev", A=key())
    (former,) = previous.read(full.data_dir, "chat", "dev", full.identity)
    assert former.value.reveal() == NEW


def test_nothing_to_restore_from_changes_nothing(full: NewStore) -> None:
    """Both files damaged: they stay where they are."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    damaged = _damage(path)
    fault = _fault(full)
    _damage(layout.before_path(full.data_dir, "chat", "dev"))
    with pytest.raises(StoreError, match="nothing can be read in place of"):
        repairing.restore(Store(*full), fault, MOMENT)
    assert Path(path).read_bytes() == damaged


@pytest.mark.parametrize("mode", [0o750, 0o705])
def test_modes_are_mended(full: NewStore, mode: int) -> None:
    """Whether a group or everybody could look into it."""
    folder = os.path.dirname(layout.values_path(full.data_dir, "chat", "dev"))
    os.chmod(folder, mode)
    _mend(full)
    assert os.stat(folder).st_mode & 0o777 == 0o700


def test_forgetting_a_profile_takes_what_was_put_aside(full: NewStore) -> None:
    """It holds the values that are to be forgotten."""
    path = layout.values_path(full.data_dir, "chat", "dev")
    _damage(path)
    _mend(full)
    full.set("chat", "dev.damaged.20270115T080000Z", A=key())
    remove_project(full.data_dir, full.state_dir, "chat", "dev")
    left = os.listdir(os.path.dirname(path))
    assert {name for name in left if not name.startswith("dev.damaged.2")} == set()
    assert full.get("chat", "dev.damaged.20270115T080000Z") is not None


def test_damaged_former_values_do_not_keep_the_present_ones_from_coming_back(
    full: NewStore,
) -> None:
    """A bad disk takes more than one file; what is left of the rest still counts."""
    damaged = _damage(layout.previous_path(full.data_dir, "chat", "dev"))
    _damage(layout.values_path(full.data_dir, "chat", "dev"))
    _mend(full)
    assert full.get("chat", "dev") == {"A": OLD}
    aside = layout.previous_path(full.data_dir, "chat", "dev") + ".damaged.20270115T080000Z"
    assert Path(aside).read_bytes() == damaged
    assert list(verifying.examine(Store(*full))) == []


def test_an_old_file_before_is_an_old_file(full: NewStore) -> None:
    """Whoever damages the values and puts an old file before them gets no further than with one."""
    before = layout.before_path(full.data_dir, "chat", "dev")
    old = Path(before).read_bytes()
    full.set("chat", "dev", A=key())
    Path(before).write_bytes(old)
    _damage(layout.values_path(full.data_dir, "chat", "dev"))
    assert _fault(full).remedy == faults.OLD


def test_what_was_restored_can_be_restored_again(full: NewStore) -> None:
    """The file before holds the same then, and is no old one."""
    for _ in range(2):
        _damage(layout.values_path(full.data_dir, "chat", "dev"))
        assert _mend(full).remedy == faults.RESTORE
        assert full.get("chat", "dev") == {"A": OLD}


def test_values_that_are_gone_are_not_written_over(full: NewStore) -> None:
    """Two writes would replace the file before, too, and with it all that could be brought back."""
    os.unlink(layout.values_path(full.data_dir, "chat", "dev"))
    with pytest.raises(StoreError, match="is gone, and only the file before"):
        full.set("chat", "dev", C=key())
    _mend(full)
    assert full.get("chat", "dev") == {"A": OLD}


def test_a_store_that_others_may_read_keeps_its_record(full: NewStore) -> None:
    """Taking their rights away is all; what the record alone knows is not guessed anew."""
    for path in (full.data_dir, layout.record_path(full.data_dir)):
        mode = os.stat(path).st_mode
        os.chmod(path, mode | 0o040)
        found = list(verifying.examine(Store(*full)))
        assert [(fault.path, fault.remedy) for fault in found] == [(path, faults.MODE)]
        _mend(full)
        assert os.stat(path).st_mode & 0o777 == mode & 0o700
