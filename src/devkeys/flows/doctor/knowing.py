"""Which values are searched for: what the store holds and held, and what lies about here."""

import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from devkeys import allow, files, keep
from devkeys.declaration.classify import holds_password
from devkeys.declaration.placeholders import is_placeholder
from devkeys.declaration.syntax import read_values
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks import templates, tree
from devkeys.flows.doctor.common import is_common
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.importing.sorting import is_pointer
from devkeys.forms import password_in
from devkeys.names import is_secret_name
from devkeys.plan import DEFAULT_PROFILE
from devkeys.scan.finding import Finding, Unseen
from devkeys.scan.literals import is_long_enough
from devkeys.scan.search import Known
from devkeys.secret import Secret
from devkeys.store import previous, projects, remote, values
from devkeys.store.identity import Identity
from devkeys.store.values import Values

GIVEN = "the value given"
PASSWORD = "the password in it"  # noqa: S105  # what a part of a value is called
LINE = "a line of it"
_LINE_END = re.compile(rb"[\r\n]+|\\n")
_LONG_LINE = 40  # bytes
_LIMIT = 4 << 20  # bytes of a `.env`
_MOST_LABELS = 3


class Held(NamedTuple):
    """A value that somebody holds: under which variable's *name*, and how that is told."""

    name: str
    label: str
    value: Secret


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


class _Noted(NamedTuple):
    unseen: list[Unseen]
    findings: list[Finding]


def gather(scope: Scope, given: Secret | None = None) -> Knowledge:
    """Return what to search for in *scope*; of nothing but *given*, if it is given."""
    noted = _Noted([], [])
    if given is not None:
        held = [Held(GIVEN, GIVEN, given)]
    else:
        held = list(_stored(scope, noted))
        taken = {one.label: one.value for one in held}
        held += [_told(one, taken) for one in _lying_about(scope, noted)]
        held += [_told(one, taken) for one in _exported(scope, noted)]
        if scope.names:
            held = [one for one in held if one.name in scope.names]
            known_names = {one.name for one in held}
            noted.unseen.extend(
                Unseen(name, "no value of it is known here", failed=True)
                for name in sorted(scope.names - known_names)
            )
    known = _sorted_out(held, wanted=bool(scope.names) or given is not None)
    return known._replace(unseen=tuple(noted.unseen), findings=tuple(noted.findings))


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


def _stored(scope: Scope, noted: _Noted) -> Iterator[Held]:
    """Yield the secrets of the store, of every project and profile, and what they were before."""
    data_dir = scope.session.data_dir
    try:
        profiles = projects.list_projects(data_dir)
        opened = keep.opened_identity(scope.session) if profiles else None
    except DevkeysError as error:
        noted.unseen.append(Unseen("the values of the store", str(error), failed=True))
        return
    for project, profile in profiles if opened is not None else ():
        try:
            yield from _of_profile(scope, project, profile, opened, noted)
        except DevkeysError as error:
            place = f"the values of {project}, profile {profile}"
            noted.unseen.append(Unseen(place, str(error), failed=True))


def _of_profile(
    scope: Scope, project: str, profile: str, opened: Identity | None, noted: _Noted
) -> Iterator[Held]:
    if opened is None:
        return
    data_dir, state_dir = scope.session.data_dir, scope.session.state_dir
    where = "" if _is_own(scope, project, profile) else f"{project}, {profile}"
    found = values.read(data_dir, state_dir, project, profile, opened)
    for name, value in found.values.items() if found else ():
        if found and found.kinds[name] == "secret":
            yield Held(name, _named(name, where), value)
    if found and _is_ours(scope, project):
        noted.findings.extend(_published(scope, profile, found))
    for former in previous.read(data_dir, project, profile, opened):
        yield Held(former.name, _named(former.name, where, "an earlier value"), former.value)
    for kept in remote.read(data_dir, project, profile, opened):
        yield Held(kept.reference, kept.reference, kept.value)


def _is_own(scope: Scope, project: str, profile: str) -> bool:
    return profile == DEFAULT_PROFILE and _is_ours(scope, project)


def _is_ours(scope: Scope, project: str) -> bool:
    here = scope.here
    return here is not None and project == allow.name_of(here.record, here.checkout)


def _published(scope: Scope, profile: str, stored: Values) -> list[Finding]:
    """Return what is to be said of stored secrets that everybody knows, outside of development."""
    try:
        declared = scope.here.project().declared if scope.here else ()
    except DevkeysError:
        declared = ()  # the look for exported ones tells it
    defaults = {one.name: one.default for one in declared}
    judged = [
        templates.judge_stored(name, profile, value, defaults.get(name))
        for name, value in stored.values.items()
        if stored.kinds[name] == "secret"
    ]
    return [one for one in judged if one is not None]


def _named(name: str, *remarks: str) -> str:
    said = ", ".join(remark for remark in remarks if remark)
    return f"{name} ({said})" if said else name


def _told(one: Held, taken: dict[str, Secret]) -> Held:
    """Return *one* under its bare name, unless that is *taken* by another value."""
    if taken.setdefault(one.name, one.value) == one.value:
        return one._replace(label=one.name)
    return one


def _lying_about(scope: Scope, noted: _Noted) -> Iterator[Held]:
    """Yield the secrets that stand in the `.env` files of the checkout's own directories."""
    directories = [scope.root]
    if scope.here is not None and scope.here.checkout.directory != scope.root:
        directories.append(scope.here.checkout.directory)
    for directory in directories:
        for path in _environments(directory):
            try:
                data = files.read_regular(path, limit=_LIMIT) or b""
                found = read_values(data, path=path)
            except DevkeysError as error:
                noted.unseen.append(Unseen(path, str(error)))
                continue
            label = os.path.relpath(path, scope.root)
            yield from (
                Held(name, _named(name, label), Secret(text.encode()))
                for name, text in found.items()
                if text and _is_secret(name, text)
            )


def _environments(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []  # the walk of the checkout tells it
    paths = [os.path.join(directory, name) for name in names if tree.is_environment(name)]
    # A FIFO is another program's, and what a link leads to outside is none of the checkout's.
    inside = os.path.join(os.path.realpath(directory), "")
    return [
        path for path in paths if os.path.isfile(path) and os.path.realpath(path).startswith(inside)
    ]


def _is_secret(name: str, text: str) -> bool:
    if is_pointer(text) or is_placeholder(name, text, secret=True):
        return False
    return is_secret_name(name) or holds_password(text)


def _exported(scope: Scope, noted: _Noted) -> Iterator[Held]:
    """Yield the declared secrets of this project that stand in the environment."""
    if scope.here is None:
        return
    try:
        declared = scope.here.project().declared
    except DevkeysError as error:
        noted.unseen.append(Unseen(scope.here.checkout.directory, str(error)))
        return
    for variable in declared:
        text = scope.session.environ.get(variable.name, "")
        if variable.secret and text and not is_placeholder(variable.name, text, secret=True):
            value = Secret(text.encode(errors="surrogateescape"))
            yield Held(variable.name, _named(variable.name, "exported"), value)
