"""Read one item of a Secret Service (gnome-keyring, KWallet, KeePassXC) in three round trips.

On the way of `run`. The session is a plain one: whoever can watch the user's bus can ask the
keychain too. Tried on gnome-keyring only; KWallet's and KeePassXC's service were never run.
Source: the Secret Service API, draft 0.2.
"""

import os

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import wire
from devkeys.keychain.dbus import Bus, connect
from devkeys.keychain.waiting import LIMIT, Patience
from devkeys.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECRETS = "org.freedesktop.secrets"
ROOT = "/org/freedesktop/secrets"
SERVICE = "org.freedesktop.Secret.Service"
ITEM = "org.freedesktop.Secret.Item"
_ATTEMPTS = 3
# `plain`, and an empty string as a variant, marshalled.
_PLAIN = b"\5\0\0\0plain\0\1s\0\0\0\0\0\0\0\0\0"


def read(
    service: str,
    account: str,
    *,
    limit: float = LIMIT,
    environ: "Mapping[str, str]" = os.environ,
    meanwhile: "Callable[[], None] | None" = None,
) -> Secret | None:
    """Return the secret of the one item with these attributes; None if there is no such item.

    *meanwhile* is called once, while the service looks for it.
    A locked one is waited for, see `waiting`. Raise KeychainAbsentError, KeychainLockedError,
    KeychainTimeoutError, UnusualError, or KeychainError: several items, a broken reply.
    """
    bus = connect(environ, Patience(limit))
    try:
        return lookup(bus, service, account, limit=limit, meanwhile=meanwhile)
    finally:
        bus.close()


def lookup(
    bus: Bus,
    service: str,
    account: str,
    *,
    limit: float = LIMIT,
    meanwhile: "Callable[[], None] | None" = None,
) -> Secret | None:
    """Do as `read` does, over *bus*, on which nothing was asked yet."""
    item, is_locked = find(bus, service, account, meanwhile)
    if item is None:
        return None
    if is_locked:
        from devkeys.keychain.prompts import unlock

        unlock(bus, item, limit=limit)
    return secret_of(bus, open_session(bus), item)


def find(
    bus: Bus, service: str, account: str, meanwhile: "Callable[[], None] | None" = None
) -> tuple[str | None, bool]:
    """Return the path of the one item, None if there is none, and whether it is locked.

    Several are an error: which of them is meant cannot be told, and the wrong one may be old.
    """
    reply = _search(bus, service, account, meanwhile)
    unlocked = reply.paths()
    locked = reply.paths()
    reply.done()
    count = len(unlocked) + len(locked)
    if count > 1:
        query = f"service {service} username {account}"
        raise KeychainError(
            f"the keychain holds {count} items with {query}",
            hint=f"look at them with: secret-tool search --all --unlock {query}; keep one",
        )
    found = unlocked + locked
    return (found[0] if found else None), bool(locked)


def _search(
    bus: Bus, service: str, account: str, meanwhile: "Callable[[], None] | None"
) -> wire.Reader:
    """Return the answer to SearchItems, which has to be the first call to the service.

    gnome-keyring (42 and 50 at least) may take the first call of a new client before it knows
    that client. In OpenSession it then aborts, with every unlocked keyring of the user: 3 of
    7,600 reads here when OpenSession was sent at once. SearchItems only gets "unknown method".
    """
    body = wire.strings({"service": service, "username": account})
    to = (SECRETS, ROOT, SERVICE, "SearchItems")
    for attempt in range(_ATTEMPTS):
        serial = bus.send(to, "a{ss}", body)
        if meanwhile is not None and attempt == 0:
            bus.flush()
            meanwhile()
        try:
            return bus.answer(serial, "aoao")
        except KeychainError as error:
            if _reply_name(error) != "org.freedesktop.DBus.Error.UnknownMethod":
                raise
    raise KeychainAbsentError(
        f"what is called {SECRETS} on the D-Bus session bus is no Secret Service",
        hint="see which program has that name: busctl --user status org.freedesktop.secrets",
    )


def open_session(bus: Bus) -> str:
    """Return the path of a new plain session; only after `find`, see `_search`."""
    serial = bus.send((SECRETS, ROOT, SERVICE, "OpenSession"), "sv", _PLAIN)
    try:
        reply = bus.answer(serial, "vo")
    except KeychainError as error:
        name = _reply_name(error)
        if name is None:
            raise
        raise _unusual(name) from None
    kind = reply.signature()
    if kind == "s":
        reply.string()
    elif kind == "ay":
        reply.blob()
    else:
        raise _unusual("its output is of another type")
    path = reply.path()
    reply.done()
    return path


def secret_of(bus: Bus, session: str, item: str) -> Secret:
    """Return the secret of the unlocked *item*."""
    serial = bus.send((SECRETS, item, ITEM, "GetSecret"), "o", wire.string(session))
    reply = bus.answer(serial, "(oayays)")
    reply.align(8)
    reply.path()
    parameters = reply.blob()
    value = reply.blob()
    reply.string()
    reply.done()
    if parameters:
        raise _unusual("an encrypted value")
    return Secret(value)


def _reply_name(error: KeychainError) -> str | None:
    """Return the D-Bus name of *error* if it is one that the service answered with."""
    from devkeys.keychain.errors import ReplyError

    return error.name if isinstance(error, ReplyError) else None


def _unusual(what: str) -> KeychainError:
    from devkeys.keychain.errors import UnusualError

    return UnusualError(what)
