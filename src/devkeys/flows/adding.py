"""`devkeys add`: declare a name in `.env.example`, agree to it, store its value."""

import os
import stat
from typing import NamedTuple

from devkeys import allow, ask, atomic, files
from devkeys.consent.asks import asks
from devkeys.consent.record import Record
from devkeys.declaration.classify import Variable, classify
from devkeys.declaration.decorators import Decorator
from devkeys.declaration.edit import append
from devkeys.declaration.syntax import parse
from devkeys.errors import DeclarationError, DevkeysError, UsageError
from devkeys.flows import entry
from devkeys.flows.here import Here, here
from devkeys.names import is_secret_name
from devkeys.noting import note
from devkeys.plan import option
from devkeys.plan.compile import Project
from devkeys.project import user as users
from devkeys.project.config import Profile
from devkeys.project.find import DECLARATION, checkout_of, locate, working_directory
from devkeys.run.prepare import keep_plan
from devkeys.session import Session
from devkeys.steering import steers
from devkeys.typed.repeating import may_be_repeated

MODE = 0o644


class New(NamedTuple):
    """What is to be declared. *secret* is None where the name is to tell."""

    name: str
    description: str
    secret: bool | None
    optional: bool
    default: str | None


def add_name(new: New, *, profile: str | None, file: str | None, with_value: bool) -> None:
    """Declare *new* and, *with_value*, store a value for it; all of it or nothing.

    A project without a declaration file gets one. The value is asked for first: whoever
    changes their mind at the prompt finds everything as it was.
    """
    session = Session()
    _check_name(new.name, session)
    path = _declaration_path(session, profile, file)
    before = files.read_regular(path)
    after = _declare(before or b"", new, path)
    variable = _read(after, new.name, path)
    _check_default(new, variable)
    wanted = with_value and new.default is None
    value, source = entry.enter(new.name) if wanted else (None, "")
    _write(path, before, after)
    place = here(profile=profile, file=file)
    record = _allow(place, place.project(), variable)
    if value is not None:
        entry.store(place, record, variable, value, source)
    note(place.session, place.checkout)


def _check_name(name: str, session: Session) -> None:
    # A key is often made of the characters of a name, and names are committed.
    is_value = not may_be_repeated(name) and name.upper() != name
    if not entry.NAME.fullmatch(name) or is_value:
        raise UsageError(
            "the word after add is no variable's name",
            hint="use letters, digits and `_`, not beginning with a digit",
        )
    user = users.read(session.config_dir)
    if steers(name) and name not in user.allow_names:
        raise UsageError(
            f"{name} steers which programs or code run, so a repository may not set it",
            hint=f'use another name, or write allow_names = ["{name}"] into {user.path}',
        )


def _declaration_path(session: Session, profile: str | None, file: str | None) -> str:
    directory = working_directory()
    if file is None and locate(directory, session.home) is None:
        if directory in (session.home, "/"):
            raise UsageError(
                f"{directory} is no project's directory", hint="go to the project first"
            )
        return os.path.join(checkout_of(directory, session.home).directory, DECLARATION)
    if file is not None and not os.path.lexists(file):
        return os.path.join(directory, file)
    # A profile's own file changes what the main one says; a name is declared in the main one.
    return os.path.realpath(here(profile=profile, file=file).project().path)


def _declare(data: bytes, new: New, path: str) -> bytes:
    """Return *data* with *new* declared, and those decorators that its meaning needs."""
    for known in parse(data, path=path).declarations:
        if known.name == new.name and not known.commented:
            raise UsageError(
                f"{path}:{known.line}: {new.name} is declared already",
                hint=f"devkeys set {new.name} stores a value for it",
            )
    if not all(char.isprintable() or char == "\n" for char in new.description):
        raise UsageError("the description holds control characters", hint="use plain text")
    if any("\ud800" <= char <= "\udfff" for char in new.default or ""):
        raise UsageError("the default is not UTF-8", hint="use plain text")
    decorators: list[Decorator] = [("optional", "")] if new.optional else []
    while True:
        written = append(
            data,
            new.name,
            description=new.description,
            default=new.default or "",
            decorators=decorators,
            path=path,
        )
        lacking = _lacking(_read(written, new.name, path), new)
        if lacking is None:
            return written
        if lacking in decorators:
            raise DeclarationError(f"{path}: {new.name} cannot be declared as it was asked for")
        decorators.append(lacking)


def _read(data: bytes, name: str, path: str) -> Variable:
    return next(v for v in classify(parse(data, path=path)) if v.name == name)


def _lacking(variable: Variable, new: New) -> Decorator | None:
    """Return the decorator without which *new* would not mean what was asked for."""
    if new.secret is not None and variable.secret != new.secret:
        return ("sensitive", "" if new.secret else "false")
    if is_secret_name(new.name) and new.secret is None and not variable.secret:
        return ("sensitive", "")
    if variable.secret and not (new.optional or variable.wanted or variable.default):
        return ("required", "")
    return None


def _check_default(new: New, variable: Variable) -> None:
    if variable.secret and new.default and variable.reference is None:
        raise UsageError(
            f"{new.name} is a secret, and a default would be in the repository for all to read",
            hint="leave --default out and give the value when asked, or say --setting if it is "
            "public",
        )


def _write(path: str, before: bytes | None, after: bytes) -> None:
    if files.read_regular(path) != before:
        raise DevkeysError(f"{path} was changed meanwhile", hint="try again; nothing was changed")
    mode = MODE if before is None else stat.S_IMODE(os.stat(path).st_mode)
    atomic.write(path, after, mode=mode)
    ask.say(f"devkeys: {'made' if before is None else 'changed'} {ask.plain(path)}")


def _allow(place: Here, project: Project, typed: Variable) -> Record:
    """Agree to the one variable as the user has just typed it, and to nothing else.

    What a profile's own file or a `source` adds to it was not typed, and is for `allow`.
    """
    facts = asks([typed], place.checkout.relative, place.profile, Profile())
    record = allow.agree(place.session, project, facts)
    if not project.changes(record):
        location = place.location
        keep_plan(place.session, project, record, place.plan(project, record), location)
    elif any(change.asked.name == typed.name for change in project.changes(record)):
        ask.say(
            f"devkeys: hint: more is asked for {typed.name} than was typed: "
            f"devkeys allow{option(place.profile)} shows it"
        )
    return record
