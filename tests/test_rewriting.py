"""Changing a user's own file while others write it."""

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import real
from small_disk import fill, small_disk

from devkeys import openfiles, rewriting
from devkeys.errors import DevkeysError
from devkeys.rewriting import Rewritten, rewrite

pytestmark = pytest.mark.skipif(os.name != "posix", reason="is about POSIX files")
FEW = "user.devkeys-test"


def without(secret: bytes) -> rewriting.Change:
    """Return the change that takes lines with *secret* out."""

    def change(data: bytes) -> bytes | None:
        kept = b"".join(line for line in data.splitlines(keepends=True) if secret not in line)
        return None if kept == data else kept

    return change


@pytest.fixture
def secret() -> bytes:
    """Make a secret."""
    return secrets.token_hex(16).encode()


@pytest.fixture
def path(tmp_path: Path, secret: bytes) -> Path:
    """Make a file of three lines; the middle one holds the secret."""
    path = tmp_path / "place" / "history"
    path.parent.mkdir()
    path.write_bytes(b"one\necho " + secret + b"\nthree\n")
    path.chmod(0o640)
    return path


def names(path: Path) -> list[str]:
    """Return what is in the directory of *path*."""
    return sorted(os.listdir(path.parent))


def test_the_change_is_made_and_nothing_else_is_left(path: Path, secret: bytes) -> None:
    """One file, with the new content, and the mode that it had."""
    assert rewrite(str(path), without(secret)) == Rewritten(True)
    assert path.read_bytes() == b"one\nthree\n"
    assert path.stat().st_mode & 0o7777 == 0o640
    assert names(path) == ["history"]


def test_a_file_that_needs_no_change_is_not_touched(path: Path) -> None:
    """It stays the same file, to the nanosecond."""
    before = path.stat()
    assert rewrite(str(path), without(b"nothing that is there")) == Rewritten(False)
    assert path.stat() == before


def test_an_absent_file_is_no_error(tmp_path: Path, secret: bytes) -> None:
    """Nothing is there to be changed, and nothing is made."""
    assert rewrite(str(tmp_path / "absent"), without(secret)) == Rewritten(False)
    assert list(tmp_path.iterdir()) == []


def test_a_symbolic_link_stays_and_its_target_is_changed(
    tmp_path: Path, path: Path, secret: bytes
) -> None:
    """As into a repository of dotfiles, over two links."""
    (tmp_path / "middle").symlink_to("place/history")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "middle")
    assert rewrite(str(link), without(secret)).changed
    assert link.is_symlink()
    assert path.read_bytes() == b"one\nthree\n"
    assert sorted(os.listdir(tmp_path)) == ["link", "middle", "place"]


def test_other_hard_links_are_told_of(tmp_path: Path, path: Path, secret: bytes) -> None:
    """They lead to the old content still."""
    os.link(path, tmp_path / "other")
    done = rewrite(str(path), without(secret))
    assert done.changed
    assert "1 more hard link" in done.left[0]
    assert secret in (tmp_path / "other").read_bytes()


@pytest.mark.parametrize("kind", ["fifo", "directory"])
def test_what_is_no_regular_file_is_refused(path: Path, secret: bytes, kind: str) -> None:
    """A FIFO does not block, either."""
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(DevkeysError, match=r"not a regular file|is a directory"):
        rewrite(str(path), without(secret))


def test_a_file_of_more_than_the_limit_is_refused(path: Path, secret: bytes) -> None:
    """Before it is read."""
    with pytest.raises(DevkeysError, match="at most 10"):
        rewrite(str(path), without(secret), limit=10)


@pytest.mark.needs_root
def test_a_file_of_another_user_is_refused(path: Path, secret: bytes) -> None:
    """Also by root, who could: the new one would have to be given away."""
    os.chown(path, 12345, -1)
    with pytest.raises(DevkeysError, match="uid 12345"):
        rewrite(str(path), without(secret))
    assert secret in path.read_bytes()


@pytest.mark.needs_root
def test_the_group_stays(path: Path, secret: bytes) -> None:
    """A file shared with a group stays shared, with the bits that chown takes away."""
    os.chown(path, -1, 12345)
    path.chmod(0o2664)
    assert rewrite(str(path), without(secret)).changed
    assert path.stat().st_gid == 12345
    assert path.stat().st_mode & 0o7777 == 0o2664


def test_extended_attributes_stay(path: Path, secret: bytes) -> None:
    """Byte for byte."""
    try:
        os.setxattr(path, FEW, b"a\0b\xff")
    except OSError:
        real.absent("needs a file system with extended attributes")
    assert rewrite(str(path), without(secret)).changed
    assert os.getxattr(path, FEW) == b"a\0b\xff"


