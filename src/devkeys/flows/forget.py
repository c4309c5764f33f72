"""`devkeys forget`: a project's values and all that is known about it, or everything."""

import os
import shutil
from collections.abc import Collection, Sequence
from typing import NamedTuple

from devkeys import allow, ask, atomic, files, skips
from devkeys.consent import path_of as consent_path
from devkeys.consent import record as records
from devkeys.consent.record import Record
from devkeys.errors import DevkeysError, KeychainError, UsageError
from devkeys.flows.here import Here
from devkeys.flows.hooks import rcfile, take_line
from devkeys.flows.hooks.state import State, installed_lines
from devkeys.keychain import open_keychain
from devkeys.lock import locked
from devkeys.noting import note
from devkeys.plan import DEFAULT_PROFILE, cache
from devkeys.project.user import FILE as USER_FILE
from devkeys.session import Session
from devkeys.store import envelope, identity, layout, ledger
from devkeys.store.projects import list_projects, remove_project
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, PASSPHRASE, Holder, read_record

EVERYTHING = "everything"


class Loss(NamedTuple):
    """What would be lost: a project, a profile, the number of its names."""

    project: str
    profile: str
    names: int


def losses(session: Session, project: str | None, profile: str | None) -> list[Loss]:
    """Return what is stored: in all projects, or in *project*; in all profiles, or in one."""
    return [
        Loss(known, kept_in, len(ledger.names(ledger.read(session.data_dir, known, kept_in))))
        for known, kept_in in list_projects(session.data_dir)
        if project in (None, known) and profile in (None, kept_in)
    ]


def forget_here(here: Here, profile: str | None, *, yes: bool) -> None:
    """Forget the project of *here*: its values, consent, skips and plans; in one profile or all."""
    record = here.record
    if record is None:
        raise DevkeysError(
            f"nothing is known about {here.checkout.directory}",
            hint="devkeys list --all shows what is stored; devkeys forget --project NAME",
        )
    project = allow.name_of(record, here.checkout)
    lost = losses(here.session, project, profile)
    _show(lost, f"the consent and the skips of {ask.plain(here.checkout.directory)}")
    sharing = [
        other.path
        for other in records.everything(here.session.data_dir)
        if other.project == record.project and other.identity != record.identity
    ]
    if lost and sharing:
        ask.say(f"The same values are those of {ask.plain(', '.join(sharing))}.")
    _confirm(project, yes=yes)
    remove_project(here.session.data_dir, here.session.state_dir, project, profile)
    profiles = {profile} if profile else {DEFAULT_PROFILE, *(loss.profile for loss in lost)}
    _forget_checkout(here, record, profile, profiles)
    note(here.session, here.checkout)
    ask.say(f"devkeys: forgot {ask.plain(project)}" + (f" ({profile})" if profile else ""))


def _forget_checkout(
    here: Here, record: Record, profile: str | None, profiles: Collection[str]
) -> None:
    session, checkout = here.session, here.checkout
    agreed = {fact.profile for fact in record.agreed if fact.relative == checkout.relative}
    for name in profiles if profile else agreed.union(profiles):
        path = skips.path_of(session.state_dir, checkout.identity, checkout.relative, name)
        atomic.remove(path)
    for location in records.withdraw(
        session.data_dir, checkout.identity, checkout.relative, profile=profile
    ):
        atomic.remove(cache.path_of(session.state_dir, location))
    left = records.read(session.data_dir, checkout.identity)
    # The name stays bound while it leads to anything.
    if left is not None and not left.agreed and not allow.count_values(session, left.project):
        atomic.remove(consent_path(session.data_dir, checkout.identity))


def forget_project(session: Session, project: str, profile: str | None, *, yes: bool) -> None:
    """Forget the values of *project*, wherever its checkouts are, if there are any."""
    lost = losses(session, project, profile)
    if not lost:
        known = ", ".join(dict.fromkeys(loss.project for loss in losses(session, None, None)))
        raise DevkeysError(
            f"nothing is stored for {project}", hint=f"there is: {ask.plain(known) or 'nothing'}"
        )
    _show(lost, None)
    _confirm(project, yes=yes)
    remove_project(session.data_dir, session.state_dir, project, profile)
    note(session)
    ask.say(f"devkeys: forgot the values of {ask.plain(project)}")


