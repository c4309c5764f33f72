"""Another identity for the store, such that whatever is installed opens every file all the time.

    the new one is kept, sealed to the present one   DATA/identity.next
    the record says `next`: what is written from now on is sealed to both
    every file is sealed to both
    the new one takes the present one's place
    the record says `former`: what is written from now on is sealed to the new one only
    every file is sealed to the new one only
    the record says neither

What a crash leaves, `complete` finishes; until then everything works.
"""

import os
from collections.abc import Callable
from typing import NamedTuple

from devkeys import atomic
from devkeys.errors import StoreError
from devkeys.secret import Secret
from devkeys.store import envelope, identity, layout, placing, resealing
from devkeys.store.placing import Place
from devkeys.store.record import (
    CONFIRMED,
    OWN,
    Holder,
    Record,
    encode,
    read_copy,
    read_record,
    write_record,
)
from devkeys.store.resealing import Keys


class Change(NamedTuple):
    """One identity that is to be replaced: *which*, by one that is to be at *place*.

    *installed* is the one that is where the record says, if it is. *keys* open the files; if
    *lenient*, those that none opens are left as they are. *announce* is told of the new one when
    it is installed, and before anybody needs it.
    """

    which: str
    place: Place
    installed: Secret | None
    keys: Keys
    lenient: bool = False
    announce: Callable[[Secret], None] | None = None


def is_pending(data_dir: str, record: Record) -> bool:
    """Say whether a rekey was interrupted; no key is needed."""
    if any(holder.next or holder.former for _, holder in record.holders()):
        return True
    return any(os.path.lexists(layout.next_path(data_dir, which)) for which in (OWN, CONFIRMED))


def check_same(data_dir: str, known: Record) -> None:
    """Raise unless the record is still *known*; under the store's lock."""
    read_copy(data_dir)  # one of a newer devkeys stops whoever would replace it
    record = read_record(data_dir)
    if record is None or encode(record) != encode(known):
        raise StoreError(
            "another devkeys changed the store meanwhile", hint="try again; nothing was changed"
        )


def recipient(secret: Secret) -> str:
    """Return the recipient of an identity."""
    return envelope.recipient_of(secret) or ""


def begin(data_dir: str, which: str) -> None:
    """Make another identity and announce it; under the store's lock, and nothing pending."""
    record = _record(data_dir)
    holder = _holder(record, which)
    new = envelope.new_identity()
    path = layout.next_path(data_dir, which)
    atomic.remove_leftovers(path)
    atomic.write(path, envelope.seal(new.reveal() + b"\n", record.recipients(which)))
    upcoming = envelope.recipient_of(new) or ""
    write_record(data_dir, record.but(which, holder.but(next=upcoming)))


def complete(data_dir: str, change: Change) -> Secret | None:
    """Finish what is pending of one identity, wherever it stands; under the store's lock.

    Return the new identity if one was brought in, None if what had begun was taken back.
    """
    which = change.which
    holder = _holder(_record(data_dir), which)
    new: Secret | None = change.installed
    if holder.next:
        new = _upcoming(data_dir, change, holder)
        if new is None:
            _take_back(data_dir, change)
            return None
        _bring_in(data_dir, change, new)
    atomic.remove(layout.next_path(data_dir, which))
    _take_former_away(data_dir, change, new)
    return new


def _record(data_dir: str) -> Record:
    record = read_record(data_dir)
    if record is None:
        raise StoreError(f"there is no store in {data_dir}", hint="devkeys init makes one")
    return record


def _holder(record: Record, which: str) -> Holder:
    holder = record.holder(which)
    if holder is None:
        raise StoreError(
            "the store has no identity for confirmed profiles", hint="see devkeys store verify"
        )
    return holder


def _upcoming(data_dir: str, change: Change, holder: Holder) -> Secret | None:
    """Return the identity that the record announces, from where it is kept."""
    installed = change.installed
    if installed is not None and envelope.recipient_of(installed) == holder.next:
        return installed
    path = layout.next_path(data_dir, change.which)
    try:
        sealed = layout.read(path)
        if sealed is None:
            return None
        plain = envelope.unseal(sealed, *change.keys[change.which], path=path)
        found = identity.parse_identity(plain, path)
    except StoreError:
        return None
    return found if envelope.recipient_of(found) == holder.next else None


def _seal_all(data_dir: str, change: Change, more: Secret | None) -> None:
    """Seal all files of the class as the record says."""
    which = change.which
    keys = dict(change.keys)
    if more is not None:
        keys[which] = (more, *keys[which])
    files, lost = resealing.survey(data_dir, keys)
    if not change.lenient:
        resealing.refuse(lost)
    resealing.reseal(files, keys, {which: _record(data_dir).recipients(which)})


def _take_back(data_dir: str, change: Change) -> None:
    """Forget an announced identity that was never installed, and is not kept any more."""
    record = _record(data_dir)
    holder = _holder(record, change.which)
    write_record(data_dir, record.but(change.which, holder.but(next="")))
    _seal_all(data_dir, change, None)
    atomic.remove(layout.next_path(data_dir, change.which))


def _bring_in(data_dir: str, change: Change, new: Secret) -> None:
    which = change.which
    _seal_all(data_dir, change, new)
    resealing.drop_remote(data_dir)
    record = _record(data_dir)
    holder = _holder(record, which)
    if change.installed != new or change.place.kind != holder.kind:
        placing.put(data_dir, which, change.place, new, former=change.installed)
    if change.announce is not None:
        change.announce(new)
    installed = change.place.holder(which, holder.next).but(former=holder.recipient)
    write_record(data_dir, record.but(which, installed))


def _take_former_away(data_dir: str, change: Change, new: Secret | None) -> None:
    if _holder(_record(data_dir), change.which).former:
        _seal_all(data_dir, change, new)
        record = _record(data_dir)
        holder = _holder(record, change.which)
        write_record(data_dir, record.but(change.which, holder.but(former="")))
