"""Reading without traps, writing without a half-written state."""

import itertools
import os
import resource
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real import absent, need
from small_disk import fill, small_disk

from devkeys import atomic, files
from devkeys.errors import DevkeysError

as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="uses Linux's /proc")


def test_reading_gives_the_content(tmp_path: Path) -> None:
    """A regular file is read whole and unaltered."""
    data = os.urandom(100_000)
    (tmp_path / "file").write_bytes(data)
    assert files.read_regular(str(tmp_path / "file")) == data


def test_reading_an_empty_file_is_not_reading_none(tmp_path: Path) -> None:
    """None means absent, and only that."""
    (tmp_path / "file").touch()
    assert files.read_regular(str(tmp_path / "file")) == b""


@pytest.mark.parametrize("path", ["absent", "absent/below", "plain/below"])
def test_reading_what_is_not_there_is_none(tmp_path: Path, path: str) -> None:
    """A missing file, a missing directory and a file in a directory's place are no file."""
    (tmp_path / "plain").touch()
    assert files.read_regular(str(tmp_path / path)) is None
    assert files.read_private(str(tmp_path / path)) is None


def test_a_fifo_is_refused_at_once(tmp_path: Path) -> None:
    """A FIFO that nobody writes to cannot hang the reader."""
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(DevkeysError, match="is a FIFO, not a regular file"):
        files.read_regular(str(tmp_path / "fifo"))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    """A directory in a file's place is an error, not an absent file."""
    with pytest.raises(DevkeysError, match="is a directory, not a regular file"):
        files.read_regular(str(tmp_path))


def test_a_device_is_refused() -> None:
    """An endless device is not read."""
    with pytest.raises(DevkeysError, match="is a device or socket, not a regular file"):
        files.read_regular("/dev/zero")


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket cannot be opened, and the error says which path it is."""
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(DevkeysError, match="socket is a device or socket"):
            files.read_regular("socket")


def test_the_limit_is_the_largest_size_that_is_read(tmp_path: Path) -> None:
    """A file of exactly the limit is read; one byte more is an error."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert files.read_regular(str(path), limit=100) == b"x" * 100
    with pytest.raises(DevkeysError, match="too large: 100 bytes, at most 99 are read"):
        files.read_regular(str(path), limit=99)


@on_linux
def test_a_file_that_is_longer_than_it_says_is_limited_too() -> None:
    """A file whose size reads 0, as in /proc, still ends at the limit."""
    assert files.read_regular("/proc/self/maps")
    with pytest.raises(DevkeysError, match="grew past 10 bytes"):
        files.read_regular("/proc/self/maps", limit=10)


@on_linux
def test_an_error_of_the_disk_is_reported_with_the_path() -> None:
    """Reading that fails half-way (here with EIO) is an error, never a short value."""
    with pytest.raises(DevkeysError, match="cannot read /proc/self/mem: input/output error"):
        files.read_regular("/proc/self/mem")


@as_user
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    """A file that may not be read is not an absent one."""
    path = tmp_path / "file"
    path.touch(mode=0o000)
    with pytest.raises(DevkeysError, match="permission denied") as caught:
        files.read_regular(str(path))
    assert caught.value.hint


@as_user
def test_a_file_in_an_unreadable_directory_is_an_error(tmp_path: Path) -> None:
    """Not being allowed to look is not the same as absent."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    for read in (files.read_regular, files.read_private):
        with pytest.raises(DevkeysError, match="permission denied"):
            read(str(closed / "file"))


def test_reading_follows_a_symbolic_link(tmp_path: Path) -> None:
    """An ordinary file may be a link: dotfiles often are."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert files.read_regular(str(tmp_path / "link")) == b"content"


