"""Of what is said on a bus, all is looked at but the secret where it belongs."""

import pytest
from canary.bus import beside_secrets
from canary.canaries import plain
from jeepney import (  # type: ignore[import-untyped]  # it has no types
    DBusAddress,
    new_method_call,
)

GREETING = b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
CANARY = plain().value
TEXT = CANARY.decode()


def create(
    *, label: str = "l", attribute: str = "a", kind: str = "text/plain", secret: bytes = b"s"
) -> bytes:
    """Return what a client says that makes an item."""
    to = DBusAddress("/org/a", "org.freedesktop.secrets", "org.freedesktop.Secret.Collection")
    properties = {"Label": ("s", label), "Attributes": ("a{ss}", {"service": attribute})}
    body = (properties, ("/session", b"", secret, kind), True)
    message = new_method_call(to, "CreateItem", "a{sv}(oayays)b", body)
    return GREETING + bytes(message.serialise(serial=1))


def test_the_secret_itself_is_left_out() -> None:
    """It is what the service is there for."""
    said = create(secret=CANARY)
    assert CANARY in said
    assert CANARY not in b" ".join(beside_secrets(said))


@pytest.mark.parametrize(
    "said",
    [
        create(label=TEXT),
        create(attribute=TEXT),
        create(kind=TEXT),
        b"\0AUTH " + CANARY + b"\r\nBEGIN\r\n",
    ],
    ids=["label", "attribute", "content type", "greeting"],
)
def test_all_else_is_looked_at(said: bytes) -> None:
    """Also where it is beside a secret in the same message."""
    assert CANARY in b" ".join(beside_secrets(said))


def test_a_secret_of_another_method_is_none() -> None:
    """Only what makes or sets an item has a field for it."""
    to = DBusAddress("/org/a", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    message = new_method_call(to, "SearchItems", "a{ss}", ({"service": TEXT},))
    assert CANARY in b" ".join(beside_secrets(GREETING + bytes(message.serialise(serial=1))))
