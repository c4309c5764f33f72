"""The key of the tags."""

import os
from pathlib import Path

import pytest

from devkeys.fingerprint import KEY_BYTES, tag_key


def test_the_key_stays(tmp_path: Path) -> None:
    """It is made once, for its owner only."""
    state = str(tmp_path / "state")
    key = tag_key(state)
    assert len(key) == KEY_BYTES
    assert tag_key(state) == key
    assert os.stat(os.path.join(state, "tag.key")).st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept", [b"", b"short"])
def test_a_key_that_was_cut_short_is_replaced(tmp_path: Path, kept: bytes) -> None:
    """Tags without a key would let whoever reads a log guess values."""
    state = str(tmp_path / "state")
    tag_key(state)
    (tmp_path / "state" / "tag.key").write_bytes(kept)
    assert len(tag_key(state)) == KEY_BYTES
    assert tag_key(state) == tag_key(state)


def test_where_no_key_can_be_kept_a_process_has_its_own(tmp_path: Path) -> None:
    """A home that takes no files, as in a read-only container, does not stop `run`."""
    (tmp_path / "file").write_bytes(b"")
    state = str(tmp_path / "file" / "state")
    assert len(tag_key(state)) == KEY_BYTES
    assert tag_key(state) != tag_key(state)
