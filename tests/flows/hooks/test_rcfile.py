"""Reading and replacing the user's own file."""

import os
import stat
from pathlib import Path

import pytest

from devkeys.errors import DevkeysError
from devkeys.flows.hooks import rcfile


def test_a_link_into_dotfiles_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced, with its mode; the link is as it was."""
    real = tmp_path / "dotfiles" / "zshrc"
    real.parent.mkdir()
    real.write_bytes(b"a\n")
    real.chmod(0o640)
    link = tmp_path / ".zshrc"
    link.symlink_to("dotfiles/zshrc")
    rcfile.replace(str(link), rcfile.read(str(link)), b"b\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"b\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert os.listdir(real.parent) == ["zshrc"]


def test_a_new_file_gets_its_directories(tmp_path: Path) -> None:
    """The conf.d of fish need not be there."""
    path = tmp_path / "fish" / "conf.d" / "devkeys.fish"
    rcfile.replace(str(path), rcfile.read(str(path)), b"x\n")
    assert path.read_bytes() == b"x\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_was_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """An editor's save between reading and writing is not lost."""
    path = tmp_path / ".zshrc"
    path.write_bytes(b"a\n")
    before = rcfile.read(str(path))
    path.write_bytes(b"edited\n")
    with pytest.raises(DevkeysError, match="was changed meanwhile"):
        rcfile.replace(str(path), before, b"a\nb\n")
    assert path.read_bytes() == b"edited\n"


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    """A user who took the right to write away meant it, also where a rename would work."""
    path = tmp_path / ".zshrc"
    path.write_bytes(b"a\n")
    path.chmod(0o444)
    with pytest.raises(DevkeysError, match="is read-only"):
        rcfile.check_owner(str(path), rcfile.read(str(path)))


def test_another_users_file_is_refused(tmp_path: Path) -> None:
    """Also for root: under sudo the copy would be root's alone."""
    path = tmp_path / ".zshrc"
    path.write_bytes(b"a\n")
    before = rcfile.read(str(path))
    assert before.status is not None
    fields = list(before.status)
    fields[stat.ST_UID] = os.geteuid() + 1
    with pytest.raises(DevkeysError, match="belongs to another user"):
        rcfile.check_owner(str(path), before._replace(status=os.stat_result(fields)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfea\0\n\0", "no text"),
        (b"export A=1 \\\n", "goes on"),
        (b"export A=1 \\", "goes on"),
        (b"export A=1 \\\r\n", "goes on"),
    ],
)
def test_a_file_whose_end_takes_no_line_is_refused(
    tmp_path: Path, data: bytes, message: str
) -> None:
    """UTF-16, and a last line that the next would become part of."""
    path = tmp_path / "rc"
    path.write_bytes(data)
    with pytest.raises(DevkeysError, match=message):
        rcfile.check_end(str(path), rcfile.read(str(path)))


def test_a_large_file_is_read_whole(tmp_path: Path) -> None:
    """Two megabytes of generated functions are no reason to fail."""
    path = tmp_path / "rc"
    path.write_bytes(b"alias x=y\n" * 200_000)
    assert len(rcfile.read(str(path)).data) == 2_000_000
