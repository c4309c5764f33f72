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
    try:
        top = psutil.Process(pid)
        family = [*top.children(recursive=True), top]
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            continue


def end_children() -> None:
    """Kill all that this process started, and all that those started."""
    try:
        family = psutil.Process().children(recursive=True)
    except psutil.Error:
        return
    for process in family:
        try:
            process.kill()
        except psutil.Error:
            continue
