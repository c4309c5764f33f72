"""Passphrases in files and descriptors."""

import os
import secrets
import threading
from pathlib import Path

import pytest
import quick_scrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from devkeys import passphrase
from devkeys.bootstrap import PASSPHRASE_FD, PASSPHRASE_FILE
from devkeys.keychain.errors import KeychainLockedError
from devkeys.passphrase import OPTION, read_from
from devkeys.secret import Secret
from devkeys.store import envelope


@pytest.fixture(autouse=True)
def _nothing_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a new process does."""
    monkeypatch.setattr(passphrase, "_read", {})
    monkeypatch.setattr(passphrase, "_known", [])


def written(folder: Path, content: bytes) -> str:
    """Return the path of a file that holds *content*."""
    path = folder / secrets.token_hex(8)
    path.write_bytes(content)
    return str(path)


def refusal(name: str, place: str) -> str:
    """Return why nothing is read from *place*."""
    with pytest.raises(KeychainLockedError) as caught:
        read_from(name, place)
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "text", ["word", " blanks  round it ", "pässwörd ключ 鍵 🗝", "x" * 300, "a\tb"]
)
def test_one_line_end_is_no_part_of_it(tmp_path: Path, text: str, end: bytes) -> None:
    """Editors, echo and Windows end a line; blanks and all else count."""
    place = written(tmp_path, text.encode() + end)

    assert read_from(OPTION, place).reveal() == text.encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "more than one line"),
        (b"one\n\n", "more than one line"),
        (b"one\r", "more than one line"),
        (b"a\0b", "more than one line"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * (passphrase.MOST + 1), "more than 65536 bytes"),
    ],
)
def test_what_no_terminal_could_type_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    """`age -d` could not be told it; and no error repeats what the file holds."""
    said = refusal(PASSPHRASE_FILE, written(tmp_path, content))

    assert why in said
    assert PASSPHRASE_FILE in said
    assert "one\n" not in said


def test_a_place_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """Missing, a directory, and a huge file, which is not read to its end."""
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(1 << 30)

    assert "no such file" in refusal(OPTION, str(tmp_path / "missing"))
    assert "is a directory" in refusal(OPTION, str(tmp_path))
    assert "more than 65536 bytes" in refusal(OPTION, str(huge))
    assert "more than 65536 bytes" in refusal(OPTION, "/dev/zero")


def test_a_fifo_is_read_once(tmp_path: Path) -> None:
    """What `<(...)` gives has been read when it is needed again."""
    path, text = tmp_path / "fifo", secrets.token_hex(8)
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(text + "\n",))
    writer.start()

    first = read_from(OPTION, str(path))
    writer.join()

    assert first.reveal().decode() == text
    assert read_from(OPTION, str(path)) is first


def test_a_descriptor_is_closed_after_reading() -> None:
    """The command that comes after must not find it."""
    reader, writer = os.pipe()
    os.write(writer, b"words\n")
    os.close(writer)

    assert read_from(PASSPHRASE_FD, str(reader)).reveal() == b"words"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reader)


@pytest.mark.parametrize("place", ["0", "2", "-1", "three", "³", "99999999999", " 3"])
def test_a_descriptor_is_a_number_above_the_streams(place: str) -> None:
    """stdin, stdout and stderr are the command's."""
    assert PASSPHRASE_FD in refusal(PASSPHRASE_FD, place)
    passphrase.close_descriptor({PASSPHRASE_FD: place})
    assert os.fstat(0)


def test_a_descriptor_that_nobody_needed_is_closed() -> None:
    """Also where the store never was opened; what is no descriptor is left alone."""
    reader, writer = os.pipe()

    passphrase.close_descriptor({PASSPHRASE_FD: str(reader)})
    passphrase.close_descriptor({PASSPHRASE_FD: str(reader)})
    passphrase.close_descriptor({})

    os.close(writer)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(reader)


def test_a_file_comes_before_a_descriptor() -> None:
    """Where both are set; an empty variable leads nowhere."""
    assert passphrase.variable({PASSPHRASE_FD: "3", PASSPHRASE_FILE: "f"}) == PASSPHRASE_FILE
    assert passphrase.variable({PASSPHRASE_FD: "3", PASSPHRASE_FILE: ""}) == PASSPHRASE_FD
    assert passphrase.variable({}) is None


@settings(max_examples=10)  # pyrage takes a while to see how fast the machine is, each time
@given(st.text(st.characters(exclude_characters="\n\r\0", codec="utf-8"), min_size=1))
def test_every_line_of_text_is_a_passphrase(text: str) -> None:
    """What was chosen opens what was encrypted with it, and nothing close to it does."""
    made = envelope.new_identity()
    sealed = quick_scrypt.seal(made.reveal(), text)

    assert passphrase.fits(Secret(text.encode()), sealed, "identity") == made
    assert passphrase.fits(Secret(text.encode() + b" "), sealed, "identity") is None
