"""The shells' files and their copies."""

import sys
from pathlib import Path

import pytest

from devkeys import VERSION, hookfiles
from devkeys.hookfiles import FILES


@pytest.mark.parametrize("shell", FILES)
def test_every_shell_has_its_file_with_the_version(shell: str) -> None:
    """The file is there, ends its last line, and has the version where built-ins can see it."""
    data = hookfiles.read(shell)
    assert data.endswith(b"\n")
    assert b"_devkeys_version" in b"\n".join(data.split(b"\n")[:30])
    assert VERSION.encode() in data


@pytest.mark.parametrize(
    "words", [[], ["status"], ["zsh", "bash"], ["zsh", "--help"], ["tcsh"], ["--help"], ["check"]]
)
def test_only_a_shell_alone_is_for_the_short_way(
    capfdbinary: pytest.CaptureFixture[bytes], words: list[str]
) -> None:
    """All other words are the command line's."""
    assert not hookfiles.emit_quickly(words)
    assert capfdbinary.readouterr().out == b""


@pytest.mark.parametrize("word", ["zsh", "xonsh"])
def test_the_file_is_printed_as_it_is(capfdbinary: pytest.CaptureFixture[bytes], word: str) -> None:
    """Byte for byte."""
    assert hookfiles.emit_quickly([word])
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == hookfiles.read(word)


def test_a_copy_is_made_once_and_renewed_when_it_is_another(tmp_path: Path) -> None:
    """It is private, and only what differs is written."""
    data_dir = str(tmp_path / "data")
    assert hookfiles.is_current(data_dir, "zsh") is None
    assert hookfiles.keep(data_dir, "zsh")
    assert not hookfiles.keep(data_dir, "zsh")
    copy = Path(hookfiles.copy_of(data_dir, "zsh"))
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.write_bytes(b"old\n")
    assert hookfiles.is_current(data_dir, "zsh") is False
    hookfiles.renew(data_dir)
    assert copy.read_bytes() == hookfiles.read("zsh")


def test_nothing_is_renewed_that_was_not_installed(tmp_path: Path) -> None:
    """An upgrade installs no hook."""
    hookfiles.renew(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_copy_leaves_nothing(tmp_path: Path) -> None:
    """The folder goes with the last copy."""
    data_dir = str(tmp_path)
    for shell in ("zsh", "xonsh"):
        hookfiles.keep(data_dir, shell)
    assert hookfiles.drop(data_dir, "zsh")
    assert not hookfiles.drop(data_dir, "zsh")
    assert hookfiles.is_current(data_dir, "xonsh")
    assert hookfiles.drop(data_dir, "xonsh")
    assert list(tmp_path.iterdir()) == []
