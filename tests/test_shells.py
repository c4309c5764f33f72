"""Which shell the user works in, asked of the process tree."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from real import need

ASK = shlex.join(
    [sys.executable, "-P", "-c", "from devkeys.shells import running; print(running())"]
)


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("bash", ["bash", "-c", f"{ASK}; true"]),
        ("zsh", ["zsh", "-fc", f"{ASK}; true"]),
        ("fish", ["fish", "-Nc", f"{ASK}; true"]),
        ("elvish", ["elvish", "-norc", "-c", f"{ASK}; nop"]),
        ("tcsh", ["tcsh", "-fc", f"{ASK}; true"]),
        ("nu", ["nu", "-n", "-c", f"^{ASK}; null"]),
    ],
)
def test_the_shell_that_started_us_is_found(
    tmp_path: Path, program: str, command: list[str]
) -> None:
    """Whatever SHELL says."""
    need(program)
    done = subprocess.run(
        command,
        env=environment(tmp_path, SHELL="/bin/other"),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout.strip() == program, done.stderr


def test_what_was_typed_is_never_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    """A secret that was given as an argument would reach a file server as a name."""
    code = (
        "import os, sys\n"
        "from devkeys.shells import running\n"
        "tried = []\n"
        "real = os.stat\n"
        "os.stat = lambda path, *rest, **more: tried.append(path) or real(path, *rest, **more)\n"
        "running()\n"
        "print(sys.argv[1] in tried)\n"
    )
    command = shlex.join([sys.executable, "-P", "-c", code, "LLM_API_KEY=typed"])
    done = subprocess.run(
        ["bash", "-c", f"{command}; true"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert done.stdout.strip() == "False", done.stderr
