"""A time limit and Ctrl-C for what a library does."""

import signal
import threading
import time

import pytest

from devkeys.providers.caller import Caller
from devkeys.providers.errors import LockedError, UnreachableError
from devkeys.providers.limited import within


def caller(limit: float) -> Caller:
    """Return a caller with a limit."""
    return Caller({}, "/", "/", limit=limit)


def endless() -> None:
    """Take three seconds, which is for ever here."""
    time.sleep(3)


def test_result_and_error_come_through() -> None:
    """What the work gives or raises is what the caller gets."""
    assert within(lambda: 7, caller(0), title="it") == 7

    def fail() -> None:
        raise LockedError("no", hint="yes")

    with pytest.raises(LockedError):
        within(fail, caller(5), title="it")


def test_limit_ends_the_wait() -> None:
    """Past the limit it is unreachable, with the limit in the message."""
    began = time.monotonic()
    with pytest.raises(UnreachableError, match=r"it did not answer within 0\.2 s"):
        within(endless, caller(0.2), title="it")
    assert time.monotonic() - began < 2


def test_interrupt_ends_the_wait_at_once() -> None:
    """Ctrl-C is not kept waiting by what the library does."""
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        within(endless, caller(0), title="it")
    timer.join()
    assert time.monotonic() - began < 2
