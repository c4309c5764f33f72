"""Putting values into the store, for every command that does: opens it, makes it at first.

`run` never comes here unless something is to be entered.
"""

import getpass
import socket
import time
from collections.abc import Callable, Iterable, Mapping

from devkeys import ask, opening
from devkeys.errors import KeychainAbsentError
from devkeys.keychain import open_keychain
from devkeys.keychain.errors import KeychainLockedError
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import create, layout, tightening, write
from devkeys.store.identity import Identity
from devkeys.store.record import FILE, KEYCHAIN, PASSPHRASE, read_record
from devkeys.store.values import Values
from devkeys.store.write import Contents


def put(
    session: Session,
    project: str,
    profile: str,
    new: Mapping[str, tuple[Secret, str]],
    *,
    source: str,
    confirm: bool,
) -> Values:
    """Store *new*, name to (value, `secret` or `setting`); return all that is there now.

    *source* says where the values came from: `prompt`, `stdin`, `import .env`, `generated`.
    *confirm* says whether each run with this profile is to be confirmed.
    """
    change = write.setting(new)
    return _update(session, project, profile, change, source=source, confirm=confirm)


def put_new(
    session: Session,
    project: str,
    profile: str,
    new: Mapping[str, tuple[Secret, str]],
    *,
    confirm: bool,
) -> None:
    """Store generated values for those names that still have none when the store is locked."""

    def change(contents: Contents) -> Contents:
        return {**new, **contents}

    _update(session, project, profile, change, source="generated", confirm=confirm)


def remove(
    session: Session, project: str, profile: str, names: Iterable[str], *, confirm: bool
) -> None:
    """Take the values of *names* out of the store."""
    if read_record(session.data_dir) is not None:
        change = write.removing(names)
        _update(session, project, profile, change, source="", confirm=confirm)


def _update(
    session: Session,
    project: str,
    profile: str,
    change: Callable[[Contents], Contents],
    *,
    source: str,
    confirm: bool,
) -> Values:
    """Let *change* make the profile's values of those that are there; see `write.update`."""

    def update() -> Values:
        opened = opened_for(session, project, profile, confirm=confirm)
        where = (session.data_dir, session.state_dir, project, profile)
        return write.update(*where, opened, change, source=source, who=who(), now=time.time())

    try:
        return update()
    except write.ReplacedError:
        return update()  # a rekey came between opening the store and locking it


def read(session: Session, project: str, profile: str, *, confirm: bool) -> Values | None:
    """Return what is stored for one profile of one project; None if nothing ever was."""
    layers = opening.read_layers(session, {project: None}, profile, confirm=confirm)
    return layers[0] if layers else None


def opened_for(session: Session, project: str, profile: str, *, confirm: bool) -> Identity:
    """Return the identity to which this profile's values are sealed, made at its first use.

    What was sealed to the store's own before the profile was to be confirmed is sealed anew.
    What was once sealed for a confirmed profile stays so: a repository may tighten.
    """
    own = opened_or_made(session)
    record = read_record(session.data_dir)
    made = record is not None and record.confirmed is not None
    where = (session.data_dir, project, profile)
    if not confirm and (not made or tightening.opens(*where, own)):
        return own
    if not made:
        _make_confirmed(session, own)
    found = opening.open_store(session, confirm=True) or own
    tightening.tighten(*where, found)
    return found


def _make_confirmed(session: Session, own: Identity) -> None:
    """Make the identity of confirmed profiles, where the store's own is."""
    keychain = open_keychain() if own.kind == KEYCHAIN else None
    wrap = _confirmed_wrapping(session) if own.kind == PASSPHRASE else None
    create.create_confirmed(session.data_dir, own, keychain=keychain, wrap=wrap)


def _confirmed_wrapping(session: Session) -> Callable[[bytes], bytes]:
    from devkeys import passphrase, unlocking

    name = passphrase.variable(session.environ)
    if name is not None:
        given = passphrase.read_from(name, session.environ[name])
        path = layout.identity_path(session.data_dir)
        # The store may have been open already, and a passphrase that others know do for this.
        if passphrase.fits(given, layout.read(path) or b"", path) is None:
            raise KeychainLockedError(
                f"the passphrase that {name} leads to does not open {path}",
                hint="check which file it names, or unset it to be asked for one",
            )
        return unlocking.wrapping(given)
    ask.say("devkeys: this profile is to be confirmed, so its values get a key of their own")
    return unlocking.wrapping(_chosen_for_confirmed())


def _chosen_for_confirmed() -> Secret:
    from devkeys import passphrase
    from devkeys.bootstrap import PASSPHRASE_FILE

    what = "confirmed profiles, asked for at each use"
    return passphrase.choose(what, otherwise=PASSPHRASE_FILE)


def opened_identity(session: Session) -> Identity | None:
    """Return the identity of the store, asked of its keychain; None if there is no store."""
    return opening.open_store(session)


def opened_or_made(session: Session) -> Identity:
    """Return the identity of the store, made at the first use."""
    found = opening.open_store(session)
    if found is not None:
        return found
    try:
        keychain = open_keychain()
    except KeychainAbsentError:
        keychain = None
    made = create.create(session.data_dir, keychain=keychain)
    if made.kind == FILE:
        ask.say(
            "devkeys: there is no keychain here, so the store's key is a file that only its mode "
            f"protects: {layout.identity_path(session.data_dir)}"
        )
    return made


def who() -> str:
    """Return who stores something, as user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
