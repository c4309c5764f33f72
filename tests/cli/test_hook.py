"""`devkeys hook`: print, install, take away, show; in a real HOME."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from command import DEVKEYS
from desk import Desk, key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from real import need

from devkeys import hookfiles
from devkeys.flows.hooks import NO_MECHANISM


def _rc(desk: Desk) -> Path:
    return desk.home / ".zshrc"


def _copy(desk: Desk) -> Path:
    return desk.home / ".local/share/devkeys/hook/devkeys.zsh"


@pytest.mark.parametrize("word", ["zsh", "fish"])
def test_the_file_is_printed_as_it_is(desk: Desk, word: str) -> None:
    """Byte for byte, and nothing else, wherever one is."""
    done = desk.devkeys("hook", word, cwd=desk.home)
    assert (done.code, done.out, done.err) == (0, hookfiles.read(word), "")


def test_an_alias_is_the_same_shell(desk: Desk) -> None:
    """`nu` is what nushell's program is called; its file is printed, or missed, as nushell's."""
    by_name, by_alias = desk.devkeys("hook", "nushell"), desk.devkeys("hook", "nu")
    assert by_name == by_alias


def test_the_running_shell_is_found(desk: Desk) -> None:
    """Without a name the file is that of the shell that asks."""
    need("zsh")
    done = subprocess.run(
        ["zsh", "-fc", f"{shlex.join(DEVKEYS)} hook; true"],
        env=desk.environ,
        capture_output=True,
        check=False,
    )
    assert done.stdout == hookfiles.read("zsh")


def test_printing_it_imports_no_command_line(desk: Desk) -> None:
    """It is in start-up files, so it takes the short way."""
    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "devkeys", "hook", "zsh"],
        env=desk.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "devkeys.hookfiles" in imported
    ours = {name for name in imported if name.startswith("devkeys.")}
    assert ours == {"devkeys.errors", "devkeys.files", "devkeys.hookfiles"}
    assert imported.isdisjoint({"typer", "re", "typing", "shellingham"})


def test_at_a_terminal_it_says_how_to_keep_it(desk: Desk) -> None:
    """A person who sees it go by learns what to do with it."""
    with desk.at_terminal("hook", "zsh") as child:
        child.expect_exact("devkeys hook install zsh adds it to the start-up file")
        child.expect_exact('eval "$(devkeys hook zsh)"')


@pytest.mark.parametrize(
    "words",
    [
        *((shell,) for shell in NO_MECHANISM),
        *((w, "tcsh") for w in ("install", "uninstall", "status")),
    ],
)
def test_a_shell_without_a_mechanism_is_told_what_is_left(
    desk: Desk, words: tuple[str, ...]
) -> None:
    """Exit code 2, the reason, and the commands that show no secret."""
    done = desk.devkeys("hook", *words)
    assert (done.code, done.out) == (2, b"")
    assert f"there is no hook for {words[-1]}: {NO_MECHANISM[words[-1]]}" in done.err
    assert "devkeys set NAME asks for a value" in done.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rc",), "there is no hook for rc\ndevkeys: hint: there is one for bash, zsh"),
        (("zsh", "bash"), "these words do not go together"),
        (("zsh", "--yes"), "these words do not go together"),
        (("install", "--json"), "these words do not go together"),
        (("status", "--yes"), "these words do not go together"),
        (("install", "zsh", "bash"), "there are more arguments than the command takes"),
    ],
)
def test_wrong_words_are_usage_errors(desk: Desk, words: tuple[str, ...], message: str) -> None:
    """And change nothing."""
    done = desk.devkeys("hook", *words)
    assert done.code == 2
    assert message in done.err
    assert list(desk.home.iterdir()) == []


def test_it_is_installed_once(desk: Desk) -> None:
    """The line is shown, with its file; the second time nothing changes and that is said."""
    _rc(desk).write_text("alias ll='ls -l'\n")
    done = desk.devkeys("hook", "install", "zsh", "--yes")
    assert done.code == 0
    line = f"if [ -r {_copy(desk)} ]; then . {_copy(desk)}; fi  # devkeys hook"
    assert f"{_rc(desk)} gets the line\n  {line}\n" in done.err
    assert _rc(desk).read_text() == f"alias ll='ls -l'\n{line}\n"
    assert _copy(desk).read_bytes() == hookfiles.read("zsh")
    again = desk.devkeys("hook", "install", "zsh")
    assert again.code == 0
    assert again.err == f"devkeys: the hook is in {_rc(desk)} already\n"
    assert _rc(desk).read_text().count("devkeys hook") == 1


def test_an_old_copy_is_renewed(desk: Desk) -> None:
    """Installing again after an upgrade, or after the copy was lost, is enough."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    _copy(desk).write_bytes(b"old\n")
    assert desk.devkeys("hook", "status", "zsh").text.split()[:3] == ["zsh", "another", "version's"]
    assert "its copy was renewed" in desk.devkeys("hook", "install", "zsh").err
    _copy(desk).unlink()
    assert "its copy is gone" in desk.devkeys("hook", "status", "zsh").text
    desk.devkeys("hook", "install", "zsh")
    assert _copy(desk).read_bytes() == hookfiles.read("zsh")


