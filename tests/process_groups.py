"""Who is left of a process group."""

import os

import psutil


def living(group: int) -> list[str]:
    """Return the commands of a group's processes; those that ended and wait for init are none."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        try:
            if os.getpgid(process.pid) == group and process.info["status"] != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.info["cmdline"] or ()))
        except ProcessLookupError:
            continue
    return found
