"""What doctor is asked to look at, for the tests of its checks."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from command import environment

from devkeys.flows.doctor.scope import CONFIGURATION, Scope
from devkeys.flows.here import Here
from devkeys.project.find import checkout_of
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.session import Session

_T = TypeVar("_T")
Result = Finding | Unseen | Fine


def make_scope(home: Path, folder: Path | None = None, *names: str, **environ: str) -> Scope:
    """Return the scope of a configuration check in HOME *home*, for the checkout *folder*."""
    session = Session(environment(home, **environ))
    here = Here(session, checkout_of(str(folder), session.home), "dev", None) if folder else None
    directory = str(folder or home)
    return Scope(session, here, directory, frozenset((CONFIGURATION,)), names=frozenset(names))


def only(kind: type[_T], results: Iterable[Result]) -> list[_T]:
    """Return those of *results* that are of *kind*."""
    return [one for one in results if isinstance(one, kind)]


def kinds(results: Iterable[Result]) -> list[str]:
    """Return the ids of the findings in *results*."""
    return [one.kind.id for one in only(Finding, results)]


def says(results: Iterable[Result], text: str) -> bool:
    """Say whether any field of any of *results* holds *text*."""
    return any(text in repr(one) for one in results)
