"""A connection to the bus: addresses, and whatever may come back."""

import os
import secrets
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import (  # type: ignore[import-untyped]  # it has no types
    Endianness,
    Header,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    Parser,
)

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import secretservice, wire
from devkeys.keychain.dbus import Bus, _check_owner, socket_paths
from devkeys.keychain.errors import (
    KeychainLockedError,
    KeychainTimeoutError,
    ReplyError,
    UnusualError,
)
from devkeys.keychain.waiting import Patience
from devkeys.secret import Secret

HELLO, SEARCH, OPEN, GET = 1, 2, 3, 4
VALUE = secrets.token_hex(16).encode()
ITEM = "/org/freedesktop/secrets/collection/login/1"
SESSION = "/org/freedesktop/secrets/session/s1"
GREETING = b"OK 0123456789abcdef0123456789abcdef\r\n"


def message(
    kind: MessageType,
    fields: Mapping[HeaderFields, object],
    body: tuple[object, ...] = (),
    order: Endianness = Endianness.little,
) -> bytes:
    """Marshal a message with jeepney."""
    header = Header(order, kind, MessageFlag.no_reply_expected, 1, 0, 0, dict(fields))
    return bytes(Message(header, body).serialise(9))


def reply(
    serial: int, signature: str, *body: object, order: Endianness = Endianness.little
) -> bytes:
    """Marshal an answer."""
    fields = {HeaderFields.reply_serial: serial, HeaderFields.signature: signature}
    return message(MessageType.method_return, fields, body, order)


def error(serial: int, name: str) -> bytes:
    """Marshal an answer that is an error."""
    fields = {HeaderFields.reply_serial: serial, HeaderFields.error_name: name}
    return message(MessageType.error, fields)


def signal() -> bytes:
    """Marshal a signal that nobody asked for."""
    fields = {
        HeaderFields.path: "/a",
        HeaderFields.interface: "a.b",
        HeaderFields.member: "C",
        HeaderFields.signature: "s",
    }
    return message(MessageType.signal, fields, ("x",))


def answers(order: Endianness = Endianness.little) -> list[bytes]:
    """Return what a service sends for one read that succeeds."""
    return [
        reply(HELLO, "s", ":1.7", order=order),
        reply(SEARCH, "aoao", [ITEM], [], order=order),
        reply(OPEN, "vo", ("s", ""), SESSION, order=order),
        reply(GET, "(oayays)", (SESSION, b"", VALUE, "text/plain"), order=order),
    ]


@contextmanager
def bus(data: bytes) -> Iterator[Bus]:
    """Connect to a peer that sends *data*, whatever it is told, and then hangs up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        yield Bus(ours, Patience(5, strict=True))


def lookup(*parts: bytes, greeting: bytes = GREETING) -> Secret | None:
    """Read the identity from a peer that sends *parts*."""
    with bus(greeting + b"".join(parts)) as connection:
        return secretservice.lookup(connection, "devkeys", "identity")


def with_jeepney(stream: bytes) -> dict[int, Any]:
    """Return the bodies of the answers in *stream*, by serial; jeepney reads each message."""
    bodies = {}
    while len(stream) >= wire.HEAD:
        size = wire.size(stream[: wire.HEAD])
        one, stream = stream[:size], stream[size:]
        if len(one) == size and one[1] == wire.RETURN:
            try:
                [parsed] = Parser().feed(one)
                bodies[parsed.header.fields[HeaderFields.reply_serial]] = parsed.body
            except AssertionError:
                bodies[int(wire.parse(one).replies_to or 0)] = None
            except ValueError:
                continue  # it rejects unknown header fields, which are to be ignored
    return bodies


@pytest.mark.parametrize("order", [Endianness.little, Endianness.big])
def test_answers_of_either_byte_order(order: Endianness) -> None:
    """A service on a machine of the other byte order is understood."""
    assert lookup(*answers(order)) == Secret(VALUE)


def test_signals_and_calls_between_the_answers_are_passed_over() -> None:
    """What is not an answer to us does not disturb."""
    call = message(
        MessageType.method_call, {HeaderFields.path: "/", HeaderFields.member: "Introspect"}
    )
    mixed = [part for answer in answers() for part in (signal(), answer, call)]
    assert lookup(*mixed) == Secret(VALUE)


def test_nothing_is_sent_ahead_of_the_search() -> None:
    """A session is opened only when the service has shown that it knows us; see `_search`."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(GREETING)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(KeychainError):
            secretservice.lookup(Bus(ours, Patience(5, strict=True)), "devkeys", "identity")
        greeting, calls = theirs.recv(1 << 16).split(b"BEGIN\r\n")
    assert greeting == b"\0AUTH EXTERNAL %s\r\n" % str(os.geteuid()).encode().hex().encode()
    members = [call.header.fields[HeaderFields.member] for call in Parser().feed(calls)]
    assert members == ["Hello", "SearchItems"]


