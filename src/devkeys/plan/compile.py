"""Compile: from a checkout's files and the user's consent to a plan."""

import os
from collections.abc import Iterable
from typing import NamedTuple

from devkeys import files, git, programs, skips
from devkeys.consent.asks import Change, asks, difference, reference_of
from devkeys.consent.record import Agreed, Record
from devkeys.declaration import DeclarationFile
from devkeys.declaration.classify import Variable as Declared
from devkeys.declaration.classify import classify
from devkeys.declaration.syntax import parse
from devkeys.declaration.templates import split
from devkeys.errors import DeclarationError, UsageError
from devkeys.fingerprint import digest
from devkeys.plan import (
    AGREED,
    AS_FILE,
    DEFAULT_PROFILE,
    SECRET,
    WANTED,
    Plan,
    Variable,
    cache,
    refuse,
)
from devkeys.project import config
from devkeys.project import user as users
from devkeys.project.config import Profile
from devkeys.project.find import DECLARATION, Checkout, check_name, not_found, project_name
from devkeys.session import Session


class Project(NamedTuple):
    """A project as its files say it: what is declared, configured, and read to know it.

    *path* is the declaration file. *skipped* are names the user does without. *inputs*
    are all files that were looked at, with the digest of each, None for one not there.
    *parents* are the relative paths of the projects whose values count too, nearest first.
    """

    checkout: Checkout
    profile: str
    path: str
    declared: tuple[Declared, ...]
    notices: tuple[str, ...]
    config: config.Config
    user: users.User
    skipped: frozenset[str]
    inputs: tuple[tuple[str, str | None], ...]
    parents: tuple[str, ...]

    @property
    def settings(self) -> Profile:
        """What `[profiles.NAME]` says of this profile."""
        return self.config.profiles.get(self.profile, Profile())

    @property
    def source(self) -> str | None:
        """Where this profile's values are."""
        return self.settings.source

    @property
    def asked(self) -> list[Agreed]:
        """What this project asks the user's consent for, in this profile."""
        return asks(self.declared, self.checkout.relative, self.profile, self.settings)

    def changes(self, record: Record | None) -> list[Change]:
        """Return what is asked for and not in *record*."""
        return difference(self.asked, record)


def read_project(
    checkout: Checkout, profile: str, *, named: str | None, session: Session
) -> Project:
    """Read everything that *checkout* declares for *profile*.

    *named* is the file that the user gave with --file, instead of the configured ones.
    """
    check_name(checkout.relative)
    # Each digest before its file is read: what changes in between makes the plan old, not wrong.
    configured = _inputs([*config.candidates(checkout), users.path_of(session.config_dir)])
    settings = config.read(checkout)
    user = users.read(session.config_dir)
    path, looked_at = _declaration_path(checkout, settings, named)
    if profile != DEFAULT_PROFILE and not _is_known(profile, settings, path):
        raise _unknown_profile(profile, settings)
    overlay_path = overlay_of(path, profile)
    skips_path = skips.path_of(session.state_dir, checkout.identity, checkout.relative, profile)
    inputs = _inputs([*looked_at, overlay_path, skips_path]) + configured
    main = _parse(path, checkout)
    overlay = _parse(overlay_path, checkout) if os.path.lexists(overlay_path) else None
    declared = classify(main, overlay)
    refuse.steering(declared, user, main, overlay)
    source = settings.profiles.get(profile, Profile()).source
    refuse.references_in(declared, path, source, settings.path)
    notices = [
        f"{file.path}:{n.line}: {n.message}"
        for file in (main, overlay)
        if file
        for n in file.notices
    ]
    skipped = skips.read(skips_path)
    parents = () if _is_ignored(checkout, session) else checkout.parents
    return Project(
        checkout, profile, path, declared, tuple(notices), settings, user, skipped, inputs, parents
    )


def _inputs(paths: Iterable[str]) -> tuple[tuple[str, str | None], ...]:
    return tuple(cache.input_of(path) for path in paths)


