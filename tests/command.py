"""The real command, as a process of its own, in an empty HOME."""

import os
import subprocess
import sys
from pathlib import Path

DEVKEYS = [sys.executable, "-P", "-m", "devkeys"]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return a minimal environment: no desktop, no CI, no agent of the caller's."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        # No bus of the caller's either: the Secret Service is sought below this folder.
        "XDG_RUNTIME_DIR": str(home / "no-runtime-directory"),
        **more,
    }


def devkeys(
    *words: str,
    cwd: Path,
    home: Path,
    given: bytes | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run `devkeys WORDS...` in *cwd* with *given* on stdin and *env* added."""
    return subprocess.run(
        [*DEVKEYS, *words],
        cwd=cwd,
        env=environment(home, **(env or {})),
        input=given if given is not None else b"",
        capture_output=True,
        check=False,
    )
