"""Making an item the source of a profile: a table more in the project's `devkeys.toml`."""

import json
import os
import re
import stat
import tomllib
from typing import Any

from devkeys import allow, ask, atomic, files, references
from devkeys.consent.record import Agreed
from devkeys.errors import DevkeysError
from devkeys.flows.here import Here
from devkeys.plan import DEFAULT_PROFILE, refuse
from devkeys.plan.compile import Project, overlay_of
from devkeys.project.config import candidates
from devkeys.store.projects import list_projects

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NEW_MODE = 0o644


def link(here: Here, source: str) -> bool:
    """Write *source* into the project's configuration and agree to it; False if that cannot be.

    What is to be written by hand then is said.
    """
    project = here.project()
    path = candidates(here.checkout)[0]
    table = table_of(here.profile, source)
    trouble = _trouble(project, path, source)
    before = files.read_regular(path)
    after = None if trouble else with_table(before or b"", here.profile, source)
    if after is None:
        why = trouble or f"{path} is not written so that a table can be added to it"
        ask.say(f"devkeys: nothing was written: {why}. By hand, it is\n\n{table}")
        return False
    mode = _NEW_MODE if before is None else stat.S_IMODE(os.stat(path).st_mode)
    atomic.write(os.path.realpath(path), after, mode=mode)
    ask.say(f"devkeys: {'made' if before is None else 'changed'} {path}: {source}")
    _agree(here, source)
    if not project.config.profiles:
        _say_others(here, project)
    return True


def _trouble(project: Project, path: str, source: str) -> str | None:
    if project.profile in project.config.profiles:
        return f"{project.config.path} has a table for the profile {project.profile} already"
    if project.config.path not in (None, path):
        return f"{project.config.path} is that of other directories too"
    try:
        refuse.references_in(project.declared, project.path, source, path)
    except DevkeysError as error:
        return str(error)
    return None


def _say_others(here: Here, project: Project) -> None:
    """Name the profiles in use that have to be configured as well, now that one is."""
    name = allow.name_of(here.record, here.checkout)
    for stored, profile in list_projects(here.session.data_dir):
        known = (DEFAULT_PROFILE, here.profile)
        overlay = overlay_of(project.path, profile)
        if stored == name and profile not in known and not os.path.lexists(overlay):
            ask.say(f"devkeys: hint: write [profiles.{profile}] there too, or -p {profile} ends")


def table_of(profile: str, source: str) -> str:
    """Return the lines that make *source* the one of *profile*."""
    name = profile if _BARE.fullmatch(profile) else json.dumps(profile, ensure_ascii=False)
    return f"[profiles.{name}]\nsource = {json.dumps(source, ensure_ascii=False)}\n"


def with_table(data: bytes, profile: str, source: str) -> bytes | None:
    """Return the TOML *data* with the profile's table at its end, all else byte for byte.

    None if that would not mean the same and the table.
    """
    end = b"\r\n" if b"\r\n" in data else b"\n"
    gap = b"" if not data.strip() else end if data.endswith(b"\n") else end + end
    lines = table_of(profile, source).encode().replace(b"\n", end)
    after = data + gap + lines
    known = _load(data)
    if known is None or profile in known.setdefault("profiles", {}):
        return None
    known["profiles"][profile] = {"source": source}
    return after if _load(after) == known else None


def _load(data: bytes) -> dict[str, Any] | None:
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _agree(here: Here, source: str) -> None:
    """Agree to the references that follow from *source*, which the user wished, and no more."""
    project, record = here.project(), here.record
    agreed = record.agreed if record else frozenset()
    wished = [fact for fact in project.asked if _without(fact, source) in agreed]
    allow.agree(here.session, project, wished)


def _without(fact: Agreed, source: str) -> Agreed:
    reference = f"from {references.join(source, fact.name)}"
    return fact._replace(details=tuple(one for one in fact.details if one != reference))
