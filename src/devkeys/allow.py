"""Consent: show what a checkout asks for, ask, and record the answer."""

import os
import textwrap
from collections.abc import Iterable, Sequence

from devkeys import ask, atomic, git, programs
from devkeys.consent import record as records
from devkeys.consent.asks import Change
from devkeys.consent.record import Agreed, Record
from devkeys.errors import DevkeysError
from devkeys.lock import locked
from devkeys.plan import cache, option
from devkeys.plan.compile import Project
from devkeys.project.find import Checkout, project_name
from devkeys.session import Session
from devkeys.store import ledger
from devkeys.store.projects import list_projects

MANY = 10  # plain secrets; more of them share a paragraph, so that what is special is seen
WIDTH = 96  # columns of that paragraph


def describe(project: Project, changes: Sequence[Change]) -> str:
    """Return, as text for a person, what is asked for and not agreed to yet."""
    lines = [
        f"{ask.plain(project.checkout.directory)} asks for (profile {project.profile}):",
    ]
    plain = [change.asked.name for change in changes if _is_plain_secret(change)]
    many = len(plain) > MANY
    if many:
        lines += textwrap.wrap(
            f"{len(plain)} secrets: {', '.join(plain)}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    for change in changes:
        if many and _is_plain_secret(change):
            continue
        lines.append(f"  {change.asked.name}: {_in_words(change.asked.details)}")
        if change.before is not None:
            lines.append(f"    agreed before: {_in_words(change.before)}")
    return "\n".join(lines)


def _is_plain_secret(change: Change) -> bool:
    """Tell whether *change* asks for a stored value, for the first time, and no more."""
    return change.asked.details == ("secret",) and change.before is None


def _in_words(details: Sequence[str]) -> str:
    # A default may hold line ends and escape sequences, to show something else than it is.
    return ask.plain(", ".join(details))


def not_allowed(project: Project, changes: Sequence[Change]) -> DevkeysError:
    """Return the error of a checkout that asks for more than was agreed to."""
    names = "\n".join(
        f"  {change.asked.name}: {_in_words(change.asked.details)}" for change in changes
    )
    return DevkeysError(
        f"{ask.plain(project.checkout.directory)} is not allowed to have\n{names}",
        hint=f"devkeys allow{option(project.profile)} shows it and records your consent",
    )


def bind(session: Session, checkout: Checkout, *, name: str | None = None) -> Record:
    """Return the record of *checkout*'s repository, made now if it is new here.

    It binds the name that the values are stored under: *name* if the user chose one; else
    the one that is bound already, or for a new repository one that no other has. Nothing
    is agreed to by that.
    """
    record = records.read(session.data_dir, checkout.identity)
    if record is not None and name in (None, record.project):
        return record
    for location in records.forget_plans(session.data_dir, checkout.identity):
        atomic.remove(cache.path_of(session.state_dir, location))
    free, shared = name or checkout.natural_name, name
    remote = remote_of(session, checkout)
    lock = os.path.join(session.data_dir, "consent", "names.lock")
    atomic.make_private_dir(os.path.dirname(lock))
    while True:
        # Two new checkouts of one name, at the same time, must not both find it free.
        with locked(lock):
            if shared or not claims(session, checkout, free):
                new = Record(checkout.identity, checkout.root, remote, shared or free)
                return records.agree(session.data_dir, new, ())
        free, shared = _other_name(session, checkout, remote)


def agree(
    session: Session,
    project: Project,
    facts: Iterable[Agreed] | None = None,
    *,
    name: str | None = None,
) -> Record:
    """Record that *facts*, or all that *project* asks for, are agreed to; return the record.

    *name* is as for `bind`.
    """
    record = bind(session, project.checkout, name=name)
    # Agreeing is to what the repository is now, wherever it was cloned from before.
    record = record._replace(remote=remote_of(session, project.checkout) or record.remote)
    return records.agree(session.data_dir, record, project.asked if facts is None else facts)


def remote_of(session: Session, checkout: Checkout) -> str | None:
    """Return the address of the repository's remote, asked of git; None without either."""
    program = programs.find("git", path=session.environ.get("PATH", ""), outside=checkout.root)
    if program is None or not checkout.in_git:
        return None
    return git.remote(checkout.root, program=program)


def claims(session: Session, checkout: Checkout, name: str) -> list[str]:
    """Return, in words, who else than *checkout* has the repository name *name*."""
    found = [
        _place(record.path, record.remote)
        for record in records.everything(session.data_dir)
        if record.project == name and record.identity != checkout.identity
    ]
    if not found and count_values(session, name):
        found = ["a checkout that is no longer known"]
    return found


def count_values(session: Session, name: str) -> int:
    """Return how many values are stored under the repository name *name*, in all profiles."""
    return sum(
        len(ledger.names(ledger.read(session.data_dir, project, profile)))
        for project, profile in list_projects(session.data_dir)
        if project == name or project.startswith(name + "/")
    )


def _place(path: str, remote: str | None) -> str:
    return ask.plain(f"{path} ({remote})" if remote else path)


def in_number(count: int) -> str:
    """Return *count* values in words."""
    return "1 value" if count == 1 else f"{count} values"


def _other_name(session: Session, checkout: Checkout, remote: str | None) -> tuple[str, str | None]:
    """Return a name that is free and, where a person wants to share it, the one that is taken."""
    name = checkout.natural_name
    number = 2
    while claims(session, checkout, f"{name}-{number}"):
        number += 1
    free = f"{name}-{number}"
    holders = ", ".join(claims(session, checkout, name))
    values = in_number(count_values(session, name))
    if not ask.at_terminal():
        ask.say(
            f"devkeys: the name {name} belongs to {holders}; this checkout gets a new, empty "
            f"project, {free} (devkeys allow --project {name} shares its {values})"
        )
        return free, None
    ask.say(f"The name {name}, with {values}, belongs to {holders}.")
    ask.say(f"This checkout: {_place(checkout.root, remote)}")
    answer = ask.choose(
        f"[n]ew, empty project {free}, or [s]hare the {values}?",
        ("new", "share"),
        default="new",
    )
    return free, name if answer == "share" else None


def deny(session: Session, checkout: Checkout, *, everywhere: bool) -> None:
    """Withdraw the consent for *checkout*'s directory, or for its whole repository."""
    relative = None if everywhere else checkout.relative
    for location in records.withdraw(session.data_dir, checkout.identity, relative):
        atomic.remove(cache.path_of(session.state_dir, location))


def name_of(record: Record | None, checkout: Checkout) -> str:
    """Return the project name that *checkout*'s values are, or would be, stored under."""
    return project_name(record.project if record else checkout.natural_name, checkout.relative)
