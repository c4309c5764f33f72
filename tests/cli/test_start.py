"""What the commands do not import: their start is felt at every use."""

import subprocess
import sys

import pytest
from desk import Desk

SLOW = {"rich", "keyring", "psutil", "platformdirs", "asyncio", "urllib.request"}


@pytest.mark.parametrize(
    "words", [("status", "-q"), ("list",), ("set", "MODEL=x"), ("allow", "--show")]
)
def test_a_command_imports_nothing_slow(desk: Desk, words: tuple[str, ...]) -> None:
    """No command that is used all day imports rich, keyring, psutil or platformdirs."""
    assert desk.devkeys("set", "MODEL=first").code == 0
    done = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "devkeys", *words],
        cwd=desk.project,
        env=desk.environ,
        capture_output=True,
        text=True,
        check=False,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "devkeys.cli" in imported
    assert imported.isdisjoint(SLOW)
