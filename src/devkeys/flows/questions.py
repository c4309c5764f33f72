"""The questions of `init`: one after the other, or first which of many."""

import os
from collections.abc import Collection, Sequence

from devkeys import allow, ask, keep
from devkeys.ask.checklist import choose_some
from devkeys.ask.hidden import hidden
from devkeys.consent.record import Record
from devkeys.flows.here import Here
from devkeys.flows.needs import Need, Needs, survey
from devkeys.flows.skipping import skip
from devkeys.secret import Secret

MANY = 10  # wanted names; above it, init first asks which of them


def put_questions(
    here: Here, record: Record, *, optional: bool, absent: Collection[str] = ()
) -> None:
    """Ask for what has no value, store each answer at once, and offer to forget the rest.

    *absent* are names that a provider is known not to have.
    """
    needs = survey(here, record, absent=absent)
    wanted = needs.wanted
    if optional:
        wanted = _in_order([*needs.wanted, *needs.offered, *needs.others])
        needs = needs._replace(offered=[])
    if not wanted:
        return
    chosen = wanted if len(wanted) <= MANY else _choose(wanted, needs)
    names = {need.declared.name for need in chosen}
    companions = [need for need in _companions(here, needs, names) if need not in chosen]
    asked = _in_order([*chosen, *companions])
    if asked:
        ask.say("Enter passes; what you type or paste for a secret is not shown.")
    empty = []
    for place, need in enumerate(asked, start=1):
        if not _ask_one(here, record, need, f"{place} of {len(asked)}"):
            empty.append(need.declared.name)
    rest = [need.declared.name for need in needs.wanted if need.declared.name not in names]
    if rest:
        count = "one" if len(rest) == 1 else f"{len(rest)}"
        _offer_skip(here, rest, f"the other {count}", default=True)
    passed = [need.declared.name for need in needs.wanted if need.declared.name in empty]
    if passed:
        ask.say("")
        _offer_skip(here, passed, ", ".join(passed), default=False)


def _choose(wanted: Sequence[Need], needs: Needs) -> list[Need]:
    """Let the person choose among *wanted*; those of *needs* that are not wanted can be typed."""
    others = [need for need in (*needs.offered, *needs.others) if need not in wanted]
    families: dict[str, list[str]] = {}
    for need in wanted:
        families.setdefault(need.declared.family, []).append(need.declared.name)
    ask.say(f"{len(wanted)} variables have no value; most programs need few of them.")
    ticked = choose_some(families, [need.declared.name for need in others])
    return [need for need in (*wanted, *others) if need.declared.name in ticked]


def _companions(here: Here, needs: Needs, chosen: set[str]) -> list[Need]:
    """Return the offered names that belong to one that was chosen.

    That is the nearest wanted one in the file, of the same family if there is one.
    """
    wanted = [variable for variable in here.project().declared if variable.wanted]
    found = []
    for need in needs.offered:
        line = need.declared.line
        family = [other for other in wanted if other.family == need.declared.family]
        nearest = min(family or wanted, key=lambda other: abs(other.line - line))
        if nearest.name in chosen:
            found.append(need)
    return found


def _in_order(needs: Sequence[Need]) -> list[Need]:
    return sorted(needs, key=lambda need: need.declared.line)


def _ask_one(here: Here, record: Record, need: Need, place: str) -> bool:
    """Ask for one value and store it; False if none was given."""
    name = need.declared.name
    ask.say("\n".join(["", f"{name} ({place})", *hints(need)]))
    if need.exported and ask.confirm(
        "It is exported in this shell. Store that value?", default=True
    ):
        value = Secret(os.fsencode(need.exported))
    elif need.declared.secret:
        value = hidden(f"{name}:")
    else:
        default = need.declared.default or ""
        typed = ask.line(f"{name}:", default=default)
        value = Secret(os.fsencode("" if typed == default else typed))
    if not value:
        return False
    kind = "secret" if need.declared.secret else "setting"
    project = allow.name_of(record, here.checkout)
    new = {name: (value, kind)}
    keep.put(here.session, project, here.profile, new, source="prompt", confirm=here.confirm)
    ask.say("  stored")
    return True


def hints(need: Need) -> list[str]:
    """Return what the declaration says of a name, in lines to show above its prompt."""
    declared = need.declared
    lines = declared.description.splitlines()
    if "docsUrl" in declared.decorators:
        lines.append(declared.decorators["docsUrl"])
    if "example" in declared.decorators:
        lines.append(f"such as {declared.decorators['example']}")
    elif declared.placeholder:
        lines.append(f"in place of {declared.placeholder}")
    return [f"  {line}" for line in lines]


def _offer_skip(here: Here, names: Sequence[str], what: str, *, default: bool) -> None:
    question = f"Do without {what} on this machine, and not ask again?"
    if ask.confirm(question, default=default):
        skip(here, names, rest=False, undo=False)
