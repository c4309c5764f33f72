"""What `run` gets from the store: as little as it needs, and nothing by force.

On the way of `run`: the store and the keychain are imported when they are to be opened.
"""

import os
import sys

from devkeys.errors import KeychainError
from devkeys.plan import AGREED
from devkeys.store import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from devkeys.plan import Plan, Variable
    from devkeys.session import Session
    from devkeys.store.values import Values


def counters(session: "Session", plan: "Plan") -> dict[str, int]:
    """Return those of the plan's projects, own first, that have any stored value.

    With each comes the highest counter seen, which is what is known of the store's state
    without opening it.
    """
    from devkeys.store.values import read_counter

    return {
        project: read_counter(layout.counter_path(session.state_dir, project, plan.profile))
        for project in plan.stores
        if _has_any(session.data_dir, project, plan.profile)
    }


def _has_any(data_dir: str, project: str, profile: str) -> bool:
    # Values that are gone, and left the file before them, are no values that never were.
    return os.path.exists(layout.values_path(data_dir, project, profile)) or os.path.exists(
        layout.before_path(data_dir, project, profile)
    )


def text_of(seen: "Mapping[str, int]") -> str:
    """Return `counters` as they stand in a mark."""
    return ",".join(map(str, seen.values()))


def read(
    session: "Session",
    plan: "Plan",
    variables: "Sequence[Variable]",
    environ: "Mapping[str, str]",
    *,
    seen: "Mapping[str, int]",
    settled: "Collection[str]",
    prefer_store: bool,
) -> "list[Values]":
    """Return the stored values that *variables* may need, own project first.

    *seen* are `counters`, read before the values: whoever writes meanwhile makes both newer.
    *settled* are names whose value in *environ* is beyond question: an outer `run` put it
    there. Where every other value is exported too, the store is only asked to compare: for that
    nobody is asked for a passphrase, and a keychain that cannot be asked is no reason to fail.
    """
    open_names = [v.name for v in variables if v.name not in settled]
    if not open_names or not seen:
        return []
    wanted = [name for name in open_names if prefer_store or not environ.get(name)]
    try:
        return _read_all(session, plan, seen, may_ask=plan.confirm)
    except KeychainError as error:
        if wanted and _holds_any(session, plan, seen, variables, wanted):
            from devkeys.keychain.errors import UnaskedError

            if isinstance(error, UnaskedError):
                return _read_all(session, plan, seen, may_ask=True)
            raise
        sys.stderr.write(
            "devkeys: everything comes from the environment; the store could not be asked "
            f"whether it has other values: {error}\n"
        )
        return []


def _read_all(
    session: "Session", plan: "Plan", seen: "Mapping[str, int]", *, may_ask: bool
) -> "list[Values]":
    from devkeys.opening import read_layers
    from devkeys.store.envelope import prepare

    return read_layers(
        session,
        seen,
        plan.profile,
        confirm=plan.confirm,
        may_ask=may_ask,
        limit=plan.wait,
        meanwhile=prepare,
    )


def _holds_any(
    session: "Session",
    plan: "Plan",
    projects: "Collection[str]",
    variables: "Sequence[Variable]",
    wanted: list[str],
) -> bool:
    """Tell from the ledgers, which need no keychain, whether the store has what is wanted."""
    from devkeys.store import ledger

    notes = [ledger.read(session.data_dir, project, plan.profile) for project in projects]
    agreed = {v.name for v in variables if v.flags & AGREED}
    for name in wanted:
        for known in notes:
            note = known.get(name)
            if note and not note.removed and (name in agreed or note.kind == "setting"):
                return True
            # A ledger that was lost says nothing about what the file holds.
            if not known:
                return True
    return False
