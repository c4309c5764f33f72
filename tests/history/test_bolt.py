"""Reading elvish's history, a bbolt file."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from elvish_shell import Place, place
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devkeys.history import bolt
from devkeys.history.errors import HistoryError

__all__ = ["place"]
PROGRAMS = ["elvish", "elvish21"]


def texts(path: Path) -> list[bytes]:
    """Return the texts of the entries."""
    return [entry.text for entry in bolt.entries(str(path))]


def fill(place: Place, path: Path, script: str) -> Path:
    """Have elvish make a history at *path* by *script*, with nothing else having it open."""
    command = [place.program, "-norc", "-db", str(path), "-sock", str(place.run_folder / "s")]
    subprocess.run(
        command,
        input=f"use store\n{script}\n".encode(),
        env=place.environ(),
        capture_output=True,
        check=True,
    )
    return path


@pytest.mark.parametrize("program", PROGRAMS)
def test_typed_commands(place: Place, program: str) -> None:
    """What was typed is read while the shell is open, and after its exit."""
    place.use(program)
    place.configure(hook="")
    with place.start() as shell:
        shell.type("echo one")
        shell.type("echo 'two\nü'")
        assert texts(place.database) == [b"echo one", "echo 'two\nü'".encode()]
        shell.exit()
    assert texts(place.database)[:2] == [b"echo one", "echo 'two\nü'".encode()]


@pytest.mark.parametrize("program", PROGRAMS)
def test_many_and_long_commands(place: Place, program: str) -> None:
    """Branch pages and commands that go on over several pages are read, in order."""
    place.use(program)
    script = (
        "for n [(range 300)] { nop (store:add-cmd 'echo '$n) }\n"
        "use str\nnop (store:add-cmd (str:join '' [(repeat 20000 x)]))\n"
        "nop (store:add-cmd last)\nfor n [(range 100 200)] { store:del-cmd $n }"
    )
    found = bolt.commands(str(fill(place, place.folder / "db", script)))
    numbers = [*range(1, 100), *range(200, 303)]
    assert [one.number for one in found] == numbers
    assert found[0] == (1, b"echo 0")
    assert found[-3:] == [(300, b"echo 299"), (301, b"x" * 20000), (302, b"last")]


def test_no_commands(place: Place) -> None:
    """A history that was just made has none."""
    assert texts(fill(place, place.folder / "db", "store:next-cmd-seq")) == []


@pytest.mark.parametrize("name", ["missing", "fifo", "nul\0", "text", "empty"])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    """What is not there, no file or another file is a HistoryError."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "text").write_bytes(b"ls\n" * 5000)
    (tmp_path / "empty").touch()
    with pytest.raises(HistoryError):
        bolt.entries(str(tmp_path / name))


@pytest.fixture(scope="module")
def whole() -> bytes:
    """Make the bytes of a history that has all kinds of pages."""
    with tempfile.TemporaryDirectory(prefix="elv") as folder:
        place = Place(Path(folder), Path(folder), None)
        script = (
            "for n [(range 200)] { nop (store:add-cmd 'echo '$n) }\n"
            "use str\nnop (store:add-cmd (str:join '' [(repeat 9000 x)]))"
        )
        return fill(place, Path(folder) / "db", script).read_bytes()


def read_or_refused(folder: Path, data: bytes) -> None:
    """Read a file of *data*; nothing but a HistoryError may be raised."""
    path = folder / "db"
    path.write_bytes(data)
    try:
        found = texts(path)
    except HistoryError:
        return
    assert sum(map(len, found)) <= len(data)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=500))
def test_arbitrary_bytes(tmp_path: Path, data: bytes) -> None:
    """Any file is read, or is a HistoryError."""
    read_or_refused(tmp_path, data)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60), st.binary(min_size=1, max_size=9)),
        min_size=1,
        max_size=9,
    )
)
def test_damage(tmp_path: Path, whole: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    """Whatever the heads of the pages say, and where their elements lead, reading ends."""
    data = bytearray(whole)
    for page, at, new in changes:
        start = page * 4096 + at
        if start + len(new) <= len(data) and not (page < 2 and at >= 16):
            data[start : start + len(new)] = new
    read_or_refused(tmp_path, bytes(data))


def test_a_page_that_leads_to_itself(tmp_path: Path, whole: bytes) -> None:
    """A loop is damage."""
    data = bytearray(whole)
    meta = bolt._newest(whole)
    assert meta is not None
    start = meta.root * meta.page_size
    data[start + 8 : start + 12] = b"\1\0\1\0"  # a branch with one child
    data[start + 24 : start + 32] = meta.root.to_bytes(8, "little")
    with pytest.raises(bolt.DamagedError):
        list(bolt.parsed(bytes(data)))
    read_or_refused(tmp_path, bytes(data))


@pytest.mark.parametrize("page", [0, 1])
def test_one_meta_page_is_enough(whole: bytes, page: int) -> None:
    """With one of the two meta pages torn, the other one tells."""
    data = bytearray(whole)
    data[page * 4096 + 40] ^= 0xFF
    assert len(list(bolt.parsed(bytes(data)))) >= 200