def test_reading_leaves_no_descriptor_open(tmp_path: Path) -> None:
    """Neither success nor failure leaks a descriptor to the command that follows."""
    (tmp_path / "file").write_bytes(b"content")
    lowest = os.dup(0)
    os.close(lowest)
    files.read_regular(str(tmp_path / "file"))
    files.read_private(str(tmp_path / "absent"))
    with pytest.raises(DevkeysError):
        files.read_regular(str(tmp_path))
    after = os.dup(0)
    os.close(after)
    assert after == lowest


def _private(path: Path, content: bytes = b"content") -> str:
    path.write_bytes(content)
    path.chmod(0o600)
    return str(path)


def test_a_private_file_is_read(tmp_path: Path) -> None:
    """A file of mode 0600 that is the user's own is read."""
    assert files.read_private(_private(tmp_path / "file")) == b"content"


def test_a_private_file_is_no_link(tmp_path: Path) -> None:
    """A symbolic link in a private file's place is an error, also one that leads nowhere."""
    _private(tmp_path / "file")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("link", "dangling"):
        with pytest.raises(DevkeysError, match="is a symbolic link"):
            files.read_private(str(tmp_path / name))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o666, 0o601, 0o610])
def test_a_private_file_lets_nobody_else_in(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is an error that names the mode and the way to mend it."""
    path = _private(tmp_path / "file")
    os.chmod(path, mode)
    with pytest.raises(DevkeysError, match=f"mode 0{mode:o}") as caught:
        files.read_private(path)
    assert "chmod go=" in (caught.value.hint or "")


@pytest.mark.needs_root
def test_a_private_file_belongs_to_the_user(tmp_path: Path) -> None:
    """A file of another user is an error, whatever its mode."""
    path = _private(tmp_path / "file")
    os.chown(path, 12345, -1)
    with pytest.raises(DevkeysError, match="belongs to another user"):
        files.read_private(path)


def test_what_is_checked_is_what_is_read(tmp_path: Path) -> None:
    """A file that is put in place between check and opening does not slip through."""
    path = str(tmp_path / "file")
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            for mode, content in ((0o600, b"private"), (0o644, b"public")):
                atomic.write(path, content, mode=mode)

    atomic.write(path, b"private")
    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        for _ in range(3000):
            try:
                assert files.read_private(path) == b"private"
            except DevkeysError:
                continue
    finally:
        done.set()
        swapper.join()


def test_a_private_fifo_is_refused(tmp_path: Path) -> None:
    """A FIFO with the right mode is still not read."""
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(DevkeysError, match="is a FIFO"):
        files.read_private(str(tmp_path / "fifo"))


def test_a_private_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    """The directory has mode 0700 whatever the umask."""
    path = tmp_path / "above" / "private"
    old = os.umask(0)
    try:
        atomic.make_private_dir(str(path))
        atomic.make_private_dir(str(path))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


def test_a_private_directory_that_others_may_read_is_an_error(tmp_path: Path) -> None:
    """A directory that was there before is checked, not changed."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(DevkeysError, match="mode 0755"):
        atomic.make_private_dir(str(tmp_path / "open"))
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o755


def test_a_private_directory_is_no_link_and_no_file(tmp_path: Path) -> None:
    """Something else in the directory's place is an error."""
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(DevkeysError, match="is a symbolic link"):
        atomic.make_private_dir(str(tmp_path / "link"))
    with pytest.raises(DevkeysError, match="file exists"):
        atomic.make_private_dir(_private(tmp_path / "file"))
    with pytest.raises(DevkeysError, match="cannot make"):
        atomic.make_private_dir(str(tmp_path / "file" / "below"))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=5000))
def test_what_is_written_is_what_is_read(tmp_path: Path, data: bytes) -> None:
    """Any bytes come back."""
    path = str(tmp_path / "file")
    atomic.write(path, data)
    assert files.read_private(path) == data


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o377])
def test_the_mode_is_as_said_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """The mode comes from the caller, not from the umask or the old file."""
    path = tmp_path / "file"
    path.touch(mode=0o644)
    old = os.umask(umask)
    try:
        atomic.write(str(path), b"new")
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_writing_replaces_a_link_and_not_its_target(tmp_path: Path) -> None:
    """A link that somebody put there cannot direct the value elsewhere."""
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    atomic.write(str(tmp_path / "link"), b"new")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert not (tmp_path / "link").is_symlink()


