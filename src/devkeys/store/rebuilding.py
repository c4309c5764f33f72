"""Writing the store's record anew, when it is damaged or gone, from what is still there."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from devkeys.errors import KeychainError, StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, layout, resealing
from devkeys.store.identity import SERVICE, parse_identity
from devkeys.store.record import (
    CONFIRMED,
    FILE,
    KEYCHAIN,
    OWN,
    PASSPHRASE,
    Holder,
    Record,
    read_copy,
    write_record,
)


class Sources(NamedTuple):
    """Where identities may be: in the keychain, or in a file whose passphrase *unlock* asks for.

    *unlock* takes which identity it is and the content of its file.
    """

    read_keychain: Callable[[str, str], Secret | None]
    unlock: Callable[[str, bytes], Secret]


def rebuild(data_dir: str, sources: Sources) -> Record:
    """Write the record anew, and return it; under the store's lock.

    Its copy counts, if there is one. Else an identity that is still there does, in a file or in
    the keychain, if it opens a file of the store; who else could read is not known then.
    """
    copy = read_copy(data_dir)
    record = copy if copy is not None else _from_what_is_there(data_dir, sources)
    write_record(data_dir, record)
    return record


def _from_what_is_there(data_dir: str, sources: Sources) -> Record:
    own = _find(data_dir, OWN, sources)
    if own is None:
        raise StoreError(
            f"{layout.record_path(data_dir)} cannot be made anew: no identity was found that "
            "opens a file of the store",
            hint="devkeys store recover, with a recovery key; or put it back from a backup",
        )
    return Record(own, _find(data_dir, CONFIRMED, sources))


def _find(data_dir: str, which: str, sources: Sources) -> Holder | None:
    for kind, secret in _candidates(data_dir, which, sources):
        if secret is not None and _opens_any(data_dir, secret):
            account = which if kind == KEYCHAIN else ""
            return Holder(kind, account, envelope.recipient_of(secret) or "")
    return None


def _candidates(data_dir: str, which: str, sources: Sources) -> Iterator[tuple[str, Secret | None]]:
    """Yield each kind of holder that there is, with the identity that it holds."""
    path = layout.identity_path(data_dir, which)
    data = layout.read(path)
    if data is not None and envelope.wants_passphrase(data):
        yield PASSPHRASE, sources.unlock(which, data)
    elif data is not None:
        yield FILE, parse_identity(data, path)
    try:
        yield KEYCHAIN, sources.read_keychain(SERVICE, which)
    except KeychainError:
        return


def _opens_any(data_dir: str, secret: Secret) -> bool:
    for path in resealing.list_sealed(data_dir):
        sealed = layout.read(path, limit=layout.LIMIT)
        try:
            if sealed is not None and envelope.unseal(sealed, secret, path=path):
                return True
        except envelope.UnreadableError:
            continue
    return False
