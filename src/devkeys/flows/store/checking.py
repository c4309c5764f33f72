"""`devkeys store verify` and `repair`: whether every file of the store can be read, and mending.

look -> show -> ask -> mend under the lock -> look again
"""

import os
import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from devkeys import ask, keep, opening
from devkeys import keychain as keychains
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.flows.store import finishing
from devkeys.lock import locked
from devkeys.session import Session
from devkeys.store import (
    faults,
    layout,
    rebuilding,
    repairing,
    resealing,
    salvage,
    verifying,
)
from devkeys.store.faults import Fault, Store
from devkeys.store.identity import Identity
from devkeys.unlocking import unlock_anew

_WORDS = {
    faults.RESTORE: "bring back the values before the last write",
    faults.OLD: "take the newest values that can be read as they are",
    faults.LEDGER: "write the notes anew",
    faults.COUNTER: "count from the values that are there",
    faults.BEFORE: "make a copy of the present values",
    faults.ASIDE: "put it aside",
    faults.REMOVE: "remove it",
    faults.MODE: "take the rights of others away",
    faults.RECORD: "write it anew from what is there",
    faults.COPY: "copy the record again",
    faults.FINISH: "finish it",
}
# Values that were replaced would count again: whoever put the old file there may want just that.
_GRAVE = (faults.OLD, faults.COUNTER)


class Look(NamedTuple):
    """What was found: *faults*, and how many *values* of how many *profiles* could be read.

    *unopened* says why files could not be opened, if they could not.
    """

    path: str
    faults: tuple[Fault, ...]
    values: int
    profiles: int
    unopened: str


def look(session: Session) -> Look:
    """Look at every file of the store; raise if there is no store."""
    if not os.path.isdir(session.data_dir):
        raise StoreError("there is no store yet", hint="the first devkeys set or init makes one")
    found = _look(session)
    if not found.faults:
        return found
    try:  # another devkeys may be in the midst of a change
        with locked(layout.lock_path(session.data_dir)):
            return _look(session)
    except DevkeysError:  # it cannot be locked where nothing can be written
        return found


def _look(session: Session) -> Look:
    opened, why = _open(session)
    store = Store(session.data_dir, session.state_dir, opened)
    wrong = tuple(verifying.examine(store))
    found = verifying.profiles(session.data_dir)
    values = sum(len(salvage.names_at_stake(store, *one)) for one in found)
    return Look(session.data_dir, wrong, values, len(found), why)


def _open(session: Session) -> tuple[Identity | None, str]:
    """Return what opens all files, the confirmed ones too, or why that is not to be had."""
    try:
        return opening.open_store(session, confirm=True), ""
    except DevkeysError as error:
        return None, f"{error}" + (f" ({error.hint})" if error.hint else "")


def repair(session: Session, *, yes: bool, dry_run: bool, accept_old: bool) -> Look:
    """Mend what can be mended, after it was shown and agreed to; return what is left.

    Files that are older than what was seen are taken only where somebody says so: at the
    terminal, or with *accept_old*.
    """
    before = look(session)
    mendable = [fault for fault in before.faults if fault.remedy]
    if yes and not accept_old:
        for fault in [one for one in mendable if one.remedy in _GRAVE]:
            ask.say(f"devkeys: left as it is, without --accept-old: {ask.plain(fault.what)}")
            mendable.remove(fault)
    if not mendable:
        return before
    _show(session, mendable)
    if dry_run:
        ask.say("devkeys: nothing was changed")
        return before
    _agree(mendable, yes=yes)
    wanting = _wanting(session, mendable)
    # What was interrupted can be finished only once every file can be opened.
    for fault in sorted(mendable, key=_turn):
        _mend(session, fault)
    for line in wanting:
        ask.say(line)
    return look(session)


def _wanting(session: Session, mendable: Sequence[Fault]) -> list[str]:
    """Return, in sentences, what is to be set again once values are brought back."""
    opened, _ = _open(session)
    store = Store(session.data_dir, session.state_dir, opened)
    said = []
    for fault in mendable:
        if fault.remedy in (faults.RESTORE, faults.OLD):
            names = sorted(name for names in repairing.forecast(store, fault) for name in names)
            where = f"{ask.plain(fault.project)} ({fault.profile})"
            if names:
                said.append(f"devkeys: to be set again in {where}: {', '.join(names)}")
    return said


def _turn(fault: Fault) -> int:
    """Return when it is a fault's turn: the rights come first, for others hang on them."""
    return {faults.MODE: 0, faults.FINISH: 2}.get(fault.remedy, 1)


def _show(session: Session, mendable: Sequence[Fault]) -> None:
    opened, _ = _open(session)
    store = Store(session.data_dir, session.state_dir, opened)
    for fault in mendable:
        ask.say(f"  {ask.plain(fault.what)}: {_WORDS[fault.remedy]}")
        if fault.remedy in (faults.RESTORE, faults.OLD):
            for line in _forecast(store, fault):
                ask.say(f"    {ask.plain(line)}")


def _forecast(store: Store, fault: Fault) -> list[str]:
    lost, older = repairing.forecast(store, fault)
    lines = []
    if older:
        lines.append(f"an earlier value will count again: {', '.join(older)}")
    if lost:
        lines.append(f"lost, to be set anew: {', '.join(lost)}")
    if fault.remedy == faults.OLD:
        # Its notes may be as old as it is, and tell nothing.
        return [*lines, "what was stored after those is lost"]
    return lines or ["no value is lost"]


def _agree(mendable: Sequence[Fault], *, yes: bool) -> None:
    if yes:
        return
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed",
            hint="--yes mends without asking, --dry-run shows what would be done",
        )
    grave = any(fault.remedy in _GRAVE for fault in mendable)
    question = "Sure that nobody else put an old file there? Mend it?" if grave else "Mend it?"
    if not ask.confirm(question, default=not grave):
        raise UsageError("nothing was changed")


def _mend(session: Session, fault: Fault) -> None:
    """Mend one fault; what cannot be done is said, and the others are still mended."""
    try:
        if fault.remedy == faults.FINISH:
            for line in finishing.finish(session):
                ask.say(f"devkeys: {line}")
        else:
            _mend_files(session, fault)
    except DevkeysError as error:
        ask.say(f"devkeys: {ask.plain(str(error))}" + (f": {error.hint}" if error.hint else ""))


def _mend_files(session: Session, fault: Fault) -> None:
    opened, _ = _open(session) if fault.remedy != faults.RECORD else (None, "")
    store = Store(session.data_dir, session.state_dir, opened)
    moment = repairing.Moment(keep.who(), time.time())
    with locked(layout.lock_path(session.data_dir)):
        if fault not in verifying.examine(store):  # as it was shown
            return
        if fault.remedy == faults.RECORD:
            sources = rebuilding.Sources(keychains.read, partial(unlock_anew, session))
            record = rebuilding.rebuild(session.data_dir, sources)
            if not record.recovery and resealing.miscounted(session.data_dir, record):
                ask.say(
                    "devkeys: the files can be read by more than is known now, such as a recovery "
                    "key, which will open nothing any more: devkeys store recovery-key makes one"
                )
        else:
            repairing.ACTIONS[fault.remedy](store, fault, moment)
