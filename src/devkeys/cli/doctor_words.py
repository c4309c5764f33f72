"""How places, sizes and times of doctor's report are written for a person."""

import time
from collections.abc import Sequence
from typing import TypeGuard

from devkeys import ask
from devkeys.flows.doctor.report import Frame, short
from devkeys.scan.finding import Place

COMMIT_DIGITS = 10
DAY = 86400  # seconds
LATEST = 253_402_200_000  # seconds since the epoch: a day before the year 10000


def location(place: Place, frame: Frame) -> str:
    """Return where *place* is: a file with its line or entry, or a path in a commit."""
    path = short(place.path, frame) if place.path else ""
    parts = ["" if path == "." and place.member else path, place.member]
    if place.commit:
        inside = f"{place.member} in commit" if place.member else "commit"
        parts = [f"{inside} {place.commit[:COMMIT_DIGITS]}"]
        parts += [] if path == "." else [path]
    parts += [f"line {place.line}"] if place.line is not None else []
    parts += [f"entry {place.entry}"] if place.entry is not None else []
    return ask.plain(", ".join(part for part in parts if part))


def moment(when: float | None, now: float) -> str:
    """Return the day of *when* and how long ago that is; nothing if it is no time of this age."""
    if not _is_time(when):
        return ""
    day = time.strftime("%Y-%m-%d", time.localtime(when))
    days = int((now - when) // DAY)
    if days < 0:
        return day
    ago = "today" if days == 0 else "1 day ago" if days == 1 else f"{days:,} days ago"
    return f"{day}, {ago}"


def iso(when: float | None) -> str | None:
    """Return *when* in UTC, for a program; None if it is no time of this age."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)) if _is_time(when) else None


def _is_time(when: float | None) -> TypeGuard[float]:
    # A history may claim any number; four digits have to do for the year.
    return when is not None and DAY <= when <= LATEST


def counted(count: int, one: str, many: str = "") -> str:
    """Return *count* with its noun: `1 place`, `1,200 places`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str], most: int) -> str:
    """Return *words* made plain, as `a, b and 3 more` if there are more than *most*."""
    shown = [ask.plain(word) for word in words[:most]]
    rest = len(words) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")


def as_bytes(path: str) -> bytes:
    """Return the bytes of *path*, or of any other text."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogatepass")


def text_of(path: str) -> str:
    r"""Return *path* as JSON can hold it: a byte that is no text is spelled out, as `\xff`."""
    return as_bytes(path).decode("utf-8", "backslashreplace")
