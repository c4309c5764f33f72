"""Invented homes, with histories in them."""

import os
from pathlib import Path

from devkeys.history.books import discover


def put(home: Path, *names: str, content: bytes = b"ls\n") -> None:
    """Make files below *home*."""
    for name in names:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(home: Path, platform: str = "linux", **environ: str) -> dict[str, tuple[str, str]]:
    """Return the program and the format of each history, by its path below *home*."""
    books = list(discover(environ, str(home), platform=platform))
    paths = [os.path.relpath(book.path, home) for book in books]
    assert len(set(paths)) == len(paths)
    return {path: (book.program, book.format) for path, book in zip(paths, books, strict=True)}
