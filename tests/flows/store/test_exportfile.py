"""The file of an export: complete and checked before it has its name, or not there."""

import os
import stat
from pathlib import Path

import pytest

from devkeys.errors import StoreError, UsageError
from devkeys.flows.store import exportfile


def nothing(read: bytes) -> None:
    """Find nothing wrong."""
    assert read == b"sealed"


def test_what_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """A file that got the name after the first look stays, and nothing is left beside it."""
    path = tmp_path / "keys.age"
    target = exportfile.look(str(path), replace=False)

    def late(read: bytes) -> None:
        assert read == b"sealed"
        path.write_bytes(b"another's")

    with pytest.raises(UsageError, match="is there already"):
        exportfile.place(target, b"sealed", late)
    assert path.read_bytes() == b"another's"
    assert os.listdir(tmp_path) == ["keys.age"]


@pytest.mark.parametrize("replace", [False, True])
def test_what_does_not_read_back_gets_no_name(tmp_path: Path, replace: bool) -> None:
    """The old export, if there is one, stays."""
    path = tmp_path / "keys.age"
    if replace:
        path.write_bytes(b"old")

    def wrong(read: bytes) -> None:
        assert read == b"sealed"
        assert not path.exists() or path.read_bytes() == b"old"
        raise StoreError("wrong")

    with pytest.raises(StoreError, match="wrong"):
        exportfile.place(exportfile.look(str(path), replace=replace), b"sealed", wrong)
    assert os.listdir(tmp_path) == (["keys.age"] if replace else [])


def test_it_is_the_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    """Mode 0600 from its first byte on."""
    path = tmp_path / "keys.age"

    def look(read: bytes) -> None:
        assert read == b"sealed"
        (name,) = os.listdir(tmp_path)
        assert stat.S_IMODE(os.stat(tmp_path / name).st_mode) == 0o600

    before = os.umask(0)
    try:
        exportfile.place(exportfile.look(str(path), replace=False), b"sealed", look)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """Only what is nobody's any more, and nothing else of the directory."""
    left, other = tmp_path / ".devkeys-0123456789ab.tmp", tmp_path / ".devkeys-notes"
    for path in (left, other):
        path.write_bytes(b"x")
    exportfile.place(exportfile.look(str(tmp_path / "k"), replace=False), b"sealed", nothing)
    assert sorted(os.listdir(tmp_path)) == [".devkeys-notes", "k"]
