"""A file system of 64 kB that a test can fill."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def small_disk(path: str) -> Iterator[str]:
    """Mount a tmpfs of 64 kB at *path*; skip where the user may not."""
    os.mkdir(path)
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "devkeys-test", path]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        os.rmdir(path)
        pytest.skip("this root may not mount a tmpfs")
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def fill(path: str) -> None:
    """Write into *path*'s file system until it is full."""
    with open(os.path.join(path, "filler"), "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 512)
        except OSError:
            return
