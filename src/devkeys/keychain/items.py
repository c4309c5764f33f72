"""The Secret Service as a keychain that can be written: `set`, `get`, `delete` of one item.

Not keyring's: its `set` leaves a second item beside one that another program wrote, and then
nothing tells which of the two is meant.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from devkeys.errors import KeychainError
from devkeys.keychain.dbus import Bus, connect
from devkeys.keychain.errors import KeychainLockedError
from devkeys.keychain.prompts import complete, unlock
from devkeys.keychain.secretservice import (
    ITEM,
    ROOT,
    SECRETS,
    SERVICE,
    find,
    open_session,
    read,
    secret_of,
)
from devkeys.keychain.waiting import LIMIT, Patience
from devkeys.keychain.writer import Writer
from devkeys.secret import Secret

_COLLECTION = "org.freedesktop.Secret.Collection"
# What keyring calls itself: with it, `keyring set` replaces our item instead of adding one.
_APPLICATION = "Python keyring library"


class SecretService:
    """Items of the Secret Service on the session bus of *environ*; see `waiting` for *limit*."""

    name = "Secret Service"

    def __init__(self, *, limit: float = LIMIT, environ: Mapping[str, str] = os.environ) -> None:
        self._limit = limit
        self._environ = environ

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's secret; None if the keychain answered and holds no such item."""
        return read(service, account, limit=self._limit, environ=self._environ)

    def get_many(
        self, items: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], Secret | KeychainError | None]:
        """Return what `get` gives for each of *items*, or raises; asked on one connection."""
        with self._bus() as bus:
            reader = _Reader(bus, self._limit)
            return {item: reader.attempt(*item) for item in items}

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep *secret*, in place of the item's old one; read it back to be sure of it."""
        with self._bus() as bus:
            item, is_locked = find(bus, service, account)
            if item and is_locked:
                unlock(bus, item, limit=self._limit)
            session = open_session(bus)
            if item:
                _replace(bus, session, item, secret)
            else:
                collection = self._default_collection(bus)
                self._create(bus, collection, _new_item(session, service, account, secret))
            item, is_locked = find(bus, service, account)
            if item is None or is_locked or secret_of(bus, session, item) != secret:
                raise KeychainError(
                    f"the keychain did not keep the item {service}/{account} as it was written",
                    hint="look at the item with the keychain's own program before you go on",
                )

    def delete(self, service: str, account: str) -> bool:
        """Remove the item for good; False if there was none."""
        with self._bus() as bus:
            item, is_locked = find(bus, service, account)
            if item is None:
                return False
            if is_locked:
                unlock(bus, item, limit=self._limit)
            reply = bus.answer(bus.send((SECRETS, item, ITEM, "Delete")), "o")
            complete(bus, reply.path(), limit=self._limit)
            return True

    @contextmanager
    def _bus(self) -> Iterator[Bus]:
        bus = connect(self._environ, Patience(self._limit))
        try:
            yield bus
        finally:
            bus.close()

    def _default_collection(self, bus: Bus) -> str:
        collection = _alias(bus)
        if collection == "/":
            serial = bus.send(
                (SECRETS, ROOT, SERVICE, "CreateCollection"), "a{sv}s", _new_keyring()
            )
            reply = bus.answer(serial, "oo")
            reply.path()
            complete(bus, reply.path(), limit=self._limit)
            collection = _alias(bus)
        unlock(bus, collection, limit=self._limit)
        return collection

    def _create(self, bus: Bus, collection: str, body: bytes) -> None:
        to = (SECRETS, collection, _COLLECTION, "CreateItem")
        reply = bus.answer(bus.send(to, "a{sv}(oayays)b", body), "oo")
        reply.path()
        complete(bus, reply.path(), limit=self._limit)


class _Reader:
    """Reads items one after another on *bus*, in one session; asks for the password once."""

    def __init__(self, bus: Bus, limit: float) -> None:
        self._bus = bus
        self._limit = limit
        self._session: str | None = None
        self._dismissed: KeychainLockedError | None = None

    def attempt(self, service: str, account: str) -> Secret | KeychainError | None:
        try:
            return self._get(service, account)
        except KeychainError as error:
            return error

    def _get(self, service: str, account: str) -> Secret | None:
        item, is_locked = find(self._bus, service, account)
        if item is None:
            return None
        if is_locked:
            self._unlock(item)
        if self._session is None:
            self._session = open_session(self._bus)
        return secret_of(self._bus, self._session, item)

    def _unlock(self, item: str) -> None:
        if self._dismissed is not None:
            raise self._dismissed
        try:
            unlock(self._bus, item, limit=self._limit)
        except KeychainLockedError as error:
            self._dismissed = error
            raise


def _alias(bus: Bus) -> str:
    body = Writer()
    body.string("default")
    serial = bus.send((SECRETS, ROOT, SERVICE, "ReadAlias"), "s", bytes(body.data))
    return bus.answer(serial, "o").path()


def _replace(bus: Bus, session: str, item: str, secret: Secret) -> None:
    body = Writer()
    _write_secret(body, session, secret)
    bus.answer(bus.send((SECRETS, item, ITEM, "SetSecret"), "(oayays)", bytes(body.data)), "")


def _new_item(session: str, service: str, account: str, secret: Secret) -> bytes:
    body = Writer()
    mark = body.begin(8)
    body.string(f"{ITEM}.Label")
    body.signature("s")
    body.string(f"{service} {account}")
    body.align(8)
    body.string(f"{ITEM}.Attributes")
    body.signature("a{ss}")
    body.strings({"service": service, "username": account, "application": _APPLICATION})
    body.end(mark)
    _write_secret(body, session, secret)
    body.number(0)
    return bytes(body.data)


def _new_keyring() -> bytes:
    body = Writer()
    mark = body.begin(8)
    body.string(f"{_COLLECTION}.Label")
    body.signature("s")
    body.string("Default keyring")
    body.end(mark)
    body.string("default")
    return bytes(body.data)


def _write_secret(body: Writer, session: str, secret: Secret) -> None:
    body.align(8)
    body.string(session)
    body.blob(b"")
    body.blob(secret.reveal())
    body.string("text/plain")
