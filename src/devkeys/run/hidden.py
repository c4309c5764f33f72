"""A word, once a day, about values of one's own that hide the team's."""

import os
import time
from collections.abc import Sequence

from devkeys import ask, atomic, fingerprint
from devkeys.errors import DevkeysError
from devkeys.session import Session

DAY = 86400  # seconds


def remind(session: Session, plan_key: str, names: Sequence[str]) -> None:
    """Say that *names* have a stored value which hides the reference that they declare."""
    if not os.isatty(2):
        return
    name = fingerprint.digest(plan_key.encode(), *(name.encode() for name in names))
    path = os.path.join(session.state_dir, "reminders", name)
    try:
        if time.time() - os.stat(path).st_mtime < DAY:
            return
    except OSError:
        pass  # never said yet
    try:
        atomic.make_private_dir(os.path.dirname(path))
        atomic.write(path, b"")
    except DevkeysError:
        return  # where nothing can be noted it would be said at every run
    noun = "hides" if len(names) == 1 else "hide"
    ask.say(
        f"devkeys: your own value of {', '.join(names)} {noun} the team's "
        "(devkeys status shows where that is, devkeys unset removes yours)"
    )
