"""The hidden prompt at a real terminal."""

import os
import secrets
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from devkeys.ask.hidden import hidden
from devkeys.errors import UsageError

Start = Callable[[], "pexpect.spawn[bytes]"]
SCRIPT = """
import sys
from devkeys.ask.hidden import hidden
value = hidden("VALUE:").reveal()
open(sys.argv[1], "wb").write(value)
print("read", flush=True)
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Name the file that the prompting process puts the value into."""
    return tmp_path / "out"


@pytest.fixture
def start(out: Path) -> Start:
    """Give a function that starts a process at the prompt, in a terminal of its own."""

    def begin() -> "pexpect.spawn[bytes]":
        environ = {**os.environ, "TERM": "xterm"}
        words = ["-c", SCRIPT, str(out)]
        child: pexpect.spawn[bytes] = pexpect.spawn(sys.executable, words, env=environ, timeout=20)
        child.delaybeforesend = None
        child.expect_exact(b"VALUE: \x1b[?2004h")
        return child

    return begin


def finish(child: "pexpect.spawn[bytes]") -> bytes:
    """Wait for the end and return all that the terminal showed since the prompt."""
    child.expect_exact(b"read")
    shown: bytes = child.before or b""
    child.expect(pexpect.EOF)
    child.close()
    return shown


def echoes(child: "pexpect.spawn[bytes]") -> bool:
    """Tell whether the child's terminal shows what is typed."""
    return bool(termios.tcgetattr(child.child_fd)[3] & termios.ECHO)


def test_what_is_typed_is_not_shown(start: Start, out: Path) -> None:
    """A typed value arrives, and nothing of it appears."""
    value = secrets.token_hex(20).encode()
    child = start()
    child.send(value + b"\r")
    shown = finish(child)
    assert out.read_bytes() == value
    assert value[:4] not in shown


def test_the_terminal_shows_again_what_is_typed_afterwards(start: Start) -> None:
    """Echo is off at the prompt and on after it."""
    child = start()
    assert not echoes(child)
    child.send(b"abc\r")
    child.expect_exact(b"\x1b[?2004l")
    child.expect_exact(b"read")
    assert echoes(child)


def test_enter_alone_is_an_empty_value(start: Start, out: Path) -> None:
    """Nothing typed is nothing, not an error."""
    child = start()
    child.send(b"\r")
    finish(child)
    assert out.read_bytes() == b""


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_bracketed_paste_of_lines_is_one_value(start: Start, out: Path, end: bytes) -> None:
    """A terminal that marks a paste gives all of its lines, with their final line end."""
    child = start()
    child.send(b"\x1b[200~one" + end + b"two" + end + b"\x1b[201~")
    time.sleep(0.2)
    child.send(b"\r")
    assert b"2 lines" in finish(child)
    assert out.read_bytes() == b"one\ntwo\n"


def test_lines_pasted_without_marks_are_one_value(start: Start, out: Path) -> None:
    """A terminal that knows no marks sends the lines at once; the last line end is Enter."""
    child = start()
    child.send(b"one\rtwo\r\rthree\r")
    finish(child)
    assert out.read_bytes() == b"one\ntwo\n\nthree"


def test_one_line_copied_with_its_end_is_that_line(start: Start, out: Path) -> None:
    """The line end that a selection took along is not part of the value."""
    child = start()
    child.send(b"\x1b[200~value\r\x1b[201~\r")
    finish(child)
    assert out.read_bytes() == b"value"


def test_a_pem_block_that_arrives_slowly_is_one_value(start: Start, out: Path) -> None:
    """Between BEGIN and END a pause after a line end does not end the value."""
    lines = [b"-----BEGIN " + b"PRIVATE KEY-----", secrets.token_hex(32).encode(), b"-----END "]
    child = start()
    for line in lines:
        child.send(line + b"\r")
        time.sleep(0.2)
    finish(child)
    assert out.read_bytes() == b"\n".join(lines)


@pytest.mark.parametrize("marked", [True, False])
def test_a_hundred_kilobytes_arrive_whole(start: Start, out: Path, marked: bool) -> None:
    """No line is cut at the 4,096 bytes of a terminal's own line editing."""
    value = secrets.token_hex(50_000).encode()
    child = start()
    child.send((b"\x1b[200~" + value + b"\x1b[201~\r") if marked else value + b"\r")
    finish(child)
    assert out.read_bytes() == value


def test_ctrl_u_starts_again(start: Start, out: Path) -> None:
    """What stands before Ctrl-U, typed or pasted, is gone."""
    child = start()
    child.send(b"abc\x1b[200~def\x1b[201~\x15xyz\r")
    finish(child)
    assert out.read_bytes() == b"xyz"


def test_backspace_takes_a_whole_character(start: Start, out: Path) -> None:
    """A character of several bytes goes at once, and backspace in emptiness does nothing."""
    child = start()
    child.send(b"\x7f" + "a\u00e9\u65e5\U0001f511".encode() + b"\x7f\x08\x7fb\r")
    finish(child)
    assert out.read_bytes() == b"ab"


