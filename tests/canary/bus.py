"""What a client said on a D-Bus connection, and where in it a secret stands."""

from collections.abc import Iterator
from typing import Any

from jeepney import HeaderFields, MessageType  # type: ignore[import-untyped]  # it has no types
from jeepney.low_level import Parser  # type: ignore[import-untyped]  # it has no types

_BEGIN = b"\r\nBEGIN\r\n"
# Where the secret is in what the Secret Service is told: (parameter, field of its struct).
_SECRETS = {"CreateItem": (1, 2), "SetSecret": (0, 2)}


def beside_secrets(said: bytes) -> Iterator[bytes]:
    """Yield all texts of *said* but those in the field for a secret of the Secret Service.

    *said* is all that was sent on one connection, the authentication first.
    """
    greeting, _, messages = said.partition(_BEGIN)
    yield greeting
    parser = Parser()
    parser.add_data(messages)
    while (message := parser.get_next_message()) is not None:
        fields = message.header.fields
        yield repr(fields).encode()
        body = list(message.body)
        place = _SECRETS.get(fields.get(HeaderFields.member, ""))
        if place and message.header.message_type is MessageType.method_call:
            parameter, field = place
            secret = list(body[parameter])
            del secret[field]
            body[parameter] = secret
        yield from _texts(body)


def _texts(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield value
    elif isinstance(value, str):
        yield value.encode()
    elif isinstance(value, dict):
        yield from _texts(list(value.items()))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
