"""`devkeys store passphrase`: an identity file that only a passphrase opens, or again a plain one.

the record says so -> THE IDENTITY FILE

Readers go by what the file holds, and the record never says less than that: an older devkeys,
which knows of no passphrases, stops at the record.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from devkeys import ask, atomic, keep, passphrase, unlocking
from devkeys.errors import KeychainAbsentError, KeychainError, StoreError, UsageError
from devkeys.keychain import SERVICE, open_keychain
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import create, envelope, identity, layout, placing
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
    write_record,
)

_SHORT = {OWN: "the store", CONFIRMED: "confirmed profiles"}
_NAMES = {OWN: "the store", CONFIRMED: "confirmed profiles, asked for at each use"}


class Opened(NamedTuple):
    """An identity that is to be protected, and what its file held when it was read."""

    which: str
    holder: Holder
    content: bytes | None
    secret: Secret


def protect(session: Session, *, confirmed: bool, place: str | None) -> None:
    """Encrypt the store's identity file with a new passphrase, or that of *confirmed* profiles.

    Who changes a passphrase is asked for the old one. *place* is a file with the new one.
    """
    record = read_record(session.data_dir)
    if record is None:
        record = _made(session, place, confirmed=confirmed)
        if record is None:
            return
    if confirmed and record.confirmed is None:
        _make_confirmed(session, place)
        return
    opened = _opened(session, record, CONFIRMED if confirmed else OWN)
    wrap = unlocking.wrapping(passphrase.choose(_NAMES[opened[0].which], place))
    sealed = {one.which: create.file_content(one.secret, wrap) for one in opened}
    _replace(session, opened, PASSPHRASE, sealed)
    for one in opened:
        if one.holder.kind == KEYCHAIN:
            _drop_item(one.holder)
    _say_protected(session, opened)


def _made(session: Session, place: str | None, *, confirmed: bool) -> Record | None:
    """Make a store whose identity file never was without its passphrase, if nothing is here.

    Return the record if a keychain holds the new store's identity instead.
    """
    try:
        open_keychain()
    except KeychainAbsentError:
        pass
    else:
        keep.opened_or_made(session)
        return read_record(session.data_dir)
    if confirmed:
        raise StoreError("there is no store yet", hint="devkeys store passphrase makes one")
    wrap = unlocking.wrapping(passphrase.choose(_NAMES[OWN], place))
    create.create(session.data_dir, keychain=None, wrap=wrap)
    ask.say("devkeys: made the store; only the passphrase opens it")
    return None


def _make_confirmed(session: Session, place: str | None) -> None:
    own = keep.opened_or_made(session)
    wrap = unlocking.wrapping(passphrase.choose(_NAMES[CONFIRMED], place))
    create.create_confirmed(session.data_dir, own, keychain=None, wrap=wrap)
    ask.say(
        "devkeys: confirmed profiles have a key of their own now, which only the passphrase opens; "
        "their values are sealed to it when they are written next"
    )


def _opened(session: Session, record: Record, which: str) -> list[Opened]:
    """Return the identities that get a passphrase: *which*, and what would stay behind."""
    if which == OWN and record.own.kind == KEYCHAIN:
        raise StoreError(
            "the keychain protects the store's key already, under your login's password",
            hint="devkeys store passphrase --confirmed protects that of confirmed profiles; "
            "devkeys store move file takes the store's out of the keychain",
        )
    found = [_open(session, which, record.holder(which) or record.own)]
    other = record.confirmed
    if which == OWN and other is not None and other.kind != KEYCHAIN:
        content = _content(session.data_dir, CONFIRMED, other)
        path = layout.identity_path(session.data_dir, CONFIRMED)
        # One without a passphrase gets this one, and so does one that had the same.
        if not envelope.wants_passphrase(content) or passphrase.with_known(content, path):
            found.append(_open(session, CONFIRMED, other))
    return found


def _open(session: Session, which: str, holder: Holder) -> Opened:
    if holder.next or holder.former:
        raise StoreError(
            "the store is about to get another key", hint="devkeys store rekey finishes that first"
        )
    content = None
    if holder.kind == KEYCHAIN:
        secret = open_keychain().get(SERVICE, holder.account) or Secret(b"")
    else:
        content = _content(session.data_dir, which, holder)
        if envelope.wants_passphrase(content):
            secret = unlocking.unlock_anew(session, which, content)
        else:
            path = layout.identity_path(session.data_dir, which)
            secret = identity.parse_identity(content, path)
    if envelope.recipient_of(secret) != holder.recipient:
        raise StoreError(
            f"{identity.place(session.data_dir, which, holder)} does not hold the key that the "
            "store was made with",
            hint="devkeys store verify looks at all of it; nothing was changed",
        )
    return Opened(which, holder, content, secret)


def _content(data_dir: str, which: str, holder: Holder) -> bytes:
    content = layout.read(layout.identity_path(data_dir, which))
    if content is None:
        from devkeys.store.loss import gone

        raise gone(data_dir, which, holder)
    return content


def _replace(session: Session, opened: list[Opened], kind: str, new: Mapping[str, bytes]) -> None:
    """Let the identity files hold *new*, if they and the record are still as they were read."""
    data_dir = session.data_dir
    with locked(layout.lock_path(data_dir)):
        for one in opened:
            _check_unchanged(data_dir, one)
        for one in opened:
            if one.holder.kind == FILE:
                _set_kind(data_dir, one.which, kind)
            path = layout.identity_path(data_dir, one.which)
            atomic.remove_leftovers(path)
            atomic.write(path, new[one.which])
            if one.holder.kind != FILE:
                _set_kind(data_dir, one.which, kind)


def _check_unchanged(data_dir: str, one: Opened) -> None:
    record = read_record(data_dir)
    holder = record.holder(one.which) if record else None
    content = layout.read(layout.identity_path(data_dir, one.which)) if one.content else None
    facts = (holder.kind, holder.recipient, holder.next) if holder else None
    if facts != (one.holder.kind, one.holder.recipient, "") or content != one.content:
        raise StoreError(
            f"the store in {data_dir} was changed meanwhile", hint="try again; nothing was changed"
        )


def _set_kind(data_dir: str, which: str, kind: str) -> None:
    record = read_record(data_dir)
    holder = record.holder(which) if record else None
    if record is not None and holder is not None:
        account = which if kind == KEYCHAIN else ""
        write_record(data_dir, record.but(which, holder.but(kind=kind, account=account)))


def _drop_item(holder: Holder) -> None:
    try:
        open_keychain().delete(SERVICE, holder.account)
    except KeychainError as error:
        ask.say(
            f"devkeys: the keychain still has its item {SERVICE}/{holder.account}: {error}; remove "
            "it in the keychain's own program"
        )


def _say_protected(session: Session, opened: list[Opened]) -> None:
    paths = [layout.identity_path(session.data_dir, one.which) for one in opened]
    ask.say(f"devkeys: only the passphrase opens {' and '.join(map(ask.plain, paths))} now")
    if any(one.content is not None for one in opened):
        ask.say(
            "devkeys: earlier backups hold the key as it was before; devkeys store rekey makes a "
            "new one"
        )


def unprotect(session: Session, *, confirmed: bool, yes: bool) -> None:
    """Put the identity file, or that of *confirmed* profiles, back as it is without a passphrase.

    For a store in the keychain, that of confirmed profiles goes there.
    """
    record = read_record(session.data_dir)
    which = CONFIRMED if confirmed else OWN
    holder = record.holder(which) if record is not None else None
    if record is None or holder is None or holder.kind != PASSPHRASE:
        raise StoreError(
            f"no passphrase protects {_SHORT[which]}", hint="devkeys status says what does"
        )
    if confirmed and record.own.kind == PASSPHRASE:
        raise StoreError(
            "the store's own key has a passphrase, and that of confirmed profiles stays behind one",
            hint="devkeys store passphrase --confirmed changes it",
        )
    opened = _open(session, which, holder)
    keychain = open_keychain() if record.own.kind == KEYCHAIN else None
    if keychain is not None:
        target = Place(KEYCHAIN, keychain)
        placing.check_free(session.data_dir, which, target, (holder.recipient,))
    _confirm(layout.identity_path(session.data_dir, which), keychain is not None, yes=yes)
    if keychain is not None:
        create.put_in_keychain(keychain, which, opened.secret)
        _into_keychain(session.data_dir, opened)
    else:
        _replace(session, [opened], FILE, {which: create.file_content(opened.secret)})
    with suppress(KeychainError):  # what the kernel cannot be asked for it does not hold
        unlocking.forget(holder)
    ask.say(f"devkeys: no passphrase protects {_SHORT[which]} any more")


def _into_keychain(data_dir: str, one: Opened) -> None:
    with locked(layout.lock_path(data_dir)):
        _check_unchanged(data_dir, one)
        _set_kind(data_dir, one.which, KEYCHAIN)
        atomic.remove(layout.identity_path(data_dir, one.which))


def _confirm(path: str, in_keychain: bool, *, yes: bool) -> None:
    if yes:
        return
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed", hint="--yes does not ask"
        )
    after = "The keychain will hold the key"
    if not in_keychain:
        after = f"Only its mode will protect {ask.plain(path)}: not from who has the disk"
    if not ask.confirm(f"{after}. Go on?"):
        raise UsageError("nothing was changed")
