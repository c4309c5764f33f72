"""One writer at a time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devkeys.errors import DevkeysError
from devkeys.lock import locked

HOLD = """
import sys
from devkeys.lock import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: str) -> Iterator["subprocess.Popen[str]"]:
    """Run another process that holds the lock until its stdin closes."""
    command = [sys.executable, "-c", HOLD, path]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Name a lock file that is not there yet."""
    return str(tmp_path / "lock")


def test_a_free_lock_is_taken_in_silence(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Twice in a row, nothing is said and the file stays, readable to its owner only."""
    for _ in range(2):
        with locked(path):
            pass
    assert capsys.readouterr() == ("", "")
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_the_lock_is_let_go_after_an_error(path: str) -> None:
    """What goes wrong inside does not keep others out."""
    with pytest.raises(ZeroDivisionError), locked(path):
        raise ZeroDivisionError
    with locked(path, limit=0):
        pass


def test_a_held_lock_is_waited_for(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A short wait is silent and ends when the holder is done."""
    with holder(path) as process:
        assert process.stdin
        threading.Timer(0.2, process.stdin.close).start()
        with locked(path, patience=30):
            assert process.wait(10) == 0
    assert capsys.readouterr().err == ""


def test_a_long_wait_is_told_once_with_the_holders_pid(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The standard error says who is waited for, so that nobody thinks devkeys hangs."""
    with holder(path) as process:
        assert process.stdin
        threading.Timer(0.5, process.stdin.close).start()
        with locked(path, patience=0.1):
            pass
        expected = f"devkeys: waiting for another devkeys (pid {process.pid}) to finish writing\n"
    assert capsys.readouterr() == ("", expected)


def test_waiting_ends(path: str) -> None:
    """A holder that never lets go is an error with its pid, not an endless wait."""
    with (
        holder(path) as process,
        pytest.raises(DevkeysError, match=rf"another devkeys \(pid {process.pid}\) has held"),
        locked(path, limit=0.1),
    ):
        pytest.fail("both hold it")


@pytest.mark.parametrize("content", [b"", b"garbage\n", b"-1\n", b"999999999999\n"])
def test_an_unknown_holder_is_not_named(
    path: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lock file without a living pid gives the message without one."""
    with holder(path) as process:
        assert process.stdin
        Path(path).write_bytes(content)
        threading.Timer(0.4, process.stdin.close).start()
        with locked(path, patience=0):
            pass
    assert capsys.readouterr().err == "devkeys: waiting for another devkeys to finish writing\n"


def test_a_recycled_pid_is_not_named(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A process that is younger than the signature in the file did not write it."""
    with holder(path) as process:
        assert process.stdin
        os.utime(path, (1, 1))
        threading.Timer(0.4, process.stdin.close).start()
        with locked(path, patience=0):
            pass
    assert "pid" not in capsys.readouterr().err


def test_a_killed_holder_blocks_nobody(path: str) -> None:
    """The kernel lets go of a dead process's lock, though its file and pid stay."""
    with holder(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        with locked(path, limit=5):
            assert Path(path).read_text() == f"{os.getpid()}\n"


def test_a_stopped_holder_still_holds(path: str) -> None:
    """A holder that sleeps (Ctrl-Z) is waited for, for its writing is not done."""
    with holder(path) as process:
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(DevkeysError, match="has held"), locked(path, limit=0.1):
            pytest.fail("both hold it")


def test_a_command_that_follows_does_not_inherit_the_lock(path: str) -> None:
    """The descriptor does not survive exec."""
    with locked(path):
        listing = subprocess.run(
            [sys.executable, "-c", "import os; [os.fstat(n) for n in range(3)]; os.fstat(3)"],
            check=False,
            capture_output=True,
            close_fds=False,
        )
    with locked(path, limit=0):
        assert listing.returncode in {0, 1}


def test_a_link_in_the_locks_place_is_an_error(tmp_path: Path) -> None:
    """Nothing is written through a link that somebody put there."""
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "lock").symlink_to("target")
    with pytest.raises(DevkeysError, match="cannot lock"), locked(str(tmp_path / "lock")):
        pytest.fail("locked")
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_a_missing_directory_is_an_error(tmp_path: Path) -> None:
    """The error names the lock file and has a hint."""
    path = str(tmp_path / "absent" / "lock")
    with pytest.raises(DevkeysError, match=f"cannot lock {path}") as caught, locked(path):
        pytest.fail("locked")
    assert caught.value.hint


COUNT = """
import sys
from devkeys.lock import locked
for _ in range(20):
    with locked(sys.argv[1] + ".lock"):
        with open(sys.argv[1]) as file:
            number = int(file.read())
        with open(sys.argv[1], "w") as file:
            file.write(str(number + 1))
"""


def test_no_count_is_lost(tmp_path: Path) -> None:
    """Four processes that count up in one file reach the sum."""
    path = tmp_path / "number"
    path.write_text("0")
    command = [sys.executable, "-c", COUNT, str(path)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert path.read_text() == "80"


def test_psutil_is_not_imported_for_a_free_lock(path: str) -> None:
    """Only whoever waits pays for the look at processes."""
    code = (
        "import sys; from devkeys.lock import locked\n"
        f"with locked({path!r}): print('psutil' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert done.stdout == b"False\n"
