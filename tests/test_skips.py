"""Names that the user does without, remembered on this machine."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys import skips
from devkeys.errors import DevkeysError


@given(names=st.frozensets(st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True), max_size=9))
def test_what_is_written_is_read(
    names: frozenset[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The names that were kept are read back."""
    path = str(tmp_path_factory.mktemp("skips") / "file")
    skips.write(path, names)

    assert skips.read(path) == names


def test_nothing_is_skipped_at_first(tmp_path: Path) -> None:
    """Without a file nothing is skipped."""
    assert skips.read(str(tmp_path / "none")) == frozenset()


def test_newer_format_is_left_as_it_is(tmp_path: Path) -> None:
    """A file of a newer devkeys is refused, with the hint to upgrade, and not changed."""
    path = tmp_path / "file"
    path.write_text("devkeys-skips 2\nA\n")

    with pytest.raises(DevkeysError, match="newer devkeys") as caught:
        skips.read(str(path))

    assert "upgrade" in (caught.value.hint or "")
    assert path.read_text() == "devkeys-skips 2\nA\n"


@pytest.mark.parametrize("text", ["", "garbage\n", "devkeys-skips\nA\n"])
def test_damaged_file(tmp_path: Path, text: str) -> None:
    """A file that is none of ours is an error with what to do."""
    path = tmp_path / "file"
    path.write_text(text)

    with pytest.raises(DevkeysError, match="damaged") as caught:
        skips.read(str(path))

    assert caught.value.hint


def test_address_is_the_projects_own() -> None:
    """Two projects or profiles never share a file."""
    places = {
        skips.path_of("/s", identity, relative, profile)
        for identity in ("/a", "/ab")
        for relative in ("", "b")
        for profile in ("dev", "prod")
    }

    assert len(places) == 8


def test_a_number_without_end_is_damage(tmp_path: Path) -> None:
    """No format has a thousand digits; the message does not repeat them."""
    path = tmp_path / "one"
    path.write_text(f"devkeys-skips {'9' * 10_000}\n")

    with pytest.raises(DevkeysError, match="is damaged"):
        skips.read(str(path))
