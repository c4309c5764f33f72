"""Making the store's identities: each once, and never a second one."""

from collections.abc import Callable
from typing import Protocol

from devkeys import atomic
from devkeys.errors import KeychainAbsentError, StoreError
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout
from devkeys.store.identity import SERVICE, Identity
from devkeys.store.record import (
    CONFIRMED,
    FILE,
    KEYCHAIN,
    OWN,
    PASSPHRASE,
    Holder,
    Record,
    read_record,
    write_record,
)


class Keychain(Protocol):
    """What is needed of a keychain to make an identity."""

    def get(self, service: str, account: str, /) -> Secret | None:
        """Return an item's value; None only if there is no such item."""

    def set(self, service: str, account: str, secret: Secret, /) -> None:
        """Keep *secret* as the item's value."""


def create(
    data_dir: str, *, keychain: Keychain | None, wrap: Callable[[bytes], bytes] | None = None
) -> Identity:
    """Return the store's identity, made now if there is no store yet.

    With *keychain* None, or one that raises KeychainAbsentError, a new identity becomes a
    file that only its mode protects: `kind` of the answer says so. What a locked or slow
    keychain raises goes through, and nothing is made. An identity that an earlier,
    interrupted attempt left is used, never replaced. *wrap* encrypts the file with a passphrase.
    """
    atomic.make_private_dir(data_dir)
    with locked(layout.lock_path(data_dir)):
        found = identity.load(data_dir, read_keychain=_reader(keychain))
        if found is not None:
            return found
        holder, secret = _obtain(data_dir, keychain, wrap)
        write_record(data_dir, Record(holder))
        return Identity(holder.kind, secret, (holder.recipient,))


def create_confirmed(
    data_dir: str,
    own: Identity,
    *,
    keychain: Keychain | None,
    wrap: Callable[[bytes], bytes] | None = None,
) -> None:
    """Make the identity of confirmed profiles, unless there is one.

    It is where the store's own is: *keychain*, or a file, which *wrap* encrypts with a
    passphrase if the store's own is so.
    """
    with locked(layout.lock_path(data_dir)):
        record = read_record(data_dir)
        if record is None or record.recipients(OWN) != own.recipients:
            raise StoreError(
                f"the store in {data_dir} got another identity meanwhile",
                hint="try again; nothing was changed",
            )
        if record.confirmed is not None:
            return
        if keychain is not None and record.own.kind == KEYCHAIN:
            secret = _in_keychain(keychain, CONFIRMED, keychain.get(SERVICE, CONFIRMED))
            holder = Holder(KEYCHAIN, CONFIRMED, _recipient(secret))
        else:
            secret = _in_file(data_dir, CONFIRMED, wrap)
            holder = Holder(PASSPHRASE if wrap else FILE, "", _recipient(secret))
        write_record(data_dir, record.but(CONFIRMED, holder))


def _recipient(secret: Secret) -> str:
    return envelope.recipient_of(secret) or ""


def _reader(keychain: Keychain | None) -> Callable[[str, str], Secret | None]:
    def absent(service: str, account: str) -> Secret | None:
        raise KeychainAbsentError(
            f"the store's identity is the keychain item {service}/{account}, "
            "and there is no keychain here",
            hint="use devkeys in the session that has the keychain; nothing was changed",
        )

    return absent if keychain is None else keychain.get


def _obtain(
    data_dir: str, keychain: Keychain | None, wrap: Callable[[bytes], bytes] | None
) -> tuple[Holder, Secret]:
    if keychain is not None:
        try:
            held = keychain.get(SERVICE, OWN)
        except KeychainAbsentError:
            keychain = None
        else:
            secret = _in_keychain(keychain, OWN, held)
            return Holder(KEYCHAIN, OWN, _recipient(secret)), secret
    secret = _in_file(data_dir, OWN, wrap)
    return Holder(PASSPHRASE if wrap else FILE, "", _recipient(secret)), secret


def _in_keychain(keychain: Keychain, account: str, held: Secret | None) -> Secret:
    if held is not None:
        if envelope.recipient_of(held) is None:
            raise StoreError(
                f"the keychain item {SERVICE}/{account} holds something else than an identity",
                hint="look at it in the keychain's own program; devkeys does not overwrite it",
            )
        return held
    secret = envelope.new_identity()
    put_in_keychain(keychain, account, secret)
    return secret


def put_in_keychain(keychain: Keychain, account: str, secret: Secret) -> None:
    """Let the keychain hold an identity, and see that it gives it back."""
    keychain.set(SERVICE, account, secret)
    if keychain.get(SERVICE, account) != secret:
        raise StoreError(
            "the keychain did not give back what it was given; the store is as it was",
            hint=f"look at the item {SERVICE}/{account} in the keychain's own program",
        )


def _in_file(data_dir: str, which: str, wrap: Callable[[bytes], bytes] | None = None) -> Secret:
    path = layout.identity_path(data_dir, which)
    atomic.remove_leftovers(path)
    content = layout.read(path)
    # One with a passphrase that an interruption left opens nothing yet, and may be replaced.
    if content is not None and wrap is None and not envelope.wants_passphrase(content):
        return identity.parse_identity(content, path)
    secret = envelope.new_identity()
    atomic.write(path, file_content(secret, wrap))
    return secret


def file_content(secret: Secret, wrap: Callable[[bytes], bytes] | None = None) -> bytes:
    """Return what stands in an identity file: as it is, or as *wrap* encrypts it."""
    if wrap is not None:
        return wrap(secret.reveal() + b"\n")
    comment = b"# whoever has this file can read every value of the devkeys store beside it\n"
    return comment + secret.reveal() + b"\n"