def forget_everything(session: Session, *, yes: bool) -> None:
    """Forget all values, all consent and what opens the store.

    What opens the store goes first: a keychain that cannot be asked stops it before anything
    is lost, and nobody can read what an interruption leaves behind.
    """
    _show(losses(session, None, None), "every consent and skip, and what opens the store")
    hooks = installed_lines(session)
    for hook in hooks:
        ask.say(f"  the line in {ask.plain(hook.file)} that loads the hook")
    _confirm(EVERYTHING, yes=yes)
    if _is_there(session.data_dir):
        with locked(layout.lock_path(session.data_dir)):
            _forget_identities(session.data_dir)
            _clear(session.data_dir)
    _clear(session.state_dir)
    _take_hooks(hooks)
    ask.say("devkeys: forgot everything")


def _is_there(directory: str) -> bool:
    """Say whether *directory* is there; one that cannot be looked at is no less there."""
    try:
        os.stat(directory)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DevkeysError(
            f"cannot look at {directory}: {files.reason(error)}",
            hint="check the disk; nothing was changed",
        ) from None
    return True


def _take_hooks(hooks: Sequence[State]) -> None:
    for hook in hooks:
        try:
            take_line(hook, rcfile.read(hook.file))
        except DevkeysError as error:
            ask.say(f"devkeys: {ask.plain(str(error))}; the line does nothing any more")


def _forget_identities(data_dir: str) -> None:
    known = layout.read(layout.record_path(data_dir)) is not None
    record = read_record(data_dir) if known else None
    for _, holder in record.holders() if record is not None else ():
        if holder.kind == PASSPHRASE:
            _let_go(holder)
        elif holder.kind == KEYCHAIN:
            _delete_item(holder)
    for which in (OWN, CONFIRMED):
        atomic.remove(layout.identity_path(data_dir, which))


def _let_go(holder: Holder) -> None:
    from devkeys import unlocking

    try:
        unlocking.forget(holder)
    except KeychainError:
        return  # what the kernel cannot be asked for it does not hold


def _delete_item(holder: Holder) -> None:
    keychain = open_keychain()
    held = keychain.get(identity.SERVICE, holder.account)
    recipient = envelope.recipient_of(held) if held is not None else None
    if recipient is None or recipient not in (holder.recipient, holder.next, holder.former):
        # Gone, or another store's: in neither case is the item ours to remove.
        what = "is gone" if held is None else "belongs to another store"
        item = f"{identity.SERVICE}/{holder.account}"
        ask.say(f"devkeys: left the keychain as it is: its item {item} {what}")
        return
    keychain.delete(identity.SERVICE, holder.account)


def _clear(directory: str) -> None:
    """Remove what is in *directory*, but for the user's own configuration and the lock.

    A lock file that is removed could be held twice.
    """
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        path = os.path.join(directory, name)
        if name in (USER_FILE, os.path.basename(layout.lock_path(""))):
            continue
        try:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        except OSError as error:
            raise DevkeysError(
                f"cannot remove {path}: {files.reason(error)}",
                hint="remove it by hand",
            ) from None


def _show(lost: Sequence[Loss], more: str | None) -> None:
    ask.say("This will be lost for good:")
    for loss in lost:
        noun = "value" if loss.names == 1 else "values"
        ask.say(f"  {ask.plain(loss.project)} ({loss.profile}): {loss.names} {noun}")
    if more:
        ask.say(f"  {more}")


def _confirm(word: str, *, yes: bool) -> None:
    if yes:
        return
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed",
            hint="--yes forgets without asking",
        )
    if ask.line(f"Type {ask.plain(word)} to go on:") != word:
        raise UsageError(f"that is not {word}; nothing was changed")
