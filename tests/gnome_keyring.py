"""A real gnome-keyring on a private D-Bus with a home of its own, for the tests of every part.

    from gnome_keyring import GnomeKeyring, gnome_keyring

    with gnome_keyring() as keyring:
        subprocess.run(["secret-tool", ...], env=keyring.env)

The bus activates nothing: no service of the machine it runs on is ever started or asked.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from jeepney import DBusAddress, MessageType, new_method_call  # type: ignore[import-untyped]  # it has no types
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # it has no types
    DBusConnection,
    open_dbus_connection,
)
from real import need

PASSWORD = b"only of this test"
COLLECTION = "/org/freedesktop/secrets/collection/login"
CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class PrivateBus:
    """A running dbus-daemon; *env* is the whole environment of a session on it."""

    def __init__(self, root: str, process: "subprocess.Popen[bytes]") -> None:
        self.root = root
        self.process = process
        self.address = f"unix:path={root}/bus"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": f"{root}/home",
            "XDG_RUNTIME_DIR": f"{root}/run",
            "DBUS_SESSION_BUS_ADDRESS": self.address,
            "LANG": "C.UTF-8",
        }

    @contextmanager
    def connection(self) -> Iterator[DBusConnection]:
        """Connect with jeepney, another implementation than ours."""
        with open_dbus_connection(bus=self.address) as connection:
            yield connection

    def has_owner(self, name: str) -> bool:
        """Return whether a service has the bus name *name*."""
        to = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with self.connection() as connection:
            return bool(_call(connection, to, "NameHasOwner", "s", (name,))[0])


class GnomeKeyring:
    """A running gnome-keyring; what `env` names is all that is needed to reach it."""

    def __init__(self, bus: PrivateBus, process: "subprocess.Popen[bytes]") -> None:
        self.bus = bus
        self.env = bus.env
        self.pid = process.pid
        self._process = process

    def lock(self) -> None:
        """Lock the collection that holds every item."""
        with self.bus.connection() as connection:
            _call(connection, _SERVICE, "Lock", "ao", ([COLLECTION],))

    def unlock(self) -> None:
        """Unlock it as the login does, with the password and without a dialog."""
        with self.bus.connection() as connection:
            session = _call(connection, _SERVICE, "OpenSession", "sv", ("plain", ("s", "")))[1]
            secret = (session, b"", PASSWORD, "text/plain")
            _call(connection, _LOGIN, "UnlockWithMasterPassword", "o(oayays)", (COLLECTION, secret))

    def freeze(self) -> None:
        """Stop the daemon in its tracks: it is there and does not answer."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen daemon go on."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill the daemon and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def items(self) -> list[dict[str, str]]:
        """Return the attributes of every item there is."""
        with self.bus.connection() as connection:
            paths = _property(connection, COLLECTION, "Collection", "Items")
            return [_property(connection, path, "Item", "Attributes") for path in paths]

    def store(self, value: str, *more: str) -> None:
        """Keep *value* as the identity with `secret-tool`, with the attributes *more* besides."""
        need("secret-tool")
        names = ["service", "devkeys", "username", "identity", *more]
        command = ["secret-tool", "store", "--label=mine", *names]
        subprocess.run(command, env=self.env, input=value, text=True, check=True)

    def label(self, *attributes: str) -> str:
        """Return the label that `secret-tool` shows for the item with *attributes*."""
        command = ["secret-tool", "search", *attributes]
        shown = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)
        return shown.stdout.split("label = ")[1].splitlines()[0]


_SERVICE = DBusAddress(
    "/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service"
)
_LOGIN = DBusAddress(
    "/org/freedesktop/secrets",
    "org.freedesktop.secrets",
    "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
)


def _call(
    connection: DBusConnection, to: DBusAddress, method: str, signature: str, body: tuple[Any, ...]
) -> tuple[Any, ...]:
    reply = connection.send_and_get_reply(new_method_call(to, method, signature, body), timeout=10)
    assert reply.header.message_type is MessageType.method_return, reply
    return tuple(reply.body)


def _property(connection: DBusConnection, path: str, kind: str, name: str) -> Any:
    to = DBusAddress(path, "org.freedesktop.secrets", "org.freedesktop.DBus.Properties")
    body = (f"org.freedesktop.Secret.{kind}", name)
    return _call(connection, to, "Get", "ss", body)[0][1]


@contextmanager
def private_bus() -> Iterator[PrivateBus]:
    """Run a D-Bus session bus that nothing is on; it ends with the block, whatever happens."""
    need("dbus-daemon")
    with ExitStack() as stack:
        # A short path: a socket's has at most 107 bytes, and pytest's own are longer.
        root = tempfile.mkdtemp(prefix="dk-", dir="/tmp")
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        for name in ("home", "run"):
            os.mkdir(f"{root}/{name}", 0o700)
        with open(f"{root}/bus.conf", "w", encoding="utf-8") as file:
            file.write(CONFIG.format(root))
        command = ["dbus-daemon", f"--config-file={root}/bus.conf", "--nofork", "--nopidfile"]
        process = stack.enter_context(_running(command, env={"PATH": os.environ["PATH"]}))
        bus = PrivateBus(root, process)
        _wait_for(lambda: _listens(f"{root}/bus"))
        yield bus


@contextmanager
def gnome_keyring() -> Iterator[GnomeKeyring]:
    """Run a gnome-keyring with an empty, unlocked default collection on a bus of its own."""
    need("gnome-keyring-daemon", "dbus-daemon")
    with private_bus() as bus:
        command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
        with _running(command, env=bus.env, stdin=PASSWORD) as process:
            _wait_for(lambda: bus.has_owner("org.freedesktop.secrets"))
            yield GnomeKeyring(bus, process)


@pytest.fixture
def keyring() -> Iterator[GnomeKeyring]:
    """Give this test a gnome-keyring of its own."""
    with gnome_keyring() as running:
        yield running


@contextmanager
def _running(
    command: list[str], *, env: dict[str, str], stdin: bytes = b""
) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C at the tests' terminal is ours to handle
    )
    try:
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        yield process
    finally:
        process.kill()  # SIGKILL ends a stopped process too
        process.wait()


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


def _wait_for(ready: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, "a test's own service did not start"
        time.sleep(0.005)
