"""Who holds values that are searched for: the store, `.env` files that lie about, the shell."""

import os
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from devkeys import allow, files, keep, opening
from devkeys.declaration.classify import holds_password
from devkeys.declaration.placeholders import is_placeholder
from devkeys.declaration.syntax import read_values
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checks import templates, tree
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.importing.sorting import is_pointer
from devkeys.names import is_secret_name
from devkeys.plan import DEFAULT_PROFILE
from devkeys.scan.finding import Finding, Unseen
from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import previous, projects, remote, tightening, values
from devkeys.store.identity import Identity
from devkeys.store.record import read_record
from devkeys.store.values import Values

_LIMIT = 4 << 20  # bytes of a `.env`
# A checkout may have been made to keep doctor busy.
_MOST = 500  # `.env` files
_MOST_VALUES = 2000


class Held(NamedTuple):
    """A value that somebody holds: under which variable's *name*, and how that is told."""

    name: str
    label: str
    value: Secret


class Noted(NamedTuple):
    """What is to be said besides: places that could not be read, and values that are published."""

    unseen: list[Unseen]
    findings: list[Finding]


def stored(scope: Scope, noted: Noted) -> Iterator[Held]:
    """Yield the secrets of the store, of every project and profile, and what they were before."""
    session = scope.session
    try:
        profiles = projects.list_projects(session.data_dir)
        opened = keep.opened_identity(session) if profiles else None
    except DevkeysError as error:
        noted.unseen.append(Unseen("the values of the store", str(error), failed=True))
        return
    if opened is None:
        return
    confirmed, why = _confirmed(session)
    for project, profile in profiles:
        place = f"the values of {project}, profile {profile}"
        try:
            own = tightening.opens(session.data_dir, project, profile, opened)
            if not own and confirmed is None and why:
                noted.unseen.append(Unseen(place, f"they are of a confirmed profile: {why}"))
            else:
                with_it = opened if own or confirmed is None else confirmed
                yield from _of_profile(scope, project, profile, with_it, noted)
        except DevkeysError as error:
            noted.unseen.append(Unseen(place, str(error), failed=True))


def _confirmed(session: Session) -> tuple[Identity | None, str]:
    """Return what opens confirmed profiles, if nobody need be asked for it, or why it cannot be."""
    record = read_record(session.data_dir)
    if record is None or record.confirmed is None:
        return None, ""
    try:
        return opening.open_store(session, confirm=True, may_ask=False), ""
    except DevkeysError as error:
        return None, str(error)


def _of_profile(
    scope: Scope, project: str, profile: str, opened: Identity, noted: Noted
) -> Iterator[Held]:
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


def _published(scope: Scope, profile: str, known: Values) -> list[Finding]:
    """Return what is to be said of stored secrets that everybody knows, outside of development."""
    try:
        declared = scope.here.project().declared if scope.here else ()
    except DevkeysError:
        declared = ()  # the look for exported ones tells it
    defaults = {one.name: one.default for one in declared}
    judged = [
        templates.judge_stored(name, profile, value, defaults.get(name))
        for name, value in known.values.items()
        if known.kinds[name] == "secret"
    ]
    return [one for one in judged if one is not None]


def _named(name: str, *remarks: str) -> str:
    said = ", ".join(remark for remark in remarks if remark)
    return f"{name} ({said})" if said else name


def lying_about(scope: Scope, noted: Noted) -> Iterator[Held]:
    """Yield the secrets that stand in the `.env` files of the checkout."""
    paths = _environments(scope)
    if len(paths) > _MOST:
        why = "more .env files than are read for values to search for"
        noted.unseen.append(Unseen(scope.root, why, len(paths) - _MOST))
    found = (held for path in paths[:_MOST] for held in _secrets_in(path, scope.root, noted))
    yield from islice(found, _MOST_VALUES)
    left = sum(1 for _ in found)
    if left:
        why = "more values in .env files than are searched for"
        noted.unseen.append(Unseen(scope.root, why, left))


def _secrets_in(path: str, root: str, noted: Noted) -> Iterator[Held]:
    try:
        data = files.read_regular(path, limit=_LIMIT) or b""
        found = read_values(data, path=path)
    except DevkeysError as error:
        noted.unseen.append(Unseen(path, str(error)))
        return
    label = os.path.relpath(path, root)
    for name, text in found.items():
        if text and _is_secret(name, text):
            yield Held(name, _named(name, label), Secret(text.encode()))


def _environments(scope: Scope) -> list[str]:
    if not scope.in_checkout:
        return []
    # A FIFO is another program's, and what a link leads to outside is none of the checkout's.
    inside = os.path.join(os.path.realpath(scope.root), "")
    return [
        path
        for path in tree.walk(scope.root).environments
        if os.path.isfile(path) and os.path.realpath(path).startswith(inside)
    ]


def _is_secret(name: str, text: str) -> bool:
    if is_pointer(text) or is_placeholder(name, text, secret=True):
        return False
    return is_secret_name(name) or holds_password(text)


def exported(scope: Scope, noted: Noted) -> Iterator[Held]:
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
