"""Which living shells may have what was taken out."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import real
from terminal import Terminal

from devkeys.history.live import live
from devkeys.history.ways import WAYS, way_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="drives a pty")
SHELLS = {"bash": ["bash", "--norc"], "zsh": ["zsh", "-f"], "tcsh": ["tcsh", "-f"]}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_at_a_terminal_is_named(tmp_path: Path, shell: str) -> None:
    """With pid, terminal and start, and with what to do there."""
    real.need(shell)
    before = time.time()
    words = [str(shutil.which(shell)), *SHELLS[shell][1:]]
    environ = {"HOME": str(tmp_path), "PS1": "P> "}
    with Terminal(words, environ, str(tmp_path), prompt="") as one:
        time.sleep(0.2)
        found = {each.pid: each for each in live([shell])}
        own = found[one.pid]
    assert own.terminal.startswith("pts/")
    assert before - 5 < own.started < time.time() + 5
    assert own.way.unwritten
    assert not own.here
    assert f"pid {own.pid} on pts/" in own.name
    assert "devkeys doctor --fix" in own.step


def test_a_script_at_a_terminal_is_not(tmp_path: Path) -> None:
    """A server that runs in a terminal holds no history."""
    real.need("bash")
    script = tmp_path / "script"
    script.write_text("echo ready; read -r line\n")
    with Terminal(["/bin/bash", str(script)], {}, str(tmp_path), prompt="ready") as one:
        assert one.pid not in [each.pid for each in live()]


def test_a_shell_without_a_terminal_is_not() -> None:
    """As in CI, or below a daemon."""
    real.need("bash")
    with subprocess.Popen(["bash"], stdin=subprocess.PIPE, start_new_session=True) as one:
        assert one.pid not in [each.pid for each in live()]
        one.communicate(b"exit\n")


def test_the_shell_that_devkeys_was_called_from_is_told_apart(tmp_path: Path) -> None:
    """It is named as such."""
    real.need("bash")
    code = "from devkeys.history.live import live; print([x.pid for x in live() if x.here])"
    with Terminal(
        ["/bin/bash", "--norc"], {"PS1": "P> ", "PATH": "/bin"}, str(tmp_path), prompt="P> "
    ) as one:
        assert f"[{one.pid}]" in one.run(f'{sys.executable} -c "{code}"')


def test_a_terminal_that_was_opened_after_the_last_look_is_seen(tmp_path: Path) -> None:
    """Doctor looks twice: before it cleans up, and after it."""
    real.need("bash")
    live()
    environ = {"PS1": "P> "}
    with (
        Terminal(["/bin/bash", "--norc"], environ, str(tmp_path), prompt="P> ") as one,
        Terminal(["/bin/bash", "--norc"], environ, str(tmp_path), prompt="P> ") as two,
    ):
        assert {one.pid, two.pid} <= {each.pid for each in live()}


def test_no_two_ways_are_for_one_program() -> None:
    """Each name leads to one row."""
    names = "bash zsh zsh-5.9 fish fish4 nu tcsh csh ksh ksh93 mksh python3.13 node sqlite3 psql"
    for name in names.split():
        assert way_of(name) in WAYS
    assert way_of("bashful") is None
    assert way_of("python-config") is None


def test_it_takes_little_time() -> None:
    """Under a tenth of a millisecond for a process, on a machine that does other work too."""
    live()
    began = time.perf_counter()
    for _ in range(5):
        live()
    assert (time.perf_counter() - began) / 5 < 0.2
