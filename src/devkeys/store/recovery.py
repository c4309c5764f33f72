"""The recovery key: a second recipient of every file, whose secret half is not kept here.

It is encrypted with a passphrase and printed, as an armored age file: `age -d` opens it, and what
is in it opens every file of the store. That the record names it means that every file has it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout, placing, rekeying, resealing
from devkeys.store.placing import Place
from devkeys.store.record import (
    CONFIRMED,
    OWN,
    Record,
    parse,
    read_copy,
    read_record,
    write_record,
)
from devkeys.store.resealing import Keys, Sealed

MOST = 64 << 10  # bytes of a recovery key's text


class Made(NamedTuple):
    """A recovery key: the *text* that is printed, and to whom files are sealed with it."""

    text: bytes
    recipient: str


def make(passphrase: Secret) -> Made:
    """Make a recovery key, and see that *passphrase* opens its text; it takes seconds."""
    secret = envelope.new_identity()
    comment = b"# opens every value of a devkeys store: devkeys store recover, or age -d -i\n"
    plain = comment + secret.reveal() + b"\n"
    text = envelope.seal_with(plain, passphrase, armored=True)
    if open_text(text, passphrase) != secret:
        raise StoreError(
            "the recovery key does not read back", hint="try again; nothing was changed"
        )
    return Made(text, envelope.recipient_of(secret) or "")


def open_text(text: bytes, passphrase: Secret) -> Secret | None:
    """Return the identity in the text of a recovery key; None if *passphrase* is another's."""
    try:
        plain = envelope.unseal_with(text, passphrase)
    except envelope.DamagedError:
        raise _no_key() from None
    return None if plain is None else identity.parse_identity(plain, "the recovery key")


def check_text(text: bytes) -> None:
    """Raise unless *text* can be that of a recovery key; no passphrase is needed."""
    if not envelope.is_age(text) or not envelope.wants_passphrase(text):
        raise _no_key()


def _no_key() -> StoreError:
    return StoreError(
        "this is no recovery key, or not all of it",
        hint="give the whole text, from -----BEGIN to END AGE ENCRYPTED FILE-----; "
        "nothing was changed",
    )


def change(data_dir: str, keys: Keys, recipient: str) -> int:
    """Make *recipient* the one of the recovery key, none if it is empty; under the store's lock.

    Nothing may be pending. Return the number of files.
    """
    record = _existing(data_dir)
    files = resealing.survey_all(data_dir, keys)
    # First what earlier changes left: afterwards the number of recipients tells two states apart.
    resealing.reseal(files, keys, _wanted(record))
    if recipient:
        both = {which: (*to, recipient) for which, to in _wanted(record).items()}
        resealing.reseal(files, keys, both)
    record = Record(record.own, record.confirmed, recipient)
    write_record(data_dir, record)
    resealing.reseal(files, keys, _wanted(record))
    resealing.drop_remote(data_dir)
    return len(files)


def _wanted(record: Record) -> dict[str, tuple[str, ...]]:
    return {which: record.recipients(which) for which, _ in record.holders()}


def settle(data_dir: str, keys: Keys) -> int:
    """Seal every file as the record says, where it is not; return how many were not."""
    files = resealing.survey_all(data_dir, keys)
    return resealing.reseal(files, keys, _wanted(_existing(data_dir)))


def _existing(data_dir: str) -> Record:
    record = read_record(data_dir)
    if record is None:
        raise StoreError(f"there is no store in {data_dir}", hint="devkeys init makes one")
    return record


class Found(NamedTuple):
    """What a recovery key is used on.

    *record* is None if it is lost, and *lost* are the files that nothing at hand opens.
    """

    record: Record | None
    files: list[Sealed]
    lost: list[str]


def examine(data_dir: str, secret: Secret, more: Sequence[Secret]) -> Found:
    """Return what the recovery key *secret* opens, or *more*; raise if it is another store's."""
    record = _known(data_dir, envelope.recipient_of(secret) or "")
    files, lost = resealing.survey(data_dir, {OWN: (secret,)})
    if not files and (record is None or lost):
        raise StoreError(
            "this recovery key opens nothing here: it is another store's, or was replaced",
            hint="look for the one that was printed last; nothing was changed",
        )
    return Found(record, *resealing.survey(data_dir, {OWN: (secret, *more)}))


