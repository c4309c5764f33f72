"""Changing one profile's values: under the lock, read again, all or nothing.

former values -> the file before -> THE AGE FILE -> counter -> ledger

The age file is the commit. What is written before it holds nothing that the age file lacks once
it is there; what is written after it is left behind by a crash between, which the next write
makes good, and is never ahead.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping

from devkeys import atomic
from devkeys.errors import DevkeysError, StoreError, UsageError
from devkeys.lock import locked
from devkeys.secret import Secret
from devkeys.store import before, envelope, layout, ledger, newer, previous, values
from devkeys.store.identity import Identity
from devkeys.store.record import CONFIRMED, OWN, read_record
from devkeys.store.values import Values

# name -> (value, kind); kind is secret or setting.
Contents = dict[str, tuple[Secret, str]]


def setting(new: Mapping[str, tuple[Secret, str]]) -> Callable[[Contents], Contents]:
    """Return the change for `update` that gives the names in *new* these values and kinds."""
    return lambda contents: {**contents, **new}


def removing(names: Iterable[str]) -> Callable[[Contents], Contents]:
    """Return the change for `update` that takes the values of *names* away, where they have one."""
    gone = frozenset(names)
    return lambda contents: {name: one for name, one in contents.items() if name not in gone}


def update(
    data_dir: str,
    state_dir: str,
    project: str,
    profile: str,
    identity: Identity,
    change: Callable[[Contents], Contents],
    *,
    source: str,
    who: str,
    now: float,
) -> Values:
    """Put what *change* makes of the present values in their place; return them.

    *change* is called while the store is locked: it must not wait for anybody. *source* says
    where new values come from (`prompt`, `import .env`, `stdin`, ...), *who* is user@host,
    *now* in seconds since the epoch. Nothing is written if nothing changes.
    """
    with locked(layout.lock_path(data_dir)):
        check_record(data_dir, identity)
        old = values.read(data_dir, state_dir, project, profile, identity)
        notes = ledger.read(data_dir, project, profile)
        seen = values.read_counter(layout.counter_path(state_dir, project, profile))
        held = _contents(old)
        wanted = change(dict(held))
        changed = [name for name in wanted if held.get(name, (None,))[0] != wanted[name][0]]
        new = old or Values(seen, {}, {}, {})
        if wanted != held:
            _check(wanted)
            new = next_values(new, notes, wanted, changed)
            former, gone = _former(old, changed), held.keys() - wanted.keys()
            put_in_place(data_dir, project, profile, identity, new, former=former, gone=gone)
        # Also where nothing changes: whoever repeats what was killed makes up for the rest of it.
        if (old or changed) and not (new.counter == seen and ledger.agrees(notes, new)):
            revised = ledger.revise(notes, new, changed, source=source, who=who, now=now)
            after_commit(data_dir, state_dir, project, profile, new.counter, revised)
        return new


class ReplacedError(StoreError):
    """The store has another identity than the one it was opened with."""


def check_record(data_dir: str, identity: Identity) -> None:
    """Raise unless the store is still the one that *identity* opens; only under its lock."""
    record = read_record(data_dir)
    known = [record.recipients(which) for which in (OWN, CONFIRMED)] if record else []
    if identity.recipients not in known:
        raise ReplacedError(
            f"the store in {data_dir} got another identity meanwhile",
            hint="try again; nothing was changed",
        )


def put_in_place(
    data_dir: str,
    project: str,
    profile: str,
    identity: Identity,
    new: Values,
    *,
    former: Collection[previous.Former] = (),
    gone: Collection[str] = (),
) -> None:
    """Make *new* the values of one profile; under the store's lock.

    *former* are values that it replaces, *gone* names whose values are not to be kept.
    """
    path = layout.values_path(data_dir, project, profile)
    kept = layout.before_path(data_dir, project, profile)
    sealed = _seal(path, project, profile, new, identity)
    _make_directories(data_dir, path)
    newer.check_replaceable(kept, identity)
    atomic.remove_leftovers(path)
    atomic.remove_leftovers(kept)
    previous.keep(data_dir, project, profile, identity, former, gone)
    if gone:
        atomic.write(kept, sealed)
    else:
        before.keep(path, kept)
    atomic.write(path, sealed)
    if layout.read(path, limit=layout.LIMIT) != sealed:
        raise StoreError(
            f"{path} does not read back as it was written",
            hint="keep the values where you have them; see devkeys store verify",
        )


def _contents(old: Values | None) -> Contents:
    if old is None:
        return {}
    return {name: (value, old.kinds[name]) for name, value in old.values.items()}


def _check(contents: Contents) -> None:
    for name, (value, kind) in contents.items():
        if not values.is_name(name):
            raise UsageError(
                f"{name!a} cannot be the name of a variable",
                hint="use a name without blanks, `=` and control characters",
            )
        if kind not in values.KINDS:
            raise UsageError(f"{name} is to be a secret or a setting, not {kind!a}")
        if b"\0" in value.reveal():
            raise UsageError(
                f"the value of {name} contains a NUL byte, which no environment can hold",
                hint="store it encoded, for example in base64",
            )


def next_values(
    old: Values, notes: Mapping[str, ledger.Note], after: Contents, changed: Iterable[str]
) -> Values:
    """Return what comes after *old*: *after*, with the generations of *changed* raised."""
    generations = {name: old.generations.get(name, 0) for name in after}
    for name in changed:
        # A removed name's generation stands in the ledger only, and no child that was given
        # an earlier value may take the next one for the same.
        noted = notes[name].generation if name in notes else 0
        generations[name] = max(generations[name], noted) + 1
    return Values(
        old.counter + 1,
        {name: value for name, (value, _) in after.items()},
        {name: kind for name, (_, kind) in after.items()},
        generations,
    )


def _former(old: Values | None, changed: Iterable[str]) -> list[previous.Former]:
    if old is None:
        return []
    return [
        previous.Former(name, old.generations[name], old.values[name])
        for name in changed
        if name in old.values and old.kinds[name] == "secret"
    ]


def _seal(path: str, project: str, profile: str, new: Values, identity: Identity) -> bytes:
    """Return the new file's content, read back before it replaces anything."""
    plain = values.encode(project, profile, new)
    sealed = envelope.seal_and_open(plain, identity.recipients, (identity.secret,), path=path)
    if len(sealed) > layout.LIMIT:
        raise UsageError(
            f"the values of {project!a}, profile {profile!a} would take {len(sealed)} bytes; "
            f"at most {layout.LIMIT} are kept",
            hint="keep large files elsewhere and store where they are; nothing was changed",
        )
    read_back = values.decode(plain, project, profile, path=path)
    if read_back.values != new.values or read_back.counter != new.counter:
        raise StoreError(
            f"what was to be written to {path} would not be understood again",
            hint="this is a fault of devkeys itself; nothing was changed",
        )
    return sealed


def _make_directories(data_dir: str, path: str) -> None:
    atomic.make_private_dir(layout.projects_dir(data_dir))
    atomic.make_private_dir(os.path.dirname(path))


def _write_counter(state_dir: str, project: str, profile: str, counter: int) -> None:
    path = layout.counter_path(state_dir, project, profile)
    for directory in (state_dir, layout.counters_dir(state_dir), os.path.dirname(path)):
        atomic.make_private_dir(directory)
    atomic.remove_leftovers(path)
    atomic.write(path, f"devkeys-counter 1\n{counter}\n".encode())


def after_commit(
    data_dir: str,
    state_dir: str,
    project: str,
    profile: str,
    counter: int,
    notes: Mapping[str, ledger.Note],
) -> None:
    """Write down what is noted about values that are in place."""
    try:
        _write_counter(state_dir, project, profile, counter)
        ledger.write(data_dir, project, profile, notes)
    except DevkeysError as error:
        raise StoreError(
            f"the values were stored, but not what is noted about them: {error}",
            hint="the next write makes up for it",
        ) from None
