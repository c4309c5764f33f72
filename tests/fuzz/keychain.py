"""The session bus: replies of a peer that sends what it likes."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from fuzz.law import Subject, Target, made_up

from devkeys.errors import KeychainError
from devkeys.keychain import dbus, prompts, secretservice, wire
from devkeys.keychain.items import SecretService
from devkeys.keychain.waiting import Patience
from devkeys.keychain.writer import Writer
from devkeys.secret import Secret

ITEM = "/org/freedesktop/secrets/collection/login/1"
SESSION = "/org/freedesktop/secrets/session/s1"
PROMPT = "/org/freedesktop/secrets/prompt/p1"
GREETING = b"OK 0123456789abcdef0123456789abcdef\r\n"
ROOM = 1 << 22  # bytes that the peer may send before it is read


def message(kind: int, fields: list[tuple[int, str, str | int]], body: bytes = b"") -> bytes:
    """Marshal a message; the fields are (code, type, value)."""
    head = Writer()
    for code, letter, value in fields:
        head.align(8)
        head.data += bytes([code, 1, ord(letter), 0])
        if isinstance(value, int):
            head.number(value)
        elif letter == "g":
            head.signature(value)
        else:
            head.string(value)
    size = len(head.data)
    head.align(8)
    start = b"l" + bytes([kind, 1, 1]) + len(body).to_bytes(4, "little") + b"\1\0\0\0"
    return start + size.to_bytes(4, "little") + bytes(head.data) + body


def reply(serial: int, signature: str, body: bytes) -> bytes:
    """Marshal an answer to the call *serial*."""
    return message(wire.RETURN, [(5, "u", serial), (8, "g", signature)], body)


def refusal(serial: int, name: str) -> bytes:
    """Marshal an answer that is an error."""
    return message(wire.ERROR, [(4, "s", name), (5, "u", serial)])


def completed() -> bytes:
    """Marshal the signal that a dialog was closed with a yes."""
    fields: list[tuple[int, str, str | int]] = [(1, "o", PROMPT), (3, "s", "Completed")]
    return message(wire.SIGNAL, [*fields, (8, "g", "bv")], b"\0\0\0\0\1s\0\0\0\0\0\0\0")


def _paths(*arrays: list[str], last: str | None = None) -> bytes:
    body = Writer()
    for array in arrays:
        body.paths(array)
    if last is not None:
        body.align(4)
        body.string(last)
    return bytes(body.data)


def _secret(value: bytes) -> bytes:
    body = Writer()
    body.string(SESSION)
    body.blob(b"")
    body.blob(value)
    body.string("text/plain")
    return bytes(body.data)


def _opened() -> bytes:
    return b"\1s\0\0\0\0\0\0\0\0\0\0" + _paths(last=SESSION)


def answers(value: bytes) -> bytes:
    """Return what a service sends for one read that succeeds."""
    return GREETING + b"".join(
        (
            reply(1, "s", _paths(last=":1.7")),
            reply(2, "aoao", _paths([ITEM], [])),
            reply(3, "vo", _opened()),
            reply(4, "(oayays)", _secret(value)),
        )
    )


def locked_answers(value: bytes) -> bytes:
    """Return what it sends where the item is locked and a dialog unlocks it."""
    return GREETING + b"".join(
        (
            reply(1, "s", _paths(last=":1.7")),
            reply(2, "aoao", _paths([], [ITEM])),
            reply(3, "aoo", _paths([], last=PROMPT)),
            *(reply(serial, "", b"") for serial in (4, 5, 6)),
            completed(),
            reply(7, "vo", _opened()),
            reply(8, "(oayays)", _secret(value)),
        )
    )


@contextmanager
def bus(data: bytes) -> Iterator[dbus.Bus]:
    """Connect to a peer that has sent *data*, and hung up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)  # its only argument
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
        sent = 0
        try:
            while sent < len(data):
                sent += theirs.send(data[sent:])
        except BlockingIOError:
            pass
        theirs.shutdown(socket.SHUT_WR)
        yield dbus.Bus(ours, Patience(5, strict=True))


