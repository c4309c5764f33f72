"""`devkeys import`: from a `.env` or a provider into the store, with a word on each name's fate.

read -> agree -> sort -> decide -> declare -> store -> report -> remove

source    the bytes, from a file, a FIFO or stdin
remote    all values of a provider's item or path
known     what is declared and stored already
sorting   what is to become of each name
report    what became of them, in words
removal   taking the moved values out of the file
"""

import os
import stat
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devkeys import allow, ask, atomic, files, keep
from devkeys.consent.record import Record
from devkeys.declaration.edit import append
from devkeys.declaration.syntax import read_dotenv
from devkeys.errors import StoreError, UsageError
from devkeys.flows.consenting import consent
from devkeys.flows.here import Here
from devkeys.flows.importing import remote, sorting
from devkeys.flows.importing.known import what_is_known
from devkeys.flows.importing.removal import Removal
from devkeys.flows.importing.report import report, wrapped
from devkeys.flows.importing.sorting import Found
from devkeys.flows.importing.source import Source, values_of
from devkeys.flows.importing.source import read as read_source
from devkeys.names import is_secret_name
from devkeys.noting import note
from devkeys.plan import option
from devkeys.project.find import working_directory

DECLARE, KEEP, DROP = "declare", "keep", "drop"


class Options(NamedTuple):
    """What the user decided beforehand. None asks at a terminal, and is careful without one.

    *undeclared* is declare, keep or drop; *remove* tells whether the file loses what was
    moved; *overwrite* prefers the new value to another stored one.
    """

    undeclared: str | None = None
    remove: bool | None = None
    overwrite: bool = False
    with_references: bool = False
    yes: bool = False


def import_from(here: Here, name: str, options: Options) -> None:
    """Import the file *name*, stdin for `-`, or what is at a reference, into the project."""
    if options.remove and "://" in name:
        raise UsageError("--remove takes values out of a file only", hint="leave --remove out")
    source = read(here, name, directory=working_directory())
    if source.remote is None:
        read_dotenv(source.data, path=source.path or source.label)
    project = here.project()
    if project.changes(here.record):
        consent(here, yes=options.yes, name=None)
    take_in(here, source, options)


def read(here: Here, name: str, *, directory: str) -> Source:
    """Read the file *name*, relative to *directory*, or stdin, or the values at a reference."""
    if "://" in name:
        return remote.read(here, name)
    return read_source(name, directory=directory)


def take_in(here: Here, source: Source, options: Options) -> None:
    """Bring what is in *source* into the store; the user has agreed to the project."""
    record = allow.bind(here.session, here.checkout)
    values = values_of(source)
    known = what_is_known(here, record)
    pieces = set() if source.remote is not None else sorting.pieces_of_values(values, known)
    if pieces:
        ask.say(
            f"devkeys: {source.path or source.label}: {len(pieces)} lines look like pieces of a "
            "longer value without quotes; nothing is taken out of the file before that is mended"
        )
        options = options._replace(remove=False)
    values = {name: value for name, value in values.items() if name not in pieces}
    found = sorting.sort(values, known, with_references=options.with_references)
    found = _decide(found, options)
    found = _place_undeclared(here, found, source, options)
    _store(here, record, found, source)
    report(here, record, found, source)
    _offer_removal(here, record, found, source, options)


def _decide(found: list[Found], options: Options) -> list[Found]:
    """Settle the names that have another stored value: the user says, or the stored one stays."""
    asking = ask.at_terminal() and not options.yes and not options.overwrite
    decided = []
    for one in found:
        if one.fate == sorting.OTHER and (options.overwrite or (asking and _takes_new(one.name))):
            decided.append(one._replace(fate=sorting.STORED))
        else:
            decided.append(one)
    return decided


def _takes_new(name: str) -> bool:
    question = f"{name} has another value in the store. [s]tored or [n]ew?"
    return ask.choose(question, ("stored", "new"), default="stored") == "new"


