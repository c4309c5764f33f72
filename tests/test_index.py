"""The index that shells read: its text, and many who write it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys import VERSION, index
from devkeys.errors import DevkeysError
from devkeys.index import Index, Lack

PATHS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).map(
    lambda text: "/" + text
)


def _put(state_dir: Path, after: Index, *, silence: str | None = None) -> None:
    index.update(str(state_dir), lambda _: after, silence=silence)


def test_the_text_is_what_shells_read(tmp_path: Path) -> None:
    """Its lines are those that the module describes, sorted; the file is the user's alone."""
    state = tmp_path / "state"
    _put(state, Index(frozenset({"B", "A_1"}), {"/x y": Lack(2, 5)}))
    path = Path(index.path_of(str(state)))
    assert path.read_text() == (f"devkeys-index 1 {VERSION}\nname A_1\nname B\ncheckout 2 5 /x y\n")
    assert path.stat().st_mode & 0o777 == 0o600


@given(
    st.frozensets(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True), max_size=4),
    st.dictionaries(PATHS, st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=4),
)
def test_what_was_put_in_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    names: frozenset[str],
    rows: dict[str, tuple[int, int]],
) -> None:
    """Any name and any path comes back, but for paths with a line end, which are left out."""
    state = tmp_path_factory.mktemp("state", numbered=True)
    _put(state, Index(names, {path: Lack(*row) for path, row in rows.items()}))
    kept = {path: Lack(*row) for path, row in rows.items() if "\n" not in path}
    assert index.read(str(state)) == Index(names, kept)


def test_no_name_and_no_path_makes_a_line_of_its_own(tmp_path: Path) -> None:
    """What a repository declares cannot tell shells about another checkout."""
    names = frozenset({"A\ncheckout 0 0 /home", "GOOD", "two words"})
    _put(tmp_path, Index(names, {"/a\ncheckout 1 1 /b": Lack(1, 1)}))
    assert index.read(str(tmp_path)) == Index(frozenset({"GOOD"}), {})


@pytest.mark.parametrize(
    "text", ["", "devkeys-index 2 9.9\nname A\n", "garbage", "\n\n", "name A\n"]
)
def test_what_is_no_index_is_an_empty_one(tmp_path: Path, text: str) -> None:
    """And the next change makes it one."""
    path = Path(index.path_of(str(tmp_path)))
    path.write_text(text)
    path.chmod(0o600)
    assert index.read(str(tmp_path)) == Index()
    index.update(str(tmp_path), lambda before: before._replace(names=frozenset({"A"})))
    assert index.read(str(tmp_path)).names == {"A"}


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    """The others count."""
    path = Path(index.path_of(str(tmp_path)))
    path.write_text(
        "devkeys-index 1 0\nname A\nname\nname B C\ncheckout\ncheckout 1 x /a\ncheckout 1 2\n"
        "checkout -1 2 /a\nelse\ncheckout 1 2 /b\n"
    )
    path.chmod(0o600)
    assert index.read(str(tmp_path)) == Index(frozenset({"A"}), {"/b": Lack(1, 2)})


def test_an_empty_index_is_no_file(tmp_path: Path) -> None:
    """What was forgotten leaves nothing but the lock."""
    _put(tmp_path, Index(frozenset({"A"}), {}))
    _put(tmp_path, Index())
    assert os.listdir(tmp_path) == ["shell-index.lock"]


def test_a_file_that_others_can_read_is_not_trusted(tmp_path: Path) -> None:
    """As everywhere."""
    path = Path(index.path_of(str(tmp_path)))
    path.write_text("devkeys-index 1 0\n")
    path.chmod(0o644)
    with pytest.raises(DevkeysError, match="can be read by other users"):
        index.read(str(tmp_path))


def test_ten_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    """Reading and writing are one step."""
    script = (
        "import sys; from devkeys import index\n"
        "for n in range(5): index.update(sys.argv[1], lambda before: before._replace("
        "names=before.names | {f'NAME_{sys.argv[2]}_{n}'}))"
    )
    writers = [
        subprocess.Popen([sys.executable, "-P", "-c", script, str(tmp_path), str(number)])
        for number in range(10)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 10
    assert len(index.read(str(tmp_path)).names) == 50


def test_what_is_no_longer_so_can_be_said_again(tmp_path: Path) -> None:
    """Of what the shells said, lines stay that are true: the same numbers, or still unknown."""
    known, unknown = tmp_path / "known", tmp_path / "unknown"
    known.mkdir()
    unknown.mkdir()
    said = Path(index.said_path(str(tmp_path)))
    said.write_text(
        f"1 2 {known}\n2 2 {known}\n? ? {known}\n? ? {unknown}\n? ? {tmp_path}/gone\n"
        f"3 3 {tmp_path}/gone\ngarbage\n"
    )
    _put(tmp_path, Index(lacks={str(known): Lack(1, 2)}))
    assert said.read_text() == f"1 2 {known}\n? ? {unknown}\n"
    _put(tmp_path, Index(lacks={str(known): Lack(0, 2)}))
    assert said.read_text() == f"? ? {unknown}\n"


def test_a_silenced_checkout_counts_as_said(tmp_path: Path) -> None:
    """So no shell asks for a consent that was just taken back; others are as before."""
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    _put(tmp_path, Index(lacks={str(one): Lack(1, 2), str(other): Lack(1, 1)}))
    _put(tmp_path, Index(lacks={str(other): Lack(1, 1)}), silence=str(one))
    assert Path(index.said_path(str(tmp_path))).read_text() == f"? ? {one}\n"


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The lock is free again, and the file as it was."""
    _put(tmp_path, Index(frozenset({"A"}), {}))

    def fail(_: Index) -> Index:
        raise DevkeysError("no")

    with pytest.raises(DevkeysError, match="no"):
        index.update(str(tmp_path), fail)
    assert index.read(str(tmp_path)).names == {"A"}


@pytest.mark.parametrize("numbers", ["  " + "5", "5 ", "٣ 5", "9" * 5000 + " 1", "- 1"])
def test_a_line_without_numbers_is_left_out(tmp_path: Path, numbers: str) -> None:
    """A damaged line costs what it said, and no command."""
    path = Path(index.path_of(str(tmp_path)))
    path.touch(mode=0o600)
    path.write_text(f"{index.HEADER} {VERSION}\nname A\ncheckout {numbers} /x\ncheckout 1 2 /y\n")

    assert index.read(str(tmp_path)) == Index(frozenset({"A"}), {"/y": Lack(1, 2)})
