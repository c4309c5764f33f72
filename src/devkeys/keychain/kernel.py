"""What the Linux kernel keeps in its memory for a time: one key per unlocked identity.

The one door to add_key(2) and keyctl(2), which no library has; on the way of `run` where a
passphrase protects the store. Keys lie in the user's own keyring (`keyctl show @u`), which all
logins of the user share and which goes with the last of the user's processes.

A session's keyring need not lead to it, and whoever does not come to a key that way does not
possess it. So the owner, too, may find and read it, but not change it.
"""

import errno
import os
import sys

from devkeys.errors import KeychainError
from devkeys.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

    Call = Callable[..., int]

LONGEST = 32767  # bytes, of the kernel's type "user"
_LATEST = (1 << 31) - 1  # seconds
# The numbers of add_key and keyctl, of asm/unistd.h.
_SYSTEM_CALLS = {
    "x86_64": (248, 250),
    "i386": (286, 288),
    "arm": (309, 311),
    "ppc64le": (269, 271),
    "s390x": (278, 280),
    "aarch64": (217, 219),
    "riscv64": (217, 219),
    "loongarch64": (217, 219),
}
_PROCESS, _USER = -2, -4  # keyrings
_SETPERM, _LINK, _UNLINK, _SEARCH, _READ, _SET_TIMEOUT, _INVALIDATE = 5, 8, 9, 10, 11, 15, 21
# Of four bytes: possessor all, user view, read and search, group and others nothing.
_PERMISSIONS = 0x3F0B0000
_GONE = (errno.ENOKEY, errno.EKEYEXPIRED, errno.EKEYREVOKED)
_TYPE = b"user"


class KernelKeyringError(KeychainError):
    """The kernel keeps no keys here, or not this one."""


def get(description: str) -> Secret | None:
    """Return what is kept under *description*; None if nothing is, or no longer."""
    _, keyctl = _system_calls()
    key = _find(keyctl, description)
    return None if key is None else _read(keyctl, key)


def put(description: str, secret: Secret, *, seconds: int) -> None:
    """Keep *secret* for so many *seconds*, in place of what was kept under *description*.

    No other process can come to it before its time is set.
    """
    if seconds < 1:
        raise ValueError("a key without a time-out would stay")
    add_key, keyctl = _system_calls()
    former = _find(keyctl, description)
    name, value = os.fsencode(description), secret.reveal()
    key = _done(add_key(_TYPE, name, value, len(value), _PROCESS))
    try:
        _done(keyctl(_SETPERM, key, _PERMISSIONS))
        _done(keyctl(_SET_TIMEOUT, key, min(seconds, _LATEST)))
        _done(keyctl(_LINK, key, _USER))
    finally:
        keyctl(_UNLINK, key, _PROCESS)
    if former is not None:
        keyctl(_INVALIDATE, former)  # other keyrings may lead to it still


def drop(description: str) -> bool:
    """Forget what is kept under *description*; False if there is nothing."""
    _, keyctl = _system_calls()
    key = _find(keyctl, description)
    if key is None:
        return False
    _done(keyctl(_INVALIDATE, key))
    return True


def _find(keyctl: "Call", description: str) -> int | None:
    key = keyctl(_SEARCH, _USER, _TYPE, os.fsencode(description), 0)
    return None if -key in _GONE else _done(key)


def _read(keyctl: "Call", key: int) -> Secret | None:
    from _ctypes import _SimpleCData

    class Byte(_SimpleCData):  # type: ignore[type-arg]  # when it runs, it takes none
        _type_ = "c"

    data = bytearray(LONGEST)
    length = keyctl(_READ, key, (Byte * LONGEST).from_buffer(data), LONGEST)
    if -length in _GONE:
        return None
    try:
        return Secret(bytes(memoryview(data)[: _done(length)]))
    finally:
        data[:] = bytes(LONGEST)


def _system_calls() -> "tuple[Call, Call]":
    """Return add_key and keyctl; what they return below zero is an error's negative number."""
    machine = os.uname().machine if sys.platform == "linux" else ""
    if machine == "x86_64" and sys.maxsize < 1 << 32:
        machine = "i386"
    numbers = _SYSTEM_CALLS.get(machine)
    if numbers is None:
        _refused(errno.ENOSYS)
    try:
        syscall = _library_call("syscall")
    except (ImportError, AttributeError, OSError):  # a Python without libffi, or not C's
        _refused(errno.ENOSYS)
    add_key, keyctl = numbers
    return (lambda *words: syscall(add_key, *words)), (lambda *words: syscall(keyctl, *words))


def _library_call(name: str) -> "Call":
    """Return a function of the C library; ctypes itself would take four times as long."""
    import _ctypes

    class Function(_ctypes.CFuncPtr):
        _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO

    program = _ctypes.dlopen(None, os.RTLD_NOW)  # type: ignore[arg-type]  # None: all there is
    function = Function(_ctypes.dlsym(program, name))

    def call(*words: object) -> int:
        result: int = function(*words)
        return result if result >= 0 else -_ctypes.get_errno()

    return call


def _done(result: int) -> int:
    if result < 0:
        _refused(-result)
    return result


def _refused(code: int) -> "NoReturn":
    message = f"the kernel's keyring cannot be used: {os.strerror(code).lower()}"
    if code == errno.EDQUOT:
        hint = "it has a limit for each user: keyctl show @u lists what is in it"
    elif sys.platform == "linux":
        hint = "containers forbid it by default; DEVKEYS_PASSPHRASE_FILE names a file to read from"
    else:
        hint = "only Linux has one; a keychain remembers the store's key elsewhere"
    raise KernelKeyringError(message, hint=hint)
