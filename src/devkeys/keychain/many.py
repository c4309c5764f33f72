"""Several items at once: one connection or one child for all of them; not on the way of `run`."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from devkeys import keychain
from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.child import Item, Keyring
from devkeys.keychain.errors import KeychainLockedError, UnusualError
from devkeys.secret import Secret

if TYPE_CHECKING:
    from devkeys.keychain.dbus import Bus

Found = Secret | KeychainError | None


@runtime_checkable
class Grouped(Protocol):
    """A keychain that gives several items for little more than one."""

    def get_many(self, items: Sequence[Item]) -> dict[Item, Found]:
        """Return each item's secret, None if there is none, or why it could not be had."""


def read_many(
    items: Sequence[Item], *, limit: float, environ: Mapping[str, str]
) -> dict[Item, Found]:
    """Return each item's secret, None if there is none, or why it could not be had.

    Raise a KeychainError if the keychain could not be asked at all.
    """
    opened = keychain.open_keychain(limit=limit, environ=environ)
    if sys.platform == "linux" and isinstance(opened, Keyring):
        return {item: _doubt(item, one) for item, one in opened.get_many(items).items()}
    found = opened.get_many(items) if isinstance(opened, Grouped) else one_by_one(opened, items)
    unusual = [item for item, one in found.items() if isinstance(one, UnusualError)]
    if unusual:  # such as in a session that is not plain: keyring can do that
        asked = Keyring(limit=limit, environ=environ).get_many(unusual)
        found |= {item: one for item, one in asked.items() if one is not None}
    return found


def _doubt(item: Item, found: Found) -> Found:
    """Return *found*, but believe no "not there": it may be in the service that is missing."""
    if found is not None:
        return found
    return KeychainAbsentError(
        f"keyring holds no item {'/'.join(item)}, and no Secret Service is there to be asked",
        hint="run this in a desktop session, or start gnome-keyring, KWallet or KeePassXC",
    )


def one_by_one(opened: "keychain.Keychain", items: Sequence[Item]) -> dict[Item, Found]:
    """Return the same from a keychain that has one call for each."""
    found: dict[Item, Found] = {}
    dismissed: KeychainLockedError | None = None
    for item in items:
        if dismissed is not None:  # whoever dismissed a dialog is not shown the next
            found[item] = dismissed
            continue
        try:
            found[item] = opened.get(*item)
        except KeychainLockedError as error:
            dismissed = found[item] = error
        except KeychainError as error:
            found[item] = error
    return found


def look(
    items: Sequence[Item], *, limit: float = 1.0, environ: Mapping[str, str]
) -> dict[Item, bool | KeychainError | None]:
    """Return whether each of *items* is there, by a search that unlocks nothing.

    None is what cannot be told; a locked one is a KeychainLockedError. Raise a KeychainError
    if the keychain could not be asked at all.
    """
    if sys.platform != "linux":
        return dict.fromkeys(items)
    from devkeys.keychain.dbus import connect
    from devkeys.keychain.waiting import Patience

    bus = connect(environ, Patience(limit, strict=True))
    try:
        return {item: _look(bus, *item) for item in items}
    finally:
        bus.close()


def _look(bus: "Bus", service: str, account: str) -> bool | KeychainError:
    from devkeys.keychain.secretservice import find

    try:
        path, is_locked = find(bus, service, account)
    except KeychainError as error:
        return error
    if is_locked:
        return KeychainLockedError(
            f"the item {service}/{account} is locked", hint="unlock the keychain"
        )
    return path is not None
