"""Looking for one value in a repository, as doctor's git source does."""

import secrets
from pathlib import Path

from devkeys.flows.doctor import repository
from devkeys.flows.doctor.scope import GIT, Nobody, Scope
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.scan.search import Known, Search
from devkeys.secret import Secret
from devkeys.session import Session

Items = list[Finding | Unseen | Fine]
LABEL = "LLM_API_KEY"


def make_value() -> str:
    """Make a value that nothing else holds."""
    return "v9" + secrets.token_hex(12)


def search_for(value: str) -> Search:
    """Return the search for *value* alone."""
    return Search([Known(LABEL, Secret(value.encode()))])


def scope_of(root: Path, since: float | None = None) -> Scope:
    """Return what is looked at: the repository at *root*."""
    return Scope(Session(), None, str(root), frozenset((GIT,)), since=since)


def look(root: Path, value: str, *, since: float | None = None) -> Items:
    """Return all that a look at the repository tells, and check that the value is in none."""
    items = list(repository.look(scope_of(root, since), search_for(value), Nobody()))
    assert value not in repr(items)
    return items


def look_staged(root: Path, value: str) -> Items:
    """Return all that a look at what is staged tells, and check that the value is in none."""
    items = list(repository.look_staged(scope_of(root), search_for(value), Nobody()))
    assert value not in repr(items)
    return items


def findings(items: Items) -> list[Finding]:
    """Return those of *items* that are findings."""
    return [item for item in items if isinstance(item, Finding)]


def only(items: Items) -> Finding:
    """Return the one finding."""
    (found,) = findings(items)
    return found


def unseen(items: Items) -> list[Unseen]:
    """Return those of *items* that were not looked at."""
    return [item for item in items if isinstance(item, Unseen)]