def test_a_line_that_leads_elsewhere_is_replaced(desk: Desk) -> None:
    """With another XDG_DATA_HOME the one line leads to the new copy."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    moved = {"XDG_DATA_HOME": str(desk.home / "data")}
    (desk.home / "data").mkdir(mode=0o700)
    assert desk.devkeys("hook", "install", "zsh", "--yes", env=moved).code == 0
    (line,) = _rc(desk).read_text().splitlines()
    assert f"{desk.home}/data/devkeys/hook/devkeys.zsh" in line


def test_a_user_is_asked(desk: Desk) -> None:
    """No is no; Enter is yes."""
    with desk.at_terminal("hook", "install", "zsh") as child:
        child.expect_exact("Add it? [Y/n]")
        child.sendline("n")
        child.expect_exact("nothing was changed")
    assert list(desk.home.iterdir()) == []
    with desk.at_terminal("hook", "install", "zsh") as child:
        child.expect_exact("Add it? [Y/n]")
        child.sendline("")
        child.expect_exact("installed")
    with desk.at_terminal("hook", "uninstall", "zsh") as child:
        child.expect_exact("Take it away? [Y/n]")
        child.sendline("n")
        child.expect_exact("nothing was changed")
    assert desk.devkeys("hook", "install", "zsh").err.endswith("already\n")


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_without_a_terminal_it_needs_a_word(desk: Desk, command: str) -> None:
    """--yes; without it nothing is changed."""
    if command == "uninstall":
        desk.devkeys("hook", "install", "zsh", "--yes")
    before = _rc(desk).read_bytes() if _rc(desk).exists() else None
    done = desk.devkeys("hook", command, "zsh")
    assert done.code == 2
    assert f"devkeys hook {command} --yes" in done.err
    assert (_rc(desk).read_bytes() if _rc(desk).exists() else None) == before


def test_what_was_taken_away_is_gone(desk: Desk) -> None:
    """The line, the copy and its folder; the second time there is nothing, which is no error."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    done = desk.devkeys("hook", "uninstall", "zsh", "--yes")
    assert done.code == 0
    assert "A shell that is open keeps the hook until it ends" in done.err
    assert _rc(desk).read_bytes() == b""
    assert not _copy(desk).parent.exists()
    again = desk.devkeys("hook", "uninstall", "zsh")
    assert (again.code, again.err) == (0, f"devkeys: there is no hook in {_rc(desk)}\n")


def test_fishs_own_file_goes_as_a_whole(desk: Desk) -> None:
    """It was made for the line alone; with something else in it, it stays."""
    file = desk.home / ".config/fish/conf.d/devkeys.fish"
    desk.devkeys("hook", "install", "fish", "--yes")
    assert "source" in file.read_text()
    desk.devkeys("hook", "uninstall", "fish", "--yes")
    assert not file.exists()
    file.write_text("set -g EDITOR vi\n")
    desk.devkeys("hook", "install", "fish", "--yes")
    desk.devkeys("hook", "uninstall", "fish", "--yes")
    assert file.read_text() == "set -g EDITOR vi\n"


def test_a_line_by_hand_is_left(desk: Desk) -> None:
    """Installing says that it is there, taking away names it; neither touches it."""
    text = '# devkeys hook\neval "$(devkeys hook zsh)"\n'
    _rc(desk).write_text(text)
    done = desk.devkeys("hook", "install", "zsh", "--yes")
    assert done.code == 0
    assert f"{_rc(desk)}:2 loads the hook already, by hand" in done.err
    done = desk.devkeys("hook", "uninstall", "zsh", "--yes")
    assert done.code == 0
    assert f"{_rc(desk)}:2 loads the hook by hand, and is left as it is" in done.err
    assert desk.devkeys("hook", "status", "zsh").text.split()[:3] == ["zsh", "by", "hand"]
    assert _rc(desk).read_text() == text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (Path.mkdir, "is a directory, not a regular file"),
        (os.mkfifo, "is a FIFO, not a regular file"),
        (lambda path: (path.write_text("a\n"), path.chmod(0o444)), "is read-only"),
        (lambda path: path.write_text("a \\\n"), "goes on"),
        (lambda path: path.symlink_to("/proc/self/no/zshrc"), "cannot make the directory"),
    ],
)
def test_a_file_that_cannot_take_the_line_is_left(
    desk: Desk, make: Callable[[Path], object], message: str
) -> None:
    """The error has the line to be added by hand, and the copy is there for it."""
    make(_rc(desk))
    done = desk.devkeys("hook", "install", "zsh", "--yes")
    assert done.code == 3
    assert message in done.err
    assert f"if [ -r {_copy(desk)} ]; then . {_copy(desk)}; fi  # devkeys hook" in done.err
    assert _copy(desk).exists()
    if _rc(desk).is_file():
        assert b"devkeys" not in _rc(desk).read_bytes()


