"""The snapshot of the modules on the way of `run`: used while it is true, and no longer."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import devkeys
from devkeys import snapshot

KEEP = "from devkeys import snapshot; snapshot.keep()"
CODE = """
import sys
sys.path.insert(0, {folder!r})
import devkeys
{before}
devkeys.use_snapshot()
loaded = {{name for name in sys.modules if name.startswith("devkeys.")}}
import devkeys.run, devkeys.store.values, devkeys.keychain
assert devkeys.run.become.become and devkeys.store.layout.LIMIT
print(len(loaded), devkeys.run.__file__, devkeys.run.MARK if hasattr(devkeys.run, "MARK") else "")
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the package to where the test may write."""
    source = Path(devkeys.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, tmp_path / "site" / "devkeys", ignore=ignore)
    return tmp_path / "site"


def run(folder: Path, before: str = "") -> list[str]:
    """Load the snapshot in a fresh interpreter; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", CODE.format(folder=str(folder), before=before)],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    return done.stdout.split()


def test_without_a_snapshot(copy: Path) -> None:
    """Where there is none, nothing is loaded ahead and Python imports as ever."""
    assert run(copy)[0] == "0"


def test_with_a_snapshot(copy: Path) -> None:
    """Once kept, every module comes from it."""
    run(copy, KEEP)

    expected = [str(len(snapshot.NAMES)), str(copy / "devkeys" / "run" / "__init__.py")]
    assert run(copy)[:2] == expected


def test_changed_source_counts_at_once(copy: Path) -> None:
    """A source that was changed is what runs, not what was kept of it."""
    run(copy, KEEP)
    file = copy / "devkeys" / "run" / "__init__.py"
    file.write_text(file.read_text() + '\nMARK = "changed"\n')

    assert run(copy)[2] == "changed"


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\xe3" * 40, b"\xe3" + bytes(200)])
def test_damaged_snapshot(copy: Path, damage: bytes) -> None:
    """A file that is cut short or no snapshot is passed over."""
    run(copy, KEEP)
    for file in (copy / "devkeys" / "__pycache__").glob("way-of-*"):
        file.write_bytes(damage)

    assert run(copy)[0] == "0"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_directory_that_may_not_be_written(copy: Path) -> None:
    """Where Python could not write its own, none is kept, without a word."""
    run(copy)
    (copy / "devkeys" / "__pycache__").chmod(0o555)

    run(copy, KEEP)

    assert not list((copy / "devkeys" / "__pycache__").glob("way-of-*"))
