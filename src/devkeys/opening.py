"""Opening the store: with the keychain, its identity file, or a passphrase.

On the way of `run`: what unlocks a passphrase is imported when there is one.
"""

from devkeys.errors import DevkeysError
from devkeys.store import identity, layout, values
from devkeys.store.envelope import UnreadableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from devkeys.secret import Secret
    from devkeys.session import Session
    from devkeys.store.identity import Identity
    from devkeys.store.record import Holder
    from devkeys.store.values import Values


def open_store(
    session: "Session",
    *,
    confirm: bool = False,
    limit: float | None = None,
    meanwhile: "Callable[[], None] | None" = None,
) -> "Identity | None":
    """Return what opens the store; None if there is none.

    With *confirm*, what opens confirmed profiles. *limit* and *meanwhile* are for the
    keychain, see `keychain.read`.
    """

    def ask_keychain(service: str, account: str) -> "Secret | None":
        from devkeys.keychain import read
        from devkeys.keychain.waiting import LIMIT

        seconds = LIMIT if limit is None else limit
        return read(service, account, limit=seconds, meanwhile=meanwhile)

    def unlock(which: str, sealed: bytes, holder: "Holder") -> "Secret":
        from devkeys.unlocking import unlock

        return unlock(session, which, sealed, holder)

    return identity.load(
        session.data_dir, read_keychain=ask_keychain, unlock=unlock, confirm=confirm
    )


def read_layers(
    session: "Session",
    seen: "Mapping[str, int] | Mapping[str, None]",
    profile: str,
    *,
    confirm: bool,
    limit: float | None = None,
    meanwhile: "Callable[[], None] | None" = None,
) -> "list[Values]":
    """Return the values of those projects in *seen* that have any, in its order.

    *seen* has the counters of `values.read_counter`, None where they were not asked.
    """
    found = open_store(session, confirm=confirm, limit=limit, meanwhile=meanwhile)
    if found is None:
        return []
    try:
        return _layers(session, seen, profile, found)
    except UnreadableError:
        # Sealed for a confirmed profile, though this one no longer is; or anew meanwhile.
        other = open_store(session, confirm=True, limit=limit)
        if other is None or other.recipients == found.recipients:
            raise
        return _layers(session, seen, profile, other)


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


def opens(session: "Session", project: str, profile: str, found: "Identity") -> bool:
    """Say whether *found* opens the file of values, if there is one."""
    path = layout.values_path(session.data_dir, project, profile)
    sealed = layout.read(path, limit=layout.LIMIT)
    try:
        return sealed is None or bool(found.unseal(sealed, path=path))
    except DevkeysError:
        return False
