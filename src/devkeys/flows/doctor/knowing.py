"""Which values are searched for: what the store holds and held, and what lies about here."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devkeys.flows.doctor.common import is_common
from devkeys.flows.doctor.held import Held, Noted, exported, lying_about, stored
from devkeys.flows.doctor.scope import Scope
from devkeys.forms import password_in
from devkeys.scan.finding import Finding, Unseen
from devkeys.scan.literals import is_long_enough
from devkeys.scan.search import Known
from devkeys.secret import Secret
from devkeys.typed.repeating import HIDDEN, may_be_repeated

TOO_SHORT = "its value is too short to be searched for"
GIVEN = "the value given"
PASSWORD = "the password in it"  # noqa: S105  # what a part of a value is called
LINE = "a line of it"
_LINE_END = re.compile(rb"[\r\n]+|\\n")
_LONG_LINE = 40  # bytes
_MOST_LABELS = 3


class Knowledge(NamedTuple):
    """What to search for, and the names whose values are not searched for.

    *short* are too short for it, *common* stand everywhere. *findings* are about stored values
    themselves: those that everybody knows.
    """

    known: tuple[Known, ...] = ()
    short: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    findings: tuple[Finding, ...] = ()


def gather(scope: Scope, given: Secret | None = None) -> Knowledge:
    """Return what to search for in *scope*; of nothing but *given*, if it is given."""
    noted = Noted([], [])
    if given is not None:
        held = [Held(GIVEN, GIVEN, given)]
    else:
        held = list(stored(scope, noted))
        taken = {one.label: one.value for one in held}
        held += [_told(one, taken) for one in lying_about(scope, noted)]
        held += [_told(one, taken) for one in exported(scope, noted)]
        if scope.names:
            held = [one for one in held if one.name in scope.names]
            known_names = {one.name for one in held}
            noted.unseen.extend(
                Unseen(_named(name), "no value of it is known here", failed=True)
                for name in sorted(scope.names - known_names)
            )
    known = _sorted_out(held, wanted=bool(scope.names) or given is not None)
    if scope.names:
        noted.unseen.extend(Unseen(name, TOO_SHORT, failed=True) for name in known.short)
    return known._replace(unseen=tuple(noted.unseen), findings=tuple(noted.findings))


def _named(name: str) -> str:
    """Return *name*, which was typed, unless it may be a value in the place of one."""
    return name if may_be_repeated(name) else HIDDEN


def _sorted_out(held: Sequence[Held], *, wanted: bool) -> Knowledge:
    by_value: dict[bytes, list[Held]] = {}
    for one in held:
        by_value.setdefault(one.value.reveal(), []).append(one)
    known, short, common = [], [], []
    for value, holders in by_value.items():
        label = _label(holders)
        text = value.decode(errors="replace")
        if not is_long_enough(value):
            short.append(label)
        elif not wanted and is_common(holders[0].name, text):
            common.append(label)
        else:
            known.append(Known(label, holders[0].value))
            known += _parts(label, holders[0].name, value)
    return Knowledge(tuple(known), tuple(short), tuple(common))


def _label(holders: Sequence[Held]) -> str:
    labels = list(dict.fromkeys(one.label for one in holders))
    more = len(labels) - _MOST_LABELS
    return " = ".join(labels[:_MOST_LABELS]) + (f" and {more} more" if more > 0 else "")


def _parts(label: str, name: str, value: bytes) -> Iterator[Known]:
    """Yield what of a value is a secret by itself: an address's password, a line of a key.

    By its line a key is found in a diff or a comment, where something stands before each.
    """
    password = password_in(value)
    common = password is None or is_common(name, password.decode(errors="replace"))
    if password is not None and is_long_enough(password) and not common:
        yield Known(label, Secret(password), PASSWORD)
    lines = [one for one in _LINE_END.split(value) if len(one) >= _LONG_LINE]
    if b"PRIVATE KEY-----" in value and lines:
        # Where a key begins it is often like every other of its kind.
        yield Known(label, Secret(lines[len(lines) * 2 // 3]), LINE)


def _told(one: Held, taken: dict[str, Secret]) -> Held:
    """Return *one* under its bare name, unless that is *taken* by another value."""
    if taken.setdefault(one.name, one.value) == one.value:
        return one._replace(label=one.name)
    return one
