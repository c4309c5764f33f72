"""A gnome-keyring for the whole run, started again where a client has brought it down.

It may abort when a new client's first call comes too early: devkeys.keychain.secretservice
knows, its peers may not. Its items are on disk, and are there again.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gnome_keyring import PrivateBus

NAME = "org.freedesktop.secrets"
DAEMON = ("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")


class Service:
    """The daemon on *bus*; *env* is what its clients need."""

    def __init__(self, bus: "PrivateBus", password: bytes) -> None:
        self.bus = bus
        self.env = bus.env
        self._password = password
        self._process = self._start()

    def restore(self) -> bool:
        """Start the daemon again if it has ended; tell whether it had."""
        if self._process.poll() is None:
            return False
        self._process = self._start()
        return True

    def stop(self) -> None:
        """End the daemon."""
        self._process.kill()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            DAEMON, env=self.env, stdin=subprocess.PIPE, stdout=nowhere, stderr=nowhere
        )
        assert process.stdin is not None
        process.stdin.write(self._password)
        process.stdin.close()
        deadline = time.monotonic() + 20
        while not self.bus.has_owner(NAME):
            assert time.monotonic() < deadline, "gnome-keyring did not start"
            time.sleep(0.01)
        return process


@contextmanager
def service() -> Iterator[Service]:
    """Run one on a bus of its own, with an empty, unlocked keyring."""
    from gnome_keyring import PASSWORD, private_bus

    with private_bus() as bus:
        running = Service(bus, PASSWORD)
        try:
            yield running
        finally:
            running.stop()
