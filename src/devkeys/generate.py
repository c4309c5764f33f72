"""Making a random value: `@generate=hex(32)`."""

import base64
import secrets
import string
import uuid

from devkeys.errors import DeclarationError
from devkeys.secret import Secret

KINDS = "hex(BYTES), base64(BYTES), base64url(BYTES), password(CHARACTERS), uuid"
MOST = 4096


def generate(specification: str, *, name: str) -> Secret:
    """Return a new value as *specification* says; its sizes are in bytes of randomness.

    `password` counts characters instead, letters and digits: about 5.95 bits each.
    """
    kind, _, rest = specification.partition("(")
    size = rest.removesuffix(")")
    if kind == "uuid" and not size:
        return Secret(str(uuid.uuid4()).encode())
    if not size.isdecimal() or not 0 < int(size) <= MOST:
        raise _unknown(specification, name)
    if kind == "password":
        alphabet = string.ascii_letters + string.digits
        return Secret("".join(secrets.choice(alphabet) for _ in range(int(size))).encode())
    random = secrets.token_bytes(int(size))
    if kind == "hex":
        return Secret(random.hex().encode())
    if kind == "base64":
        return Secret(base64.b64encode(random))
    if kind == "base64url":
        return Secret(base64.urlsafe_b64encode(random).rstrip(b"="))
    raise _unknown(specification, name)


def _unknown(specification: str, name: str) -> DeclarationError:
    return DeclarationError(
        f"{name}: cannot generate {specification!a}", hint=f"known are: {KINDS}"
    )
