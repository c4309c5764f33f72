"""To run is to become: what the child inherits equals a bare exec."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

BECOME = """
import os, sys
from devkeys.errors import DevkeysError
from devkeys.run.become import become
from devkeys.session import original
environ = original()
try:
    become(sys.argv[1:], environ, path=environ["PATH"])
except DevkeysError as error:
    print(error, file=sys.stderr)
    sys.exit(error.exit_code)
"""
# What a process has from its parent, told by one that Python's own start-up does not touch.
TELL = (
    "grep -E '^(Sig(Ign|Blk|Cgt)|Umask|NoNewPrivs)' /proc/self/status; cat /proc/self/limits; "
    "ls -l /proc/$$/fd | grep -o '[0-9]* -> .*' | grep -v pipe: | grep -v /proc/; "
    "env -0 | tr '\\0' '\\n'"
)


def become(*command: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Let a Python process become *command*."""
    return subprocess.run(
        [sys.executable, "-E", "-P", "-c", BECOME, *command],
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C"}, {"LC_CTYPE": "C.UTF-8"}, {"LANG": "C"}])
def test_equals_a_bare_exec(locale: dict[str, str]) -> None:
    """Signals, umask, limits, descriptors and environment are those of a bare exec."""
    # By its path: only then does every Python start it in the one way, as it starts ours.
    bare = subprocess.run(
        [shutil.which("sh") or "sh", "-c", TELL],
        env={"PATH": os.environ["PATH"], **locale},
        capture_output=True,
        check=True,
    )

    assert become("sh", "-c", TELL, **locale).stdout.decode().splitlines() == (
        bare.stdout.decode().splitlines()
    )


def test_inherited_descriptor_stays_open(tmp_path: Path) -> None:
    """A descriptor that the caller passed on, such as make's job server, reaches the child."""
    file = tmp_path / "passed"
    file.write_text("jobs")
    with file.open() as passed:
        done = subprocess.run(
            [sys.executable, "-E", "-c", BECOME, "cat", f"/dev/fd/{passed.fileno()}"],
            pass_fds=[passed.fileno()],
            capture_output=True,
            check=True,
        )

    assert done.stdout == b"jobs"


def test_same_process() -> None:
    """The command has devkeys' own PID."""
    child = subprocess.Popen(
        [sys.executable, "-E", "-c", BECOME, "sh", "-c", "echo $$"], stdout=subprocess.PIPE
    )
    out, _ = child.communicate()

    assert int(out) == child.pid


def test_exit_code_is_the_commands() -> None:
    """The exit code goes through untouched."""
    assert become("sh", "-c", "exit 42").returncode == 42


def test_death_by_signal_is_the_commands() -> None:
    """A command that a signal ended is seen to have been ended by it."""
    assert become("sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM


def test_broken_pipe_ends_the_command() -> None:
    """A command whose reader has gone ends by SIGPIPE and not with a complaint."""
    done = become("bash", "-c", "yes | head -1; echo ${PIPESTATUS[0]}")

    assert (done.stdout, done.stderr) == (b"y\n141\n", b"")


def test_not_found() -> None:
    """A command that is nowhere on the path is 127, as in a shell."""
    done = become("no-such-command-here")

    assert done.returncode == 127
    assert b"no-such-command-here: command not found" in done.stderr


def test_not_executable(tmp_path: Path) -> None:
    """A file without the right to be executed is 126, as in a shell."""
    plain = tmp_path / "plain"
    plain.write_text("data")

    assert become(str(plain)).returncode == 126


def test_directory_is_not_executable(tmp_path: Path) -> None:
    """A directory is 126."""
    assert become(str(tmp_path)).returncode == 126


def test_script_without_interpreter_line(tmp_path: Path) -> None:
    """A script without `#!` runs in the shell, as execvp does."""
    script = tmp_path / "script"
    script.write_text("echo from the script $1\n")
    script.chmod(0o755)

    assert become(str(script), "arg").stdout == b"from the script arg\n"


def test_search_goes_on_past_what_may_not_be_executed(tmp_path: Path) -> None:
    """A file on the path that may not be executed does not hide a later one that may."""
    for name, mode in (("first", 0o644), ("second", 0o755)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "tool").write_text(f"echo {name}\n")
        (folder / "tool").chmod(mode)

    done = become("tool", PATH=f"{tmp_path}/first:{tmp_path}/second:{os.environ['PATH']}")

    assert done.stdout == b"second\n"


def test_environment_that_is_not_utf8(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 reach the child as they are."""
    done = subprocess.run(
        [sys.executable, "-E", "-c", BECOME, "sh", "-c", 'printf %s "$ODD"'],
        env={b"PATH": os.environb[b"PATH"], b"ODD": b"\xff\xfe\x80"},
        capture_output=True,
        check=True,
        cwd=tmp_path,
    )

    assert done.stdout == b"\xff\xfe\x80"
