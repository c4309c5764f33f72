"""Asking the programs that keep a history; what is asked never holds what was typed."""

import os

from devkeys import programs

_PATIENCE = 20  # seconds


def find(name: str) -> str | None:
    """Return the program *name* from an absolute entry of PATH outside of this repository."""
    try:
        fence = _repository(os.getcwd())
    except OSError:
        fence = None
    return programs.find(name, path=os.environ.get("PATH", ""), outside=fence)


def _repository(directory: str) -> str | None:
    """Return the repository around *directory*; None if there is none, or it is HOME or above."""
    home = os.path.realpath(os.path.expanduser("~"))
    while not os.path.lexists(os.path.join(directory, ".git")):
        above = os.path.dirname(directory)
        if above == directory:
            return None
        directory = above
    return None if os.path.commonpath((home, directory)) == directory else directory


def ask(
    command: list[str], *, script: str = "", environ: dict[str, str] | None = None
) -> bytes | None:
    """Run *command*, with *script* on its stdin, and return what it prints; None if it failed."""
    import subprocess  # slow, and not for reading

    try:
        done = subprocess.run(
            command,
            input=script.encode(),
            env={**os.environ, **(environ or {})},
            cwd=os.path.dirname(command[0]),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None
