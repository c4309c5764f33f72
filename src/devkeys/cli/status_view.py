"""How `status` and `get` show what is known of a variable: as text, and as data."""

import os
from typing import Any

from devkeys import ask, whereabouts
from devkeys.cli.output import table
from devkeys.consent.asks import Change
from devkeys.flows.ages import age, clock
from devkeys.flows.status import Row, StoreState, Survey
from devkeys.keychain.state import State
from devkeys.plan import option
from devkeys.store.ledger import utc
from devkeys.store.record import FILE, KEYCHAIN, PASSPHRASE

_WORDS = {
    whereabouts.ENVIRONMENT: "the environment",
    whereabouts.STORE: "the store ({})",
    whereabouts.REFERENCE: "{}",
    whereabouts.SOURCE: "{} (the profile's source)",
    whereabouts.DEFAULT: "its default",
    whereabouts.GENERATED: "generated at the first run",
    whereabouts.UNKNOWN: "unknown: the notes about {} are gone until its next write",
    whereabouts.MISSING: "MISSING",
    whereabouts.SKIPPED: "skipped",
    whereabouts.NOTHING: "not given",
}


def as_text(found: Survey) -> str:
    """Return *found* as `status` shows it."""
    parts = [head(found), ""]
    rows = [(r.declared.name, kind(r), place_in_words(r), _remarks(r)) for r in found.rows]
    parts += [table(rows, indent="  ") if rows else "  (nothing is declared)", ""]
    parts += [ask.plain(notice) for notice in found.project.notices]
    if found.claimed:
        parts.append(ask.plain(_claimed(found)))
    parts.append(store_in_words(found.store))
    next_step = hint(found)
    return "\n".join([*parts, f"next: {next_step}"] if next_step else parts)


def head(found: Survey) -> str:
    """Return the line that says what is looked at."""
    project = f"{found.plan.project}, profile {found.plan.profile}"
    return ask.plain(f"{project}: {found.project.path}")


def kind(row: Row) -> str:
    """Return whether the variable is a secret or a setting."""
    return "secret" if row.declared.secret else "setting"


def place_in_words(row: Row) -> str:
    """Return where the value would come from, for a person."""
    if row.place == whereabouts.DEFAULT and not row.declared.default:
        return "its default, which is empty"
    return ask.plain(_WORDS[row.place].format(row.origin))


def _remarks(row: Row) -> str:
    remarks = []
    if row.shadows:
        remarks.append("hides the stored value (--prefer-store)")
    if row.hides:
        remarks.append(f"hides {row.hides}")
    if row.place == whereabouts.STORE and row.note:
        remarks.append(age(row.note.changed))
    if row.change is not None:
        remarks.append(_asked(row.change))
    return ask.plain("; ".join(remarks))


def _asked(change: Change) -> str:
    # Kind and place stand in the row already.
    details = [d for d in change.asked.details if d != "secret" and not d.startswith("from ")]
    state = "changed since it was allowed" if change.before is not None else "not allowed yet"
    return ": ".join([state, ", ".join(details)]) if details else state


def _claimed(found: Survey) -> str:
    name = found.here.checkout.natural_name
    return (
        f"the name {name} belongs to {', '.join(found.claimed)}: this checkout gets a project "
        "of its own unless you share it (devkeys allow asks)"
    )


def store_in_words(store: StoreState) -> str:
    """Return what opens the store, and whether that can be had now."""
    if store.identity is None:
        return f"store: none yet, the first value makes it; keychain: {_keychain(store.keychain)}"
    if store.lost:
        place = "the keychain's item" if store.identity == KEYCHAIN else ask.plain(store.path)
        return f"store: its key is gone, {place}: devkeys store verify says what that means"
    said = [f"store: {_opener(store)}"]
    if store.unfinished:
        said.append("devkeys store passphrase was interrupted: repeat it")
    if store.confirmed == PASSPHRASE:
        said.append("confirmed profiles have a passphrase that each use asks for")
    if not store.recovery:
        lost = _LOST[store.identity]
        said.append(f"no recovery key: if {lost} is lost, so are the values")
    return "\n".join([said[0], *(f"  {line}" for line in said[1:])])


_LOST = {
    KEYCHAIN: "the keychain's item",
    FILE: "that file",
    PASSPHRASE: "the passphrase or the file that it opens",
}


def _opener(store: StoreState) -> str:
    if store.identity == KEYCHAIN:
        return f"its key is in the keychain, {_keychain(store.keychain)}"
    path = ask.plain(store.path)
    if store.identity == FILE:
        return (
            f"its key is a file that only its mode protects, {path}: whoever has this disk or a "
            "backup of it can read the values (devkeys store passphrase)"
        )
    if store.until is None:
        return f"a passphrase opens its key, {path}; locked (devkeys store unlock)"
    return f"a passphrase opens its key, {path}; unlocked until {clock(store.until)}"


def _keychain(state: State) -> str:
    if state.kind == "absent":
        return "none can be reached from here"
    return ask.plain(str(state))


def hint(found: Survey) -> str | None:
    """Return the next thing to do; None if everything is there."""
    profile = option(found.plan.profile)
    if found.blocked:
        return f"devkeys allow{profile} shows what is asked for, and asks for your consent"
    if len(found.missing) == 1:
        return f"devkeys set{profile} {found.missing[0]}, or devkeys skip {found.missing[0]}"
    if found.missing:
        return f"devkeys init{profile} asks for the {len(found.missing)} missing values"
    return None


def as_data(found: Survey) -> dict[str, Any]:
    """Return *found* as `status --json` prints it; docs/json.md says what the keys mean."""
    return {
        "project": found.plan.project,
        "profile": found.plan.profile,
        "file": os.fspath(found.project.path),
        "works": found.works,
        "allowed": not found.blocked,
        "missing": found.missing,
        "variables": [row_as_data(row) for row in found.rows],
        "notices": list(found.project.notices),
        "store": {
            "identity": found.store.identity,
            "keychain": found.store.keychain.kind,
            "keychain_name": found.store.keychain.name,
            "unlocked_until": found.store.until and utc(found.store.until),
            "confirmed": found.store.confirmed,
            "recovery": found.store.recovery,
            "lost": found.store.lost,
        },
        "next": hint(found),
    }


def row_as_data(row: Row) -> dict[str, Any]:
    """Return one variable of `status --json`, which is also what `get --json` prints."""
    note = row.note
    return {
        "name": row.declared.name,
        "kind": kind(row),
        "wanted": row.declared.wanted,
        "place": row.place,
        "from": row.origin,
        "shadows_store": row.shadows,
        "hides": row.hides,
        "asks": list(row.change.asked.details) if row.change else [],
        "line": row.declared.line,
        "stored": None
        if note is None
        else {
            "generation": note.generation,
            "created": note.created,
            "changed": note.changed,
            "source": note.source,
            "who": note.who,
        },
    }
