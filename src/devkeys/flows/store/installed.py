"""The identities that open the store, and where each is: for those who change one or the other."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import NamedTuple

from devkeys import ask, opening, passphrase, unlocking
from devkeys.bootstrap import PASSPHRASE_FILE
from devkeys.errors import KeychainError, StoreError, UsageError
from devkeys.keychain import open_keychain
from devkeys.keychain.errors import KeychainLockedError
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import envelope, identity, layout
from devkeys.store.placing import Place
from devkeys.store.record import (
    CONFIRMED,
    FILE,
    KEYCHAIN,
    OWN,
    PASSPHRASE,
    Holder,
    Record,
    read_record,
)
from devkeys.store.resealing import Keys


class Installed(NamedTuple):
    """The record, the identities by OWN and CONFIRMED, and where each is."""

    record: Record
    secrets: dict[str, Secret]
    places: dict[str, Place]

    @property
    def keys(self) -> Keys:
        """What opens the files of either class."""
        return {which: (secret,) for which, secret in self.secrets.items()}


def existing(session: Session) -> Record:
    """Return the record; raise if there is no store."""
    record = read_record(session.data_dir)
    if record is None:
        raise StoreError(
            f"there is no store in {session.data_dir} yet",
            hint="devkeys init or devkeys set makes one",
        )
    return record


def opened(session: Session, *, replacing: Collection[str] = ()) -> Installed:
    """Open the store with all its identities; ask for the passphrase of those in *replacing*.

    Without it a file that is protected so could be replaced by a plain one only.
    """
    record = existing(session)
    secrets: dict[str, Secret] = {}
    places: dict[str, Place] = {}
    for which, holder in record.holders():
        if which in replacing and _is_wrapped(session, which, holder):
            secrets[which], places[which] = _proven(session, which, holder)
        else:
            secrets[which] = _opened(session, which)
            keychain = open_keychain() if which in replacing and holder.kind == KEYCHAIN else None
            places[which] = Place(holder.kind, keychain)
    return Installed(record, secrets, places)


def _opened(session: Session, which: str) -> Secret:
    found = opening.open_store(session, confirm=which == CONFIRMED)
    if found is None:
        raise StoreError(f"there is no store in {session.data_dir}", hint="devkeys init makes one")
    return found.secret


def _is_wrapped(session: Session, which: str, holder: Holder) -> bool:
    """Say whether a passphrase protects the file of *which*."""
    if holder.kind == KEYCHAIN:
        return False
    path = layout.identity_path(session.data_dir, which)
    wrapped = envelope.wants_passphrase(layout.read(path) or b"")
    if holder.kind == PASSPHRASE and not wrapped and layout.read(path) is not None:
        raise StoreError(
            f"{path} was to be protected by a passphrase, and is not yet",
            hint="devkeys store passphrase finishes that; nothing was changed",
        )
    return wrapped


def _proven(session: Session, which: str, holder: Holder) -> tuple[Secret, Place]:
    """Return the identity of a wrapped file, and the place with the passphrase that opened it."""
    path = layout.identity_path(session.data_dir, which)
    sealed = layout.read(path) or b""
    chosen, found = _asked(session, which, path, sealed)
    if envelope.recipient_of(found) not in (holder.recipient, holder.next):
        raise StoreError(
            f"{identity.place(session.data_dir, which, holder)} is not the identity that the store "
            "was made with",
            hint="devkeys store verify looks at all of it; nothing was changed",
        )
    return found, Place(PASSPHRASE, wrap=unlocking.wrapping(chosen))


def _asked(session: Session, which: str, path: str, sealed: bytes) -> tuple[Secret, Secret]:
    name = passphrase.variable(session.environ)
    if name is not None:
        given = passphrase.read_from(name, session.environ[name])
        found = passphrase.fits(given, sealed, path)
        if found is not None:
            return given, found
        if which == OWN:
            raise KeychainLockedError(
                f"the passphrase that {name} leads to does not open {path}",
                hint="check which file it names, or unset it to be asked; nothing was changed",
            )
    what = "the store" if which == OWN else "confirmed profiles"

    def attempt(word: Secret) -> tuple[Secret, Secret] | None:
        held = passphrase.fits(word, sealed, path)
        return None if held is None else (word, held)

    try:
        prompt = f"passphrase of {what}, which will protect the new key too:"
        typed = passphrase.until_it_fits(prompt, attempt)
    except UsageError as error:
        raise passphrase.not_typed(error, otherwise=PASSPHRASE_FILE) from None
    if typed is None:
        raise KeychainLockedError(
            f"{passphrase.TRIES} times something else than the passphrase of {what}",
            hint="devkeys store recover does without it, with a recovery key; nothing was changed",
        )
    return typed


def announcing(which: str, holder: Holder) -> Callable[[Secret], None]:
    """Return what lets the kernel keep a new identity for as long as it keeps the present one."""
    until = None
    if which == OWN and holder.kind == PASSPHRASE:
        until = unlocking.unlocked_until(holder)

    def announce(new: Secret) -> None:
        seconds = int((until or 0) - time.time())
        if seconds > 0:
            there = Holder(holder.kind, "", envelope.recipient_of(new) or "")
            with suppress(KeychainError):
                unlocking.remember(there, new, seconds=seconds)

    return announce


def forget(recipient: str) -> None:
    """Let the kernel keep an identity no longer that opens nothing now."""
    with suppress(KeychainError):  # what cannot be asked for it does not hold it
        unlocking.forget(Holder(FILE, "", recipient))


def agreed(question: str, *, yes: bool) -> None:
    """Ask *question* unless *yes*; raise UsageError if the answer is no, or nobody is there."""
    if yes:
        return
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed", hint="--yes does not ask"
        )
    if not ask.confirm(question):
        raise UsageError("nothing was changed")
