"""How old something is, in days."""

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
