"""What `run` would do, said without any value, before any prompt, with nothing unlocked.

Where each value would come from is told by `whereabouts`.
"""

from typing import NamedTuple

from devkeys import allow, fingerprint
from devkeys.consent.asks import Change
from devkeys.declaration.classify import Variable as Declared
from devkeys.flows.here import Here
from devkeys.keychain.state import State, probe
from devkeys.plan import Plan
from devkeys.plan.compile import Project
from devkeys.run import marker, prepare
from devkeys.run.outer import own_environment
from devkeys.store import envelope, layout
from devkeys.store.ledger import Note
from devkeys.store.record import (
    CONFIRMED,
    FILE,
    KEYCHAIN,
    OWN,
    PASSPHRASE,
    Holder,
    read_record,
)
from devkeys.whereabouts import ENVIRONMENT, MISSING, STORE, Notes, place_of


class Row(NamedTuple):
    """What is known of one variable.

    *place* is one of `whereabouts`; *origin* the project or the reference, if there is one.
    *note* is the ledger's about a stored value, used or not; *shadows* says that the
    environment's value is used instead of it. *hides* is the reference that a stored value
    comes before. *change* is what consent is still lacking.
    """

    declared: Declared
    place: str
    origin: str | None
    note: Note | None
    shadows: bool
    hides: str | None
    change: Change | None


class StoreState(NamedTuple):
    """What opens the store.

    *identity* is keychain, file, passphrase or None if there is no store yet, by what its file
    holds; *unfinished* says that the record says passphrase, and the file has none. *until* is
    how long the kernel keeps what a passphrase opened, in seconds since the epoch, None if it is
    locked. *confirmed* is likewise what opens confirmed profiles, None without any; *recovery*
    says whether a recovery key opens all of it, too; *lost* that the key is not where it was.
    """

    identity: str | None
    path: str
    keychain: State
    recovery: bool
    unfinished: bool = False
    until: int | None = None
    confirmed: str | None = None
    lost: bool = False


class Survey(NamedTuple):
    """All that `status` tells. *claimed* says who else has the project's name."""

    here: Here
    project: Project
    plan: Plan
    rows: tuple[Row, ...]
    blocked: bool
    claimed: tuple[str, ...]
    store: StoreState

    @property
    def missing(self) -> list[str]:
        """The names that have no value anywhere; whether a provider has one it alone knows."""
        return [row.declared.name for row in self.rows if row.place == MISSING]

    @property
    def works(self) -> bool:
        """Whether `run` would start its command without asking for anything."""
        return not self.blocked and not self.missing


def survey(here: Here) -> Survey:
    """Look at everything that `run` would look at, but for the values."""
    project = here.project()
    record = here.record
    plan = here.plan(project, record)
    changes = project.changes(record)
    claimed = (
        ()
        if record
        else tuple(allow.claims(here.session, here.checkout, here.checkout.natural_name))
    )
    rows = _rows(here, project, plan, changes)
    blocked = not prepare.is_ci(here.session) and bool(
        prepare.not_exported(changes, here.session.environ)
    )
    return Survey(here, project, plan, rows, blocked, claimed, store_state(here.session.data_dir))


def row_of(found: Survey, name: str) -> Row:
    """Return what is known of *name*, which is declared."""
    return next(row for row in found.rows if row.declared.name == name)


def store_state(data_dir: str) -> StoreState:
    """Return what opens the store, and whether that can be asked at the moment."""
    record = read_record(data_dir)
    path = layout.identity_path(data_dir)
    if record is None:
        return StoreState(None, path, probe(), recovery=False)
    kind = _kind(data_dir, OWN, record.own)
    until = None
    if kind == PASSPHRASE:
        from devkeys.unlocking import unlocked_until

        until = unlocked_until(record.own)
    confirmed = _kind(data_dir, CONFIRMED, record.confirmed) if record.confirmed else None
    keychain = probe()
    lost = keychain.holds is False if kind == KEYCHAIN else layout.read(path) is None
    unfinished = record.own.kind == PASSPHRASE and kind == FILE and not lost
    recovery = bool(record.recovery)
    return StoreState(kind, path, keychain, recovery, unfinished, until, confirmed, lost)


def _kind(data_dir: str, which: str, holder: Holder) -> str:
    """Return what protects an identity: whatever the record says, a plain file is one."""
    if holder.kind == KEYCHAIN:
        return KEYCHAIN
    content = layout.read(layout.identity_path(data_dir, which))
    if content is None:
        return holder.kind
    return PASSPHRASE if envelope.wants_passphrase(content) else FILE


def _rows(here: Here, project: Project, plan: Plan, changes: list[Change]) -> tuple[Row, ...]:
    # Without a mark in the environment the key, which would be made here, is not needed.
    marked = marker.VARIABLE in here.session.environ
    key = fingerprint.tag_key(here.session.state_dir) if marked else b""
    environ, settled = own_environment(here.session, plan, key)
    notes = Notes(here.session.data_dir, plan)
    lacking = {change.asked.name: change for change in changes}
    in_ci = prepare.is_ci(here.session)
    rows = []
    for declared, variable in zip(project.declared, plan.variables, strict=True):
        change = lacking.get(variable.name)
        usable = change is None or not in_ci
        place, origin = place_of(project, declared, variable, environ, notes if usable else None)
        kept = notes.of(variable.name)
        shadows = place == ENVIRONMENT and kept is not None and variable.name not in settled
        hides = variable.reference if place == STORE else None
        note = kept[1] if kept else None
        rows.append(Row(declared, place, origin, note, shadows, hides, change))
    return tuple(rows)
