"""The D-Bus wire format, against jeepney's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jeepney import (  # type: ignore[import-untyped]  # it has no types
    DBusAddress,
    Endianness,
    Header,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    new_method_call,
)

from devkeys.errors import KeychainError
from devkeys.keychain import wire
from devkeys.keychain.secretservice import _PLAIN
from devkeys.keychain.writer import Writer

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40)
PATH = st.from_regex(r"(/[A-Za-z0-9_]{1,8}){1,4}", fullmatch=True)
ORDERS = [Endianness.little, Endianness.big]
TO = ("org.example.Name", "/org/example", "org.example.Interface", "Call")


def reply(order: Endianness, signature: str, body: tuple[object, ...], serial: int = 7) -> bytes:
    """Marshal an answer to the call *serial*, with jeepney."""
    fields = {HeaderFields.reply_serial: serial, HeaderFields.sender: ":1.7"}
    if signature:
        fields[HeaderFields.signature] = signature
    flags = MessageFlag.no_reply_expected
    header = Header(order, MessageType.method_return, flags, 1, 0, 0, fields)
    return bytes(Message(header, body).serialise(1))


@given(pairs=st.dictionaries(TEXT, TEXT, max_size=4), serial=st.integers(1, 2**32 - 1))
def test_a_call_is_what_jeepney_makes_of_it(pairs: dict[str, str], serial: int) -> None:
    """Another implementation writes the same call with the same bytes, or reads it as the same."""
    body = Writer()
    body.strings(pairs)
    ours = wire.call(serial, TO, "a{ss}", bytes(body.data))
    read = Parser().feed(ours)
    destination, path, interface, member = TO
    address = DBusAddress(path, destination, interface)
    theirs = new_method_call(address, member, "a{ss}", (pairs,))
    assert [message.body for message in read] == [(pairs,)]
    assert read[0].header.fields == theirs.header.fields
    assert read[0].header.serial == serial
    assert len(ours) == len(theirs.serialise(serial))
    assert wire.strings(pairs) == bytes(body.data)


@given(text=TEXT)
def test_short_bodies_are_what_the_writer_makes(text: str) -> None:
    """What `run` asks with is marshalled in a shorter way, to the same bytes."""
    string, opening = Writer(), Writer()
    string.string(text)
    opening.string("plain")
    opening.signature("s")
    opening.string("")
    assert wire.string(text) == bytes(string.data)
    assert bytes(opening.data) == _PLAIN


@given(paths=st.lists(PATH, max_size=5), more=st.lists(PATH, max_size=2))
@pytest.mark.parametrize("order", ORDERS)
def test_lists_of_paths_are_read(order: Endianness, paths: list[str], more: list[str]) -> None:
    """What SearchItems answers is read, of either byte order."""
    data = reply(order, "aoao", (paths, more))
    assert wire.size(data[: wire.HEAD]) == len(data)
    message = wire.parse(data)
    assert (message.kind, message.replies_to, message.signature) == (wire.RETURN, 7, "aoao")
    assert (message.body.paths(), message.body.paths()) == (paths, more)
    message.body.done()


@given(value=st.binary(max_size=80), kind=TEXT)
@pytest.mark.parametrize("order", ORDERS)
def test_a_secret_is_read(order: Endianness, value: bytes, kind: str) -> None:
    """What GetSecret answers is read, of either byte order."""
    body = wire.parse(reply(order, "(oayays)", (("/s", b"", value, kind),))).body
    body.align(8)
    assert (body.path(), body.blob(), body.blob(), body.string()) == ("/s", b"", value, kind)
    body.done()


@given(data=st.binary(min_size=wire.HEAD, max_size=200))
def test_arbitrary_bytes_are_a_message_or_an_error(data: bytes) -> None:
    """Nothing that comes makes the parser fail in another way."""
    try:
        if wire.size(data[: wire.HEAD]) <= len(data):
            wire.parse(data[: wire.size(data[: wire.HEAD])])
    except KeychainError:
        return


def found(data: bytes) -> tuple[list[str], list[str]]:
    """Read the answer to a search."""
    body = wire.parse(data).body
    return body.paths(), body.paths()


@given(
    data=st.binary(max_size=24),
    steps=st.lists(
        st.sampled_from(["number", "blob", "string", "signature", "path", "paths"]), max_size=4
    ),
)
def test_arbitrary_bytes_are_values_or_an_error(data: bytes, steps: list[str]) -> None:
    """Whatever is read from whatever bytes, nothing is taken that is not there."""
    reader = wire.Reader(data, 0, len(data), little=True)
    try:
        for step in steps:
            getattr(reader, step)()
    except KeychainError:
        return
    assert reader.at(0)
    assert not reader.at(len(data) + 1)


def test_a_value_longer_than_its_message_is_refused() -> None:
    """A length that promises more than came gives nothing, not even what came."""
    data = (5).to_bytes(4, "little") + b"four"
    with pytest.raises(KeychainError, match="ends too early"):
        wire.Reader(data, 0, len(data), little=True).blob()


@given(data=st.data())
def test_a_shortened_message_is_an_error(data: st.DataObject) -> None:
    """No read goes past the end of what is there."""
    whole = reply(Endianness.little, "aoao", (["/a/b"], ["/c"]))
    cut = whole[: data.draw(st.integers(wire.HEAD, len(whole) - 1))]
    with pytest.raises(KeychainError):
        found(cut)


def test_an_oversized_message_is_refused_by_its_header() -> None:
    """A length above the limit is not even waited for."""
    head = b"l\2\1\1" + wire.LIMIT.to_bytes(4, "little") + bytes(8)
    with pytest.raises(KeychainError, match="longer than"):
        wire.size(head)


@pytest.mark.parametrize("path", ["", "a/b", "/a'b", "/a b", "/ż", "/a\n"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    """A path may end up in a match rule, so that it is made sure to be one."""
    writer = Writer()
    writer.string(path)
    data = bytes(writer.data)
    with pytest.raises(KeychainError, match="object path"):
        wire.Reader(data, 0, len(data), little=True).path()