def test_backspace_after_a_paste_takes_its_last_character(start: Start, out: Path) -> None:
    """The marks of a paste are no part of the value that could be half erased."""
    child = start()
    child.send(b"\x1b[200~secret\x1b[201~\x7f\r")
    finish(child)
    assert out.read_bytes() == b"secre"


@pytest.mark.parametrize(
    "key", [b"\x1b[A", b"\x1bOP", b"\x1b[1;5C", b"\x1b[3~", b"\x1bb", b"\x00", b"\x1a", b"\x13"]
)
def test_keys_that_are_no_text_stay_out_and_are_mentioned(
    start: Start, out: Path, key: bytes
) -> None:
    """An arrow, a function key, Alt and a letter, Ctrl-Z: none becomes part of the value."""
    child = start()
    child.send(b"ab" + key + b"cd\r")
    assert b"no text" in finish(child)
    assert out.read_bytes() == b"abcd"


def test_a_lone_escape_key_stays_out(start: Start, out: Path) -> None:
    """Escape alone is recognised by the pause after it."""
    child = start()
    child.send(b"ab\x1b")
    time.sleep(0.2)
    child.send(b"cd\r")
    finish(child)
    assert out.read_bytes() == b"abcd"


def test_pasted_control_characters_are_mentioned(start: Start, out: Path) -> None:
    """They stay, because a value is never altered, but not unnoticed."""
    child = start()
    child.send(b"\x1b[200~ab\x1b[31mcd\x1b[201~\r")
    assert b"control characters" in finish(child)
    assert out.read_bytes() == b"ab\x1b[31mcd"


def test_ctrl_c_interrupts_and_restores_the_terminal(start: Start, out: Path) -> None:
    """Ctrl-C ends the process by KeyboardInterrupt, with echo on and nothing kept."""
    child = start()
    child.send(b"abc\x03")
    child.expect_exact(b"\x1b[?2004l")
    child.expect_exact(b"KeyboardInterrupt")
    assert echoes(child)
    assert not out.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(start: Start, number: signal.Signals) -> None:
    """A process that is told to end leaves no terminal without echo behind."""
    child = start()
    child.kill(number)
    child.expect_exact(b"\x1b[?2004l")
    child.expect(pexpect.EOF)
    assert echoes(child)
    child.close()
    assert child.exitstatus == 128 + number


def test_a_stopped_prompt_shows_nothing_when_it_goes_on(start: Start, out: Path) -> None:
    """A shell may have switched echo on while the process was stopped."""
    child = start()
    child.kill(signal.SIGSTOP)
    time.sleep(0.1)
    loud = termios.tcgetattr(child.child_fd)
    loud[3] |= termios.ECHO | termios.ICANON
    termios.tcsetattr(child.child_fd, termios.TCSANOW, loud)
    child.kill(signal.SIGCONT)
    for _ in range(100):
        if not echoes(child):
            break
        time.sleep(0.02)
    child.send(b"xyz\r")
    assert b"xyz" not in finish(child)
    assert out.read_bytes() == b"xyz"


def test_what_was_typed_before_the_prompt_is_dropped(out: Path) -> None:
    """Type-ahead, such as the rest of a paste, does not become a value."""
    script = "import time\nprint('wait', flush=True)\ntime.sleep(0.5)\n" + SCRIPT
    child = pexpect.spawn(sys.executable, ["-c", script, str(out)], timeout=20)
    child.expect_exact(b"wait")
    child.send(b"before")
    child.expect_exact(b"VALUE:")
    time.sleep(0.1)
    child.send(b"after\r")
    child.expect_exact(b"read")
    assert out.read_bytes() == b"after"


def test_ctrl_d_in_emptiness_is_an_error(start: Start, out: Path) -> None:
    """The end of input is no empty value."""
    child = start()
    child.send(b"\x04")
    child.expect_exact(b"no value: the input has ended")
    assert not out.exists()


def test_without_a_terminal_it_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal is a mistake with a hint, not a prompt on stdin."""
    monkeypatch.setattr("devkeys.ask.hidden.TERMINAL", "/nonexistent/tty")
    with pytest.raises(UsageError, match="no terminal") as caught:
        hidden("VALUE:")
    assert caught.value.hint is not None


TRYING = """
import time
from devkeys.ask.hidden import hidden, quiet
with quiet():
    hidden("VALUE:")
    print("trying", flush=True)
    time.sleep(1)
print("done", flush=True)
time.sleep(0.2)
"""


def test_nothing_is_shown_while_a_passphrase_is_tried() -> None:
    """Whoever types the next one ahead does not see it on the screen."""
    word = "sk-" + secrets.token_hex(20)
    environ = {**os.environ, "TERM": "dumb"}
    child: pexpect.spawn[bytes] = pexpect.spawn(
        sys.executable, ["-c", TRYING], env=environ, timeout=20
    )
    child.expect_exact(b"VALUE: ")
    child.sendline(b"x")
    child.expect_exact(b"trying")
    assert not echoes(child)
    child.sendline(word.encode())
    child.expect(pexpect.EOF)
    child.close()
    assert word.encode() not in (child.before or b"")
