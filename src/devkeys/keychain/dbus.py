"""One connection to the session bus: find it, check whose it is, ask, wait for the answers.

On the way of `run`: everything that is known beforehand, authentication included, goes out
in one write, as the specification allows a client that sends no more than it is answered.
"""

import _socket
import os
import sys

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain import wire
from devkeys.keychain.waiting import Patience

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BUS = "org.freedesktop.DBus"
_HELLO = (BUS, "/org/freedesktop/DBus", BUS, "Hello")


class Bus:
    """A connection that *socket* already has, over which calls are sent and answers read."""

    def __init__(self, socket: "_socket.socket", patience: Patience) -> None:
        self.patience = patience
        self._socket = socket
        self._in = b""
        self._replies: dict[int, wire.Message] = {}
        self._serial = 0
        self._greeted = False
        self._out = b"\0AUTH EXTERNAL %s\r\nBEGIN\r\n" % str(os.geteuid()).encode().hex().encode()
        self._hello = self.send(_HELLO)

    def send(self, to: tuple[str, str, str, str], signature: str = "", body: bytes = b"") -> int:
        """Queue a call; return its serial, for `answer`. It goes out when an answer is read."""
        self._serial += 1
        self._out += wire.call(self._serial, to, signature, body)
        return self._serial

    def answer(self, serial: int, signature: str) -> wire.Reader:
        """Return the body of the answer to the call *serial*, which has to be of *signature*."""
        self.flush()
        while serial not in self._replies:
            self._keep(self._receive())
        message = self._replies.pop(serial)
        if message.kind == wire.ERROR:
            from devkeys.keychain.errors import of_reply

            raise of_reply(str(message.error))
        if message.signature != signature:
            raise wire.malformed("it is not of the expected type")
        return message.body

    def signal(self) -> wire.Message:
        """Return the next signal; answers that come before it are kept."""
        self.flush()
        while True:
            data = self._receive()
            if data[1] == wire.SIGNAL:
                return wire.parse(data)
            self._keep(data)

    def close(self) -> None:
        """Leave the bus; the service forgets our session with it."""
        self._socket.close()

    def _keep(self, data: bytes) -> None:
        if data[1] not in (wire.RETURN, wire.ERROR):
            return
        message = wire.parse(data)
        serial = message.replies_to
        known = isinstance(serial, int) and 1 <= serial <= self._serial
        if not known or serial in self._replies:
            raise wire.malformed("it answers what was not asked")
        if message.kind == wire.ERROR and (not message.error or serial == self._hello):
            raise wire.malformed("it is an error without a name, or the bus refused us")
        self._replies[serial] = message  # type: ignore[index]  # known says that it is an int

    def _receive(self) -> bytes:
        """Return the next message, of whatever kind; its second byte tells which."""
        if not self._greeted:
            self._greet()
        self._fill(wire.HEAD)
        length = wire.size(self._in[: wire.HEAD])
        self._fill(length)
        data, self._in = self._in[:length], self._in[length:]
        return data

    def _greet(self) -> None:
        while b"\r\n" not in self._in:
            if len(self._in) > 512:
                raise wire.malformed("the bus does not greet as one")
            self._fill(len(self._in) + 1)
        line, self._in = self._in.split(b"\r\n", 1)
        if not line.startswith(b"OK "):
            raise KeychainError(
                "the D-Bus session bus does not let this user in",
                hint="check that DBUS_SESSION_BUS_ADDRESS is your own session's",
            )
        self._greeted = True

    def _fill(self, count: int) -> None:
        while len(self._in) < count:
            self._socket.settimeout(self.patience.left())
            try:
                chunk = self._socket.recv(1 << 16)
            except TimeoutError:
                continue
            except OSError:
                chunk = b""
            if not chunk:
                from devkeys.keychain.errors import gone

                raise gone()
            self._in += chunk

    def flush(self) -> None:
        """Write what is queued; to do so before `answer` lets the other side begin."""
        while self._out:
            self._socket.settimeout(self.patience.left())
            try:
                sent = self._socket.send(self._out, _socket.MSG_NOSIGNAL)
            except TimeoutError:
                continue
            except OSError:
                from devkeys.keychain.errors import gone

                raise gone() from None
            self._out = self._out[sent:]


def connect(environ: "Mapping[str, str]", patience: Patience) -> Bus:
    """Return a connection to the session bus of *environ*, of `unix:` addresses only.

    Raise KeychainAbsentError where there is none; KeychainError where it is another user's.
    """
    paths = socket_paths(environ)
    for path in paths:
        socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            socket.settimeout(patience.left())
            socket.connect(path)
            _check_owner(socket)
            return Bus(socket, patience)
        except (TimeoutError, BlockingIOError):
            socket.close()
            raise patience.over() from None
        except (OSError, ValueError):
            socket.close()
        except BaseException:
            socket.close()
            raise
    raise KeychainAbsentError(
        "there is no D-Bus session bus, so no keychain can be asked"
        + ("" if paths else ": DBUS_SESSION_BUS_ADDRESS names no unix: address"),
        hint="run this in a desktop session, set DBUS_SESSION_BUS_ADDRESS, or use an identity file",
    )


def _check_owner(socket: "_socket.socket") -> None:
    """Raise unless the bus is run by the user itself.

    Not even root's is accepted: what we store would be kept, and what we read be given, by
    a keychain that is not the user's. (A shell made by sudo often has the caller's address.)
    """
    credentials = socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12)
    owner = int.from_bytes(credentials[4:8], sys.byteorder)
    if owner != os.geteuid():
        raise KeychainError(
            f"the D-Bus session bus belongs to another user (uid {owner})",
            hint="run this as the user whose session it is, without sudo",
        )


def socket_paths(environ: "Mapping[str, str]") -> list[str]:
    """Return the socket paths of the session bus, in the order to try; abstract ones begin NUL.

    Without an address it is where systemd puts it; a runtime directory that is set but has
    no bus in it is not second-guessed.
    """
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    addresses = environ.get("DBUS_SESSION_BUS_ADDRESS")
    if not addresses:
        return [runtime + "/bus"]
    found = []
    for address in addresses.split(";"):
        transport, _, rest = address.partition(":")
        pairs = dict(pair.partition("=")[::2] for pair in rest.split(","))
        if transport != "unix":
            continue
        if "path" in pairs:
            found.append(_unescape(pairs["path"]))
        elif "abstract" in pairs:
            found.append("\0" + _unescape(pairs["abstract"]))
        elif pairs.get("runtime") == "yes":
            found.append(runtime + "/bus")
    return found


def _unescape(text: str) -> str:
    first, *parts = text.split("%")
    raw = os.fsencode(first)
    for part in parts:
        try:
            raw += bytes((int(part[:2], 16),)) + os.fsencode(part[2:])
        except ValueError:
            return ""
    return os.fsdecode(raw)
