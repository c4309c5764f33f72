"""Opening the store: with the keychain, its identity file, or a passphrase.

On the way of `run`: what unlocks a passphrase is imported when there is one.
"""

from devkeys import files
from devkeys.store import identity, values
from devkeys.store.envelope import UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from devkeys.secret import Secret
    from devkeys.session import Session
    from devkeys.store.identity import Identity
    from devkeys.store.record import Holder
    from devkeys.store.values import Values

    T = TypeVar("T")


def open_store(
    session: "Session",
    *,
    confirm: bool = False,
    may_ask: bool = True,
    limit: float | None = None,
    meanwhile: "Callable[[], None] | None" = None,
) -> "Identity | None":
    """Return what opens the store; None if there is none.

    With *confirm*, what opens confirmed profiles, and others. Without *may_ask* nobody is asked
    for a passphrase: KeychainLockedError instead. *limit* and *meanwhile* are for the keychain,
    see `keychain.read`.
    """

    def ask_keychain(service: str, account: str) -> "Secret | None":
        from devkeys.keychain import read
        from devkeys.keychain.waiting import LIMIT

        seconds = LIMIT if limit is None else limit
        return read(service, account, limit=seconds, meanwhile=meanwhile)

    def unlock(which: str, sealed: bytes, holder: "Holder") -> "Secret":
        from devkeys.unlocking import unlock

        return unlock(session, which, sealed, holder, may_ask=may_ask)

    for directory in (session.data_dir, session.state_dir):
        files.check_way(directory, session.home)
    return identity.load(
        session.data_dir, read_keychain=ask_keychain, unlock=unlock, confirm=confirm
    )


def read_layers(
    session: "Session",
    seen: "Mapping[str, int] | Mapping[str, None]",
    profile: str,
    *,
    confirm: bool,
    may_ask: bool = True,
    limit: float | None = None,
    meanwhile: "Callable[[], None] | None" = None,
) -> "list[Values]":
    """Return the values of those projects in *seen* that have any, in its order.

    *seen* has the counters of `values.read_counter`, None where they were not asked.
    """
    opened = open_store(session, confirm=confirm, may_ask=may_ask, limit=limit, meanwhile=meanwhile)
    if opened is None:
        return []

    def read(found: "Identity") -> "list[Values]":
        return _layers(session, seen, profile, found)

    return with_either(session, opened, read, may_ask=may_ask, limit=limit)


def with_either(
    session: "Session",
    opened: "Identity",
    read: "Callable[[Identity], T]",
    *,
    may_ask: bool = True,
    limit: float | None = None,
) -> "T":
    """Return what *read* makes of *opened*, or of what opens confirmed profiles.

    A file may be sealed for a confirmed profile, though the profile is that no longer; or it
    was sealed anew since the store was opened.
    """
    while True:
        try:
            return read(opened)
        except UnreadableError:
            other = open_store(session, confirm=True, may_ask=may_ask, limit=limit)
            if other is None or other.recipients == opened.recipients:
                raise
            opened = other


def _layers(
    session: "Session",
    seen: "Mapping[str, int] | Mapping[str, None]",
    profile: str,
    found: "Identity",
) -> "list[Values]":
    layers = [
        values.read(session.data_dir, session.state_dir, project, profile, found, seen=count)
        for project, count in seen.items()
    ]
    return [layer for layer in layers if layer is not None]
