"""A real repository with `.env` files in it, and values that look live, made at run time."""

import secrets
from pathlib import Path

from repositories import run_git


def live() -> str:
    """Return a value that a machine has made, in no provider's format."""
    return "q7" + secrets.token_hex(24)


def put(root: Path, path: str, text: str, *, mode: int = 0o600) -> Path:
    """Write a file of the checkout."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def commit(root: Path, *paths: str) -> None:
    """Commit *paths*, ignored or not; without any, what is staged."""
    if paths:
        run_git("add", "-f", "--", *paths, cwd=root)
    run_git("commit", "-q", "-m", "change", cwd=root)
