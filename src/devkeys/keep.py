"""Putting values into the store, for every command that does: opens it, makes it at first.

`run` never comes here unless something is to be entered.
"""

import getpass
import socket
import time
from collections.abc import Iterable, Mapping

from devkeys import ask
from devkeys.errors import KeychainAbsentError, StoreError
from devkeys.keychain import open_keychain
from devkeys.keychain import read as read_keychain
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import create, identity, layout, values, write
from devkeys.store.identity import FILE, Identity
from devkeys.store.values import Values


def put(
    session: Session,
    project: str,
    profile: str,
    new: Mapping[str, tuple[Secret, str]],
    *,
    source: str,
) -> Values:
    """Store *new*, name to (value, `secret` or `setting`), and read it back to be sure.

    *source* says where the values came from: `prompt`, `stdin`, `import .env`, `generated`.
    """
    opened = opened_or_made(session)
    write.set_values(
        session.data_dir,
        session.state_dir,
        project,
        profile,
        opened,
        new,
        source=source,
        who=who(),
        now=time.time(),
    )
    found = values.read(session.data_dir, session.state_dir, project, profile, opened)
    if found is None or any(found.values.get(name) != value for name, (value, _) in new.items()):
        raise StoreError(
            f"what was stored for {project} ({profile}) does not read back as it was given",
            hint="keep the values where you have them, and see devkeys status",
        )
    return found


def put_new(
    session: Session, project: str, profile: str, new: Mapping[str, tuple[Secret, str]]
) -> None:
    """Store generated values for those names that still have none when the store is locked."""
    write.update(
        session.data_dir,
        session.state_dir,
        project,
        profile,
        opened_or_made(session),
        lambda contents: {**new, **contents},
        source="generated",
        who=who(),
        now=time.time(),
    )


def remove(session: Session, project: str, profile: str, names: Iterable[str]) -> None:
    """Take the values of *names* out of the store."""
    opened = opened_identity(session)
    if opened is not None:
        write.remove_values(
            session.data_dir,
            session.state_dir,
            project,
            profile,
            opened,
            names,
            who=who(),
            now=time.time(),
        )


def read(session: Session, project: str, profile: str) -> Values | None:
    """Return what is stored for one profile of one project; None if nothing ever was."""
    opened = opened_identity(session)
    if opened is None:
        return None
    return values.read(session.data_dir, session.state_dir, project, profile, opened)


def opened_identity(session: Session) -> Identity | None:
    """Return the identity of the store, asked of its keychain; None if there is no store."""
    return identity.load(session.data_dir, read_keychain=read_keychain)


def opened_or_made(session: Session) -> Identity:
    """Return the identity of the store, made at the first use."""
    found = opened_identity(session)
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
