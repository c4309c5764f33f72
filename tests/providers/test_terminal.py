"""A prompt that is ended in its middle leaves neither a process nor a silent terminal."""

import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pexpect
import pytest
from keychain_scripts import is_running

# A vendor's program that asks for a password at the terminal, deaf to polite signals.
PROMPT = """
import os, signal, sys, time, tty
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tty.setraw(os.open("/dev/tty", os.O_RDWR))
open(sys.argv[1], "w").write(str(os.getpid()))
print("password:", file=sys.stderr, end="", flush=True)
time.sleep(600)
"""
ASK = """
import sys
from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, run
from devkeys.providers.errors import UnreachableError
call = Call([sys.executable, "-I", "-c", *sys.argv[2:]], {}, shown=True)
try:
    run(call, Caller({}, "/", "/", limit=float(sys.argv[1]), interactive=True))
except (KeyboardInterrupt, UnreachableError) as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("end", ["the limit", signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_prompt_ended_in_the_middle(tmp_path: Path, end: signal.Signals | str) -> None:
    """The terminal echoes again, and the program is gone."""
    limit = "1" if isinstance(end, str) else "60"
    arguments = ["-c", ASK, limit, PROMPT, str(tmp_path / "pid")]
    terminal = pexpect.spawn(sys.executable, arguments, timeout=20)
    assert terminal.pid is not None
    before = termios.tcgetattr(terminal.child_fd)
    terminal.expect("password:")
    terminal.send("half a pass")
    assert termios.tcgetattr(terminal.child_fd) != before
    if isinstance(end, signal.Signals):
        os.kill(terminal.pid, end)
    terminal.expect(pexpect.EOF)
    assert termios.tcgetattr(terminal.child_fd) == before
    terminal.close()
    program = int((tmp_path / "pid").read_text())
    until = time.monotonic() + 5
    while is_running(program) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(program)


def test_signals_are_as_they_were() -> None:
    """Afterwards SIGTERM ends the process as before, and one that was ignored stays so."""
    code = (
        "import signal, sys\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from devkeys.providers.terminal import given_back\n"
        "with given_back(interactive=False):\n"
        "    print(signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL)\n"
        "    print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)\n"
        "print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == [b"True"] * 3
