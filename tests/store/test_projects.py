"""Which projects the store holds, and forgetting them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from new_store import NewStore, key
from real import absent, need

from devkeys.errors import UsageError
from devkeys.store import layout, projects


def _all(store: NewStore) -> list[str]:
    found = []
    for top in (layout.projects_dir(store.data_dir), layout.counters_dir(store.state_dir)):
        for folder, _, names in os.walk(top):
            found += [os.path.join(folder, name) for name in names]
    return found


@pytest.fixture
def full(store: NewStore) -> NewStore:
    """Store something in three profiles of two projects."""
    store.set("org/Chat", "dev", A=key())
    store.set("org/Chat", "dev.eu", A=key())
    store.set("other", "dev", A=key())
    return store


def test_projects_are_listed_without_unlocking(full: NewStore) -> None:
    """By their real names, sorted."""
    expected = [("org/Chat", "dev"), ("org/Chat", "dev.eu"), ("other", "dev")]
    assert projects.list_projects(full.data_dir) == expected


def test_without_a_store_nothing_is_listed_and_forgotten(tmp_path: Path) -> None:
    """And nothing is made."""
    data_dir = str(tmp_path / "data")
    assert projects.list_projects(data_dir) == []
    assert projects.remove_project(data_dir, data_dir, "chat", None) == 0
    assert os.listdir(tmp_path) == []


def test_foreign_files_are_not_listed(full: NewStore) -> None:
    """What no name encodes to is not ours."""
    root = Path(layout.projects_dir(full.data_dir))
    (root / "UPPER").mkdir()
    (root / "UPPER" / "dev.age").touch()
    (root / "other" / "Dev.age").touch()
    (root / "other" / ".dev.age.0123456789ab.tmp").touch()
    (root / "file").touch()
    assert len(projects.list_projects(full.data_dir)) == 3


def test_one_profile_is_forgotten(full: NewStore) -> None:
    """Values, ledger and counter go; the profile with the like name stays."""
    assert projects.remove_project(full.data_dir, full.state_dir, "org/Chat", "dev") == 1
    assert full.get("org/Chat", "dev") is None
    assert full.get("org/Chat", "dev.eu") is not None
    assert len(_all(full)) == 6


def test_a_project_is_forgotten(full: NewStore) -> None:
    """All its profiles, and with them every trace of its name."""
    assert projects.remove_project(full.data_dir, full.state_dir, "org/Chat", None) == 2
    assert projects.list_projects(full.data_dir) == [("other", "dev")]
    assert not [path for path in _all(full) if "%43hat" in path]
    assert os.listdir(layout.projects_dir(full.data_dir)) == ["other"]
    assert os.listdir(layout.counters_dir(full.state_dir)) == ["other"]


def test_leftovers_of_a_killed_writer_are_forgotten(full: NewStore) -> None:
    """A temporary file holds values too."""
    folder = os.path.dirname(layout.values_path(full.data_dir, "other", "dev"))
    Path(folder, ".dev.age.0123456789ab.tmp").touch()
    projects.remove_project(full.data_dir, full.state_dir, "other", None)
    assert not os.path.exists(folder)


FORGET = """
import sys
from devkeys.store import projects
projects.remove_project(sys.argv[1], sys.argv[2], "org/Chat", None)
"""


@pytest.mark.parametrize("when", [1, 7, 13])
def test_what_was_interrupted_can_be_forgotten_again(store: NewStore, when: int) -> None:
    """The values go last, so that a half-forgotten project is still listed."""
    need("strace")
    for number in range(6):
        store.set("org/Chat", f"profile{number}", A=key())
    trace = ("strace", "-qq", "-o", "/dev/null", "-e", f"inject=unlink:signal=KILL:when={when}")
    command = [*trace, sys.executable, "-B", "-c", FORGET, *store[:2]]
    done = subprocess.run(command, check=False, capture_output=True)
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    assert done.returncode == -signal.SIGKILL
    assert len(projects.list_projects(store.data_dir)) == 6
    assert projects.remove_project(store.data_dir, store.state_dir, "org/Chat", None) == 6
    assert _all(store) == []


def test_forgetting_twice_is_no_error(full: NewStore) -> None:
    """The second time there is nothing."""
    assert projects.remove_project(full.data_dir, full.state_dir, "other", "dev") == 1
    assert projects.remove_project(full.data_dir, full.state_dir, "other", "dev") == 0
    assert projects.remove_project(full.data_dir, full.state_dir, "never", None) == 0


def test_a_forgotten_project_can_begin_anew(full: NewStore) -> None:
    """Its counter begins at one, and nothing complains."""
    projects.remove_project(full.data_dir, full.state_dir, "other", None)
    assert full.set("other", "dev", B=b"new").counter == 1
    assert full.get("other", "dev") == {"B": b"new"}


@pytest.mark.parametrize("name", ["", "\n", "a" * 300])
def test_what_names_no_project_forgets_nothing(full: NewStore, name: str) -> None:
    """An empty name is not the whole store."""
    with pytest.raises(UsageError):
        projects.remove_project(full.data_dir, full.state_dir, name, None)
    assert len(projects.list_projects(full.data_dir)) == 3


def test_a_dot_leads_nowhere_else(full: NewStore) -> None:
    """`..` is a name like any other."""
    assert projects.remove_project(full.data_dir, full.state_dir, "..", None) == 0
    assert os.path.exists(layout.record_path(full.data_dir))