def test_writing_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    """No temporary file stays, neither after success nor after failure."""
    atomic.write(str(tmp_path / "file"), b"data")
    (tmp_path / "directory").mkdir()
    with pytest.raises(DevkeysError, match="cannot write"):
        atomic.write(str(tmp_path / "directory"), b"data")
    assert sorted(os.listdir(tmp_path)) == ["directory", "file"]


def test_writing_into_no_directory_is_an_error(tmp_path: Path) -> None:
    """The error names the file that was to be written."""
    with pytest.raises(DevkeysError, match=r"cannot write .*absent/file: no such file"):
        atomic.write(str(tmp_path / "absent" / "file"), b"data")


@as_user
def test_writing_into_a_read_only_directory_is_an_error(tmp_path: Path) -> None:
    """The old file stays."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "file").write_bytes(b"old")
    closed.chmod(0o500)
    with pytest.raises(DevkeysError, match="permission denied"):
        atomic.write(str(closed / "file"), b"new")
    assert (closed / "file").read_bytes() == b"old"


@as_user
def test_a_directory_that_cannot_be_listed_can_be_written_to(tmp_path: Path) -> None:
    """Rights to write and enter are enough."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o300)
    atomic.write(str(closed / "file"), b"new")
    assert (closed / "file").read_bytes() == b"new"


@pytest.mark.needs_root
def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    """ENOSPC leaves the old content, no leftovers, and one clear error."""
    with small_disk(str(tmp_path / "disk")) as disk:
        path = os.path.join(disk, "file")
        atomic.write(path, b"old")
        fill(disk)
        with pytest.raises(DevkeysError, match="no space left on device") as caught:
            atomic.write(path, b"new" * 10_000)
        assert caught.value.hint == "nothing was changed"
        assert files.read_private(path) == b"old"
        assert sorted(os.listdir(disk)) == ["file", "filler"]


