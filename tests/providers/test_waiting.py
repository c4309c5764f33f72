"""One line says what is waited for, at a terminal, once it takes longer than a moment."""

import sys
import time

import pexpect
import pytest

from devkeys.providers.waiting import waiting_for

CODE = """
import sys, time
from devkeys.providers.waiting import waiting_for
with waiting_for("1Password", limit=float(sys.argv[2]), patience=0.2):
    try: time.sleep(float(sys.argv[1]))
    except KeyboardInterrupt: print("interrupted")
print("done")
"""

PROMPT = """
import getpass, time
from devkeys.providers.waiting import waiting_for
with waiting_for("1Password", limit=0, patience=0.2):
    getpass.getpass()
    print("entered", flush=True)
    time.sleep(1)
"""


def at_terminal(seconds: str, limit: str = "120") -> "pexpect.spawn[str]":
    """Wait for *seconds* at a terminal."""
    arguments = ["-c", CODE, seconds, limit]
    return pexpect.spawn(sys.executable, arguments, timeout=20, encoding="utf-8")


def test_a_long_wait_is_told() -> None:
    """What is asked, how long at most, and what ends it; once."""
    child = at_terminal("1")
    child.expect_exact(pexpect.EOF)
    line = "devkeys: waiting for 1Password (120 s at most, Ctrl-C ends it)"
    assert child.before == f"{line}\r\ndone\r\n"


def test_a_wait_without_an_end_says_none() -> None:
    """0 is for ever."""
    child = at_terminal("1", "0")
    child.expect_exact("devkeys: waiting for 1Password (Ctrl-C ends it)")
    child.expect_exact(pexpect.EOF)


def test_a_short_wait_is_silent() -> None:
    """What is there at once needs no words."""
    child = at_terminal("0")
    child.expect_exact(pexpect.EOF)
    assert child.before == "done\r\n"


def test_ctrl_c_ends_it() -> None:
    """The line is no obstacle to an interrupt."""
    child = at_terminal("60")
    child.expect_exact("waiting for 1Password")
    child.sendintr()
    child.expect_exact("interrupted")
    child.expect_exact("done")
    child.expect_exact(pexpect.EOF)


def test_without_a_terminal_it_is_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """A log needs no such line, and no thread is started for it."""
    with waiting_for("1Password", limit=1, patience=0):
        time.sleep(0.1)
    assert capfd.readouterr() == ("", "")


def test_it_does_not_speak_into_a_hidden_prompt() -> None:
    """While the terminal shows nothing of what is typed the line waits; then it is said."""
    child = pexpect.spawn(sys.executable, ["-c", PROMPT], timeout=20, encoding="utf-8")
    child.expect_exact("Password:")
    time.sleep(1)
    child.sendline("secret")
    child.expect_exact("entered")
    assert "waiting" not in (child.before or "")
    child.expect_exact("devkeys: waiting for 1Password")
    child.expect_exact(pexpect.EOF)