def test_a_read_only_file_keeps_its_line(desk: Desk) -> None:
    """The error says what to do; the line does no harm."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    _rc(desk).chmod(0o444)
    done = desk.devkeys("hook", "uninstall", "zsh", "--yes")
    assert done.code == 3
    assert "is read-only; it was left as it is" in done.err
    assert "by hand" in done.err


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(
        st.sampled_from([b"a", b"\n", b"\r\n", b"# x", b"\xff\xfe", b"\t", b"'$(", b"devkeys"])
    ).map(b"".join)
)
def test_install_and_uninstall_give_the_file_back(desk: Desk, data: bytes) -> None:
    """By the commands themselves: byte for byte, with the mode that it had."""
    rc = _rc(desk)
    rc.write_bytes(data)
    rc.chmod(0o640)
    assert desk.devkeys("hook", "install", "zsh", "--yes").code == 0
    assert rc.read_bytes() != data
    assert desk.devkeys("hook", "uninstall", "zsh", "--yes").code == 0
    assert (rc.read_bytes(), rc.stat().st_mode & 0o777) == (data, 0o640)


def test_status_shows_what_there_is(desk: Desk) -> None:
    """As text and as JSON, for each shell that has something of a hook."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    done = desk.devkeys("hook", "status")
    assert f"zsh   installed      {_rc(desk)}".split() in [
        x.split() for x in done.text.splitlines()
    ]
    content = json.loads(desk.devkeys("hook", "status", "zsh", "--json").out)
    assert content["format"] == 1
    (hook,) = content["hooks"]
    assert hook == {
        "shell": "zsh",
        "installed": True,
        "file": str(_rc(desk)),
        "lines": [f"if [ -r {_copy(desk)} ]; then . {_copy(desk)}; fi"],
        "by_hand": [],
        "copy": str(_copy(desk)),
        "current": True,
        "trouble": None,
    }


def test_forgetting_everything_takes_the_hooks_along(desk: Desk) -> None:
    """The lines are shown before the question, and gone after it."""
    _rc(desk).write_text("alias ll='ls -l'")
    desk.devkeys("hook", "install", "zsh", "--yes")
    desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    done = desk.devkeys("forget", "--all", "--yes")
    assert done.code == 0
    assert f"  the line in {_rc(desk)} that loads the hook\n" in done.err
    assert _rc(desk).read_text() == "alias ll='ls -l'"
    assert not _copy(desk).exists()


def test_a_hook_that_cannot_be_taken_stops_no_forgetting(desk: Desk) -> None:
    """The line does nothing where the copy is gone."""
    desk.devkeys("hook", "install", "zsh", "--yes")
    _rc(desk).chmod(0o444)
    done = desk.devkeys("forget", "--all", "--yes")
    assert done.code == 0
    assert "is read-only; it was left as it is; the line does nothing any more" in done.err


def _in_zsh(desk: Desk, *words: str) -> str:
    """Run `devkeys words` as a child of a zsh, and return what it said."""
    need("zsh")
    done = subprocess.run(
        ["zsh", "-fc", f"{shlex.join([*DEVKEYS, *words])}; true"],
        cwd=desk.project,
        env=desk.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr


def test_a_refused_value_is_told_by_whether_there_is_a_hook(desk: Desk) -> None:
    """Without one it is in the history by now; with one it was kept out."""
    said = _in_zsh(desk, "set", f"LLM_API_KEY={key()}")
    assert "by now it stands in your shell's history" in said
    assert "devkeys hook install keeps such lines out" in said
    desk.devkeys("hook", "install", "zsh", "--yes")
    said = _in_zsh(desk, "set", f"LLM_API_KEY={key()}")
    assert "kept that line out of its history" in said
    assert "devkeys set LLM_API_KEY asks for the value" in said


@pytest.mark.parametrize("installed", [True, False])
def test_init_mentions_the_hook_where_there_is_none(desk: Desk, installed: bool) -> None:
    """In one line at its end, at a terminal, and never as a question."""
    need("zsh")
    desk.declare("MODEL=small\n")
    if installed:
        desk.devkeys("hook", "install", "zsh", "--yes")
    child = pexpect.spawn(
        "zsh",
        ["-fc", f"{shlex.join([*DEVKEYS, 'init'])}; true"],
        cwd=str(desk.project),
        env={**desk.environ, "TERM": "xterm"},
        encoding="utf-8",
        timeout=30,
    )
    shown = child.read()
    child.wait()
    assert ("devkeys hook install keeps secrets" in shown) is not installed
    assert "ready" in shown


@pytest.mark.parametrize(
    ("line", "expected", "other"),
    [
        ("devkeys hook ", {"bash", "zsh", "nushell", "install", "uninstall", "status"}, "check"),
        ("devkeys hook un", {"uninstall"}, "zsh"),
        ("devkeys hook install ", {"zsh", "fish", "powershell"}, "status"),
        ("devkeys hook install z", {"zsh"}, "fish"),
    ],
)
def test_its_words_are_completed(desk: Desk, line: str, expected: set[str], other: str) -> None:
    """Shells and what to do; after `install` only shells."""
    env = {
        "_DEVKEYS_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    offered = set(desk.devkeys(env=env).text.split())
    assert expected <= offered
    assert other not in offered
