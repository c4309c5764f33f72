"""At a terminal: what is asked, what is shown, what Ctrl-C leaves behind."""

import sys

import pexpect
import pytest
from desk import Desk, key

PASTE = "\x1b[200~{}\x1b[201~"


def test_a_value_is_asked_for_and_not_shown(desk: Desk) -> None:
    """`set` at a terminal shows the name and nothing of what is typed."""
    value = key()
    child = desk.at_terminal("set", "LLM_API_KEY")
    child.expect("LLM_API_KEY:")
    child.sendline(value)
    child.expect("devkeys: stored LLM_API_KEY")
    shown = (child.before or "") + child.read()
    child.wait()
    assert value not in shown
    assert child.exitstatus == 0
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").text == value


def test_several_pasted_lines_are_one_value(desk: Desk) -> None:
    """A pasted key file keeps its lines, and none of them reaches the shell."""
    value = "-----BEGIN\n" + key() + "\n-----END\n"
    child = desk.at_terminal("set", "LLM_API_KEY")
    child.expect("LLM_API_KEY:")
    child.send(PASTE.format(value.replace("\n", "\r")) + "\r")
    child.expect("devkeys: stored")
    child.read()
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").text == value


def test_ctrl_c_at_the_prompt_changes_nothing(desk: Desk) -> None:
    """Ctrl-C ends with 130, stores nothing, and the terminal echoes again."""
    child = desk.at_terminal("set", "LLM_API_KEY")
    child.expect("LLM_API_KEY:")
    child.waitnoecho(10)
    child.send("half a va")
    child.sendintr()
    child.expect("\n")
    echoes = child.getecho()
    child.read()
    child.wait()
    assert (child.exitstatus, echoes) == (130, True)
    assert desk.devkeys("list").out == b""


def test_stderr_in_a_file_does_not_make_the_value_visible(desk: Desk) -> None:
    """`set` with stderr redirected still asks at the terminal, hidden."""
    value = key()
    child = pexpect.spawn(
        "sh",
        ["-c", '"$0" -P -m devkeys set LLM_API_KEY 2>err', sys.executable],
        cwd=str(desk.project),
        env=desk.environ,
        encoding="utf-8",
        timeout=30,
    )
    child.expect("LLM_API_KEY:")
    child.sendline(value)
    shown = child.read()
    assert value not in shown
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").text == value


def test_get_at_a_terminal_ends_the_line(desk: Desk) -> None:
    """`get --reveal` adds a line end only where a person reads it."""
    desk.devkeys("set", "MODEL=large")
    assert desk.at_terminal("get", "MODEL", "--reveal").read() == "large\r\n"


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 3), ("", 3)])
def test_allow_shows_and_asks(desk: Desk, answer: str, code: int) -> None:
    """`allow` shows what is asked for; Enter means no."""
    child = desk.at_terminal("allow")
    child.expect("LLM_API_KEY: secret")
    child.expect("Allow it")
    child.sendline(answer)
    child.read()
    child.wait()
    assert child.exitstatus == code
    assert desk.devkeys("allow", "--show").code == code


def test_an_end_of_input_is_no_yes(desk: Desk) -> None:
    """Ctrl-D at a question changes nothing."""
    child = desk.at_terminal("allow")
    child.expect("Allow it")
    child.sendeof()
    child.read()
    child.wait()
    assert child.exitstatus == 2
    assert desk.devkeys("allow", "--show").code == 3


@pytest.mark.parametrize(("answer", "left"), [("chat", 0), ("yes", 1), ("", 1)])
def test_forget_wants_the_projects_name(desk: Desk, answer: str, left: int) -> None:
    """`forget` shows what will be lost, and only the project's name is a yes."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    child = desk.at_terminal("forget")
    child.expect(r"chat \(dev\): 1 value")
    child.expect("Type chat to go on:")
    child.sendline(answer)
    child.read()
    child.wait()
    assert len(desk.devkeys("list").text.splitlines()[1:]) == left
