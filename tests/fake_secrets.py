"""A Secret Service that asks for everything, as no daemon without a desktop can be made to.

It keeps one item, locked and in no default collection at first, and behaves towards its
prompts as it is told: the real gnome-keyring shows the rest of the tests what is true.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gnome_keyring import PrivateBus
from jeepney import (  # type: ignore[import-untyped]  # it has no types
    DBusAddress,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # it has no types
    open_dbus_connection,
)

ROOT = "/org/freedesktop/secrets"
ITEM = f"{ROOT}/collection/other/1"
COLLECTION = f"{ROOT}/collection/new"
PROMPT = f"{ROOT}/prompt/p1"


class FakeSecrets:
    """The service's state; *prompt* is `allow`, `dismiss`, `ignore` or `vanish`."""

    def __init__(self, prompt: str) -> None:
        self.prompt = prompt
        self.value: bytes | None = b"locked away"
        self.locked = True
        self.has_collection = False
        self.attributes: dict[str, str] = {}
        self.forgets = False
        self.ended = False
        self._after_prompt: list[tuple[str, Any]] = []

    def serve(self, address: str, ready: threading.Event) -> None:
        """Answer calls until `ended`."""
        with open_dbus_connection(bus=address) as connection:
            connection.send_and_get_reply(message_bus.RequestName("org.freedesktop.secrets"))
            ready.set()
            while not self.ended:
                try:
                    call = connection.receive(timeout=0.05)
                except TimeoutError:
                    continue
                if call.header.message_type is MessageType.method_call:
                    connection.send(self._reply(call))
                    if self._called(call) == "Prompt" and self.prompt == "vanish":
                        return
                    if self._called(call) == "Prompt" and self.prompt != "ignore":
                        time.sleep(0.05)
                        connection.send(self._complete())

    def _called(self, call: Any) -> str:
        return str(dict(call.header.fields).get(3, ""))

    def _reply(self, call: Any) -> Any:
        method = getattr(self, f"_on_{self._called(call)}", None)
        if method is None:
            return new_error(call, "org.freedesktop.DBus.Error.UnknownMethod")
        signature, body = method(*call.body)
        return new_method_return(call, signature, body)

    def _complete(self) -> Any:
        emitter = DBusAddress(PROMPT, interface="org.freedesktop.Secret.Prompt")
        dismissed = self.prompt == "dismiss"
        if not dismissed:
            for name, new in self._after_prompt:
                setattr(self, name, new)
        return new_signal(emitter, "Completed", "bv", (dismissed, ("s", "")))

    def _on_SearchItems(self, _: Any) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        items = [] if self.value is None else [ITEM]
        return "aoao", (([], items) if self.locked else (items, []))

    def _on_OpenSession(self, *_: Any) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        return "vo", (("ay", b""), f"{ROOT}/session/s1")

    def _on_Unlock(self, paths: list[str]) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        if not self.locked:
            return "aoo", (paths, "/")
        self._after_prompt = [("locked", False)]
        return "aoo", ([], PROMPT)

    def _on_Prompt(self, _: str) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        return "", ()

    def _on_GetSecret(self, session: str) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        return "(oayays)", ((session, b"", self.value, "text/plain"),)

    def _on_SetSecret(self, secret: Any) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        if not self.forgets:
            self.value = bytes(secret[2])
        return "", ()

    def _on_ReadAlias(self, _: str) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        return "o", (COLLECTION if self.has_collection else "/",)

    def _on_CreateCollection(self, *_: Any) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        self._after_prompt = [("has_collection", True), ("locked", False)]
        return "oo", ("/", PROMPT)

    def _on_CreateItem(  # noqa: N802  # D-Bus' name
        self, properties: Any, secret: Any, _: bool
    ) -> tuple[str, Any]:
        self.attributes = properties["org.freedesktop.Secret.Item.Attributes"][1]
        self._after_prompt = [("value", bytes(secret[2]))]
        return "oo", ("/", PROMPT)

    def _on_Delete(self) -> tuple[str, Any]:  # noqa: N802  # D-Bus' name
        self._after_prompt = [("value", None)]
        return "o", (PROMPT,)


@contextmanager
def fake_secrets(bus: PrivateBus, prompt: str) -> Iterator[FakeSecrets]:
    """Run the service on *bus* while the block runs."""
    service = FakeSecrets(prompt)
    ready = threading.Event()
    thread = threading.Thread(target=service.serve, args=(bus.address, ready))
    thread.start()
    try:
        assert ready.wait(10)
        yield service
    finally:
        service.ended = True
        thread.join()
