"""Visible prompts."""

import sys

import pexpect
import pytest

from devkeys.ask import at_terminal, visible


def spawn(expression: str) -> "pexpect.spawn[bytes]":
    """Evaluate *expression* of devkeys.ask at a terminal and show its result."""
    script = f"from devkeys.ask import *\nprint('result', repr({expression}), flush=True)"
    return pexpect.spawn(sys.executable, ["-c", script], timeout=20)


def test_a_question_is_asked_until_it_is_answered() -> None:
    """Neither yes nor no is no answer."""
    child = spawn("confirm('Do it?')")
    child.expect_exact(b"Do it? [y/N]")
    child.sendline(b"perhaps")
    child.expect_exact(b"please answer yes or no")
    child.expect_exact(b"Do it? [y/N]")
    child.sendline(b" Y ")
    child.expect_exact(b"result True")


@pytest.mark.parametrize("default", [True, False])
def test_enter_is_the_default(default: bool) -> None:
    """An empty answer takes what the brackets show in capitals."""
    child = spawn(f"confirm('Do it?', default={default})")
    child.expect_exact(b"Do it?")
    child.sendline(b"")
    child.expect_exact(f"result {default}".encode())


def test_a_line_keeps_its_blanks_and_any_bytes() -> None:
    """A setting is never trimmed, and bytes that are no UTF-8 are no crash."""
    child = spawn("line('Name:')")
    child.expect_exact(b"Name:")
    child.sendline(b" a\xff ")
    child.expect_exact(b"result ' a\\udcff '")


def test_the_end_of_input_is_an_error() -> None:
    """Ctrl-D answers no question."""
    child = spawn("confirm('Do it?')")
    child.expect_exact(b"Do it?")
    child.sendeof()
    child.expect_exact(b"no answer: the input has ended")


def test_what_was_typed_before_a_question_is_no_answer() -> None:
    """The rest of a paste does not say yes to what appears next."""
    child = spawn("(print('wait', flush=True), __import__('time').sleep(0.5), confirm('Do it?'))")
    child.expect_exact(b"wait")
    child.sendline(b"y")
    child.expect_exact(b"Do it?")
    child.sendline(b"n")
    child.expect_exact(b"result (None, None, False)")


def test_a_choice_takes_a_word_or_its_first_letter() -> None:
    """The default is shown and taken by Enter."""
    child = spawn("choose('?', ('new', 'share'), default='new')")
    child.expect_exact(b"? [new]")
    child.sendline(b"S")
    child.expect_exact(b"result 'share'")


def test_what_a_repository_says_cannot_steer_the_terminal() -> None:
    """Escape sequences, carriage returns and marks that turn text round are spelled out."""
    assert visible("a\x1b[2Kb\r\u202ec\n\u00e9\t") == "a\\x1b[2Kb\\r\\u202ec\n\u00e9\t"


def test_a_file_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stdin is not a terminal nobody can be asked."""
    monkeypatch.setattr("os.isatty", lambda descriptor: descriptor == 2)
    assert not at_terminal()
