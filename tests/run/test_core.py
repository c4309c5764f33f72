"""What a core file would hold while values are in memory."""

import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from command import devkeys

CODE = """
from devkeys.run import core
def now():
    with open(core.FILTER) as file:
        return int(file.read(), 16)
first = now()
before = core.leave_memory_out()
during = now()
core.put_back(before)
print(first, during, now())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="a number in Linux's /proc")
def test_no_memory_goes_into_a_core_file() -> None:
    """In between no memory would go into a core file; afterwards it is as it was."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE], capture_output=True, text=True, check=True
    )
    first, during, after = map(int, done.stdout.split())

    assert first != 0
    assert (during, after) == (0, first)


@pytest.mark.skipif(sys.platform != "linux", reason="a number in Linux's /proc")
def test_command_has_the_callers_core_files(tmp_path: Path, home: Path) -> None:
    """The command's own core files are those that its caller wanted."""
    chat = checkout.make(tmp_path / "chat", "LLM_API_KEY=\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY="value")

    done = devkeys("run", "--", "cat", "/proc/self/coredump_filter", cwd=chat, home=home)

    assert done.stdout == Path("/proc/self/coredump_filter").read_bytes()