def _known(data_dir: str, recipient: str) -> Record | None:
    """Return the record, if it can be read; raise if it knows another recovery key."""
    path = layout.record_path(data_dir)
    data = layout.read(path)
    record = None
    if data is not None:
        try:
            record = parse(data, path)
        except layout.NewerError:
            raise
        except StoreError:
            record = None
    if record is None:
        copy = read_copy(data_dir)
        return copy if copy is not None and copy.recovery == recipient else None
    if record.recovery != recipient:
        check_has_one(record)
        raise StoreError(
            "this is not the recovery key of the store",
            hint="look for the one that was printed last; nothing was changed",
        )
    return record


def check_has_one(record: Record) -> None:
    """Raise if no recovery key opens the store by its record."""
    if not record.recovery:
        raise StoreError(
            "the store has no recovery key, so none opens it",
            hint="devkeys store recovery-key makes one while the store can be opened; "
            "docs/recovery.md says what else there is",
        )


def merge_confirmed(data_dir: str, record: Record, keys: Keys, files: list[Sealed]) -> Record:
    """Let the store's own identity read confirmed profiles, too; under the store's lock.

    Which files are theirs, the recovery key cannot tell.
    """
    if record.confirmed is None:
        return record
    theirs = record.recipients(CONFIRMED)
    everyone = dict.fromkeys((*record.recipients(OWN), *theirs))
    resealing.reseal(files, keys, {OWN: tuple(everyone)})
    record = Record(record.own, None, record.recovery)
    write_record(data_dir, record)
    return record


def found_anew(data_dir: str, place: Place, secret: Secret, files: list[Sealed]) -> Secret:
    """Give a store without a record an identity at *place*, and a record; under its lock.

    *secret* is the recovery key, which opens *files*. Return the identity.
    """
    recipient = envelope.recipient_of(secret) or ""
    new = upcoming(data_dir, secret)
    if new is None:
        new = envelope.new_identity()
        path = layout.next_path(data_dir, OWN)
        atomic.remove_leftovers(path)
        atomic.write(path, envelope.seal(new.reveal() + b"\n", (recipient,)))
    own = envelope.recipient_of(new) or ""
    resealing.reseal(files, {OWN: (new, secret)}, {OWN: (own, recipient)})
    resealing.drop_remote(data_dir)
    placing.put(data_dir, OWN, place, new)
    write_record(data_dir, Record(place.holder(OWN, own), None, recipient))
    atomic.remove(layout.next_path(data_dir, OWN))
    return new


def upcoming(data_dir: str, secret: Secret) -> Secret | None:
    """Return the identity that an interrupted recovery was about to bring in."""
    path = layout.next_path(data_dir, OWN)
    try:
        sealed = layout.read(path)
        if sealed is None:
            return None
        return identity.parse_identity(envelope.unseal(sealed, secret, path=path), path)
    except StoreError:
        return None


def bring_back(
    data_dir: str, place: Place, found: Found, keys: Keys, installed: Secret | None
) -> Secret:
    """Bring in a new identity with the recovery key in *keys*; under the store's lock.

    *installed* is the present one, if it is at hand. Return what is installed then.
    """
    record = _restored(data_dir, found)
    merge_confirmed(data_dir, record, keys, found.files)
    one = rekeying.Change(OWN, place, installed, keys, lenient=True)
    new = None
    if record.own.next or record.own.former:
        new = rekeying.complete(data_dir, one)
    if new is None:
        rekeying.begin(data_dir, OWN)
        new = rekeying.complete(data_dir, one)
    if new is None:
        raise StoreError("the new identity was lost meanwhile", hint="devkeys store recover again")
    return new


def _restored(data_dir: str, found: Found) -> Record:
    """Return the record, put in its place again if it is its copy that was read."""
    try:
        record = read_record(data_dir)
    except StoreError:
        record = None
    if record is None and found.record is not None:
        write_record(data_dir, found.record)
        return found.record
    return _existing(data_dir)
