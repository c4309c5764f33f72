"""Many writers at once: whatever was acknowledged is there at the end."""

import subprocess
import sys
from pathlib import Path

import pytest
from crash.histories import NEVER, Write, lost, repeated

WRITERS = Path(__file__).parents[1] / "crash" / "writers.py"


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_no_acknowledged_write_is_lost(tmp_path: Path) -> None:
    """Eight processes write, some are killed, one reads: the short form of `writers.py`."""
    command = [sys.executable, str(WRITERS), "--processes", "8", "--seconds", "4"]
    done = subprocess.run(
        [*command, "--directory", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 problems\n" in done.stdout


def _write(value: str | None, began: float, ended: float, counter: int = NEVER) -> Write:
    return Write("A", value, began, ended, counter, acknowledged=True)


def _open(value: str, began: float, ended: float) -> Write:
    return Write("A", value, began, ended, NEVER, acknowledged=False)


@pytest.mark.parametrize(
    ("writes", "found", "is_lost"),
    [
        ([_write("one", 1, 2, 5)], "one", False),
        ([_write("one", 1, 2, 5)], None, True),
        ([_write("one", 1, 2, 5), _write(None, 3, 4, 6)], "one", True),
        ([_write("one", 1, 2, 5), _write(None, 3, 4, 6)], None, False),
        # The counter tells the order where the moments do not.
        ([_write("one", 1, 9, 6), _write("two", 2, 8, 5)], "one", False),
        ([_write("one", 1, 9, 6), _write("two", 2, 8, 5)], "two", True),
        # Without counters, either of two that overlapped may be the last.
        ([_write("one", 1, 9), _write("two", 2, 8)], "two", False),
        ([_write("one", 1, 2), _write("two", 3, 4)], "one", True),
        # Whoever was killed may have written, until the moment of the end.
        ([_write("one", 1, 2, 5), _open("two", 3, 4)], "one", False),
        ([_write("one", 1, 2, 5), _open("two", 3, 4)], "two", False),
        ([_write("one", 5, 6, 5), _open("two", 3, 4)], "two", True),
        ([_open("two", 3, 4)], None, False),
    ],
)
def test_a_lost_write_is_seen(writes: list[Write], found: str | None, is_lost: bool) -> None:
    """The judge of the trial above knows what may be there and what may not."""
    there = {} if found is None else {"A": found}
    assert bool(lost(writes, there)) == is_lost


def test_a_counter_given_twice_is_seen() -> None:
    """Two writers that were let in at once are noticed, even where nothing was lost."""
    assert repeated([_write("one", 1, 2, 5), _write("two", 1, 2, 5)]) == [5]
    assert repeated([_write("one", 1, 2, 5), _write("two", 1, 2, 6)]) == []