def _is_ignored(checkout: Checkout, session: Session) -> bool:
    """Tell whether git ignores the project: what was put there is no part of the repository."""
    if not checkout.parents:
        return False
    path = session.environ.get("PATH", "")
    program = programs.find("git", path=path, outside=checkout.root)
    return program is not None and git.is_ignored(
        checkout.root, checkout.directory, program=program
    )


def overlay_of(path: str, profile: str) -> str:
    """Return the file that changes *path* for *profile*: `.env.staging.example`."""
    directory, name = os.path.split(path)
    stem, dot, ending = name.rpartition(".")
    return os.path.join(directory, f"{stem}.{profile}{dot}{ending}" if dot else f"{name}.{profile}")


def _declaration_path(
    checkout: Checkout, settings: config.Config, named: str | None
) -> tuple[str, list[str]]:
    if named is not None:
        return named, [named]
    looked_at = [os.path.join(checkout.directory, name) for name in settings.files]
    for position, path in enumerate(looked_at):
        if os.path.lexists(path):
            return path, looked_at[: position + 1]
    if settings.files == (DECLARATION,):
        raise not_found(checkout.directory)
    raise DeclarationError(
        f"{settings.path} names {', '.join(settings.files)}; {checkout.directory} has no such file",
        hint="write the declaration file, or correct `files`",
    )


def _is_known(profile: str, settings: config.Config, path: str) -> bool:
    # Without any configured profile every name is good; with some, a slip of the pen is not.
    return (
        not settings.profiles
        or profile in settings.profiles
        or os.path.lexists(overlay_of(path, profile))
    )


def _unknown_profile(profile: str, settings: config.Config) -> UsageError:
    return UsageError(
        f"no profile {profile} in {settings.path}",
        hint=f"its profiles are: {', '.join(dict.fromkeys((DEFAULT_PROFILE, *settings.profiles)))}",
    )


def _parse(path: str, checkout: Checkout) -> DeclarationFile:
    config.check_inside(path, checkout)
    data = files.read_regular(path)
    if data is None:
        raise DeclarationError(
            f"{path} does not exist", hint="check the path, and where it leads if it is a link"
        )
    return parse(data, path=path)


def compile_plan(project: Project, record: Record | None, location: str) -> Plan:
    """Return the plan of *project*, with the rights that *record* gives it."""
    checkout = project.checkout
    repository = record.project if record else checkout.natural_name
    name = project_name(repository, checkout.relative)
    agreed = record.agreed if record else frozenset()
    allowed = {fact.name for fact in project.asked if fact in agreed}
    variables = tuple(_variable(declared, project, allowed) for declared in project.declared)
    parents = tuple(project_name(repository, relative) for relative in project.parents)
    return Plan(
        digest(location.encode(), name.encode(), repr(project.inputs).encode()),
        name,
        project.profile,
        (name, *parents) if record else (),  # a name that is not bound may be another's
        variables,
        _scopes(project),
        project.user.wait,
        project.settings.confirm,
        project.user.caches.get(project.profile, project.settings.cache),
    )


def _variable(declared: Declared, project: Project, allowed: set[str]) -> Variable:
    flags = SECRET if declared.secret else 0
    skipped = declared.name in project.skipped
    if declared.wanted and not skipped:
        flags |= WANTED
    if declared.name in allowed:
        flags |= AGREED
    if declared.decorators.get("as") == "file":
        flags |= AS_FILE
    template = None
    if declared.template:
        template = tuple((part.text, part.name) for part in split(declared.default or ""))
    return Variable(
        declared.name,
        flags,
        None if flags & WANTED else declared.default,  # an empty wanted secret is a missing one
        None if skipped else reference_of(declared, project.source),
        template,
        declared.decorators.get("generate"),
    )


def _scopes(project: Project) -> dict[str, tuple[str, ...]]:
    names = {variable.name for variable in project.declared}
    for scope, members in project.config.scopes.items():
        for member in members:
            if member not in names:
                raise DeclarationError(
                    f"{project.config.path}: scope {scope} names {member}, "
                    f"which {project.path} does not declare",
                    hint="declare it, or take it out of the scope",
                )
    return dict(project.config.scopes)
