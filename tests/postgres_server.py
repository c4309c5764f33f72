"""As much of a PostgreSQL server as psql wants before it shows its prompt."""

import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_READY = b"Z" + struct.pack("!I", 5) + b"I"


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _greeting() -> bytes:
    status = {b"server_version": b"15.0", b"client_encoding": b"UTF8"}
    said = [_message(b"S", name + b"\0" + value + b"\0") for name, value in status.items()]
    return b"".join((_message(b"R", struct.pack("!I", 0)), *said, _READY))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += (part := connection.recv(size - len(data)))
        if not part:
            raise ConnectionError
    return data


def _serve(connection: socket.socket) -> None:
    (size,) = struct.unpack("!I", _exactly(connection, 4))
    _exactly(connection, size - 4)
    connection.sendall(_greeting())
    while (kind := _exactly(connection, 1)) != b"X":
        (size,) = struct.unpack("!I", _exactly(connection, 4))
        _exactly(connection, size - 4)
        if kind == b"Q":
            connection.sendall(_message(b"I", b"") + _READY)  # an empty query's answer


@contextmanager
def serving(path: str) -> Iterator[None]:
    """Listen at the socket *path*, for one client."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen(1)
        listening.settimeout(60)

        def accept() -> None:
            connection, _ = listening.accept()
            with connection:
                _serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield
        thread.join(60)


@contextmanager
def directory() -> Iterator[str]:
    """Make a directory whose path is short: the path of a socket has to be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # its own, of mode 0700
        yield folder
