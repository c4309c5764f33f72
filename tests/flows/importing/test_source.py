"""Reading what is to be imported: it never hangs."""

import os
import threading
import time
from pathlib import Path

import pytest
from desk import Desk, key

from devkeys.errors import DevkeysError
from devkeys.flows.importing import source


def write_later(path: Path, *pieces: bytes) -> threading.Thread:
    """Write *pieces* into the FIFO *path*, with a pause before each."""

    def write() -> None:
        with path.open("wb", buffering=0) as fifo:
            for piece in pieces:
                time.sleep(0.1)
                fifo.write(piece)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_a_fifo_is_read_to_its_end(tmp_path: Path) -> None:
    """A password manager writes once somebody reads, and it may take a moment."""
    path = tmp_path / ".env"
    os.mkfifo(path)
    thread = write_later(path, b"A=1\n", b"B=2\n")
    found = source.read(".env", directory=str(tmp_path))
    thread.join()
    assert found == source.Source(b"A=1\nB=2\n", ".env")


def test_a_fifo_without_a_writer_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is an error after a while, with what to look at."""
    monkeypatch.setattr(source, "PATIENCE", 0.2)
    os.mkfifo(tmp_path / ".env")
    with pytest.raises(DevkeysError, match="no program wrote") as caught:
        source.read(".env", directory=str(tmp_path))
    assert caught.value.hint is not None


def test_a_fifo_that_gives_too_much_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all of memory is filled."""
    monkeypatch.setattr(source, "LIMIT", 10)
    path = tmp_path / ".env"
    os.mkfifo(path)
    thread = write_later(path, b"A=12345678901234567890\n")
    with pytest.raises(DevkeysError, match="more than 10 bytes"):
        source.read(".env", directory=str(tmp_path))
    thread.join()


@pytest.mark.parametrize("kind", ["directory", "nothing", "device"])
def test_what_is_no_file_is_an_error(tmp_path: Path, kind: str) -> None:
    """A directory, nothing at all, a device."""
    name = {"directory": ".", "nothing": "none", "device": "/dev/null"}[kind]
    with pytest.raises(DevkeysError):
        source.read(name, directory=str(tmp_path))


def test_a_fifo_that_is_named_is_imported(desk: Desk) -> None:
    """The command says that it waits, and never offers to remove anything."""
    path = desk.project / ".env"
    os.mkfifo(path)
    value = key()
    thread = write_later(path, f"LLM_API_KEY={value}\n".encode())
    done = desk.devkeys("import", ".env", "--yes", "--remove")
    thread.join()
    assert done.code == 0, done.err
    assert "is a FIFO" in done.err
    assert path.is_fifo()
    words = ("run", "--only", "LLM_API_KEY", "--", "printenv", "LLM_API_KEY")
    assert desk.devkeys(*words).text == value + "\n"
