"""`devkeys store recover`: another key for a store whose own is gone, with the recovery key."""

import os
import sys
from contextlib import suppress

from devkeys import ask, atomic, files, opening, passphrase
from devkeys.ask.hidden import hidden
from devkeys.errors import (
    FOUND,
    DevkeysError,
    KeychainAbsentError,
    KeychainError,
    StoreError,
    UsageError,
)
from devkeys.flows.store import finishing, installed
from devkeys.keychain import SERVICE, open_keychain
from devkeys.keychain.errors import KeychainLockedError
from devkeys.lock import locked
from devkeys.project.find import working_directory
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import envelope, identity, layout, placing, recovery, resealing
from devkeys.store.layout import NewerError
from devkeys.store.placing import Place
from devkeys.store.record import CONFIRMED, FILE, KEYCHAIN, OWN, Holder, read_record
from devkeys.store.recovery import Found


def recover(session: Session, *, file: str | None, place: str | None, to: str | None) -> int:
    """Give the store a new identity with a recovery key; return the exit code.

    The key's text is in *file*, on stdin (`-`, or where that is no terminal), or pasted; *place* is
    a file with its passphrase. *to* is `keychain`, `file`, or None: the keychain if there is one.
    """
    if to not in (None, KEYCHAIN, FILE):
        raise UsageError(f"{to!a} is no place for a key", hint="--to keychain or --to file")
    if not os.path.isdir(layout.projects_dir(session.data_dir)) and not os.path.exists(
        layout.record_path(session.data_dir)
    ):
        raise StoreError(
            f"there is no store in {session.data_dir}",
            hint="put a backup of that directory there, then recover it",
        )
    _check_has_one(session)
    text = _text(file)
    recovery.check_text(text)
    secret = _opened(text, place)
    target = _target(to)
    with locked(layout.lock_path(session.data_dir)):
        at_hand = {which: one for which in (OWN, CONFIRMED) if (one := _at_hand(session, which))}
        found = recovery.examine(session.data_dir, secret, tuple(at_hand.values()))
        _check(session, target, found, secret)
        if found.lost and target.kind == FILE:
            _keep_former(session)
        with finishing.unfinished("devkeys store recover"):
            _bring_back(session, target, found, secret, at_hand)
    return _tell(session, found)


def _check_has_one(session: Session) -> None:
    """Raise if the record says that no recovery key opens the store; a lost one says nothing."""
    try:
        record = read_record(session.data_dir)
    except NewerError:
        raise
    except StoreError:
        return
    if record is not None:
        recovery.check_has_one(record)


def _text(file: str | None) -> bytes:
    if file is None and ask.at_terminal():
        return hidden("paste the recovery key, then Enter:").reveal()
    if file in (None, "-"):
        return sys.stdin.buffer.read(recovery.MOST)
    path = os.path.join(working_directory(), file or "")
    text = files.read_regular(path, limit=recovery.MOST)
    if text is None:
        raise UsageError(f"{path} is not there", hint="name the file with the recovery key")
    return text


def _opened(text: bytes, place: str | None) -> Secret:
    wrong = "that is not the recovery key's passphrase"
    if place is not None:
        found = recovery.open_text(text, passphrase.read_from(passphrase.OPTION, place))
        if found is None:
            raise KeychainLockedError(wrong, hint=f"check what is in {place}; nothing was changed")
        return found
    try:
        found = passphrase.until_it_fits(
            "passphrase of the recovery key:", lambda word: recovery.open_text(text, word)
        )
    except UsageError as error:
        raise passphrase.not_typed(error) from None
    if found is None:
        raise KeychainLockedError(
            f"{wrong}, {passphrase.TRIES} times", hint="nothing was changed; find it and try again"
        )
    return found


def _target(to: str | None) -> Place:
    if to == FILE:
        return Place(FILE)
    try:
        return Place(KEYCHAIN, open_keychain())
    except KeychainAbsentError:
        if to == KEYCHAIN:
            raise
        return Place(FILE)


def _at_hand(session: Session, which: str) -> Secret | None:
    """Return an identity of the store that is not gone, if it can be had without asking."""
    try:
        found = opening.open_store(session, confirm=which == CONFIRMED, may_ask=False)
    except DevkeysError:
        return None
    return None if found is None else found.secret


def _check(session: Session, target: Place, found: Found, secret: Secret) -> None:
    """Raise if *target* has an identity that is not to be replaced."""
    if found.record is not None:
        own = found.record.own
        placing.check_free(
            session.data_dir, OWN, target, (own.recipient, own.next or own.recipient, own.former)
        )
        return
    upcoming = recovery.upcoming(session.data_dir, secret)
    known = (envelope.recipient_of(upcoming) or "",) if upcoming is not None else ()
    try:
        placing.check_free(session.data_dir, OWN, target, known)
    except StoreError as error:
        if _opens_any(target, found):
            raise StoreError(
                f"the record is lost, but the keychain item {SERVICE}/{OWN} opens the store",
                hint="devkeys store repair writes the record anew; nothing was changed",
            ) from None
        raise StoreError(str(error), hint=f"{error.hint}; or recover with --to file") from None


def _keep_former(session: Session) -> None:
    """Keep a copy of the identity file, which may open what the recovery key does not."""
    path = layout.identity_path(session.data_dir)
    data = layout.read(path)
    if data is not None:
        atomic.write(f"{path}.old", data)
        ask.say(f"devkeys: the former key is kept in {ask.plain(path)}.old")


def _opens_any(target: Place, found: Found) -> bool:
    held = target.keychain.get(SERVICE, OWN) if target.keychain is not None else None
    return held is not None and resealing.opens_any(found.files, held)


def _bring_back(
    session: Session, target: Place, found: Found, secret: Secret, at_hand: dict[str, Secret]
) -> None:
    data_dir = session.data_dir
    if found.record is None:
        recovery.found_anew(data_dir, target, secret, found.files)
        return
    former = found.record.own
    keys = {OWN: (secret, *at_hand.values())}
    recovery.bring_back(data_dir, target, found, keys, at_hand.get(OWN))
    installed.forget(former.recipient)
    if (former.kind == KEYCHAIN) != (target.kind == KEYCHAIN) and not found.lost:
        _remove_former(session, former)


def _remove_former(session: Session, former: Holder) -> None:
    """Take the old identity out of its place, if it is still there: it opens nothing now."""
    if former.kind != KEYCHAIN:
        placing.remove(session.data_dir, OWN, former, None)
        return
    with suppress(KeychainError):  # it may be gone, or as locked as before
        keychain = open_keychain()
        held = keychain.get(SERVICE, former.account)
        if held is not None and envelope.recipient_of(held) == former.recipient:
            keychain.delete(SERVICE, former.account)


def _tell(session: Session, found: Found) -> int:
    record = installed.existing(session)
    where = ask.plain(identity.place(session.data_dir, OWN, record.own))
    count = len(found.files)
    ask.say(
        f"devkeys: the store has a new key, {where}; it opens {count} file{'s' * (count != 1)} of "
        "values. The recovery key stays as it is"
    )
    if record.own.kind == FILE:
        ask.say("devkeys: only its mode protects that file; devkeys store passphrase does better")
    if found.record is None:
        ask.say("devkeys: the store's record was lost, and is written anew")
    elif found.record.confirmed is not None:
        ask.say(
            "devkeys: confirmed profiles get a key of their own again when they are written next"
        )
    for path in found.lost:
        ask.say(f"devkeys: cannot be opened, and is left as it is: {ask.plain(path)}")
    return FOUND if found.lost else 0
