"""Taking entries out of history files, which shells write meanwhile."""

import os
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.history import Book, Entry, Holds
from devkeys.history.formats import FORMATS
from devkeys.history.scrubbing import held, scrub

pytestmark = pytest.mark.skipif(os.name != "posix", reason="is about POSIX files")


def holding(secret: bytes) -> Holds:
    """Return what finds *secret* as it is."""
    return lambda data: secret in data


def made() -> bytes:
    """Make a secret."""
    return secrets.token_hex(16).encode()


def book(path: Path, form: str, data: bytes) -> Book:
    """Write a history."""
    path.write_bytes(data)
    return Book(form, str(path), form)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        ("bash", b"#1700000000\necho @\n#1700000001\nls\n", b"#1700000001\nls\n"),
        ("zsh", b": 1700000000:0;echo \\\n@\n: 1700000001:0;ls\n", b": 1700000001:0;ls\n"),
        (
            "fish",
            b"- cmd: echo @\n  when: 1\n  paths:\n    - @\n- cmd: ls\n  when: 2\n",
            b"- cmd: ls\n  when: 2\n",
        ),
        ("tcsh", b"#+1700000000\necho @\n#+1700000001\nls\n", b"#+1700000001\nls\n"),
        ("nushell", b"print @<\\n>ls\nls\n", b"ls\n"),
        ("powershell", b"echo `\n@\nls\n", b"ls\n"),
        ("readline", b"_HiStOrY_V2_\nselect\\040@\nls\n", b"_HiStOrY_V2_\nls\n"),
    ],
)
def test_the_whole_entry_goes_and_no_other_byte(
    tmp_path: Path, form: str, before: bytes, after: bytes
) -> None:
    """With its time stamp and all its lines."""
    secret = made()
    history = book(tmp_path / "history", form, before.replace(b"@", secret))
    assert scrub(history, FORMATS[form], holding(secret)) == (1, ())
    assert (tmp_path / "history").read_bytes() == after
    assert os.listdir(tmp_path) == ["history"]


@pytest.mark.parametrize(
    ("form", "head", "entry"),
    [("ksh93", b"\x81\x01", b"echo @\n\0"), ("mksh", b"\xab\xcd", b"\xff\0\0\0\1echo @\0")],
)
def test_of_the_korn_shells_text_is_overwritten_in_place(
    tmp_path: Path, form: str, head: bytes, entry: bytes
) -> None:
    """It is the same file, of the same length; a comment stands there."""
    secret = made()
    data = head + entry + entry.replace(b"@", secret) + entry
    history = book(tmp_path / "history", form, data)
    before = os.stat(history.path)
    assert scrub(history, FORMATS[form], holding(secret)).removed == 1
    now = Path(history.path).read_bytes()
    text = b"echo " + secret
    assert now == data.replace(text, b"#".ljust(len(text)))
    assert os.stat(history.path).st_ino == before.st_ino


def test_a_file_that_cannot_be_cut_is_left_and_told_of(tmp_path: Path) -> None:
    """It is not emptied, either."""
    secret = made()
    history = book(tmp_path / "main.shada", "opaque", b"\0\1" + secret)
    outcome = scrub(history, FORMATS["opaque"], holding(secret))
    assert outcome.removed == 0
    assert "still holds a value" in outcome.left[0]
    assert secret in (tmp_path / "main.shada").read_bytes()


def test_of_what_is_no_command_only_the_lines_go(tmp_path: Path) -> None:
    """A parser without commands loses no other lines."""
    secret = made()
    history = book(tmp_path / "history", "damaged", b"a\n" + secret + b"\nb\n")
    scrub(history, lambda data: iter([Entry(data, b"")]), holding(secret))
    assert (tmp_path / "history").read_bytes() == b"a\nb\n"


def test_nothing_said_holds_a_value(tmp_path: Path) -> None:
    """Nor its length."""
    secret = made()
    history = book(tmp_path / "history", "lines", secret + b"\n")
    os.link(history.path, tmp_path / "other")
    outcome = scrub(history, FORMATS["lines"], holding(secret))
    assert outcome.left
    assert secret.decode() not in repr(outcome)


@given(st.lists(st.sampled_from([b"ls", b"x", b"has it", b""]), max_size=40))
def test_halving_finds_what_looking_at_each_would(texts: list[bytes]) -> None:
    """In order."""
    entries = [Entry(text + b"\n", text) for text in texts]
    found = list(held(entries, holding(b"has it")))
    assert found == [at for at, text in enumerate(texts) if text == b"has it"]


def test_a_value_that_was_pasted_line_by_line_goes(tmp_path: Path) -> None:
    """The entries over which a value stretches are taken out together, and no other."""
    path = tmp_path / "history"
    path.write_bytes(b"ls\nbegin-\nmiddle-\nend\nmake\nbegin-\nmake\nbegin-\nmiddle-\nend\n")

    def holds(data: bytes) -> bool:
        return b"begin-middle-end" in data.replace(b"\n", b"").replace(b"\x1f", b"|")

    outcome = scrub(Book("redis-cli", str(path), "lines"), FORMATS["lines"], holds)

    assert path.read_bytes() == b"ls\nmake\nbegin-\nmake\n"
    assert (outcome.removed, outcome.left) == (6, ())


def test_a_header_is_not_taken_for_a_pasted_line(tmp_path: Path) -> None:
    """Where part of the value is no command the file is left, and that is said."""
    path = tmp_path / "history"
    path.write_bytes(b"_HiStOrY_V2_\nend\n")
    outcome = scrub(
        Book("sqlite3", str(path), "readline"),
        FORMATS["readline"],
        lambda data: b"V2_end" in data.replace(b"\n", b""),
    )

    assert path.read_bytes() == b"_HiStOrY_V2_\nend\n"
    assert outcome.left
