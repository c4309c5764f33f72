"""Names to file names, injectively."""

import itertools
import os
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from devkeys.errors import StoreError, UsageError
from devkeys.store import filenames, layout

short_names = st.text(min_size=1, max_size=15)
tricky = st.text(alphabet="aA.%2fF/-_ ~\\:éÉe\u0301", min_size=1, max_size=8)


def _encode(name: str) -> str:
    try:
        return layout.encode(name)
    except UsageError:
        assume(False)  # hypothesis' own signature
        raise


@given(short_names | tricky)
def test_a_file_name_decodes_to_the_name(name: str) -> None:
    """Nothing is lost, so that two names never share a file."""
    assert filenames.decode(_encode(name)) == name


@given(short_names | tricky, short_names | tricky)
def test_two_names_differ_also_where_case_is_ignored(one: str, other: str) -> None:
    """The file systems of macOS and Windows fold case."""
    assume(one != other)
    assert _encode(one).casefold() != _encode(other).casefold()


@given(short_names | tricky)
def test_a_file_name_is_one_harmless_component(name: str) -> None:
    """Lower-case ASCII, no dot at either end, no separator."""
    assert re.fullmatch(r"[a-z0-9_%-]([a-z0-9._%-]*[a-z0-9_%-])?", _encode(name))


@given(st.text(max_size=12) | st.text(alphabet="abcf%2056.é\ud800", max_size=8))
def test_only_what_was_encoded_decodes(text: str) -> None:
    """A foreign file in the store's folder is nobody's."""
    name = filenames.decode(text)
    assert name is None or layout.encode(name) == text


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("chat", "chat"),
        ("org/chat", "org%2fchat"),
        ("Chat", "%43hat"),
        ("a.b-c_d", "a.b-c_d"),
        ("..", "%2e%2e"),
        (".env", "%2eenv"),
        ("a.", "a%2e"),
        ("100%", "100%25"),
        ("é", "%c3%a9"),
        ("con", "%63on"),
        ("con.chat", "%63on.chat"),
        ("CON", "%43%4f%4e"),
        ("com1", "%63om1"),
        ("console", "console"),
    ],
)
def test_the_encoding_is_as_documented(name: str, encoded: str) -> None:
    """The form on disk is a format: changing it loses people's values."""
    assert layout.encode(name) == encoded


@pytest.mark.parametrize("name", ["", "a\nb", "a\0b", "\x1b[31m", "caf\udce9", "\x85"])
def test_a_name_that_cannot_stand_in_a_line_is_refused(name: str) -> None:
    """The error shows it escaped."""
    with pytest.raises(UsageError, match="cannot name a project or a profile") as caught:
        layout.encode(name)
    assert str(caught.value).isprintable()


def test_a_long_name_is_refused_and_not_cut() -> None:
    """Two long names that begin alike must not meet in one file."""
    longest = "a" * layout.NAME_LIMIT
    assert layout.encode(longest) == longest
    with pytest.raises(UsageError, match="too long: 201 characters"):
        layout.encode(longest + "a")


def test_the_longest_name_fits_the_file_system(tmp_path: Path) -> None:
    """Also with all that is put round it while it is written."""
    from devkeys import atomic

    path = layout.values_path(str(tmp_path), "p", "a" * layout.NAME_LIMIT)
    os.makedirs(os.path.dirname(path))
    atomic.write(path, b"x")


@given(st.lists(tricky, min_size=2, max_size=4, unique=True))
def test_no_two_files_of_the_store_meet(names: list[str]) -> None:
    """Values and ledgers of all projects and profiles have paths of their own."""
    for name in names:
        _encode(name)
    pairs = list(itertools.product(names, names))
    paths = [layout.values_path("d", *pair) for pair in pairs]
    paths += [layout.ledger_path("d", *pair) for pair in pairs]
    assert len({path.casefold() for path in paths}) == len(paths)


def test_a_file_that_others_may_read_is_a_store_error(tmp_path: Path) -> None:
    """What the check of files says comes through as the store's error, with its hint."""
    (tmp_path / "file").touch(mode=0o644)
    with pytest.raises(StoreError, match="mode 0644") as caught:
        layout.read(str(tmp_path / "file"))
    assert caught.value.hint


@pytest.mark.parametrize("number", ["2", "10", "999999"])
def test_a_newer_format_is_told_apart_from_damage(number: str) -> None:
    """The hint is to upgrade, not to restore."""
    with pytest.raises(StoreError, match=rf"/x was written by a newer devkeys \(format {number}\)"):
        layout.check_format(f"devkeys-store {number}", "devkeys-store", path="/x")


@pytest.mark.parametrize("line", ["", "devkeys-store", "devkeys-store 0", "devkeys-store x", "x 2"])
def test_no_format_is_damage(line: str) -> None:
    """Anything else than our first line is not ours."""
    with pytest.raises(StoreError, match="/x is damaged"):
        layout.check_format(line, "devkeys-store", path="/x")
