"""One file at a time: every kind of file, and files that change meanwhile."""

import errno
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest
from searches import search_for, value

from devkeys.scan.contents import MOST, Content, Held, Limits, look
from devkeys.scan.search import Hit, Search

SECRET = value(30)
SMALL = Limits(largest=1 << 22, chunk=4096, overlap=256)


def held(path: Path, search: Search | None = None) -> list[Held]:
    """Return what is in the file; nothing of it may be unseen."""
    content = look(str(path), search or search_for(SECRET))
    assert content.unseen is None
    return list(content.held)


@pytest.mark.parametrize("before", [b"", b"one\ntwo\n", b"x" * 5000 + b"\n" * 70])
def test_the_place_of_the_first_hit(tmp_path: Path, before: bytes) -> None:
    """Offset and line are those of the first, and all are counted."""
    path = tmp_path / "file"
    path.write_bytes(before + b"k=" + SECRET + b"\n" + SECRET)
    line = before.count(b"\n") + 1
    assert held(path) == [Held(0, "as it is", len(before) + 2, line, 2)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_lines_of_utf_16(tmp_path: Path, encoding: str) -> None:
    """Lines are counted in characters, where half of a character looks like a line end."""
    path = tmp_path / "file"
    path.write_bytes(f"one line\r\n\u0a0a\u010a and more\r\nkey {SECRET.decode()}".encode(encoding))
    assert [(one.form, one.line) for one in held(path)] == [("UTF-16", 3)]


def test_data_without_lines_has_no_line(tmp_path: Path) -> None:
    """Nobody opens a program in an editor to go to its line."""
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 8 + SECRET)
    assert [one.line for one in held(path)] == [None]


def test_invalid_utf_8(tmp_path: Path) -> None:
    """A file need not be text in any encoding."""
    path = tmp_path / "file"
    path.write_bytes(b"\xff\xc3\n\x80" + SECRET + b"\xfe")
    assert [one.line for one in held(path)] == [2]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    """No bytes, no hits."""
    (tmp_path / "file").write_bytes(b"")
    assert held(tmp_path / "file") == []


def test_a_value_across_a_border(tmp_path: Path) -> None:
    """Reading in chunks cuts no value."""
    path = tmp_path / "file"
    for place in range(4090, 4100):
        path.write_bytes(b"~" * place + SECRET + b"~" * 9000)
        content = look(str(path), search_for(SECRET), limits=SMALL)
        assert [(one.offset, one.times) for one in content.held] == [(place, 1)]


@pytest.mark.parametrize("kind", ["fifo", "directory", "null"])
def test_what_is_no_file_is_not_read(tmp_path: Path, kind: str) -> None:
    """A FIFO that was put there meanwhile does not hang the run."""
    path = tmp_path / "fifo"
    if kind == "fifo":
        os.mkfifo(path)
    path = {"fifo": path, "directory": tmp_path, "null": Path("/dev/null")}[kind]
    content = look(str(path), search_for(SECRET))
    assert content.unseen is not None
    assert content.unseen.why == "no regular file"


