"""Making the store's identity: once, and never a second one."""

from collections.abc import Callable
from typing import Protocol

from devkeys import atomic
from devkeys.errors import KeychainAbsentError, StoreError
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout
from devkeys.store.identity import ACCOUNT, FILE, KEYCHAIN, SERVICE, Identity


class Keychain(Protocol):
    """What is needed of a keychain to make an identity."""

    def get(self, service: str, account: str, /) -> Secret | None:
        """Return an item's value; None only if there is no such item."""

    def set(self, service: str, account: str, secret: Secret, /) -> None:
        """Keep *secret* as the item's value."""


def create(data_dir: str, *, keychain: Keychain | None) -> Identity:
    """Return the store's identity, made now if there is no store yet.

    With *keychain* None, or one that raises KeychainAbsentError, a new identity becomes a
    file that only its mode protects: `kind` of the answer says so. What a locked or slow
    keychain raises goes through, and nothing is made. An identity that an earlier,
    interrupted attempt left is used, never replaced.
    """
    atomic.make_private_dir(data_dir)
    with locked(layout.lock_path(data_dir)):
        found = identity.load(data_dir, read_keychain=_reader(keychain))
        if found is not None:
            return found
        atomic.remove_leftovers(layout.record_path(data_dir))
        kind, secret = _obtain(data_dir, keychain)
        recipient = envelope.recipient_of(secret) or ""
        atomic.write(layout.record_path(data_dir), _record(kind, recipient))
        return Identity(kind, secret, (recipient,))


def _reader(keychain: Keychain | None) -> Callable[[str, str], Secret | None]:
    def absent(service: str, account: str) -> Secret | None:
        raise KeychainAbsentError(
            f"the store's identity is the keychain item {service}/{account}, "
            "and there is no keychain here",
            hint="use devkeys in the session that has the keychain; nothing was changed",
        )

    return absent if keychain is None else keychain.get


def _obtain(data_dir: str, keychain: Keychain | None) -> tuple[str, Secret]:
    if keychain is not None:
        try:
            held = keychain.get(SERVICE, ACCOUNT)
        except KeychainAbsentError:
            return FILE, _in_file(data_dir)
        return KEYCHAIN, _in_keychain(keychain, held)
    return FILE, _in_file(data_dir)


def _in_keychain(keychain: Keychain, held: Secret | None) -> Secret:
    if held is not None:
        if envelope.recipient_of(held) is None:
            raise StoreError(
                f"the keychain item {SERVICE}/{ACCOUNT} holds something else than an identity",
                hint="look at it in the keychain's own program; devkeys does not overwrite it",
            )
        return held
    secret = envelope.new_identity()
    keychain.set(SERVICE, ACCOUNT, secret)
    if keychain.get(SERVICE, ACCOUNT) != secret:
        raise StoreError(
            "the keychain did not give back what it was given; no store was made",
            hint=f"look at the item {SERVICE}/{ACCOUNT} in the keychain's own program",
        )
    return secret


def _in_file(data_dir: str) -> Secret:
    path = layout.identity_path(data_dir)
    atomic.remove_leftovers(path)
    held = identity.read_identity_file(path)
    if held is not None:
        return held
    secret = envelope.new_identity()
    comment = b"# whoever has this file can read every value of the devkeys store beside it\n"
    atomic.write(path, comment + secret.reveal() + b"\n")
    return secret


def _record(kind: str, recipient: str) -> bytes:
    account = f"account {ACCOUNT}\n" if kind == KEYCHAIN else ""
    return f"devkeys-store 1\nidentity {kind}\n{account}recipient {recipient}\n".encode()
