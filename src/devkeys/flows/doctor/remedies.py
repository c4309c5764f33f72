"""What `--fix` can do, an action each; `fixing` asks before any of it is done."""

import os
import shlex
import stat
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from devkeys import atomic, files, programs
from devkeys.consent import record
from devkeys.errors import DevkeysError
from devkeys.flows import gitignore, hooks, importing
from devkeys.flows.consenting import consent
from devkeys.flows.doctor import steps, untracking
from devkeys.flows.doctor.checks.tree import profile_of
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.here import Here
from devkeys.flows.importing import Options
from devkeys.history import Book, Holds, Outcome
from devkeys.history.books import discover
from devkeys.history.formats import FORMATS
from devkeys.history.live import live
from devkeys.history.scrubbing import scrub
from devkeys.history.stores import STORES
from devkeys.plan import cache
from devkeys.project import find
from devkeys.scan.finding import Finding
from devkeys.scan.search import Search


class Job(NamedTuple):
    """What is to be mended: the *path*, what was *found* there, and how to look again.

    With *yes* nothing more is asked on the way.
    """

    path: str
    found: tuple[Finding, ...]
    asked: Scope
    search: Search
    yes: bool

    @property
    def details(self) -> tuple[str, ...]:
        """What the findings say about how to mend them, each once."""
        remedies = (finding.remedy for finding in self.found)
        return tuple(dict.fromkeys(remedy.detail for remedy in remedies if remedy is not None))


class Action(NamedTuple):
    """One way of mending: the *question* before it, about `{}`; *do* says what it did."""

    question: str
    do: Callable[[Job], Iterator[str]]


def store(job: Job) -> Iterator[str]:
    """Move the values of a `.env` into the store; what nothing declares stays in the file.

    No command would get it from the store, and the program may be reading it there.
    """
    directory = os.path.dirname(job.path)
    checkout = find.locate(directory, job.asked.session.home)
    if checkout is None:
        raise DevkeysError(
            f"no project around {job.path} declares its names",
            hint=f"write their names into {os.path.join(directory, '.env.example')}, then "
            "devkeys import .env --remove there",
        )
    profile = profile_of(os.path.basename(job.path))
    if profile is None:
        raise DevkeysError(
            f"which profile {job.path} is of cannot be told",
            hint=f"devkeys import -p PROFILE {shlex.quote(job.path)} --remove",
        )
    here = Here(job.asked.session, checkout, profile, None)
    read = importing.read(here, job.path, directory=directory)
    if here.project().changes(here.record):
        consent(here, yes=job.yes, name=None)
    undeclared = importing.DROP if job.yes else None
    importing.take_in(here, read, Options(undeclared, remove=True, yes=job.yes))
    yield from ()


def mode(job: Job) -> Iterator[str]:
    """Take the rights of others away from a file."""
    wanted = int(job.details[0], 8)
    descriptor = _open(job.path)
    try:
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(descriptor).st_mode) & wanted)
    except OSError as error:
        raise DevkeysError(
            f"cannot change {job.path}: {files.reason(error)}", hint="check whose file it is"
        ) from None
    finally:
        os.close(descriptor)
    yield f"only you can read {job.path} now"


def _open(path: str) -> int:
    # Through a descriptor: what is looked at and what is changed are the same file.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        return os.open(path, flags)
    except OSError as error:
        raise DevkeysError(
            f"cannot open {path}: {files.reason(error)}", hint="see with ls -l what it is now"
        ) from None


def ignore(job: Job) -> Iterator[str]:
    """Add lines to a `.gitignore` or a `.dockerignore`."""
    for line in [line for detail in job.details for line in detail.splitlines()]:
        trouble = gitignore.append(job.path, line)
        if trouble:
            raise DevkeysError(
                f"cannot add to {job.path}: {trouble}", hint=f"add the line {line} by hand"
            )
        yield f"added {line} to {job.path}"


def untrack(job: Job) -> Iterator[str]:
    """Take a file out of git's index; it stays where it is, and in the commits so far."""
    path = job.asked.session.environ.get("PATH", "")
    program = programs.find("git", path=path, outside=job.asked.root)
    if program is None or not untracking.untrack(job.path, program=program):
        raise DevkeysError(
            f"git did not take {job.path} out of its index",
            hint=f"{steps.untrack(*os.path.split(job.path))} says why",
        )
    yield f"git no longer tracks {job.path}; commit that, and remember that older commits have it"


def hook(job: Job) -> Iterator[str]:
    """Install the hook of a shell."""
    for shell in job.details:
        hooks.install(job.asked.session, shell, yes=True)
    yield from ()


def forget_consent(job: Job) -> Iterator[str]:
    """Drop what was agreed to for a checkout that is gone."""
    session = job.asked.session
    for identity in job.details:
        for location in record.withdraw(session.data_dir, identity, None):
            atomic.remove(cache.path_of(session.state_dir, location))
        yield f"dropped the consent for {job.path}"


def clean(job: Job) -> Iterator[str]:
    """Take the entries out of a history that hold what was found in it."""
    session = job.asked.session
    for book in discover(session.environ, session.home):
        if book.path == job.path:
            outcome = _scrubbed(book, _holds(job))
            number = "1 entry" if outcome.removed == 1 else f"{outcome.removed} entries"
            yield f"took {number} out of {book.path}"
            yield from outcome.left
            yield from _coming_back(book)
            return
    raise DevkeysError(f"{job.path} is no history any more", hint="run devkeys doctor again")


def _coming_back(book: Book) -> Iterator[str]:
    """Yield which living shells may write it again, and how to keep them from it."""
    for one in live((book.program,)):
        if one.way.returns:
            # The command on a line of its own: it is there to be copied.
            before, colon, command = (one.step or "end it").partition(": ")
            yield f"{one.name} {one.way.what}; {before}{colon.rstrip()}"
            yield from [f"  {command}"] if command else []


def _holds(job: Job) -> Holds:
    """Return what tells whether a text holds any of the secrets that were found here."""
    labels = {label for finding in job.found for label in finding.secrets}
    search = Search([known for known in job.search.known if known.label in labels])
    return search.holds


def _scrubbed(book: Book, holds: Holds) -> Outcome:
    if book.format in FORMATS:
        return scrub(book, FORMATS[book.format], holds)
    return STORES[book.format].scrub(book.path, holds)


# In the order in which it is safe: nothing is taken out of a file before the store has it, and
# nothing is moved out of a file that git would bring back.
REMEDIES: Mapping[str, Action] = {
    "mode": Action("Take the rights of other users away from {}?", mode),
    "ignore": Action("Add to {} what git is to ignore?", ignore),
    "dockerignore": Action("Add to {} what images are not to hold?", ignore),
    "untrack": Action("Take {} out of git's index? The file stays.", untrack),
    "store": Action("Move the values of {} into the store?", store),
    "hook": Action("Install the hook in {}?", hook),
    "forget-consent": Action("Drop what was agreed to for {}?", forget_consent),
    "scrub": Action("Take these entries out of {}?", clean),
}
ORDER = tuple(REMEDIES)
