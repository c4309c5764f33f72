"""The D-Bus wire format, as much of it as a Secret Service needs.

On the way of `run`: imports nothing but the errors. What is read is checked against the
bounds of its message, its padding and its terminators (D-Bus specification, "Message
Protocol"); whatever does not fit is a KeychainError, never a guess.
"""

from devkeys.errors import KeychainError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Order = Literal["little", "big"]

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
LIMIT = 1 << 20
HEAD = 16

_PATH, _INTERFACE, _MEMBER, _ERROR_NAME = 1, 2, 3, 4
_REPLY_SERIAL, _DESTINATION, _SIGNATURE = 5, 6, 8
_TYPES = {_PATH: "o", _MEMBER: "s", _ERROR_NAME: "s", _REPLY_SERIAL: "u", _SIGNATURE: "g"}
_SIZES = {"y": 1, "n": 2, "q": 2, "b": 4, "i": 4, "h": 4, "x": 8, "t": 8, "d": 8}


def malformed(what: str) -> KeychainError:
    """Return the error for a reply that breaks the format at *what*, never the bytes of it."""
    return KeychainError(
        f"the keychain's reply cannot be read: {what}",
        hint="try again; if it stays so, restart the keychain's service",
    )


def string(text: str) -> bytes:
    """Return *text* as a body that is one `s` or `o`."""
    data = text.encode()
    return _u(len(data)) + data + b"\0"


def strings(pairs: dict[str, str]) -> bytes:
    """Return *pairs* as a body that is one `a{ss}`."""
    entries = b""
    for name, text in pairs.items():
        entries += bytes(-len(entries) % 8) + string(name)
        entries += bytes(-len(entries) % 4) + string(text)
    return _u(len(entries)) + bytes(4) + entries


def call(serial: int, to: tuple[str, str, str, str], signature: str, body: bytes) -> bytes:
    """Return the message that calls *to*: destination, object path, interface and member."""
    destination, path, interface, member = to
    fields = b""
    for code, kind, text in (
        (_PATH, b"o", path),
        (_DESTINATION, b"s", destination),
        (_INTERFACE, b"s", interface),
        (_MEMBER, b"s", member),
    ):
        data = b"%c\x01%s\0%s%s\0" % (code, kind, _u(len(text)), text.encode("ascii"))
        fields += bytes(-len(fields) % 8) + data
    if signature:
        data = b"%c\x01g\0%c%s\0" % (_SIGNATURE, len(signature), signature.encode("ascii"))
        fields += bytes(-len(fields) % 8) + data
    head = b"l%c\0\x01%s%s%s" % (CALL, _u(len(body)), _u(serial), _u(len(fields)))
    return head + fields + bytes(-len(fields) % 8) + body


def _u(value: int) -> bytes:
    return value.to_bytes(4, "little")


class Reader:
    """Reads marshalled values of *data*, one after another, from *at* to *end*."""

    __slots__ = ("_at", "_data", "_end", "_order")

    def __init__(self, data: bytes, at: int, end: int, *, little: bool) -> None:
        self._data = data
        self._at = at
        self._end = end
        self._order: Order = "little" if little else "big"

    def take(self, count: int) -> bytes:
        """Return the next *count* bytes."""
        start = self._at
        if count > self._end - start:
            raise malformed("it ends too early")
        self._at = start + count
        return self._data[start : self._at]

    def align(self, boundary: int) -> None:
        """Skip the empty bytes up to the next multiple of *boundary*."""
        if self._at % boundary and any(self.take(-self._at % boundary)):
            raise malformed("its padding is not empty")

    def number(self) -> int:
        """Read a `u`, or a `b` as 0 or 1."""
        if self._at % 4:
            self.align(4)
        return int.from_bytes(self.take(4), self._order)

    def blob(self) -> bytes:
        """Read an `ay`."""
        return self.take(self.number())

    def string(self) -> str:
        """Read an `s`."""
        return self._text(self.number())

    def signature(self) -> str:
        """Read a `g`."""
        return self._text(self.take(1)[0])

    def _text(self, length: int) -> str:
        raw = self.take(length + 1)
        if raw.find(0) != length:
            raise malformed("a string does not end where it should")
        try:
            return raw[:length].decode()
        except UnicodeDecodeError:
            raise malformed("a string is not text") from None

    def path(self) -> str:
        """Read an `o`."""
        path = self.string()
        letters = path.replace("/", "").replace("_", "")
        if path[:1] != "/" or not (path.isascii() and (not letters or letters.isalnum())):
            raise malformed("an object path is none")
        return path

    def paths(self) -> list[str]:
        """Read an `ao`."""
        stop = self.number() + self._at
        if stop > self._end:
            raise malformed("an array is longer than the message")
        found = []
        while self._at < stop:
            found.append(self.path())
        if self._at != stop:
            raise malformed("an array does not end where it should")
        return found

    def field(self, kind: str) -> str | int:
        """Read the value of a header field whose type is *kind*; a basic type."""
        if kind == "o":
            return self.path()
        if kind == "s":
            return self.string()
        if kind == "g":
            return self.signature()
        if kind == "u":
            return self.number()
        size = _SIZES.get(kind)
        if size is None:
            raise malformed("a header field is of an unknown type")
        self.align(size)
        return int.from_bytes(self.take(size), self._order)

    def at(self, place: int) -> bool:
        """Return whether everything before the offset *place* has been read."""
        return self._at >= place

    def done(self) -> None:
        """Raise unless everything has been read."""
        if self._at != self._end:
            raise malformed("it is longer than it should be")


class Message:
    """One message that came: what it is, and a reader of its body."""

    __slots__ = ("body", "error", "kind", "member", "path", "replies_to", "signature")

    def __init__(self, kind: int, fields: dict[int, str | int], body: Reader) -> None:
        self.kind = kind
        self.path = fields.get(_PATH)
        self.member = fields.get(_MEMBER)
        self.error = fields.get(_ERROR_NAME)
        self.replies_to = fields.get(_REPLY_SERIAL)
        self.signature = fields.get(_SIGNATURE, "")
        self.body = body


def size(head: bytes) -> int:
    """Return how many bytes the message has whose first sixteen bytes are *head*."""
    if head[0] not in b"lB" or not head[1] or head[3] != 1:
        raise malformed("it is not a D-Bus message")
    order: Order = "little" if head[0] == ord("l") else "big"
    fields = int.from_bytes(head[12:16], order)
    total = HEAD + fields + -fields % 8 + int.from_bytes(head[4:8], order)
    if total > LIMIT:
        raise malformed(f"it is longer than {LIMIT} bytes")
    return total


def parse(data: bytes) -> Message:
    """Return the message that *data*, as many bytes as `size` says, is."""
    little = data[0] == ord("l")
    after = HEAD + int.from_bytes(data[12:16], "little" if little else "big")
    body = after + -after % 8
    if body > len(data):
        raise malformed("it ends too early")
    reader = Reader(data, HEAD, after, little=little)
    fields: dict[int, str | int] = {}
    while not reader.at(after):
        reader.align(8)
        code, length, letter, final = reader.take(4)  # and a signature of one letter
        kind = chr(letter)
        if not code or code in fields or length != 1 or final or _TYPES.get(code, kind) != kind:
            raise malformed("a header field is invalid, repeated or of another type")
        fields[code] = reader.field(kind)
    if any(data[after:body]):
        raise malformed("its padding is not empty")
    return Message(data[1], fields, Reader(data, body, len(data), little=little))
