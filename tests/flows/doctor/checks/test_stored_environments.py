"""Histories that keep variables, or are open to others."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nushell_shell
import pytest
from doctor_scope import kinds, make_scope, only, says
from hypothesis import given
from hypothesis import strategies as st
from xonsh_session import Room, a_token

from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks.stored_environments import look, stored_environment
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen


@pytest.fixture
def open_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give this test a HOME that every user can go through, as many systems make it."""
    folder = Path(tempfile.mkdtemp(prefix="dk-", dir="/tmp"))
    folder.chmod(0o755)
    monkeypatch.setenv("HOME", str(folder))
    yield folder
    shutil.rmtree(folder)


def history_of_xonsh(home: Path, number: int, **variables: str) -> Path:
    """Write a history in xonsh's way, in little."""
    path = home / ".local" / "share" / "xonsh" / "history_json" / f"xonsh-{number}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    data = {"cmds": [{"inp": '"env": {"A_KEY": "x"}'}], "env": variables, "locked": False}
    path.write_text(json.dumps({"locs": [1, 2, 3, 4], "index": {"env": {}}, "data": data}))
    path.chmod(0o600)
    return path


def test_the_real_xonsh_keeps_its_environment(tmp_path: Path, script: Path) -> None:
    """A variable that looks secret is found in what xonsh wrote, and none of it is said."""
    room = Room(tmp_path, script)
    room.write_rc("")
    token, other = a_token(), a_token()
    with room.start(LLM_API_KEY=token) as shell:
        shell.type(f"$DB_PASSWORD = '{other}'")
        shell.exit()
    results = list(look(make_scope(room.home, XONSH_DATA_DIR=str(room.data))))
    found = [one for one in only(Finding, results) if one.kind.id == "history/stored-environment"]
    assert "LLM_API_KEY" in {one.place.member for one in found}
    assert found[0].kind.grade == "leaked"
    assert not says(results, token[:12])
    assert not says(results, other[:12])


def test_with_the_hook_the_real_xonsh_does_not(tmp_path: Path, script: Path) -> None:
    """The hook keeps such variables out of the file."""
    room = Room(tmp_path, script)
    with room.start(LLM_API_KEY=a_token()) as shell:
        shell.type("echo hello")
        shell.exit()
    assert list(room.data.rglob("xonsh-*.json"))
    results = look(make_scope(room.home, XONSH_DATA_DIR=str(room.data)))
    assert kinds(results) == []


def test_a_variable_in_many_files_is_one_finding(home: Path) -> None:
    """With the newest of them as its place, and how many there are."""
    token = a_token()
    for number in range(5):
        path = history_of_xonsh(home, number, LLM_API_KEY=token, SHELL="/bin/sh")
        os.utime(path, (1000.0 + number, 1000.0 + number))
    (found,) = only(Finding, look(make_scope(home)))
    assert (found.place.path, found.place.times, found.place.when) == (str(path), 5, 1004.0)
    assert (found.secrets, found.place.member) == (("LLM_API_KEY",), "LLM_API_KEY")


def test_the_step_removes_no_other_file(home: Path) -> None:
    """Of many files it takes those that have the variable, and the rest of the history stays."""
    for number in range(3):
        history_of_xonsh(home, number, LLM_API_KEY=a_token())
    clean = history_of_xonsh(home, 3, SHELL="/bin/sh")
    (found,) = only(Finding, look(make_scope(home)))
    subprocess.run(["sh", "-c", found.step.partition("then: ")[2]], check=True)
    assert list(clean.parent.glob("*.json")) == [clean]


def test_a_variable_that_is_no_secret_is_fine(home: Path) -> None:
    """Paths, placeholders, what only sounds like one."""
    history_of_xonsh(home, 1, LLM_API_KEY="your-key-here", SSH_KEY="/home/ana/.ssh/id", PWD="/x")
    assert [type(one) for one in look(make_scope(home))] == [Fine]


def test_a_damaged_history_is_said(home: Path) -> None:
    """It crashes nothing, and the next one is looked at."""
    history_of_xonsh(home, 1).write_bytes(b'{"data": {"env": {"A_KEY": "\xff')
    history_of_xonsh(home, 2, LLM_API_KEY=a_token())
    results = list(look(make_scope(home)))
    assert len(only(Unseen, results)) == 1
    assert kinds(results) == ["history/stored-environment"]


