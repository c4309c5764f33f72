"""Run Python code in a process of its own, without or at a terminal."""

import subprocess
import sys
from collections.abc import Mapping

READ = """
import sys
from devkeys.keychain import secretservice
from devkeys.errors import KeychainError
try:
    found = secretservice.read("devkeys", "identity", limit=float(sys.argv[1]))
    print(None if found is None else found.reveal().decode())
except KeychainError as error:
    print(type(error).__name__, error)
except KeyboardInterrupt:
    print("interrupted")
"""


def start(
    code: str, *arguments: str, env: Mapping[str, str], stdin: int = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    """Start *code* as the leader of a session that has no terminal."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env=dict(env),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def is_running(pid: int) -> bool:
    """Return whether the process *pid* is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """Return what *process* wrote, on stdout and stderr; kill it if it does not end."""
    try:
        return process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()


def wait_line(process: "subprocess.Popen[str]") -> str:
    """Return the next line that *process* writes to stderr."""
    assert process.stderr is not None
    return process.stderr.readline()
