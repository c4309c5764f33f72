"""`devkeys init`: from a fresh clone to a project whose commands can run.

look -> agree -> import -> generate -> offer -> ask -> ignore -> tell

Each answer is stored at once. Whoever stops, at any point, finds it kept, and the next
`init` asks for the rest.
"""

import os
import stat
from collections.abc import Collection, Iterable

from devkeys import allow, ask, keep, programs
from devkeys.consent.record import Record
from devkeys.errors import UNRESOLVED, UsageError
from devkeys.flows import gitignore, importing
from devkeys.flows.consenting import consent
from devkeys.flows.here import Here
from devkeys.flows.importing import Options
from devkeys.flows.importing.source import STDIN
from devkeys.flows.needs import Need, Needs, survey
from devkeys.flows.offering import offer
from devkeys.flows.questions import put_questions
from devkeys.flows.readiness import are_providers_ready
from devkeys.generate import generate
from devkeys.noting import note
from devkeys.plan import option
from devkeys.project.find import working_directory
from devkeys.store.record import read_record

DOTENV = ".env"


def init(here: Here, *, yes: bool, optional: bool, source: str | None) -> int:
    """Set the project up and return the exit code.

    *yes* agrees to whatever is asked; *optional* asks for optional names too; *source*, a
    file or `-`, has the values, so that with *yes* nothing is asked at all.
    """
    asking = ask.at_terminal() and not (yes and source)
    if not asking and not yes:
        raise UsageError(
            "there is no terminal to ask at",
            hint="devkeys init --yes agrees to what is asked, --from FILE gives the values",
        )
    _introduce(here)
    try:
        return _set_up(here, yes=yes, optional=optional, source=source, asking=asking)
    finally:
        note(here.session, here.checkout)


def _set_up(here: Here, *, yes: bool, optional: bool, source: str | None, asking: bool) -> int:
    if here.project().changes(here.record):
        consent(here, yes=yes, name=None)
    record = allow.bind(here.session, here.checkout)
    had_store = read_record(here.session.data_dir) is not None
    _import(here, source, yes=yes)
    _generate(here, record)
    absent: frozenset[str] = frozenset()
    if asking:
        absent = offer(here, record)
        put_questions(here, record, optional=optional, absent=absent)
    if asking and not yes and not had_store:
        _offer_recovery_key(here)
    _ignore(here)
    # Who was asked and passed knows what is missing; who was not, learns it from the code.
    complete = _finish(here, record, absent)
    if asking:
        _mention_hook(here)
    return 0 if complete or asking else UNRESOLVED


def _offer_recovery_key(here: Here) -> None:
    """Offer a recovery key to whoever has just got a store."""
    if read_record(here.session.data_dir) is not None:
        from devkeys.flows.store.recoverykey import offer as offer_recovery_key

        offer_recovery_key(here.session)


def _mention_hook(here: Here) -> None:
    from devkeys.flows.hooks.state import has_hook

    if has_hook(here.session) is False:
        ask.say(
            "devkeys: hint: devkeys hook install keeps secrets that you type at the prompt out of "
            "the shell's history"
        )


def _introduce(here: Here) -> None:
    project = here.project()
    for notice in project.notices:
        ask.say(f"devkeys: {notice}")
    secrets = sum(variable.secret for variable in project.declared)
    wanted = sum(variable.wanted for variable in project.declared)
    ask.say(
        f"devkeys: {ask.plain(allow.name_of(here.record, here.checkout))} ({here.profile}), "
        f"{project.path}\n"
        f"  {_number(wanted, 'variable')} wanted, {_number(secrets, 'secret')}, "
        f"{_number(len(project.declared) - secrets, 'setting')}"
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def dotenv_of(here: Here) -> str:
    """Return where a real `.env` of this profile would be: `.env`, `.env.staging`."""
    name = DOTENV if here.profile == "dev" else f"{DOTENV}.{here.profile}"
    return os.path.join(here.checkout.directory, name)


def _import(here: Here, source: str | None, *, yes: bool) -> None:
    if source is not None:
        found = importing.read(here, source, directory=working_directory())
        importing.take_in(here, found, Options(yes=yes or source == STDIN))
        return
    path = dotenv_of(here)
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if not stat.S_ISREG(mode):
        ask.say(
            f"devkeys: {path} is no regular file, perhaps a password manager's; "
            f"devkeys import {os.path.basename(path)} reads it once"
        )
        return
    if yes or ask.confirm(f"Import the values of {path}?", default=True):
        found = importing.read(here, path, directory=here.checkout.directory)
        importing.take_in(here, found, Options(yes=yes))


def _generate(here: Here, record: Record) -> None:
    """Make a value for each name that is declared with @generate and has none."""
    needs = survey(here, record)
    new = {
        need.declared.name: (generate(need.generate, name=need.declared.name), "secret")
        for need in needs.generated
        if need.generate
    }
    if new:
        project = allow.name_of(record, here.checkout)
        keep.put_new(here.session, project, here.profile, new, confirm=here.confirm)
        ask.say(f"devkeys: generated {', '.join(new)}")


def _ignore(here: Here) -> None:
    """Keep `.env` out of git, where git is."""
    root = here.checkout.root
    path = here.session.environ.get("PATH", "")
    program = programs.find("git", path=path, outside=root)
    if program is None or not os.path.lexists(os.path.join(root, ".git")):
        return
    dotenv = dotenv_of(here)
    name = os.path.basename(dotenv)
    found = gitignore.cover(dotenv, root, program=program)
    if found.added_to:
        ask.say(f"devkeys: added {name} to {found.added_to}")
    if found.trouble:
        ask.say(f"devkeys: git does not ignore {name}: {found.trouble}")
    if found.tracked:
        ask.say(
            f"devkeys: git tracks {dotenv}: git rm --cached {name} takes it out of git; "
            "what was committed stays in its history and has to be replaced"
        )


def _finish(here: Here, record: Record, absent: Collection[str]) -> bool:
    """Say what is still missing, or how to go on; tell whether commands can run.

    *absent* are names that a provider is known not to have.
    """
    needs = survey(here, record, absent=absent)
    exported = _names(need for need in needs.wanted if need.exported)
    missing = _names(need for need in needs.wanted if not need.exported)
    if exported:
        ask.say(f"devkeys: exported in this shell only, not stored: {', '.join(exported)}")
    ready = are_providers_ready(here)
    if missing:
        ask.say(f"devkeys: still missing: {', '.join(missing)}")
        ask.say(
            f"devkeys: hint: devkeys init{option(here.profile)} asks again, devkeys skip NAME "
            "does without"
        )
    if missing or not ready:
        return False
    _mention_optional(here, needs)
    ask.say(f"devkeys: ready. Start a command with: devkeys run{option(here.profile)} -- COMMAND")
    return True


def _mention_optional(here: Here, needs: Needs) -> None:
    """Say how the secrets that nobody was asked for get values: a program may need one of them."""
    secrets = [n for n in (*needs.offered, *needs.others) if n.declared.secret and not n.exported]
    if secrets:
        ask.say(
            f"devkeys: {_number(len(secrets), 'optional secret')} without a value: "
            f"devkeys set{option(here.profile)} NAME gives one, "
            f"devkeys init{option(here.profile)} --optional asks for all"
        )


def _names(needs: Iterable[Need]) -> list[str]:
    return [need.declared.name for need in needs]
