"""`devkeys store import`: what an export holds, merged into this store.

decrypt -> open -> compare -> show -> decide -> ask -> lock, look again -> write -> read back

All of a profile or nothing of it. An import that was interrupted is run again: what is there
already is the same, and the rest is added.
"""

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from devkeys import ask, keep
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.flows.store import contents
from devkeys.flows.store.collecting import belongs
from devkeys.flows.store.comparing import show
from devkeys.flows.store.contents import Opened
from devkeys.flows.store.exporting import in_number
from devkeys.flows.store.receiving import STDIN, Received, receive
from devkeys.lock import locked
from devkeys.noting import note
from devkeys.session import Session
from devkeys.store import layout, merging, previous, values, write
from devkeys.store.bundle import Part
from devkeys.store.identity import Identity
from devkeys.store.merging import ADDED, HERE, REPLACED, UNDECIDED, Change


class Taken(NamedTuple):
    """How an import went: what the export says of itself, and of each profile what became of it."""

    received: Received
    changes: Sequence[Change]
    written: bool
    undecided: int


def take_in(
    session: Session,
    file: str,
    *,
    identities: Sequence[str],
    passphrase_file: str | None,
    projects: Sequence[str],
    prefer: str | None,
    dry_run: bool,
    yes: bool,
) -> Taken:
    """Merge the export in *file* into the store; with *dry_run* only show what would be done.

    *prefer* is `here` or `file`, for names that have two values; else the one that was changed
    later stays, and where the notes do not tell a person is asked, or nothing is done.
    """
    if file == STDIN and not (yes or dry_run):
        raise UsageError("what comes on stdin leaves nobody to ask", hint="give --yes")
    received = receive(session, file, identities=identities, passphrase_file=passphrase_file)
    parts = _wanted(received.bundle.parts, projects)
    now = time.time()
    changes = _compare(session, parts, prefer, now)
    show(received, changes)
    undecided = [row for change in changes for row in change.names if row.outcome == UNDECIDED]
    if dry_run:
        return Taken(received, changes, False, len(undecided))
    if undecided:
        changes = _decided(changes, now)
    if all(change.is_done(now) for change in changes):
        ask.say("devkeys: all of it is here already; nothing was changed")
        return Taken(received, changes, False, 0)
    _confirm(yes=yes)
    _write(session, changes, now)
    note(session)
    _tell(changes)
    return Taken(received, changes, True, 0)


def _wanted(parts: Sequence[Part], projects: Sequence[str]) -> list[Part]:
    names = dict.fromkeys(part.project for part in parts)
    strange = [one for one in projects if not any(belongs(name, [one]) for name in names)]
    if strange:
        raise UsageError(
            f"the export has nothing of {', '.join(map(ask.plain, strange))}",
            hint=f"it has {', '.join(map(ask.plain, names))}",
        )
    return [part for part in parts if belongs(part.project, projects)]


def _compare(
    session: Session, parts: Sequence[Part], prefer: Mapping[str, str] | str | None, now: float
) -> list[Change]:
    opened = Opened(session)
    changes = []
    for part in parts:
        here = contents.before_a_store(session, part.project, part.profile)
        if opened.own is not None:
            identity, _ = opened.identity(part.project, part.profile)
            here = contents.read(session, part.project, part.profile, identity)
        changes.append(Change(part, here, merging.compare(here, part, prefer, now)))
    return changes


def _decided(changes: Sequence[Change], now: float) -> list[Change]:
    """Return *changes* with what a person decides; raise if nobody is there to."""
    if not ask.at_terminal():
        count = sum(row.outcome == UNDECIDED for change in changes for row in change.rows)
        verb = "has" if count == 1 else "have"
        raise StoreError(
            f"{in_number(count, 'name')} {verb} one value here and another in the file, and no "
            "dates that tell which is the later; nothing was changed",
            hint="--prefer here, or --prefer file; the other becomes a former value",
        )
    return [_ask(change, now) for change in changes]


def _ask(change: Change, now: float) -> Change:
    part = change.part
    prefer = {}
    for row in change.rows:
        if row.outcome == UNDECIDED:
            what = f"{ask.plain(part.project)} ({part.profile}) {ask.plain(row.name)}"
            question = f"{what}: the value that is [h]ere, or that of the [f]ile?"
            prefer[row.name] = ask.choose(question, (merging.HERE, merging.FILE), default=HERE)
    if not prefer:
        return change
    return change._replace(rows=merging.compare(change.here, part, prefer, now))


def _confirm(*, yes: bool) -> None:
    if yes:
        return
    if not ask.at_terminal():
        raise UsageError(
            "there is no terminal to ask at; nothing was changed", hint="--yes imports unasked"
        )
    if not ask.confirm("Take this into the store?"):
        raise UsageError("nothing was changed")


def _write(session: Session, changes: Sequence[Change], now: float) -> None:
    """Write *changes*, which nobody may have made untrue meanwhile, and read them back."""
    changes = [change for change in changes if not change.is_done(now)]
    opened = [
        keep.opened_for(session, part.project, part.profile, confirm=part.confirmed)
        for part, _, _ in changes
    ]
    done = 0
    with locked(layout.lock_path(session.data_dir), doing="to finish an import"):
        for change, identity in zip(changes, opened, strict=True):
            write.check_record(session.data_dir, identity)
            part = change.part
            if not contents.read(session, part.project, part.profile, identity).is_as(change.here):
                raise StoreError(
                    f"{ask.plain(part.project)} ({part.profile}) was changed meanwhile; nothing "
                    "was imported",
                    hint="try again",
                )
        try:
            for change, identity in zip(changes, opened, strict=True):
                _write_one(session, change, identity, now)
                done += 1
        except DevkeysError as error:
            raise StoreError(
                f"{error}; of {in_number(len(changes), 'profile')} {done} were imported",
                hint="put that right, and import the same file again: that does the rest",
            ) from None


def _write_one(session: Session, change: Change, identity: Identity, now: float) -> None:
    part, here, _ = change
    new = change.merged(now)
    where = (session.data_dir, session.state_dir, part.project, part.profile)
    count = here.values.counter if here.values else here.seen
    if new.values.counter != count:
        write.put_in_place(
            session.data_dir, part.project, part.profile, identity, new.values, former=new.former
        )
    elif new.former:
        previous.keep(session.data_dir, part.project, part.profile, identity, new.former, ())
    write.after_commit(*where, new.values.counter, new.notes)
    found = values.read(*where, identity)
    wanted = new.values
    if found is None or (found.values, found.kinds, found.generations) != (
        wanted.values,
        wanted.kinds,
        wanted.generations,
    ):
        raise StoreError(
            f"what was imported for {part.project} ({part.profile}) does not read back as it "
            "was given",
            hint="keep the export, and see devkeys store verify",
        )


def _tell(changes: Sequence[Change]) -> None:
    taken = [row for change in changes for row in change.rows if row.outcome in (ADDED, REPLACED)]
    ask.say(
        f"devkeys: imported {in_number(len(taken), 'value')}, and read them back; remove the "
        "export once you need it no more"
    )
    new = dict.fromkeys(
        ask.plain(change.part.project) for change in changes if change.here.values is None
    )
    if new:
        ask.say(
            f"devkeys: in a clone of {', '.join(new)}, devkeys init asks whether it is to share "
            "these values"
        )
