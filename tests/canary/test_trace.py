"""The reader of strace's log: every byte of every call, or an error."""

import subprocess
import sys
from pathlib import Path

import pytest
from canary.trace import OPTIONS, Call, Unreadable, parse
from hypothesis import given
from hypothesis import strategies as st
from real import need


def in_hex(data: bytes) -> str:
    """Write *data* as strace does."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5))
def test_each_byte_is_read_back(texts: list[bytes]) -> None:
    """Whatever was written, in one piece or in several."""
    pieces = ", ".join(f"{{iov_base={in_hex(text)}, iov_len={len(text)}}}" for text in texts)
    (call,) = parse(f"7  writev(3<{in_hex(b'pipe:[5]')[1:-1]}>, [{pieces}], {len(texts)}) = 9")
    assert call.strings == texts
    assert call.descriptor() == (3, "pipe:[5]")


def test_a_call_in_two_parts_is_one() -> None:
    """It stands where it began, with what came later: another process was in between."""
    log = (
        f"7  write(1<{in_hex(b'/a')[1:-1]}>, {in_hex(b'one')} <unfinished ...>\n"
        f"8  chdir({in_hex(b'/')}) = 0\n"
        "7  <... write resumed>, 3) = 3\n"
    )
    assert [(call.pid, call.name, call.strings, call.result) for call in parse(log)] == [
        (7, "write", [b"one"], "3"),
        (8, "chdir", [b"/"], "0"),
    ]


def test_a_call_that_never_ended_counts() -> None:
    """Its process was killed, and what it was given was given."""
    log = (
        f"7  write(1, {in_hex(b'one')} <unfinished ...>) = ?\n"
        f"8  write(1, {in_hex(b'two')} <unfinished ...>\n"
    )
    assert [(call.strings, call.succeeded) for call in parse(log)] == [
        ([b"one"], False),
        ([b"two"], False),
    ]


def test_a_program_that_another_thread_began_is_followed() -> None:
    """The kernel gives it the first thread's number, and the log goes on under that."""
    log = (
        f"8  execve({in_hex(b'/bin/x')}, [{in_hex(b'x')}], [] <unfinished ...>\n"
        "7  +++ superseded by execve in pid 8 +++\n"
        "7  <... execve resumed>) = 0\n"
    )
    (call,) = parse(log)
    assert (call.pid, call.name, call.succeeded) == (7, "execve", True)


@pytest.mark.parametrize(
    "line",
    [
        '7  write(1, "\\x61\\x62"..., 3) = 3',
        '7  write(1, "plain", 5) = 5',
        "7  execve(0x1, [], 0x7ffc /* 20 vars */) = 0",
        "7  <... write resumed>, 3) = 3",
        "7  write(1, 0x7f3b05730000, 3) = 3",
        "7  writev(1, 0x7f3b05730000, 3) = 300",
        "7  execve(0x7f44a464a7b0, 0x7f44a4748380, 0x7f44a448a420) = 0",
        "7  prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0",
        "7  nothing that strace writes",
        "nothing at all",
    ],
)
def test_what_is_not_whole_is_an_error(line: str) -> None:
    """A leak could stand in what was left out."""
    with pytest.raises(Unreadable):
        parse(line)


def test_a_threads_name_is_cut_by_the_kernel() -> None:
    """At 15 bytes, which is all that anybody sees of it."""
    (call,) = parse(f"7  prctl(PR_SET_NAME, {in_hex(b'x' * 15)}...) = 0")
    assert call.strings == [b"x" * 15]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("UNIX-STREAM:[12->34]", "UNIX-STREAM:[12->34]"),
        ('UNIX-STREAM:[12->34,"\\x2f\\x61"]', 'UNIX-STREAM:[12->34,"\\x2f\\x61"]'),
        ("\\x2f\\x64\\x65\\x76<char 1:3>", "/dev"),
        ("\\x2f\\x6d>(deleted)", "/m"),
    ],
)
def test_what_a_descriptor_leads_to_is_told(target: str, expected: str) -> None:
    """In each of the ways in which strace writes it down."""
    call = Call(7, "write", f'3<{target}>, "", 0', "0")
    assert call.descriptor() == (3, expected)


def test_a_real_log_is_read(tmp_path: Path) -> None:
    """What the installed strace writes: threads, children, sockets, memory, and a long write."""
    need("strace")
    script = (
        "import ctypes, os, socket, subprocess, threading\n"
        "ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"  # not dumpable, so not to be traced
        "a, b = socket.socketpair(); a.sendmsg([b'one', b'two'])\n"
        "memory = os.memfd_create('name')\n"
        "threading.Thread(target=os.write, args=(memory, b'x' * 100_000)).start()\n"
        "subprocess.run(['cat'], input=b'three', stdout=subprocess.DEVNULL, env={'A': 'four'})\n"
    )
    log = tmp_path / "log"
    command = ["strace", *OPTIONS, f"--output={log}", "--", sys.executable, "-I", "-c", script]
    subprocess.run(command, check=True)
    calls = parse(log.read_text())
    said = {text for call in calls for text in call.strings}
    assert {b"one", b"two", b"three", b"A=four", b"name", b"x" * 100_000} <= said
    assert [call for call in calls if call.strings == [b"one", b"two"] and call.name == "sendmsg"]
