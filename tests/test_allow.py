"""Whose the names are that values are stored under, and what exactly is agreed to."""

import os
import subprocess
import sys
from pathlib import Path

import checkout
import pexpect
import pytest
from command import devkeys, environment
from desk import key, make_desk

from devkeys import allow
from devkeys.consent import record as records

TWO = "LLM_API_KEY=\nBASE_URL=\n"


def test_an_unbound_checkout_gets_no_stored_setting(tmp_path: Path, home: Path) -> None:
    """A clone that only bears another project's name gets nothing of it, not even a setting."""
    mine = checkout.make(tmp_path / "chat", TWO)
    checkout.store(mine, home, BASE_URL="http://internal.invalid", LLM_API_KEY=key())
    other = checkout.make(tmp_path / "clone" / "chat", TWO)

    done = devkeys(
        *("run", "--", "sh", "-c", 'printf "%s" "$BASE_URL"'),
        cwd=other,
        home=home,
        env={"LLM_API_KEY": "exported"},
    )

    assert (done.returncode, done.stdout) == (0, b"")


def test_the_same_in_ci(tmp_path: Path, home: Path) -> None:
    """CI=true, which a repository's tools can set, opens no other project's settings."""
    mine = checkout.make(tmp_path / "chat", TWO)
    checkout.store(mine, home, BASE_URL="http://internal.invalid")
    other = checkout.make(tmp_path / "clone" / "chat", "BASE_URL=\n")

    done = devkeys("run", "--", "env", cwd=other, home=home, env={"CI": "true"})

    assert done.returncode == 0
    assert b"internal" not in done.stdout


def test_a_chosen_name_serves_where_the_folders_own_cannot(tmp_path: Path, home: Path) -> None:
    """A checkout whose folder's name is no project's name can still be given one."""
    folder = checkout.make(tmp_path / os.fsdecode(b"\xff"), "API_KEY=\n")
    done = devkeys("allow", "--yes", "--project", "chat", cwd=folder, home=home)
    assert done.returncode == 0
    assert b"with the values of chat" in done.stderr


BIND = """
import os, sys
from devkeys import allow
from devkeys.project.find import checkout_of
from devkeys.session import Session
session = Session()
there = checkout_of(os.path.realpath(sys.argv[1]), session.home)
sys.stdin.readline()
print(allow.bind(session, there).project)
"""


def test_two_new_checkouts_at_once_get_two_names(tmp_path: Path, home: Path) -> None:
    """Of checkouts that are bound at the same moment no two share a name unasked."""
    folders = [checkout.make(tmp_path / str(n) / "chat", TWO) for n in range(6)]
    started = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", BIND, str(folder)],
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for folder in folders
    ]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    names = [process.communicate()[0].strip() for process in started]
    assert len(set(names)) == len(folders)
    assert "chat" in names


def test_only_what_was_shown_is_agreed_to(tmp_path: Path, home: Path) -> None:
    """What was agreed and then taken back while a question waited is not agreed to again."""
    chat = checkout.make(tmp_path / "chat", TWO)
    checkout.allowed(chat, home)
    (chat / ".env.example").write_text(TWO + "OTHER_KEY=\n")
    found = checkout.project(chat, home)
    changes = found.changes(records.read(checkout.session(home).data_dir, found.checkout.identity))
    allow.deny(checkout.session(home), found.checkout, everywhere=False)

    record = allow.agree(checkout.session(home), found, [change.asked for change in changes])

    assert {fact.name for fact in record.agreed} == {"OTHER_KEY"}


def test_what_changes_while_the_question_waits_is_not_agreed_to(tmp_path: Path) -> None:
    """The answer is for what was on the screen, not for what the file holds by then."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"x")

    terminal = desk.at_terminal("run", "--", "sh", "-c", "echo got $LLM_API_KEY $OTHER_KEY.")
    terminal.expect("Allow it")
    desk.declare("LLM_API_KEY=\nOTHER_KEY=\n")
    terminal.sendline("y")
    terminal.expect("got x \\.")
    terminal.expect(pexpect.EOF)

    shown = desk.devkeys("allow", "--show")
    assert (shown.code, "OTHER_KEY" in shown.text, "LLM_API_KEY" in shown.text) == (3, True, False)
    assert desk.devkeys("run", "--", "true").code == 125


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_no_answer_is_no_consent(tmp_path: Path, key: str) -> None:
    """Ctrl-C at the question of `run` is 130, Ctrl-D 125, and nothing is recorded."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    terminal = desk.at_terminal("run", "--", "true")
    terminal.expect("Allow it")
    terminal.send(key)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == (130 if key == "\x03" else 125)
    assert desk.devkeys("allow", "--show").code == 3


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb"])
def test_a_directory_cannot_forge_a_line(tmp_path: Path, home: Path, name: str) -> None:
    """A directory's name reaches a prompt or a message spelled out, on one line."""
    chat = checkout.make(tmp_path / name, TWO, git=False)
    found = checkout.project(chat, home)
    spelled = ascii(name)[1:-1]
    assert spelled in allow.describe(found, found.changes(None)).split("\n")[0]
    assert spelled in str(allow.not_allowed(found, found.changes(None))).split("\n")[0]


def test_the_holder_of_a_name_cannot_forge_a_line(tmp_path: Path, home: Path) -> None:
    """Neither can the path of the checkout that has the name already."""
    first = checkout.make(tmp_path / "x\ny" / "chat", TWO)
    second = checkout.make(tmp_path / "chat", TWO)
    session = checkout.session(home)
    allow.bind(session, checkout.project(first, home).checkout)
    (holder,) = allow.claims(session, checkout.project(second, home).checkout, "chat")
    assert holder == os.fspath(first).replace("\n", "\\n")


def test_what_is_entered_at_run_is_this_checkouts_own(tmp_path: Path) -> None:
    """A setting that `run` asks for goes to this checkout, not to another of its name."""
    mine = make_desk(tmp_path, "LLM_API_KEY=\n")
    mine.devkeys("set", "LLM_API_KEY", input=b"x")
    other = checkout.make(mine.home / "clone" / "chat", "BASE_URL=your-url-here\n")

    terminal = mine.at_terminal("run", "--", "sh", "-c", "echo got $BASE_URL", cwd=other)
    terminal.expect("hare the 1 value\\?")
    terminal.sendline("")
    terminal.expect("Enter them now")
    terminal.sendline("")
    terminal.expect("BASE_URL:")
    terminal.sendline("http://localhost:1")
    terminal.expect("got http://localhost:1")
    terminal.expect(pexpect.EOF)

    kept = mine.devkeys("list", "--all").text
    assert [line.split()[2] for line in kept.splitlines() if "BASE_URL" in line] == ["chat-2"]
