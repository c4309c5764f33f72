"""Asking through a library: a time limit and Ctrl-C that hold whatever the library does."""

import threading
from collections.abc import Callable
from typing import TypeVar

from devkeys.providers.caller import Caller
from devkeys.providers.errors import UnreachableError

T = TypeVar("T")
GLANCE = 0.5  # seconds; where a wait without an end cannot be interrupted, this one can


def within(work: Callable[[], T], caller: Caller, *, title: str) -> T:
    """Return what *work* gives, or raise what it raises; UnreachableError past the limit.

    It is done in a thread that is left behind then: no socket's own time limit covers the
    resolver, a server that sends a byte at a time, or a program that the library starts.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  # it is raised below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    waited = 0.0
    while thread.is_alive() and not 0 < caller.limit <= waited:
        step = min(GLANCE, caller.limit - waited) if caller.limit else GLANCE
        thread.join(step)
        waited += step
    if errors:
        raise errors[0]
    if not results:
        raise UnreachableError(
            f"{title} did not answer within {caller.limit:g} s",
            hint="see whether the network and a proxy let you through; wait = SECONDS in "
            "config.toml gives it more time",
        )
    return results[0]