def acl(path: Path) -> str:
    """Return the access list of *path*."""
    command = ["getfacl", "-cEn", "--", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def set_acl(*words: str) -> None:
    """Set an access list, or skip where that cannot be done."""
    real.need("setfacl", "getfacl")
    if subprocess.run(["setfacl", *words], check=False, capture_output=True).returncode:
        real.absent("needs a file system with access lists")


def test_an_access_list_stays(path: Path, secret: bytes) -> None:
    """With its mask, which stands where the group's bits are."""
    set_acl("-m", "u:12345:r,m::r", str(path))
    before = acl(path)
    assert "user:12345:r--" in before
    assert rewrite(str(path), without(secret)).changed
    assert acl(path) == before


def test_the_directorys_default_access_list_gives_nothing(path: Path, secret: bytes) -> None:
    """Who could not read the file cannot read it afterwards."""
    set_acl("-d", "-m", "u:12345:rwx", str(path.parent))
    before = acl(path)
    assert "12345" not in before
    assert rewrite(str(path), without(secret)).changed
    assert acl(path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only directories")
def test_in_a_read_only_directory_nothing_is_changed(path: Path, secret: bytes) -> None:
    """And said so, with the reason."""
    path.parent.chmod(0o500)
    try:
        with pytest.raises(DevkeysError, match="permission denied"):
            rewrite(str(path), without(secret))
    finally:
        path.parent.chmod(0o700)
    assert secret in path.read_bytes()


@pytest.mark.needs_root
def test_on_a_full_disk_nothing_is_changed(tmp_path: Path, secret: bytes) -> None:
    """The old file is whole, and there is no other."""
    with small_disk(str(tmp_path / "disk")) as disk:
        path = Path(disk, "history")
        old = b"x\n" * 8000 + secret + b"\n"
        path.write_bytes(old)
        fill(disk)
        with pytest.raises(DevkeysError, match="no space left"):
            rewrite(str(path), without(secret))
        assert path.read_bytes() == old
        assert names(path) == ["filler", "history"]


@pytest.mark.needs_root
def test_on_a_read_only_file_system_nothing_is_changed(tmp_path: Path, secret: bytes) -> None:
    """The message is the system's."""
    with small_disk(str(tmp_path / "disk")) as disk:
        path = Path(disk, "history")
        path.write_bytes(secret)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(DevkeysError, match="read-only file system"):
            rewrite(str(path), without(secret))
        assert path.read_bytes() == secret


@pytest.mark.parametrize("appended", [True, False])
def test_what_is_written_while_it_is_changed_is_kept(
    path: Path, secret: bytes, appended: bool
) -> None:
    """The change is made again, from what is there then."""
    calls: list[bytes] = []

    def change(data: bytes) -> bytes | None:
        if not calls:
            with path.open("ab" if appended else "wb") as file:
                file.write(b"four\n" if appended else data + b"four\n")
        calls.append(data)
        return without(secret)(data)

    assert rewrite(str(path), change).changed
    assert path.read_bytes() == b"one\nthree\nfour\n"
    assert len(calls) == 2


def test_a_file_that_was_replaced_meanwhile_is_kept(path: Path, secret: bytes) -> None:
    """The new one is changed."""
    calls: list[bytes] = []

    def change(data: bytes) -> bytes | None:
        if not calls:
            (path.parent / "new").write_bytes(b"new\n" + data)
            (path.parent / "new").rename(path)
        calls.append(data)
        return without(secret)(data)

    assert rewrite(str(path), change).changed
    assert path.read_bytes() == b"new\none\nthree\n"


def test_a_file_that_never_rests_is_left_as_it_is(path: Path, secret: bytes) -> None:
    """With an error, and with all that was written."""
    calls: list[bytes] = []

    def change(data: bytes) -> bytes | None:
        calls.append(data)
        path.write_bytes(b"%d\n" % len(calls) + secret)
        return without(secret)(data)

    with pytest.raises(DevkeysError, match="written to all the time"):
        rewrite(str(path), change)
    assert path.read_bytes() == b"%d\n" % len(calls) + secret
    assert names(path) == ["history"]


def test_a_writer_that_has_the_old_file_open_loses_nothing(path: Path, secret: bytes) -> None:
    """What it writes into the old one until it closes it is brought over."""
    done = threading.Event()

    def write_late() -> None:
        with path.open("ab", buffering=0) as old:
            done.set()
            while path.stat().st_ino == os.fstat(old.fileno()).st_ino:
                pass
            old.write(b"late\n")

    writer = threading.Thread(target=write_late)
    writer.start()
    done.wait()
    assert rewrite(str(path), without(secret)) == Rewritten(True)
    writer.join()
    assert path.read_bytes() == b"one\nthree\nlate\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
def test_a_writer_that_keeps_the_old_file_open_is_told_of(path: Path, secret: bytes) -> None:
    """What it writes from now on nobody sees."""
    with path.open("ab"):
        done = rewrite(str(path), without(secret))
    assert done.changed
    assert "keeps the old" in done.left[0]


def test_an_old_file_that_is_written_anew_comes_in_the_new_ones_place(
    path: Path, secret: bytes
) -> None:
    """As REPLs do it: truncated, and the whole list written; without the secret all the same."""
    opened = threading.Event()

    def write_anew() -> None:
        with path.open("r+b", buffering=0) as old:
            opened.set()
            while path.stat().st_ino == os.fstat(old.fileno()).st_ino:
                pass
            old.truncate(0)
            old.write(b"zero\n" + secret + b"\nlast\n")

    writer = threading.Thread(target=write_anew)
    writer.start()
    opened.wait()
    assert rewrite(str(path), without(secret)).changed
    writer.join()
    assert path.read_bytes() == b"zero\nlast\n"


_APPENDER = """
import os, sys, time
path, n = sys.argv[1], 0
print("ready", flush=True)
while not os.path.exists(path + ".stop"):
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, b"line %d of {who}\\n" % n)
    os.close(file)
    n += 1
    time.sleep(0.001)
print(n)
"""


@pytest.fixture
def appenders(path: Path) -> Iterator[list["subprocess.Popen[str]"]]:
    """Start two processes that append lines, until `history.stop` is there."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", _APPENDER.replace("{who}", who), str(path)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in "ab"
    ]
    yield started
    for one in started:
        one.kill()
        with one:
            one.wait()


def test_appenders_that_never_rest_lose_no_line(
    path: Path, secret: bytes, appenders: list["subprocess.Popen[str]"]
) -> None:
    """Two hundred changes under two processes that append a thousand lines a second each."""
    for one in appenders:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for _ in range(200):
        with path.open("ab") as file:
            file.write(secret + b"\n")
        assert rewrite(str(path), without(secret)).changed
    (path.parent / "history.stop").touch()
    counts = [int(one.communicate()[0]) for one in appenders]
    lines = set(path.read_bytes().splitlines())
    for who, count in zip(b"ab", counts, strict=True):
        assert count > 200
        assert not {b"line %d of %c" % (n, who) for n in range(count)} - lines


def test_leftovers_of_the_killed_are_removed_and_of_the_living_not(
    path: Path, secret: bytes
) -> None:
    """By the kernel's lock, which ends with its process."""
    dead = path.parent / ".devkeys-0123456789ab.tmp"
    alive = path.parent / ".devkeys-ba9876543210.tmp"
    others = path.parent / ".devkeys-notes.tmp"
    for each in (dead, alive, others):
        each.write_bytes(secret)
    with alive.open("rb") as file:
        openfiles.claim(file.fileno())
        assert rewrite(str(path), without(secret)).changed
    assert names(path) == [alive.name, others.name, "history"]


_KILLED = """
import os, signal, sys
from devkeys import rewriting
path, secret, n = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
calls = 0
def hook(event, args):
    global calls
    if event in ("open", "os.rename", "os.remove", "os.listdir", "os.chmod", "os.setxattr"):
        calls += 1
        if calls == n:
            os.kill(os.getpid(), signal.SIGKILL)
def change(data):
    kept = b"".join(line for line in data.splitlines(True) if secret not in line)
    return None if kept == data else kept
sys.addaudithook(hook)
rewriting.rewrite(path, change)
n = 0
"""


def test_killed_at_any_step_the_file_is_the_old_or_the_new(path: Path, secret: bytes) -> None:
    """What is left over holds no secret, and the next change removes it."""
    old = path.read_bytes()
    ended = seen = 0
    for step in range(1, 40):
        path.write_bytes(old)
        words = [sys.executable, "-c", _KILLED, str(path), secret.decode(), str(step)]
        code = subprocess.run(words, check=False).returncode
        assert path.read_bytes() in (old, b"one\nthree\n")
        left = [path.parent / name for name in names(path) if name != "history"]
        assert all(secret not in each.read_bytes() for each in left)
        seen += bool(left)
        if code == 0:
            ended = step
            break
    assert ended > 5
    assert seen
    path.write_bytes(old)
    rewrite(str(path), without(secret))
    assert names(path) == ["history"]
