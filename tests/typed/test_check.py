"""`devkeys hook check SHELL`, as the shells call it."""

import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RECORD, KEEP_OUT = 0, 1


@pytest.fixture
def check(home: Path) -> "Check":
    """Give the command of a user who has nothing yet."""
    return Check(home)


class Check:
    """The real command in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.environ = {"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C"}
        self.command = [sys.executable, "-P", "-m", "devkeys", "hook", "check"]

    def __call__(self, data: bytes, shell: str = "bash") -> subprocess.CompletedProcess[bytes]:
        """Return the answer to *data*."""
        return subprocess.run(
            [*self.command, shell],
            input=data,
            env=self.environ,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def start(self, stdout: int, directory: Path | None = None) -> subprocess.Popen[bytes]:
        """Begin to ask; the command is still to be written."""
        return subprocess.Popen(
            [*self.command, "bash"],
            env=self.environ,
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )


def test_what_holds_a_secret_is_kept_out_in_one_line(check: Check) -> None:
    """Exit code 1, one line that names the variable and what to do, and no value."""
    value = secrets.token_hex(16)
    done = check(f"export LLM_API_KEY={value}".encode())
    assert done.returncode == KEEP_OUT
    assert done.stdout.startswith(b"devkeys: kept out of history: the value of LLM_API_KEY (")
    assert b"devkeys set LLM_API_KEY" in done.stdout
    assert done.stdout.count(b"\n") == 1
    assert value.encode() not in done.stdout
    assert done.stderr == b""


def test_what_holds_none_is_recorded_in_silence(check: Check) -> None:
    """Exit code 0 and no word."""
    done = check(b"export LLM_API_KEY=$(op read op://a/b/c)")
    assert (done.returncode, done.stdout, done.stderr) == (RECORD, b"", b"")


def test_a_declared_name_counts(check: Check, home: Path) -> None:
    """Names of the shells' index are secret, however they look."""
    text = b"export LICENSE_CODE=ab12"
    assert check(text).returncode == RECORD
    state = home / ".local" / "state" / "devkeys"
    state.mkdir(parents=True, mode=0o700)
    (state / "shell-index").write_text("devkeys-index 1 0.1.0\nname LICENSE_CODE\n")
    (state / "shell-index").chmod(0o600)
    assert check(text).returncode == KEEP_OUT


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0", b"devkeys-index 1 0\ncheckout x\nname"])
def test_a_broken_index_is_none(check: Check, home: Path, content: bytes) -> None:
    """Secrets are found by their names without it."""
    state = home / ".local" / "state" / "devkeys"
    state.mkdir(parents=True, mode=0o700)
    (state / "shell-index").write_bytes(content)
    assert check(f"export API_KEY={secrets.token_hex(9)}".encode()).returncode == KEEP_OUT
    assert check(b"ls").returncode == RECORD


def test_bytes_that_are_no_text_are_judged(check: Check) -> None:
    """A secret among them is found, and they alone are none."""
    assert check(bytes(range(256)) * 4).returncode in (RECORD, KEEP_OUT)
    assert check(b"\xff\xfe echo \0").returncode == RECORD
    found = check(b"\xff\0 API_KEY=" + secrets.token_hex(9).encode() + b"\xfe")
    assert found.returncode == KEEP_OUT


def test_a_megabyte_is_judged(check: Check) -> None:
    """A pasted megabyte gets an answer, with and without a secret at its end."""
    text = b"echo some words that are pasted\n" * 32000
    assert check(text).returncode == RECORD
    assert check(text + f"A_TOKEN={secrets.token_hex(9)}".encode()).returncode == KEEP_OUT


def test_what_is_too_long_is_kept_out(check: Check) -> None:
    """Beyond sixteen megabytes nothing is looked at."""
    done = check(b"x" * ((1 << 24) + 1))
    assert done.returncode == KEEP_OUT
    assert b"too long" in done.stdout


def test_no_command_is_no_answer(check: Check) -> None:
    """Nothing on standard input, or none at all, is an error: the hook keeps the command out."""
    assert check(b"").returncode not in (RECORD, KEEP_OUT)
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *check.command, "bash"],
        env=check.environ,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert closed.returncode not in (RECORD, KEEP_OUT)


def test_a_reader_that_has_gone_is_no_answer(check: Check) -> None:
    """Where the line cannot be shown, the code is neither of the two."""
    reader, writer = os.pipe()
    os.close(reader)
    process = check.start(writer)
    os.close(writer)
    process.communicate(f"API_KEY={secrets.token_hex(9)}".encode(), timeout=60)
    assert process.returncode not in (RECORD, KEEP_OUT)


def test_no_core_file_is_left(check: Check, tmp_path: Path) -> None:
    """Who quits it while it has a part of the command finds no memory of it on the disk."""
    check.command[:0] = ["/bin/sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh"]
    process = check.start(subprocess.PIPE, tmp_path)
    assert process.stdin is not None
    process.stdin.write(f"API_KEY={secrets.token_hex(9)}".encode())
    process.stdin.flush()
    _wait_until_it_reads(process)
    process.send_signal(signal.SIGQUIT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGQUIT
    assert [path.name for path in tmp_path.iterdir() if "core" in path.name] == []


def test_an_interrupt_is_no_answer(check: Check) -> None:
    """Ctrl-C while it waits ends it by a code that is neither of the two."""
    process = check.start(subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"export A")
    process.stdin.flush()
    _wait_until_it_reads(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode not in (RECORD, KEEP_OUT)


def _wait_until_it_reads(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the process has slept for half a second: what it waits for, only root may see."""
    slept = 0
    while slept < 10:
        assert process.poll() is None
        time.sleep(0.05)
        state = Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b") ")[2][:1]
        slept = slept + 1 if state == b"S" else 0


def test_a_shell_that_is_not_known_is_answered(check: Check) -> None:
    """A name that no hook gives is taken for a POSIX shell's."""
    assert check(f"API_KEY={secrets.token_hex(9)}".encode(), "odd").returncode == KEEP_OUT
