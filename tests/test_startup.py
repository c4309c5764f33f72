"""The way of `run` imports almost nothing."""

import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from command import environment

from devkeys import snapshot

# Each costs more than all of devkeys' own modules on the way, or reaches one that does.
SLOW = {
    *("typer", "rich", "click", "keyring", "psutil", "platformdirs", "dotenv", "shellingham"),
    *("yaml", "re", "json", "tomllib", "typing", "enum", "dataclasses", "inspect", "collections"),
    *("functools", "argparse", "pathlib", "subprocess", "shutil", "tempfile", "logging", "struct"),
    *("threading", "contextlib", "socket", "signal", "hashlib", "asyncio", "ctypes", "warnings"),
    *("importlib.metadata", "urllib", "getpass", "fcntl", "traceback", "string", "secrets"),
    *("random", "locale", "__future__"),
    *("devkeys.cli", "devkeys.flows", "devkeys.run.prepare", "devkeys.plan.compile"),
    *("devkeys.declaration", "devkeys.consent.record", "devkeys.consent.asks", "devkeys.allow"),
    *("devkeys.ask", "devkeys.names", "devkeys.keep", "devkeys.atomic", "devkeys.lock"),
    *("devkeys.store.write", "devkeys.store.ledger", "devkeys.store.create"),
    *("devkeys.keychain.fallback", "devkeys.keychain.items", "devkeys.providers"),
    *("devkeys.references", "devkeys.run.asking", "devkeys.run.remembered", "devkeys.run.hidden"),
}


# What an entry script does where no snapshot can be kept, up to the exec, which tells what
# has been imported by then.
WATCH = """
import sys
import os
import devkeys
devkeys.use_snapshot = lambda: None
from devkeys.__main__ import main
def tell(*_):
    print(*sys.modules)
    sys.stdout.flush()
    os._exit(0)
os.execve = tell
sys.argv = ["devkeys", "run", "--", "true"]
main()
"""


@pytest.fixture
def imported(tmp_path: Path, home: Path) -> set[str]:
    """Return the modules that a second, planned run has imported when it becomes its command."""
    chat = checkout.make(tmp_path / "chat", "LLM_API_KEY=\nLLM_MODEL=small\n")
    checkout.allowed(chat, home)
    checkout.store(chat, home, LLM_API_KEY="value")
    command = [sys.executable, "-P", "-c", WATCH]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=chat, env=environment(home), capture_output=True, text=True, check=True
        )
    return set(done.stdout.split())


def bare() -> set[str]:
    """Return the modules that the interpreter imports by itself, in this installation."""
    command = [sys.executable, "-E", "-P", "-c", "import sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_run_imports_nothing_slow(imported: set[str]) -> None:
    """`devkeys run` imports neither the command line nor a library that it does not use."""
    assert "devkeys.run" in imported  # guards against checking nothing
    assert "pyrage" in imported
    slow = {name for name in imported if name in SLOW or name.partition(".")[0] in SLOW}
    assert slow - bare() == set()


def test_snapshot_holds_all_of_it(imported: set[str]) -> None:
    """What the snapshot keeps is what is imported, apart from what asks a keychain."""
    ours = {name for name in imported if name.startswith("devkeys.")}
    keychain = {f"devkeys.{name}" for name in snapshot.KEYCHAIN}
    kept = {f"devkeys.{name}" for name in snapshot.NAMES}

    assert ours == kept - keychain | {"devkeys.__main__"}


def test_run_imports_few_of_our_own(imported: set[str]) -> None:
    """Each module of ours costs about 0.1 ms, so there are few on the way."""
    ours = {name for name in imported if name.startswith("devkeys")}

    assert len(ours) <= 31, sorted(ours)


def test_entry_script_imports_only_sys_first(script: Path) -> None:
    """Importing the entry point itself imports two of our modules and no library."""
    code = (
        "import sys; before = set(sys.modules); import devkeys.__main__; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-E", "-P", "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["devkeys", "devkeys.__main__"]
    assert "import sys\nfrom devkeys" in script.read_text()
