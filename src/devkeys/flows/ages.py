"""How old something is, in days; and what a clock shows."""

import calendar
import time


def days(moment: str | None, now: float) -> int | None:
    """Return the whole days from *moment*, as the ledger writes it, to *now*; None if unknown."""
    try:
        then = calendar.timegm(time.strptime(moment or "", "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return None
    return max(0, int((now - then) // 86400))


def age(moment: str | None, now: float | None = None) -> str:
    """Return the age of *moment* in words: `today`, `1 day`, `12 days`, `unknown age`."""
    count = days(moment, time.time() if now is None else now)
    if count is None:
        return "unknown age"
    return "today" if count == 0 else "1 day" if count == 1 else f"{count} days"


def clock(seconds: int) -> str:
    """Return a time, in seconds since the epoch, as this machine's clock shows it."""
    then = time.localtime(seconds)
    today = time.strftime("%Y-%m-%d") == time.strftime("%Y-%m-%d", then)
    return time.strftime("%H:%M" if today else "%Y-%m-%d %H:%M", then)