class OnPair(SecretService):
    """The keychain that is written to, on a connection that is there already."""

    def __init__(self, data: bytes) -> None:
        super().__init__(limit=5)
        self._data = data

    @contextmanager
    def _bus(self) -> Iterator[dbus.Bus]:
        with bus(self._data) as connection:
            yield connection


def _lookup(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    value = made_up("item")
    again = refusal(2, "org.freedesktop.DBus.Error.UnknownMethod")
    locked = refusal(2, "org.freedesktop.Secret.Error.IsLocked")
    whole = answers(value)
    hello = GREETING + reply(1, "s", _paths(last=":1.7"))

    def read(data: bytes) -> None:
        with bus(data) as connection:
            found = secretservice.lookup(connection, "devkeys", "identity", limit=5)
        assert found is None or found.reveal() in data

    seeds = [whole, locked_answers(value), hello + again, hello + locked, GREETING]
    return Subject([*seeds, whole[: len(whole) // 2] + completed()], read, value, _named)


def _named(data: bytes) -> bytes:
    """Return what may be told of a stream: the name of an error, which is anywhere."""
    return data if b"Error" in data or b"\3\1" in data else b""


def _prompt(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    hello = GREETING + reply(1, "s", _paths(last=":1.7"))
    shown = [reply(serial, "", b"") for serial in (3, 4, 5)]
    seed = hello + reply(2, "aoo", _paths([], last=PROMPT)) + b"".join(shown) + completed()

    def read(data: bytes) -> None:
        with bus(data) as connection:
            prompts.unlock(connection, ITEM, limit=5)

    return Subject([seed, hello + reply(2, "aoo", _paths([ITEM], last="/"))], read)


def _write(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    value = made_up("item")
    hello = GREETING + reply(1, "s", _paths(last=":1.7"))
    kept = reply(5, "aoao", _paths([ITEM], [])) + reply(6, "(oayays)", _secret(value))
    seed = (
        *(hello, reply(2, "aoao", _paths([ITEM], [])), reply(3, "vo", _opened())),
        *(reply(4, "", b""), kept),
    )
    alias = hello + reply(2, "aoao", _paths([], [])) + reply(3, "vo", _opened())
    alias += reply(4, "o", _paths(last="/")) + reply(5, "oo", _paths(last="/"))

    def read(data: bytes) -> None:
        OnPair(data).set("devkeys", "identity", Secret(value))
        assert value in data

    return Subject([b"".join(seed), alias], read, value, _named)


def _wire(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        if len(data) < wire.HEAD or wire.size(data[: wire.HEAD]) != len(data):
            return
        parsed = wire.parse(data)
        for one in ("number", "string", "path", "paths", "signature", "blob"):
            try:
                getattr(wire.parse(data).body, one)()
            except KeychainError:
                continue
        parsed.body.align(8)

    seeds = [reply(2, "aoao", _paths([ITEM], [ITEM])), completed(), refusal(2, "a.b.Error")]
    return Subject([*seeds, wire.call(1, ("a.b", "/a", "a.b", "C"), "s", wire.string("x"))], read)


def _address(directory: str) -> Subject:  # noqa: ARG001  # needs no place
    def read(data: bytes) -> None:
        text = os.fsdecode(data)
        paths = dbus.socket_paths({"DBUS_SESSION_BUS_ADDRESS": text})
        assert all(isinstance(os.fsencode(path), bytes) for path in paths)

    seeds = [b"unix:path=/run/user/1000/bus,guid=ab", b"unix:abstract=/tmp/a%20b;tcp:host=x"]
    return Subject([*seeds, b"unix:runtime=yes"], read)


TARGETS: dict[str, Target] = {
    "dbus-read": _lookup,
    "dbus-prompt": _prompt,
    "dbus-write": _write,
    "dbus-message": _wire,
    "dbus-address": _address,
}
