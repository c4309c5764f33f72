"""Real components: a test that needs one skips without it, or fails where it is demanded."""

import os
import shutil

import pytest

REQUIRED = os.environ.get("DEVKEYS_REQUIRE_REAL") == "1"


def need(*programs: str) -> None:
    """Skip the running test unless every program is on PATH; fail it under DEVKEYS_REQUIRE_REAL."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        absent(f"needs {', '.join(missing)} on PATH")


def absent(reason: str) -> None:
    """Skip the running test for *reason*, a missing real component; fail where it is demanded."""
    if REQUIRED:
        pytest.fail(f"DEVKEYS_REQUIRE_REAL=1, and this test {reason}")
    pytest.skip(reason)