@given(data=st.binary(max_size=400))
def test_arbitrary_bytes_give_no_value(data: bytes) -> None:
    """Whatever a peer sends after its greeting, it is an error, not a value or a crash."""
    with pytest.raises(KeychainError):
        lookup(data)


@given(data=st.data())
def test_a_changed_stream_gives_only_what_it_holds(data: st.DataObject) -> None:
    """Bytes changed, lost or added give an error, or what another parser finds there too."""
    stream = bytearray(b"".join(answers()))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(stream) - 1))
        new = data.draw(st.binary(max_size=2))
        stream[place : place + data.draw(st.integers(0, 2))] = new
    try:
        found = lookup(bytes(stream))
    except KeychainError:
        return
    replies = with_jeepney(bytes(stream))
    if found is None:
        assert replies.get(SEARCH, ([], [])) == ([], [])
    elif GET in replies:
        assert bytes(replies[GET][0][2]) == found.reveal()


@given(cut=st.integers(0, sum(map(len, answers())) - 1))
def test_a_stream_that_ends_early_is_an_error(cut: int) -> None:
    """A service that goes away in the middle has not said that there is nothing."""
    with pytest.raises(KeychainError):
        lookup(b"".join(answers())[:cut])


@pytest.mark.parametrize("greeting", [b"REJECTED EXTERNAL\r\n", b"ERROR\r\n", b"\r\n"])
def test_a_bus_that_refuses_us(greeting: bytes) -> None:
    """A refused authentication is neither absence nor a hang."""
    with pytest.raises(KeychainError, match="does not let this user in") as caught:
        lookup(*answers(), greeting=greeting)
    assert not isinstance(caught.value, KeychainAbsentError)


def test_a_greeting_without_end() -> None:
    """A peer that is no bus is not read for ever."""
    with pytest.raises(KeychainError, match="does not greet"):
        lookup(greeting=b"x" * 100_000)


def test_an_answer_to_nothing_asked() -> None:
    """An answer with a serial that we never used is not taken for another's."""
    with pytest.raises(KeychainError, match="what was not asked"):
        lookup(answers()[0], reply(77, "aoao", [], []))


def test_an_answer_given_twice() -> None:
    """A second answer to one call is an error."""
    hello, search, *_ = answers()
    with pytest.raises(KeychainError, match="what was not asked"):
        lookup(hello, hello, search)


def test_an_answer_of_another_type() -> None:
    """A value of another signature is not reinterpreted."""
    with pytest.raises(KeychainError, match="expected type"):
        lookup(answers()[0], reply(SEARCH, "asas", [ITEM], []))


def test_no_error_shows_the_value() -> None:
    """A broken answer that holds the value is reported without it."""
    hello, search, session, secret = answers()
    with pytest.raises(KeychainError) as caught:
        lookup(hello, search, session, secret[:-1] + b"x")
    assert VALUE.decode() not in f"{caught.value!r}{caught.value.hint}"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("org.freedesktop.DBus.Error.ServiceUnknown", KeychainAbsentError),
        ("org.freedesktop.DBus.Error.NameHasNoOwner", KeychainAbsentError),
        ("org.freedesktop.DBus.Error.Spawn.ChildExited", KeychainAbsentError),
        ("org.freedesktop.DBus.Error.TimedOut", KeychainTimeoutError),
        ("org.freedesktop.Secret.Error.IsLocked", KeychainLockedError),
        ("org.freedesktop.DBus.Error.NoReply", KeychainError),
        ("org.freedesktop.DBus.Error.AccessDenied", ReplyError),
        ("com.example.Surprise", ReplyError),
    ],
)
def test_an_error_is_of_its_kind(name: str, kind: type[KeychainError]) -> None:
    """Absent, slow, locked and gone are told apart, each with something to do."""
    with pytest.raises(KeychainError) as caught:
        lookup(answers()[0], error(SEARCH, name))
    assert type(caught.value) is kind
    assert caught.value.hint


