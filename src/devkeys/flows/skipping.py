"""`devkeys skip`: names that this machine's user does without."""

import os
from collections.abc import Sequence

from devkeys import ask, atomic, skips
from devkeys.errors import DevkeysError, UsageError
from devkeys.flows.assign import declared
from devkeys.flows.here import Here
from devkeys.flows.status import survey
from devkeys.lock import locked
from devkeys.noting import note


def skip(here: Here, names: Sequence[str], *, rest: bool, undo: bool) -> None:
    """Skip *names*, or with *rest* all that are missing; with *undo* ask for *names* again."""
    if bool(names) == rest or (undo and rest):
        raise UsageError(
            "skip takes names, or --rest", hint="devkeys skip NAME..., or devkeys skip --rest"
        )
    chosen = survey(here).missing if rest else list(dict.fromkeys(names))
    if not chosen:
        ask.say("devkeys: nothing is missing, so nothing is skipped")
        return
    project = here.project()
    if undo:
        _check_skipped(project.skipped, chosen)
    else:
        for name in chosen:
            declared(project, name)
    path = skips.path_of(
        here.session.state_dir, here.checkout.identity, here.checkout.relative, here.profile
    )
    atomic.make_private_dir(os.path.dirname(path))
    with locked(path + ".lock"):
        kept = skips.read(path)
        skips.write(path, kept.difference(chosen) if undo else kept.union(chosen))
    note(here.session, here.checkout)
    done = "no longer skipped" if undo else "skipped"
    ask.say(f"devkeys: {done} on this machine, profile {here.profile}: {', '.join(chosen)}")


def _check_skipped(skipped: frozenset[str], names: Sequence[str]) -> None:
    strange = [name for name in names if name not in skipped]
    if strange:
        raise DevkeysError(
            f"not skipped: {', '.join(strange)}; nothing was changed",
            hint=f"skipped are: {', '.join(sorted(skipped)) or 'none'}",
        )
