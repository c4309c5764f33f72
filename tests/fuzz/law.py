"""What must hold for everything that reads bytes which others may have written.

Any bytes give a value or one DevkeysError, with a hint, an exit code of its own and no secret
in it; never another exception, and in time that grows with the bytes.
"""

import hashlib
import time
from collections.abc import Callable
from typing import NamedTuple

from devkeys.errors import UNRESOLVED, USAGE, DevkeysError

WINDOW = 8  # bytes of a secret in a message that are no accident
LONGEST = 8001  # characters of a message and its hint: no whole file
GRACE, RATE = 1.0, 1e-4  # seconds, and seconds per byte, that reading may take


class Fault(Exception):  # noqa: N818  # not an error of devkeys' own kind
    """The law is broken."""


class Subject(NamedTuple):
    """Something that reads bytes, ready to be given some.

    *read* reads them and raises AssertionError if what comes of them is wrong. *seeds* are
    such bytes as devkeys, or a person, writes. *secret* is in them and in no message, but
    where *shown* of the bytes, which may be told, holds it as well.
    """

    seeds: list[bytes]
    read: Callable[[bytes], object]
    secret: bytes = b""
    shown: Callable[[bytes], bytes] = lambda data: b""  # noqa: ARG005  # of nothing


def made_up(name: str) -> bytes:
    """Make a secret for the target *name*: the same each time, so that a fault can be repeated."""
    return hashlib.sha256(f"secret of {name}".encode()).hexdigest()[:40].encode()


# Makes the subject in an empty directory.
Target = Callable[[str], Subject]


def check(subject: Subject, data: bytes) -> None:
    """Give *data* to *subject*; raise Fault, or what it raised, unless the law holds."""
    began = time.process_time()
    try:
        subject.read(data)
    except DevkeysError as error:
        _check_error(error, subject, data)
    took = time.process_time() - began
    if took > GRACE + RATE * len(data):
        raise Fault(f"{len(data)} bytes took {took:.1f} s")


def _check_error(error: DevkeysError, subject: Subject, data: bytes) -> None:
    if not error.hint:
        raise Fault(f"no hint with: {error!s:.200}")
    if error.exit_code not in (USAGE, UNRESOLVED):
        raise Fault(f"exit code {error.exit_code}")
    said = f"{error}\n{error.hint}"
    if len(said) > LONGEST:
        raise Fault(f"{len(said)} characters of message")
    hidden = None if error.__suppress_context__ else error.__context__
    while hidden is not None:  # a traceback would show it too
        said += f"\n{hidden}"
        hidden = hidden.__context__
    _check_secret(said.encode("utf-8", "surrogateescape"), subject, data)


def _check_secret(said: bytes, subject: Subject, data: bytes) -> None:
    allowed = subject.shown(data)
    for start in range(len(subject.secret) - WINDOW + 1):
        part = subject.secret[start : start + WINDOW]
        if part in said and part not in allowed:
            raise Fault("the message holds a part of the secret")
