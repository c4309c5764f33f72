"""A secret as a file that no disk sees: `@as=file`."""

import fcntl
import os
import sys

from devkeys.errors import DevkeysError
from devkeys.secret import Secret

SEALS = ("F_SEAL_WRITE", "F_SEAL_GROW", "F_SEAL_SHRINK", "F_SEAL_SEAL")


def hand_over(name: str, value: Secret) -> str:
    """Return a path at which this process, and what it becomes, finds *value*.

    Linux: a sealed memory file behind an inherited descriptor. The path names this process,
    so that grandchildren find it too, for as long as it lives.
    """
    if not sys.platform.startswith("linux"):
        raise DevkeysError(
            f"{name} is declared @as=file, which needs Linux's memory files",
            hint=f"take @as=file away, or leave {name} out with --only",
        )
    descriptor = os.memfd_create(f"devkeys-{name}", os.MFD_ALLOW_SEALING)
    data = memoryview(value.reveal())
    while data:
        data = data[os.write(descriptor, data) :]
    seals = 0
    for seal in SEALS:
        seals |= getattr(fcntl, seal)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return f"/proc/{os.getpid()}/fd/{descriptor}"
