"""What state the keychain is in, for `status` and `doctor`: asked quickly, nothing unlocked."""

import os
import sys
from collections.abc import Mapping
from typing import Literal, NamedTuple

from devkeys import keychain
from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import wire
from devkeys.keychain.dbus import BUS, Bus, connect
from devkeys.keychain.errors import KeychainTimeoutError
from devkeys.keychain.secretservice import ROOT, SECRETS, SERVICE, find
from devkeys.keychain.waiting import Patience
from devkeys.keychain.writer import Writer

_PROGRAMS = {
    "gnome-keyring-daemon": "gnome-keyring",
    "kwalletd5": "KWallet",
    "kwalletd6": "KWallet",
    "ksecretd": "KWallet",
    "keepassxc": "KeePassXC",
}


class State(NamedTuple):
    """A keychain's *kind* of state, its *name*, and in *detail* why, if that needs saying.

    *holds* says whether it has the store's key, None if that is not known without a dialog.
    `slow` and `broken` mean that nothing is known; only `absent` means that there is none.
    `present` is all that can be told without a dialog on macOS and Windows.
    """

    kind: Literal["unlocked", "locked", "slow", "absent", "broken", "present"]
    name: str
    detail: str = ""
    holds: bool | None = None

    def __str__(self) -> str:
        if self.kind == "present":
            return self.name
        return f"{self.name}: {self.kind}" + (f" ({self.detail})" if self.detail else "")


def probe(*, limit: float = 1.0, environ: Mapping[str, str] = os.environ) -> State:
    """Return the state of this system's keychain, after *limit* seconds at most."""
    if sys.platform == "darwin":
        return State("present", "macOS keychain")
    if sys.platform == "win32":
        return State("present", "Windows Credential Manager")
    try:
        bus = connect(environ, Patience(limit, strict=True))
        try:
            return _ask(bus)
        finally:
            bus.close()
    except KeychainAbsentError as error:
        return State("absent", "Secret Service", str(error))
    except KeychainTimeoutError as error:
        return State("slow", "Secret Service", str(error))
    except KeychainError as error:
        return State("broken", "Secret Service", str(error))


def _ask(bus: Bus) -> State:
    # The search is what a service has to be asked first, see `secretservice`.
    item, item_locked = find(bus, keychain.SERVICE, keychain.IDENTITY)
    name = f"Secret Service ({_program(bus)})"
    if item:
        return State("locked" if item_locked else "unlocked", name, holds=True)
    body = Writer()
    body.string("default")
    serial = bus.send((SECRETS, ROOT, SERVICE, "ReadAlias"), "s", bytes(body.data))
    collection = bus.answer(serial, "o").path()
    if collection == "/":
        detail = "it has no default keyring yet; it will ask to make one"
        return State("unlocked", name, detail, holds=False)
    return State("locked" if _locked(bus, collection) else "unlocked", name, holds=False)


def _locked(bus: Bus, collection: str) -> bool:
    body = Writer()
    body.string("org.freedesktop.Secret.Collection")
    body.string("Locked")
    to = (SECRETS, collection, "org.freedesktop.DBus.Properties", "Get")
    reply = bus.answer(bus.send(to, "ss", bytes(body.data)), "v")
    if reply.signature() != "b":
        raise wire.malformed("it is not of the expected type")
    return bool(reply.number())


def _program(bus: Bus) -> str:
    body = Writer()
    body.string(SECRETS)
    to = (BUS, "/org/freedesktop/DBus", BUS, "GetConnectionUnixProcessID")
    pid = bus.answer(bus.send(to, "s", bytes(body.data)), "u").number()
    try:
        program = os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return f"process {pid}"
    return _PROGRAMS.get(program, program)
