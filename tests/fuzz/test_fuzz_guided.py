"""Targets under atheris for a second: that each runs, is guided, and finds nothing.

A third of them, for each takes seconds to start; DEVKEYS_FUZZ=all takes all, `run.py` for longer.
"""

import importlib.util
import os
import platform
import sys
from pathlib import Path

import pytest
from fuzz import run
from fuzz.table import TARGETS
from real import absent

SECONDS = 1
EVERY = 1 if os.environ.get("DEVKEYS_FUZZ") == "all" else 3


# As the marker of atheris in pyproject.toml.
HAS_WHEELS = (
    sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 15)
)


@pytest.mark.skipif(not HAS_WHEELS, reason="there are no wheels of atheris for this")
@pytest.mark.parametrize("name", list(TARGETS)[::EVERY])
def test_guided(name: str, tmp_path: Path) -> None:
    """Guided by coverage, a second finds no input that breaks the law."""
    if importlib.util.find_spec("atheris") is None:
        absent("needs atheris")

    found = run.fuzz(name, SECONDS, str(tmp_path))

    assert found.faults == 0, found.log[-8000:]
    assert found.runs > 10
    assert found.coverage > 0
