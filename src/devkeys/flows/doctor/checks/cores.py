"""Core files: a program that crashes leaves its memory on the disk, with every value in it."""

import os
import shlex
import stat
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from devkeys import files
from devkeys.scan.finding import ADVICE, RISK, Finding, Fine, Kind, Place, Unseen

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope

ON = Kind(
    "cores/on",
    ADVICE,
    "a program that crashes leaves its memory on the disk",
    "The memory of a program that devkeys run started holds the secrets that it was given. "
    "devkeys itself leaves no core file; what it becomes does.",
    "Turn core files off in the shell, and on for the one program that you debug.",
)
FILE = Kind(
    "cores/file",
    RISK,
    "a core file lies in the checkout",
    "It is the memory of a program that crashed, with its environment: whoever gets the file, by "
    "a commit, an archive or a container image, gets the secrets in it.",
    "Remove it, and add `core` and `core.*` to .gitignore.",
)
KINDS = (ON, FILE)

PATTERN = "/proc/sys/kernel/core_pattern"
_ELF_CORE = 4  # e_type


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at the limit of the shell, at the system's pattern, and for core files.

    What the shell gives to the programs that it starts counts. In the checkout only the top, the
    project's directory and the current one are looked at, where programs are started.
    """
    limit = soft_limit(os.getppid())
    if limit is None:
        yield Unseen("the limit for core files", "it cannot be told on this system")
    elif limit == "0":
        yield Fine("programs that crash leave no core file")
    else:
        size = "of any size" if limit == "unlimited" else f"of at most {limit} bytes"
        what = f"core files {size} are written: {_destination()}"
        yield Finding(ON, Place(PATTERN), what, "in your shell's start-up file: ulimit -S -c 0")
    places = [scope.root, scope.directory]
    if scope.here:
        places.append(scope.here.checkout.directory)
    for directory in dict.fromkeys(places):
        yield from _files(directory)


def soft_limit(pid: int) -> str | None:
    """Return the soft limit of core files of the process *pid*, in bytes or `unlimited`."""
    if sys.platform != "linux":
        return None
    try:
        with open(f"/proc/{pid}/limits", encoding="ascii", errors="replace") as lines:
            found = [line for line in lines if line.startswith("Max core file size")]
    except OSError:
        return None
    return found[0].split()[4] if found else None


def _destination() -> str:
    """Say where the system puts core files."""
    try:
        with open(PATTERN, encoding="utf-8", errors="replace") as file:
            pattern = file.readline().strip()
    except OSError:
        return "where, cannot be told"
    if pattern.startswith("|"):
        program = os.path.basename(pattern[1:].split(" ")[0])
        where = {
            "systemd-coredump": "/var/lib/systemd/coredump (coredumpctl lists them)",
            "apport": "/var/crash or /var/lib/apport/coredump",
        }
        return f"they go to {program}" + (f", into {where[program]}" if program in where else "")
    if os.path.isabs(pattern):
        return f"they go into {os.path.dirname(pattern)}"
    return "they go into the directory that the program works in"


def _files(directory: str) -> Iterator[Finding | Unseen]:
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        yield Unseen(directory, files.reason(error))
        return
    for name in names:
        rest = name.removeprefix("core")
        if rest and not (rest[0] == "." and rest[1:].isdecimal() and name.startswith("core")):
            continue
        path = os.path.join(directory, name)
        if name.startswith("core") and _is_core(path):
            what = "is the memory of a program that crashed"
            yield Finding(FILE, Place(path), what, f"rm {shlex.quote(path)}")


def _is_core(path: str) -> bool:
    """Say whether *path* is a core file, by the head that such a file has in ELF."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        head = os.read(descriptor, 18)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    if len(head) < 18 or not head.startswith(b"\x7fELF"):
        return False
    return int.from_bytes(head[16:18], "big" if head[5] == 2 else "little") == _ELF_CORE