def test_a_first_call_that_came_too_early_is_repeated() -> None:
    """gnome-keyring may not know a new client yet; the second time it does."""
    unknown = error(SEARCH, "org.freedesktop.DBus.Error.UnknownMethod")
    late = [
        reply(SEARCH + 1, "aoao", [ITEM], []),
        reply(OPEN + 1, "vo", ("s", ""), SESSION),
        reply(GET + 1, "(oayays)", (SESSION, b"", VALUE, "text/plain")),
    ]
    assert lookup(answers()[0], unknown, *late) == Secret(VALUE)


@pytest.mark.parametrize(
    "session",
    [
        error(OPEN, "org.freedesktop.DBus.Error.NotSupported"),
        reply(OPEN, "vo", ("u", 7), SESSION),
    ],
)
def test_a_service_that_wants_another_session(session: bytes) -> None:
    """A service without plain sessions is told apart, so that keyring can be asked."""
    with pytest.raises(UnusualError):
        lookup(*answers()[:2], session)


def test_an_encrypted_value_is_not_taken_for_the_value() -> None:
    """What came with parameters is cipher text, whatever we asked for."""
    secret = reply(GET, "(oayays)", (SESSION, b"iv", VALUE, "text/plain"))
    with pytest.raises(UnusualError):
        lookup(*answers()[:3], secret)


def test_the_session_of_ay_is_understood() -> None:
    """KWallet and others give an empty byte array where gnome-keyring gives an empty string."""
    session = reply(OPEN, "vo", ("ay", b""), SESSION)
    assert lookup(*answers()[:2], session, answers()[3]) == Secret(VALUE)


@pytest.mark.parametrize(
    ("address", "paths"),
    [
        ("unix:path=/run/user/1/bus", ["/run/user/1/bus"]),
        ("unix:guid=7,path=/a%20b%2c", ["/a b,"]),
        ("unix:abstract=/tmp/x,guid=7", ["\0/tmp/x"]),
        ("unix:path=/a;unix:path=/b", ["/a", "/b"]),
        ("unix:runtime=yes", ["/r/bus"]),
        ("tcp:host=h,port=1;unix:path=/b", ["/b"]),
        ("unix:path=/caf%c3%a9", ["/café"]),
        ("unix:path=/a%zz", [""]),
        ("autolaunch:", []),
        ("unixexec:path=/bin/x", []),
        ("disabled:", []),
        ("", ["/r/bus"]),
    ],
)
def test_addresses(address: str, paths: list[str]) -> None:
    """Only sockets of this machine are used, with their escapes undone."""
    environ = {"DBUS_SESSION_BUS_ADDRESS": address, "XDG_RUNTIME_DIR": "/r"}
    assert socket_paths(environ) == paths


def test_without_any_variable_the_users_own_directory_is_tried() -> None:
    """Neither cron nor ssh knows an address or a runtime directory."""
    assert socket_paths({}) == [f"/run/user/{os.geteuid()}/bus"]


@given(st.text())
def test_no_address_is_a_crash(address: str) -> None:
    """Whatever the variable holds, it is read as addresses or as none."""
    socket_paths({"DBUS_SESSION_BUS_ADDRESS": address})


class StrangersSocket:
    """What the kernel says of a socket whose listener is another user."""

    def getsockopt(self, *_: int) -> bytes:
        """Give pid, uid and gid."""
        return struct.pack("=3i", 1, os.geteuid() + 1, 1)


def test_another_users_socket_is_refused() -> None:
    """The uid that the kernel vouches for has to be our own, also when we are root."""
    with pytest.raises(KeychainError, match="another user"):
        _check_owner(StrangersSocket())  # type: ignore[arg-type]  # all that is asked of it
