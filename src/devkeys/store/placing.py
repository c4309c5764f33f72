"""Putting an identity where it is to be: proven to be there before anything counts on it."""

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

from devkeys import atomic
from devkeys.errors import DevkeysError, KeychainAbsentError, StoreError
from devkeys.secret import Secret
from devkeys.store import create, envelope, identity, layout
from devkeys.store.identity import SERVICE
from devkeys.store.record import KEYCHAIN, PASSPHRASE, Holder


class Keychain(Protocol):
    """What is needed of a keychain to move an identity."""

    def get(self, service: str, account: str, /) -> Secret | None:
        """Return an item's value; None only if there is no such item."""

    def set(self, service: str, account: str, secret: Secret, /) -> None:
        """Keep *secret* as the item's value."""

    def delete(self, service: str, account: str, /) -> bool:
        """Remove the item; False if there was none."""


class Place(NamedTuple):
    """Where an identity is to be: an item of *keychain*, or a file; *kind* is the record's.

    *wrap* encrypts the content of a file of the kind PASSPHRASE.
    """

    kind: str
    keychain: Keychain | None = None
    wrap: Callable[[bytes], bytes] | None = None

    def holder(self, which: str, recipient: str) -> Holder:
        """Return what the record says of an identity that is here."""
        return Holder(self.kind, which if self.kind == KEYCHAIN else "", recipient)


def check_free(data_dir: str, which: str, place: Place, known: Collection[str]) -> None:
    """Raise if another identity than one with a recipient in *known* is at *place*."""
    if place.kind == KEYCHAIN:
        held = _need(place.keychain).get(SERVICE, which)
        where = f"the keychain item {SERVICE}/{which}"
    else:
        where = layout.identity_path(data_dir, which)
        held = _plain_identity(where)
    if held is not None and envelope.recipient_of(held) not in known:
        raise StoreError(
            f"{where} is there already, and is not this store's",
            hint="if no other store needs it, move it away; nothing was changed",
        )


def _need(keychain: Keychain | None) -> Keychain:
    if keychain is None:
        raise KeychainAbsentError(
            "the store's identity is in a keychain, and there is none here",
            hint="use devkeys in the session that has the keychain; nothing was changed",
        )
    return keychain


def _plain_identity(path: str) -> Secret | None:
    """Return the identity in a file; None if there is none, or one that nobody can use so."""
    data = layout.read(path)
    try:
        return None if data is None else identity.parse_identity(data, path)
    except StoreError:  # damaged, or with a passphrase
        return None


def put(
    data_dir: str, which: str, place: Place, secret: Secret, *, former: Secret | None = None
) -> None:
    """Put *secret* at *place*, in place of *former*, and read it back.

    What fails leaves *former* there: it is put back.
    """
    if place.kind != KEYCHAIN:
        if (place.wrap is not None) != (place.kind == PASSPHRASE):
            raise StoreError(
                "the passphrase that protects the identity is needed", hint="devkeys store unlock"
            )
        _put_in_file(layout.identity_path(data_dir, which), secret, place.wrap)
        return
    keychain = _need(place.keychain)
    try:
        create.put_in_keychain(keychain, which, secret)
    except DevkeysError:
        if former is not None:
            _put_back(keychain, which, secret, former)
        raise


def _put_in_file(path: str, secret: Secret, wrap: Callable[[bytes], bytes] | None) -> None:
    content = create.file_content(secret, wrap)
    atomic.remove_leftovers(path)
    atomic.write(path, content)
    if layout.read(path) != content:
        raise StoreError(f"{path} does not read back as it was written", hint="check the disk")


def _put_back(keychain: Keychain, which: str, secret: Secret, former: Secret) -> None:
    """See to it that the keychain holds one of both: either opens every file now."""
    try:
        held = keychain.get(SERVICE, which)
        if held not in (secret, former):
            create.put_in_keychain(keychain, which, former)
    except DevkeysError as error:
        raise StoreError(
            f"the keychain item {SERVICE}/{which} could not be replaced, and whether it still "
            f"holds the store's identity is not known: {error}",
            hint="do not log out: devkeys status tells whether the store can be opened; if not, "
            "restore the keychain from a backup or use devkeys store recover",
        ) from None


def remove(data_dir: str, which: str, holder: Holder, keychain: Keychain | None) -> None:
    """Take an identity away from where *holder* says it is."""
    if holder.kind != KEYCHAIN:
        atomic.remove(layout.identity_path(data_dir, which))
    else:
        _need(keychain).delete(SERVICE, holder.account)