def test_links_are_followed_only_for_who_named_them(tmp_path: Path) -> None:
    """A link in place of a listed file is refused; the user's own is what was meant."""
    (tmp_path / "real").write_bytes(SECRET)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    refused = look(str(link), search_for(SECRET))
    assert not refused.held
    assert refused.unseen is not None
    assert look(str(link), search_for(SECRET), named=True).held


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """What was removed since it was listed is nothing; what was named and is not there is told."""
    path = str(tmp_path / "gone")
    assert look(path, search_for(SECRET)) == Content(path)
    unseen = look(path, search_for(SECRET), named=True).unseen
    assert unseen is not None
    assert unseen.failed


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """It is told, and counts as a failure."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    (tmp_path / "closed").write_bytes(SECRET)
    (tmp_path / "closed").chmod(0)
    unseen = look(str(tmp_path / "closed"), search_for(SECRET)).unseen
    assert unseen is not None
    assert unseen.failed


def sparse(path: Path, size: int, pieces: dict[int, bytes]) -> None:
    """Make a file of *size* bytes that is holes but for *pieces* at their places."""
    with path.open("wb") as file:
        for place, data in pieces.items():
            file.seek(place)
            file.write(data)
        file.truncate(size)


def test_holes_are_not_read(tmp_path: Path) -> None:
    """Five gigabytes with two values in them take a moment."""
    path = tmp_path / "sparse"
    places = {1 << 20: SECRET, 3 << 30: b"\n" + SECRET}
    sparse(path, 5 << 30, places)
    if os.stat(path).st_blocks * 512 > 1 << 24:
        pytest.skip("this file system has no holes")
    assert held(path) == [Held(0, "as it is", 1 << 20, None, 2)]


def test_nothing_but_a_hole(tmp_path: Path) -> None:
    """A file without any data is looked at, and holds nothing."""
    sparse(tmp_path / "hole", 5 << 30, {})
    assert held(tmp_path / "hole") == []


def test_a_file_that_is_too_large_is_named_with_the_way_to_look(tmp_path: Path) -> None:
    """Beyond a limit a file is left out, unless the user named it."""
    path = tmp_path / "large"
    path.write_bytes(SECRET + b"~" * (5 << 20))
    content = look(str(path), search_for(SECRET), limits=SMALL)
    assert content.unseen is not None
    assert "--path" in content.unseen.why
    assert not content.unseen.failed
    assert look(str(path), search_for(SECRET), named=True).held


class Meddling(Search):
    """A search during which something happens to the file."""

    def meddle(self, path: Path, what: str, times: int = 1) -> None:
        """Do *what* to *path* at the next look into data, as often as that."""
        self.path, self.what, self.times = path, what, times

    def _confirmed(self, data: bytes, enough: object) -> list[Hit]:
        if self.times:
            self.times -= 1
            if self.what == "grow":
                with self.path.open("ab") as file:
                    file.write(b"\n" + SECRET)
            elif self.what == "shrink":
                os.truncate(self.path, 5000)
            elif self.what == "remove":
                self.path.unlink()
            else:
                new = self.path.with_suffix(".new")
                new.write_bytes(b"~" * 20_000 + SECRET)
                new.replace(self.path)
        return super()._confirmed(data, enough)  # type: ignore[arg-type]  # it is handed through


@pytest.mark.parametrize(
    ("what", "times", "found", "why"),
    [
        ("grow", 1, True, "it was written to while it was read"),
        ("shrink", 1, False, "it was written to while it was read"),
        ("remove", 1, False, None),
        ("replace", 1, True, None),
        ("replace", 99, True, "replaced again and again while it was read"),
    ],
)
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, what: str, times: int, found: bool, why: str | None
) -> None:
    """What came in its place is looked at too, and what may be missing is told."""
    path = tmp_path / "file"
    path.write_bytes(b"~" * 20_000)
    search = Meddling(search_for(SECRET).known)
    search.meddle(path, what, times)
    content = look(str(path), search, limits=SMALL)
    assert bool(content.held) is found
    assert (content.unseen.why if content.unseen else None) == why


def test_a_disk_that_fails_loses_nothing_found_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the middle is told beside what was found up to there."""
    path = tmp_path / "file"
    path.write_bytes(SECRET + b"~" * 20_000)
    real = os.read
    left = [2]

    def read(descriptor: int, size: int) -> bytes:
        left[0] -= 1
        return real(descriptor, size) if left[0] > 0 else fail()

    def fail() -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "read", read)
    content = look(str(path), search_for(SECRET), limits=SMALL)
    assert content.held
    assert content.unseen is not None
    assert content.unseen.failed


def test_a_flood_is_counted_up_to_a_limit(tmp_path: Path) -> None:
    """Of a value that fills the file only so many are counted, and others are still found."""
    path = tmp_path / "flood"
    often, once = value(20, seed=1), value(20, seed=2)
    path.write_bytes(often * 60_000 + once + often * 60_000)
    found = held(path, search_for(often, once))
    assert [(one.known, one.times) for one in found] == [(0, MOST), (1, 1)]


def test_one_line_of_200_megabytes_in_constant_memory(tmp_path: Path) -> None:
    """The memory is that of a chunk, not that of the line."""
    path = tmp_path / "line"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(b"abcdefgh" * (1 << 17))
        file.write(SECRET)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert [(one.offset, one.line) for one in held(path)] == [(200 << 20, 1)]
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    path.unlink()
    assert used < 30 << 10


def test_a_device_that_looks_like_a_file(tmp_path: Path) -> None:
    """A file of the kernel tells no size and is read to its end."""
    del tmp_path
    if sys.platform != "linux":
        pytest.skip("/proc is Linux's")
    process = subprocess.Popen(["sleep", "60"], env={"KEY": SECRET.decode()})
    try:
        path = f"/proc/{process.pid}/environ"
        for _ in range(200):  # the kernel shows it once the program has begun
            if SECRET in Path(path).read_bytes():
                break
            time.sleep(0.02)
        assert look(path, search_for(SECRET)).held
    finally:
        process.kill()
        process.wait()
