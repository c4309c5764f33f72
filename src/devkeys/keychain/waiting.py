"""Waiting for a keychain: say so after a second, end at a limit only where nobody watches.

A keychain that is locked or slow is not an absent one: its user may be typing the password.
On the way of `run`: imports only os, sys and time.
"""

import os
import sys
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

    from devkeys.errors import KeychainError

NOTICE = 1.0
LIMIT = 120.0


class Patience:
    """The time that one question to a keychain may take.

    *limit* is in seconds and counts only without a terminal; 0 is for ever. *locked* says
    that a person has to unlock the keychain. A *strict* limit, for a probe, counts always
    and is kept in silence.
    """

    __slots__ = ("_announced", "_limit", "_locked", "_start", "_strict")

    def __init__(self, limit: float = LIMIT, *, locked: bool = False, strict: bool = False) -> None:
        self._limit = limit
        self._locked = locked
        self._strict = strict
        self._announced = strict
        self._start = monotonic()

    def left(self) -> float | None:
        """Return for how many seconds to wait now before asking again; None is for ever.

        Says once, when it is time, what is waited for. Raise KeychainTimeoutError at the limit.
        """
        passed = monotonic() - self._start
        if not self._announced:
            notice = min(NOTICE, self._limit or NOTICE)
            if passed < notice:
                return notice - passed
            self._announced = True
            announce(locked=self._locked)
        if not self._limit or (not self._strict and at_terminal()):
            return None
        if passed >= self._limit:
            raise self.over()
        return self._limit - passed

    def over(self) -> "KeychainError":
        """Return the KeychainTimeoutError that the limit is reached."""
        from devkeys.keychain.errors import KeychainTimeoutError

        what = "was not unlocked" if self._locked else "did not answer"
        hint = "unlock it" if self._locked else "see whether it shows a dialog or hangs"
        return KeychainTimeoutError(
            f"the keychain {what} within {self._limit:g} s",
            hint=f"{hint}, then try again",
        )


def communicate(process: "subprocess.Popen[bytes]", data: bytes, patience: Patience) -> bytes:
    """Give *data* to *process*, return what it writes to stdout; it is dead afterwards.

    A Ctrl-C or the end of *patience* kills it: whatever it hangs in, nothing stays behind.
    """
    from subprocess import TimeoutExpired

    unsent: bytes | None = data
    try:
        while True:
            try:
                output, _ = process.communicate(unsent, timeout=patience.left())
            except TimeoutExpired:
                unsent = None  # it goes on with what it was given
            else:
                return output
    finally:
        process.kill()
        process.wait()


def at_terminal() -> bool:
    """Return whether a person at a terminal can see that we wait, and end it."""
    if os.isatty(0) or os.isatty(2):
        return True
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_NOCTTY", 0)))
    except OSError:
        return False
    return True


def announce(*, locked: bool) -> None:
    """Say on stderr what is waited for; where it was closed, 2 may be our own socket."""
    if sys.stderr is None:
        return
    line = b"devkeys: waiting for the keychain" + (b" to be unlocked\n" if locked else b"\n")
    try:
        os.write(2, line)
    except OSError:
        return
