"""What runs on this machine; the one door of psutil, and never on the way of `run`."""

import psutil


def started(pid: int) -> float | None:
    """Return when the living process *pid* was started, in seconds since the epoch.

    None: there is no such process, it has ended, or we may not look.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process.create_time()
    except (psutil.Error, ValueError, OverflowError):
        return None


def end(pid: int) -> None:
    """Kill the process *pid* and all that it started, at once."""
    _kill(pid, itself=True)


def end_children() -> None:
    """Kill all that this process started, and all that those started."""
    _kill(None, itself=False)


def _kill(pid: int | None, *, itself: bool) -> None:
    """Kill what the process *pid* (None: this one) started, and with *itself* it as well."""
    try:
        top = psutil.Process(pid)
        family = [*top.children(recursive=True), *([top] if itself else [])]
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            continue