def _run(code: str, *arguments: str, before: tuple[str, ...] = ()) -> str:
    command = [*before, sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    if "ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    return done.stdout + done.stderr


WRITE = """
import sys
from devkeys import atomic
from devkeys.errors import DevkeysError
try:
    atomic.write(sys.argv[1], b"new" * 10_000)
except DevkeysError as error:
    print(error, error.hint, sep="; ")
"""


def test_a_write_that_is_cut_off_keeps_the_old_file(tmp_path: Path) -> None:
    """A write of which only a part fits (here: the limit of a file's size) changes nothing."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    limit = f"import resource; resource.setrlimit({resource.RLIMIT_FSIZE}, (5000, 5000))"
    said = _run(limit + WRITE, str(path))
    assert "file too large; nothing was changed" in said
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("call", ["fsync", "rename", "write"])
def test_an_error_of_the_disk_while_writing_keeps_the_old_file(tmp_path: Path, call: str) -> None:
    """EIO at any step before the new file is in its place changes nothing."""
    need("strace")
    path = tmp_path / "file"
    path.write_bytes(b"old")
    trace = f"inject={call}:error=EIO:when=1"
    said = _run(WRITE, str(path), before=("strace", "-qq", "-o", "/dev/null", "-e", trace))
    assert "input/output error; nothing was changed" in said
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


def test_an_error_after_the_replacement_is_not_told_as_no_change(tmp_path: Path) -> None:
    """When only the directory could not be synced, the new content is there, and is said so."""
    need("strace")
    path = tmp_path / "file"
    path.write_bytes(b"old")
    trace = ("-e", "inject=fsync:error=EIO:when=2")
    said = _run(WRITE, str(path), before=("strace", "-qq", "-o", "/dev/null", *trace))
    assert "was written, but may not outlast a power cut" in said
    assert path.read_bytes() == b"new" * 10_000


def test_a_file_system_that_cannot_sync_directories_is_good_enough(tmp_path: Path) -> None:
    """EINVAL from the directory's fsync is no failure."""
    need("strace")
    path = tmp_path / "file"
    trace = ("-e", "inject=fsync:error=EINVAL:when=2")
    said = _run(WRITE, str(path), before=("strace", "-qq", "-o", "/dev/null", *trace))
    assert said == ""
    assert path.read_bytes() == b"new" * 10_000


def test_a_reader_never_sees_a_half_written_file(tmp_path: Path) -> None:
    """Two writers and a reader at the same time: every read is one whole writing."""
    path = str(tmp_path / "file")
    contents = [b"a" * 30_000, b"b" * 50_000]
    atomic.write(path, contents[0])
    done = threading.Event()

    def write(data: bytes) -> None:
        for _ in range(15):
            atomic.write(path, data)

    writers = [threading.Thread(target=write, args=(data,)) for data in contents]
    for writer in writers:
        writer.start()
    while not done.is_set():
        assert files.read_private(path) in contents
        if not any(writer.is_alive() for writer in writers):
            done.set()
    for writer in writers:
        writer.join()
    assert os.listdir(tmp_path) == ["file"]


def test_leftovers_of_a_killed_writer_are_removed(tmp_path: Path) -> None:
    """What a writer killed before its rename left goes; all other files stay."""
    need("strace")
    path = tmp_path / "file"
    trace = ("-e", "inject=rename:signal=KILL:when=1")
    _run(WRITE, str(path), before=("strace", "-qq", "-o", "/dev/null", *trace))
    others = [".file.tmp", ".other.0123456789ab.tmp", ".file.notes", "file"]
    for name in others:
        (tmp_path / name).touch()
    assert len(os.listdir(tmp_path)) == 5
    atomic.remove_leftovers(str(path))
    assert sorted(os.listdir(tmp_path)) == sorted(others)


def test_removing_says_whether_there_was_a_file(tmp_path: Path) -> None:
    """Removing what is not there is no error."""
    path = tmp_path / "file"
    path.touch()
    assert atomic.remove(str(path))
    assert not atomic.remove(str(path))
    assert not atomic.remove(str(tmp_path / "absent" / "file"))


def test_a_directory_is_not_removed(tmp_path: Path) -> None:
    """The error names the path."""
    (tmp_path / "directory").mkdir()
    with pytest.raises(DevkeysError, match=r"cannot remove .*/directory"):
        atomic.remove(str(tmp_path / "directory"))


def test_reading_imports_nothing_slow() -> None:
    """The module is on the way of `run`, where each import is paid for by every command."""
    code = (
        "import os; before = set(sys.modules); import devkeys.files, devkeys.secret; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == [
        *("devkeys", "devkeys.errors", "devkeys.files", "devkeys.secret")
    ]


def test_what_was_seen_and_is_replaced_is_not_taken_for_nothing(tmp_path: Path) -> None:
    """On file systems that go by paths an open may miss what lstat has just found, or lstat."""
    need("strace")
    path = tmp_path / "dev.age"
    path.write_bytes(b"sealed")
    path.chmod(0o600)
    code = f"from devkeys import files; print(files.read_private({str(path)!r}))"
    opens, looks = "open,openat", "/^(lstat|newfstatat|statx)"
    for calls, fault in itertools.product((opens, looks), ("ENOENT", "ESTALE")):
        trace = ["strace", "-qq", "-o", "/dev/null", "-P", str(path)]
        inject = ["-e", f"inject={calls}:error={fault}:when=1..3"]
        done = subprocess.run(
            [*trace, *inject, sys.executable, "-c", code], check=False, capture_output=True
        )
        if b"ptrace" in done.stderr.lower():
            absent("needs to trace a process")
        assert done.stdout == b"b'sealed'\n"
