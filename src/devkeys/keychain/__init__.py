"""The operating system's keychain: one item of it holds the store's key.

`read` is on the way of `run`; this module imports what a system needs, when it is needed.
"""

import os
import sys

from devkeys.keychain.waiting import LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from devkeys.keychain.state import State
    from devkeys.secret import Secret

    class Keychain(Protocol):
        """Where items are kept, each under a service and an account.

        Each call raises a KeychainError if the keychain could not be asked: absent, locked,
        slow and refused are classes of their own, each with a hint that mends it.
        """

        @property
        def name(self) -> str:
            """What users call it."""

        def get(self, service: str, account: str) -> Secret | None:
            """Return the secret; None means that it was asked and holds no such item."""

        def set(self, service: str, account: str, secret: Secret) -> None:
            """Keep the secret, in place of an old one; it has been read back."""

        def delete(self, service: str, account: str) -> bool:
            """Remove the item; False if there was none."""


SERVICE = "devkeys"
IDENTITY = "identity"


def read(
    service: str,
    account: str,
    *,
    limit: float = LIMIT,
    meanwhile: "Callable[[], None] | None" = None,
) -> "Secret | None":
    """Return the item's secret in the shortest way there is; None if it was never kept.

    *limit*, in seconds, ends the waiting where there is no terminal; 0 is for ever.
    *meanwhile* is something to do while a Secret Service works; others do not call it. Without
    a Secret Service keyring is asked, but its "not there" does not count: what is sought may
    be in the very service that is missing.
    """
    if sys.platform != "linux":
        return open_keychain(limit=limit).get(service, account)
    from devkeys.errors import KeychainAbsentError, KeychainError
    from devkeys.keychain import secretservice

    try:
        return secretservice.read(service, account, limit=limit, meanwhile=meanwhile)
    except KeychainAbsentError as error:
        absent = error
    except KeychainError as error:
        from devkeys.keychain.errors import UnusualError

        if not isinstance(error, UnusualError):
            raise
        return _insist(service, account, limit=limit)
    try:
        secret = _keyring(limit).get(service, account)
    except KeychainAbsentError:
        raise absent from None
    if secret is None:
        raise absent
    return secret


def _insist(service: str, account: str, *, limit: float) -> "Secret":
    """Return what keyring gives for an item that is known to be there."""
    from devkeys.errors import KeychainError

    secret = _keyring(limit).get(service, account)
    if secret is None:
        raise KeychainError(
            f"the keychain holds the item {service}/{account} and does not give it",
            hint="move it to the default keyring with the keychain's own program",
        )
    return secret


def open_keychain(
    *, limit: float = LIMIT, environ: "Mapping[str, str] | None" = None
) -> "Keychain":
    """Return this system's keychain. Raise KeychainAbsentError if there is none.

    *environ* tells where it is, if that is not in our own environment.
    """
    if sys.platform == "darwin":
        from devkeys.keychain.macos import MacKeychain

        return MacKeychain(limit=limit)
    if sys.platform == "win32":
        from devkeys.keychain.windows import WindowsKeychain

        return WindowsKeychain()
    return _open_linux(limit, environ)


def _open_linux(limit: float, environ: "Mapping[str, str] | None") -> "Keychain":
    from devkeys.errors import KeychainAbsentError
    from devkeys.keychain.items import SecretService
    from devkeys.keychain.state import probe

    environ = os.environ if environ is None else environ
    state = probe(environ=environ)
    if state.kind != "absent":
        return SecretService(limit=limit, environ=environ)
    try:
        return _keyring(limit, environ)
    except KeychainAbsentError as error:
        raise KeychainAbsentError(state.detail, hint=error.hint) from None


def _keyring(limit: float, environ: "Mapping[str, str] | None" = None) -> "Keychain":
    from devkeys.keychain.child import Keyring

    return Keyring(limit=limit, environ=os.environ if environ is None else environ)


def describe() -> "State":
    """Return in which state the keychain is, without unlocking anything or waiting for it."""
    from devkeys.keychain.state import probe

    return probe()
