"""`devkeys store move`: the store's key into the keychain, or out of it into a file."""

from collections.abc import Callable

from devkeys import ask, passphrase, unlocking
from devkeys.errors import DevkeysError, KeychainAbsentError, UsageError
from devkeys.flows.store import finishing, installed
from devkeys.flows.store.finishing import KEYS
from devkeys.keychain import open_keychain
from devkeys.lock import locked
from devkeys.session import Session
from devkeys.store import identity, layout, moving, placing, rekeying
from devkeys.store.placing import Keychain, Place
from devkeys.store.record import FILE, KEYCHAIN, PASSPHRASE, Holder, Record

WARNING = (
    "devkeys: outside the keychain the key is a file that only its mode protects: whoever has the "
    "disk, or a backup of it, can read every value, unless a passphrase protects it"
)


def move(session: Session, to: str, *, place: str | None, protect: bool | None) -> None:
    """Move the store's identities *to* `keychain` or `file`.

    *place* is a file with the passphrase that protects them in files; *protect* says whether
    one does, None is to ask.
    """
    if to not in ("keychain", "file"):
        raise UsageError(f"{to!a} is no place for a key", hint="devkeys store move keychain|file")
    if to == "keychain" and (place is not None or protect is not None):
        raise UsageError("in the keychain the key needs no passphrase of its own")
    record = installed.existing(session)
    to_keychain = to == "keychain"
    if all((holder.kind == KEYCHAIN) == to_keychain for _, holder in record.holders()):
        ask.say(f"devkeys: {_where(session, record.own, 'identity')} has the store's key already")
        _remove_what_is_left(session, record)
        return
    finishing.finish_rekey(session)
    keychain = open_keychain()
    target = Place(KEYCHAIN, keychain) if to_keychain else _file(place, protect=protect)
    _move(session, target, keychain)


def _remove_what_is_left(session: Session, record: Record) -> None:
    """Remove the copies that an interrupted move left in the other place."""
    try:
        keychain = open_keychain()
    except KeychainAbsentError:
        keychain = None
    if not moving.copies(session.data_dir, record, keychain):
        return
    found = installed.opened(session)
    with locked(layout.lock_path(session.data_dir)):
        rekeying.check_same(session.data_dir, found.record)
        for copy in moving.remove_copies(session.data_dir, found.secrets, keychain):
            ask.say(f"devkeys: removed a copy of {KEYS[copy.which]}: {ask.plain(copy.where)}")


def _where(session: Session, holder: Holder, which: str) -> str:
    return ask.plain(identity.place(session.data_dir, which, holder))


def _file(place: str | None, *, protect: bool | None) -> Place:
    wrap = _wrapping(place, protect=protect)
    return Place(FILE if wrap is None else PASSPHRASE, wrap=wrap)


def _wrapping(place: str | None, *, protect: bool | None) -> Callable[[bytes], bytes] | None:
    if protect is None and place is None:
        if not ask.at_terminal():
            raise UsageError(
                "whether a passphrase is to protect the file cannot be asked without a terminal",
                hint="--passphrase-file FILE has one, --no-passphrase does without",
            )
        ask.say(WARNING)
        protect = ask.confirm("Protect it with a passphrase?", default=True)
    elif place is None:
        ask.say(WARNING)
    if not protect and place is None:
        return None
    return unlocking.wrapping(passphrase.choose("the store", place))


def _move(session: Session, target: Place, keychain: Keychain) -> None:
    data_dir = session.data_dir
    found = installed.opened(session)
    going = {
        which: found.secrets[which]
        for which, holder in found.record.holders()
        if (holder.kind == KEYCHAIN) != (target.kind == KEYCHAIN)
    }
    with locked(layout.lock_path(data_dir)):
        rekeying.check_same(data_dir, found.record)
        for which, holder in moving.move(data_dir, target, going):
            try:
                placing.remove(data_dir, which, holder, keychain)
            except DevkeysError as error:
                ask.say(
                    f"devkeys: {KEYS[which]} is moved, but still in its old place, "
                    f"{_where(session, holder, which)}: {error}; devkeys store repair removes it"
                )
            if holder.kind == PASSPHRASE:
                installed.forget(holder.recipient)
    places = [_where(session, h, w) for w, h in installed.existing(session).holders() if w in going]
    ask.say(f"devkeys: the store's key is now {' and '.join(places)}")
    if target.kind == KEYCHAIN:
        ask.say("devkeys: backups that hold the file open the store still; devkeys store rekey")
