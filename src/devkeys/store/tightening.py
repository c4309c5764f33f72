"""What is kept of a profile's values, sealed to another identity: a confirmed profile's own."""

from devkeys import atomic
from devkeys.lock import locked
from devkeys.store import envelope, layout
from devkeys.store.envelope import UnreadableError
from devkeys.store.identity import Identity
from devkeys.store.write import check_record

_PATHS = (layout.values_path, layout.before_path, layout.previous_path, layout.remote_path)


def opens(data_dir: str, project: str, profile: str, identity: Identity) -> bool:
    """Say whether *identity* opens what is kept of a profile: the values, or else the rest."""
    for path_of in _PATHS:
        path = path_of(data_dir, project, profile)
        sealed = layout.read(path, limit=layout.LIMIT)
        if sealed is not None:
            return _opens(sealed, identity, path)
    return True


def _opens(sealed: bytes, identity: Identity, path: str) -> bool:
    try:
        envelope.unseal(sealed, identity.secret, path=path)
    except UnreadableError:
        return False
    return True


def tighten(data_dir: str, project: str, profile: str, identity: Identity) -> None:
    """Seal to *identity* what others of it still open, each file as a whole.

    Both open it until all is done, so that an interruption costs nothing. A file that cannot be
    opened at all stays: whoever reads it says so.
    """
    if not any(_left(data_dir, project, profile, identity)):
        return
    with locked(layout.lock_path(data_dir)):
        check_record(data_dir, identity)
        for path, sealed in _left(data_dir, project, profile, identity):
            try:
                plain = identity.unseal(sealed, path=path)
            except UnreadableError:
                continue
            layout.check_known(plain, path=path)
            readers = (identity.secret,)
            new = envelope.seal_and_open(plain, identity.recipients, readers, path=path)
            atomic.remove_leftovers(path)
            atomic.write(path, new)


def _left(data_dir: str, project: str, profile: str, identity: Identity) -> list[tuple[str, bytes]]:
    found = []
    for path_of in _PATHS:
        path = path_of(data_dir, project, profile)
        sealed = layout.read(path, limit=layout.LIMIT)
        if sealed is not None and not _opens(sealed, identity, path):
            found.append((path, sealed))
    return found
