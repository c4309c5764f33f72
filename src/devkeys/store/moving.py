"""The store's identities from a file into the keychain, or out of it.

the identity is put into its new place -> THE RECORD -> it is removed from its old one

What a crash leaves is a copy, which `copies` finds.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout, placing
from devkeys.store.identity import SERVICE
from devkeys.store.placing import Keychain, Place
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, Holder, Record, read_record, write_record


def move(data_dir: str, place: Place, secrets: Mapping[str, Secret]) -> list[tuple[str, Holder]]:
    """Put the identities *secrets*, by OWN and CONFIRMED, to *place*; under the store's lock.

    Return those that are still in their old places, too: they are for `placing.remove`.
    """
    record = read_record(data_dir)
    if record is None:
        raise StoreError(f"there is no store in {data_dir}", hint="devkeys init makes one")
    before = [(which, holder) for which, holder in record.holders() if which in secrets]
    for which, holder in before:
        placing.check_free(data_dir, which, place, (holder.recipient,))
    for which, holder in before:
        placing.put(data_dir, which, place, secrets[which])
        record = record.but(which, place.holder(which, holder.recipient))
    write_record(data_dir, record)
    return before


class Copy(NamedTuple):
    """An identity of the store in a place that the record does not name; *where* is for people."""

    which: str
    where: str
    in_keychain: bool


def copies(data_dir: str, record: Record, keychain: Keychain | None) -> list[Copy]:
    """Return the copies that an interrupted move left; without *keychain*, files only.

    An item with another recipient is another store's, and none of our business.
    """
    found = []
    for which in (OWN, CONFIRMED):
        holder = record.holder(which)
        path = layout.identity_path(data_dir, which)
        if holder is None:
            continue
        if holder.kind == KEYCHAIN:
            if _may_be(layout.read(path), path, holder):
                found.append(Copy(which, path, in_keychain=False))
        elif keychain is not None and _holds(keychain, which, holder):
            found.append(Copy(which, f"the keychain item {SERVICE}/{which}", in_keychain=True))
    return found


def _may_be(content: bytes | None, path: str, holder: Holder) -> bool:
    """Say whether *content*, of a file, is the identity, or cannot be told from it."""
    if content is None:
        return False
    if envelope.wants_passphrase(content):
        return True
    try:
        return _is(identity.parse_identity(content, path), holder)
    except StoreError:
        return False


def _holds(keychain: Keychain, which: str, holder: Holder) -> bool:
    held = keychain.get(SERVICE, which)
    return held is not None and _is(held, holder)


def remove_copies(
    data_dir: str, secrets: Mapping[str, Secret], keychain: Keychain | None
) -> list[Copy]:
    """Remove such copies; under the store's lock.

    *secrets* are the identities by OWN and CONFIRMED as they were read where the record says:
    without that proof a copy stays.
    """
    record = read_record(data_dir)
    removed = []
    for copy in copies(data_dir, record, keychain) if record else []:
        holder = record.holder(copy.which) if record else None
        secret = secrets.get(copy.which)
        if holder is None or secret is None or not _is(secret, holder):
            continue
        if copy.in_keychain and keychain is not None:
            keychain.delete(SERVICE, copy.which)
        else:
            _take_away(layout.identity_path(data_dir, copy.which))
        removed.append(copy)
    return removed


def _take_away(path: str) -> None:
    """Remove the file *path*; one with a passphrase may be another store's, and is put aside."""
    content = layout.read(path)
    if content is None or not envelope.wants_passphrase(content):
        atomic.remove(path)
        return
    number = 1
    while os.path.lexists(f"{path}.old{number}"):
        number += 1
    os.rename(path, f"{path}.old{number}")


def _is(secret: Secret, holder: Holder) -> bool:
    known = tuple(filter(None, (holder.recipient, holder.next, holder.former)))
    return envelope.recipient_of(secret) in known