def _place_undeclared(
    here: Here, found: list[Found], source: Source, options: Options
) -> list[Found]:
    """Settle the names that nothing declares: declared now, kept for later, or left."""
    names = [one.name for one in found if one.fate == sorting.LATER]
    if not names:
        return found
    place = options.undeclared
    if place is None and ask.at_terminal() and not options.yes:
        ask.say(f"{here.project().path} does not declare\n{wrapped(names)}")
        place = ask.choose(
            f"[d]eclare them there, [k]eep their values for later, or leave them in {source.label}"
            " ([l]eave)?",
            (DECLARE, KEEP, "leave"),
            default=DECLARE if source.remote is None else "leave",
        )
    elif place is None and source.remote is not None:
        place = DROP  # nothing is lost by it: a provider's item keeps what it has
    if place == DECLARE:
        _declare(here, [one for one in found if one.fate == sorting.LATER])
        kinds = {v.name: "secret" if v.secret else "setting" for v in here.project().declared}
        return [
            one._replace(fate=sorting.STORED, kind=kinds[one.name]) if one.name in names else one
            for one in found
        ]
    if place in (DROP, "leave"):
        return [one._replace(fate=sorting.LEFT) if one.name in names else one for one in found]
    return found


def _declare(here: Here, found: Sequence[Found]) -> None:
    """Declare the names, without values, and agree to them: they are the user's own wish."""
    project = here.project()
    path = os.path.realpath(project.path)
    data = files.read_regular(path) or b""
    for one in found:
        marked = one.kind == "secret" and not is_secret_name(one.name)
        decorators = (("sensitive", ""),) if marked else ()
        data = append(data, one.name, decorators=decorators, path=path)
    atomic.write(path, data, mode=stat.S_IMODE(os.stat(path).st_mode))
    names = [one.name for one in found]
    ask.say(f"devkeys: declared {', '.join(names)} in {path}")
    declared = here.project()
    # A `source` of devkeys.toml may ask for more than that: it is for `allow` to show.
    plain = [
        change.asked
        for change in declared.changes(here.record)
        if change.asked.name in names and {"secret", "@sensitive"}.issuperset(change.asked.details)
    ]
    allow.agree(here.session, declared, plain)


def _store(here: Here, record: Record, found: Iterable[Found], source: Source) -> None:
    new = {
        one.name: (one.value, one.kind)
        for one in found
        if one.fate in (sorting.STORED, sorting.LATER)
    }
    if new:
        project = allow.name_of(record, here.checkout)
        label = f"import {source.label}"
        keep.put(here.session, project, here.profile, new, source=label, confirm=here.confirm)
    note(here.session, here.checkout)


def _offer_removal(
    here: Here, record: Record, found: Sequence[Found], source: Source, options: Options
) -> None:
    moved = [one for one in found if one.fate in (sorting.STORED, sorting.SAME, sorting.LATER)]
    if source.path is None or not moved or options.remove is False:
        return
    asking = ask.at_terminal() and not options.yes
    if options.remove is None and not asking:
        ask.say(
            f"devkeys: {source.path} still holds the values; "
            f"devkeys import{option(here.profile)} {source.label} --remove takes them out"
        )
        return
    _verify(here, record, moved)
    idle = {
        one.name
        for one in found
        if one.fate in (sorting.DEFAULT, sorting.PLACEHOLDER, sorting.EMPTY)
    }
    removal = Removal(here, source, [one.name for one in moved], idle)
    if removal.twice:
        ask.say(
            f"devkeys: {', '.join(removal.twice)} stand twice with different values; "
            f"their lines stay in {source.label}"
        )
    if removal.names and _is_agreed(removal, options, asking=asking):
        removal.carry_out()


def _is_agreed(removal: Removal, options: Options, *, asking: bool) -> bool:
    obstacles = removal.obstacles()
    for obstacle in obstacles:
        ask.say(f"devkeys: {removal.path}: {obstacle}")
    if options.remove and not obstacles:
        return True
    if not asking:
        ask.say(f"devkeys: nothing was taken out of {removal.path}")
        return False
    return ask.confirm(f"Take what is stored now out of {removal.path}?")


def _verify(here: Here, record: Record, moved: Iterable[Found]) -> None:
    """Read the store once more: what leaves the file must be there."""
    known = what_is_known(here, record)
    for one in moved:
        kept = known.own.get(one.name) or known.inherited.get(one.name)
        if kept is None or kept[0] != one.value:
            raise StoreError(
                f"{one.name} does not read back as it stands in the file",
                hint="nothing was taken out of the file; see devkeys status",
            )
