"""Consent that has outlived what it was given to."""

import os
import re
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from devkeys import allow
from devkeys.consent import record as records
from devkeys.consent.record import Record
from devkeys.errors import DevkeysError
from devkeys.project.identity import common_directory
from devkeys.scan.finding import ADVICE, Finding, Fine, Kind, Place, Remedy, Unseen

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope

GONE = Kind(
    "consent/gone",
    ADVICE,
    "a checkout that may have secrets is no longer there",
    "What is put at its place one day counts as allowed without a question.",
    "Withdraw the consent; the stored values stay, and are asked about when it is back.",
)
OTHER = Kind(
    "consent/another-repository",
    ADVICE,
    "another repository may have the consent of the one before",
    "You agreed to what stood there then; what stands there now gets the same secrets. It may be "
    "the same one under another name.",
    "If it is not, withdraw the consent, and allow the new one once you have looked at it.",
)
KINDS = (GONE, OTHER)

_REMOTE = re.compile(
    r"(?:[a-z+]+://)?(?:[^/@]*@)?(?P<host>[^/:]+)(?::\d+/|[:/])/?(?P<path>.*?)(?:\.git)?/?"
)


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at every record, and at the remote of the checkout that we are in."""
    data_dir = scope.session.data_dir
    try:
        found = records.everything(data_dir)
    except DevkeysError as error:
        yield Unseen(os.path.join(data_dir, "consent"), str(error))
        return
    unread = _count(data_dir) - len(found)
    if unread > 0:
        why = "damaged, not private, or written by a newer devkeys: nothing of them counts"
        yield Unseen(os.path.join(data_dir, "consent"), why, number=unread)
    looked = [one for one in found if one.agreed]
    stale = [finding for one in looked if (finding := _judge(scope, one))]
    yield from stale
    if looked and not stale:
        yield Fine(f"every checkout that may have secrets is still there ({len(looked)})")


def _count(data_dir: str) -> int:
    try:
        return sum(name.isalnum() for name in os.listdir(os.path.join(data_dir, "consent")))
    except OSError:
        return 0


def _judge(scope: "Scope", record: Record) -> Finding | None:
    forget = Remedy("forget-consent", record.path, record.identity)
    given = f"was allowed {_number(record)} as {record.project}"
    step = "devkeys doctor --fix"
    if not os.path.lexists(record.identity):
        return Finding(GONE, Place(record.path), f"is gone, and {given}", step, remedy=forget)
    if common_directory(record.identity) is not None:
        what = f"is a repository of its own by now; what stood there before {given}"
        return Finding(OTHER, Place(record.path), what, step, remedy=forget)
    now = _remote_now(scope, record)
    if now is not None and record.remote is not None and _plain(now) != _plain(record.remote):
        what = f"has the remote {now}; with {record.remote} it {given}"
        step = f"git -C {shlex.quote(record.path)} log; if that is another one: devkeys deny"
        return Finding(OTHER, Place(record.path), what, step, remedy=forget)
    return None


def _plain(remote: str) -> str:
    """Return *remote* as host and path: https and ssh lead to the same repository."""
    match = _REMOTE.fullmatch(remote)
    return f"{match['host']}/{match['path']}".lower() if match else remote


def _remote_now(scope: "Scope", record: Record) -> str | None:
    """Return the remote of the checkout that we are in; others would each cost a process."""
    checkout = scope.here.checkout if scope.here else None
    if checkout is None or checkout.identity != record.identity:
        return None
    return allow.remote_of(scope.session, checkout)


def _number(record: Record) -> str:
    count = len({fact.name for fact in record.agreed})
    return "1 variable" if count == 1 else f"{count} variables"