def test_what_is_no_file_hangs_nothing(home: Path) -> None:
    """A FIFO, a directory and a huge file of that name are each one line."""
    path = history_of_xonsh(home, 1)
    path.unlink()
    os.mkfifo(path)
    path.with_name("xonsh-2.json").mkdir()
    with path.with_name("xonsh-3.json").open("wb") as file:
        file.truncate(5 << 30)
    path.with_name("xonsh-3.json").chmod(0o600)
    assert len(only(Unseen, look(make_scope(home)))) == 3


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=6), st.text(max_size=40))
def test_the_environment_is_read_whatever_the_commands_are(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str], command: str
) -> None:
    """No command is taken for the environment, and no variable is lost."""
    path = tmp_path_factory.mktemp("xonsh") / "xonsh-1.json"
    cmds = [{"inp": command}, {"inp": f'"env": {{"{command}'}]
    text = json.dumps({"data": {"cmds": cmds, "env": variables, "ts": [1.0, None]}})
    path.write_text(text, encoding="utf-8")
    assert stored_environment(str(path)) == variables


@given(st.binary(max_size=60))
def test_no_bytes_break_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Any file gives variables, or is said to be damaged."""
    path = tmp_path_factory.mktemp("xonsh") / "xonsh-1.json"
    path.write_bytes(b'"env": {' + data)
    with contextlib.suppress(DevkeysError):
        assert all(isinstance(value, str) for value in stored_environment(str(path)).values())


def test_the_real_nushell_makes_its_history_readable_for_all(open_home: Path) -> None:
    """As it was written by nushell itself; the mode that mends it is the remedy."""
    place = nushell_shell.Place(open_home, None)
    place.configure(hook="")
    (open_home / "nu-home").chmod(0o755)
    with place.start() as shell:
        shell.type("echo hello")
        shell.exit()
    path = place.config.with_name("history.txt")
    assert path.stat().st_mode & 0o777 == 0o644
    (found,) = only(Finding, look(make_scope(open_home / "nu-home")))
    assert (found.kind.id, found.kind.grade) == ("history/open", "risk")
    assert found.remedy == Remedy("mode", str(path), "600")
    path.chmod(0o600)
    assert [type(one) for one in look(make_scope(open_home / "nu-home"))] == [Fine]


@pytest.mark.parametrize(
    ("directory", "mode", "kind"),
    [
        (0o755, 0o644, "history/open"),
        (0o711, 0o604, "history/open"),
        (0o750, 0o640, "history/open"),
        (0o750, 0o604, "history/loose"),
        (0o700, 0o666, "history/loose"),
        (0o755, 0o600, None),
    ],
)
def test_who_can_reach_it_counts(
    open_home: Path, directory: int, mode: int, kind: str | None
) -> None:
    """What the directories keep from others is advice, the rest a risk."""
    (open_home / ".bash_history").write_text("ls\n")
    (open_home / ".bash_history").chmod(mode)
    open_home.chmod(directory)
    assert kinds(look(make_scope(open_home))) == ([kind] if kind else [])


@pytest.mark.parametrize(
    "name",
    [
        *(".bash_history", ".zsh_history", ".python_history", ".lesshst", ".psql_history"),
        *(".local/share/fish/fish_history", ".config/nushell/history.sqlite3"),
        *(".local/state/elvish/db.bolt", ".local/share/atuin/history.db"),
    ],
)
def test_each_history_is_looked_at(home: Path, name: str) -> None:
    """Of shells, of programs with a prompt, of what records for them."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o644)
    (found,) = only(Finding, look(make_scope(home)))
    assert found.place.path == str(path)


def test_a_history_that_was_moved_is_looked_at(home: Path, tmp_path: Path) -> None:
    """Where HISTFILE and its like have it."""
    path = tmp_path / "my history"
    path.write_text("")
    path.chmod(0o644)
    (found,) = only(Finding, look(make_scope(home, HISTFILE=str(path))))
    assert found.step == f"chmod 600 '{path}'"


def test_the_history_that_is_a_device_is_none(home: Path) -> None:
    """`HISTFILE=/dev/null` is how a history is turned off."""
    assert list(look(make_scope(home, HISTFILE="/dev/null", LESSHISTFILE="-"))) == []
