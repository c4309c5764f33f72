"""Where devkeys works in one run: the caller's environment and this machine's places.

On the way of `run`.
"""

import os
import sys

from devkeys import places

COERCED = (b"C.UTF-8", b"C.utf8", b"UTF-8")  # what PEP 538 may have put into LC_CTYPE


class Session:
    """The caller's environment, the real path of HOME, and devkeys' own directories."""

    __slots__ = ("config_dir", "data_dir", "environ", "home", "state_dir")

    def __init__(self, environ: dict[str, str] | None = None) -> None:
        self.environ = original() if environ is None else environ
        self.home = os.path.realpath(self.environ.get("HOME") or os.path.expanduser("~"))
        self.data_dir = places.data_dir(self.environ)
        self.state_dir = places.state_dir(self.environ)
        self.config_dir = places.config_dir(self.environ)


def original() -> dict[str, str]:
    """Return the environment that this process was started with.

    In a C locale Python sets LC_CTYPE for itself (PEP 538), and would hand it on.
    """
    forget_coercion()
    return _initial()


def forget_coercion() -> None:
    """Take what Python added out of what it keeps of the environment at its start.

    To be called before `memory.guard`: after it the kernel does not tell us any more.
    """
    if os.name == "nt":
        return
    from posix import environ

    if environ.get(b"LC_CTYPE") in COERCED and not _was_given("LC_CTYPE"):
        del environ[b"LC_CTYPE"]


def _initial() -> dict[str, str]:
    if os.name == "nt":
        return dict(os.environ)
    from posix import environ  # bytes: os.environ would encode and decode each name again

    encoding, errors = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()
    return {k.decode(encoding, errors): v.decode(encoding, errors) for k, v in environ.items()}


def _was_given(name: str) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        with open("/proc/self/environ", "rb", buffering=0) as block:
            first = block.read()
    except OSError:
        return True
    return (b"\0" + first).find(b"\0" + os.fsencode(name) + b"=") >= 0
