"""discover -> scan -> report: what doctor looks at, one source after the other."""

import os
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import NamedTuple

from devkeys import fingerprint
from devkeys.errors import DevkeysError
from devkeys.flows.doctor import allowing, baseline, files, histories, repository, scope
from devkeys.flows.doctor.checks import (
    consents,
    cores,
    envfiles,
    exported,
    hooks,
    keychain,
    packages,
    startup_files,
    stored_environments,
    templates,
    tree,
)
from devkeys.flows.doctor.checks.tree import Tree
from devkeys.flows.doctor.knowing import Knowledge
from devkeys.flows.doctor.marks import Marks, marks, tags
from devkeys.flows.doctor.report import Coverage, Report, frame, hidden, hidden_unseen, hide
from devkeys.flows.doctor.scope import Scope, Watch
from devkeys.history.books import discover
from devkeys.scan import walk
from devkeys.scan.finding import Finding, Fine, Kind, Unseen
from devkeys.scan.search import Search

Item = Finding | Unseen | Fine
Look = Callable[[Scope, Search, Watch], Iterator[Item]]

NO_CHECKOUT = "no project and no repository; --path . looks at it all the same"
OF_CHECKOUT = (envfiles, packages, templates)
OF_MACHINE = (exported, startup_files, stored_environments, hooks, keychain, cores, consents)


class Examined(NamedTuple):
    """A *report*, with how its findings are known again and how values were searched for."""

    report: Report
    marks: Marks
    search: Search


def examine(asked: Scope, knowledge: Knowledge, watch: Watch) -> Examined:
    """Look at all that is *asked* for, and report."""
    search = Search(knowledge.known)
    counting = Counting(watch)
    items: list[Item] = list(knowledge.findings if scope.CONFIGURATION in asked.sources else ())
    if scope.CHECKOUT in asked.sources and not asked.in_checkout:
        asked = asked._replace(sources=asked.sources - {scope.CHECKOUT})
        items.append(Unseen(asked.directory, NO_CHECKOUT))
    for name, look in _looks(asked):
        items += _safely(name, look, asked, search, counting)
    findings = hidden(_once(i for i in items if isinstance(i, Finding)), search.hits)
    unseen = [*knowledge.unseen, *_unseen((i for i in items if isinstance(i, Unseen)), asked)]
    known_again = _marks(asked, search)
    report = Report(
        fine=tuple(hide(i.what, search.hits) for i in items if isinstance(i, Fine)),
        unseen=hidden_unseen(unseen, search.hits),
        covered=_coverage(asked, knowledge, counting),
    )
    return Examined(_without_accepted(report, findings, asked, known_again), known_again, search)


def _looks(asked: Scope) -> Iterator[tuple[str, Look]]:
    """Yield what is to be looked at, with the name that tells it if it fails as a whole."""
    if scope.CONFIGURATION in asked.sources:
        if asked.in_checkout:
            walked = tree.walk(asked.root)
            yield from ((_called(one), _of_checkout(one.look, walked)) for one in OF_CHECKOUT)
        yield from ((_called(one), _of_machine(one.look)) for one in OF_MACHINE)
    if asked.sources & {scope.CHECKOUT, scope.HOME, scope.PATHS}:
        yield "the files", _files
    if scope.HISTORIES in asked.sources:
        yield "the histories", histories.look
    if scope.STAGED in asked.sources:
        yield "what is staged in git", repository.look_staged
    if scope.GIT in asked.sources:
        yield "the history of git", repository.look


def _files(asked: Scope, search: Search, watch: Watch) -> Iterator[Item]:
    """Look through files, but for histories and git where these are looked at themselves."""
    covered: set[str] = set()
    if scope.HISTORIES in asked.sources:
        for book in discover(asked.session.environ, asked.session.home):
            covered.update(book.path + end for end in ("", "-wal", "-shm", "-journal"))
    if scope.GIT in asked.sources:
        covered.add(os.path.join(asked.root, ".git"))
    yield from files.look(asked, search, watch, frozenset(covered))


def _called(check: ModuleType) -> str:
    return check.__name__.rpartition(".")[2].replace("_", " ")


def _of_checkout(look: Callable[[Scope, Tree], Iterator[Item]], walked: Tree) -> Look:
    return lambda asked, _search, _watch: look(asked, walked)


def _of_machine(look: Callable[[Scope], Iterator[Item]]) -> Look:
    return lambda asked, _search, _watch: look(asked)


def _safely(
    name: str, look: Look, asked: Scope, search: Search, watch: "Counting"
) -> Iterator[Item]:
    watch.source = name
    try:
        yield from look(asked, search, watch)
    except DevkeysError as error:
        yield Unseen(name, str(error), failed=True)
    except Exception as fault:  # noqa: BLE001  # it must not hide what the others find
        # Its words may hold what was read.
        what = f"a fault of devkeys itself ({type(fault).__name__}); please report it"
        yield Unseen(name, what, failed=True)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings* without those of files of which the check of `.env` or a history tells.

    That git tracks a history is told beside it: the commits so far have it, too. A part of a value,
    as the password of an address, is told only where it stands without the whole.
    """
    listed = list(_whole(findings))
    plain = _told(listed, envfiles.PLAIN)
    typed = _told(listed, histories.TYPED, histories.REMAINS)
    told = {files.KNOWN: plain | typed, files.TRACKED: plain, files.IN_ENV: plain}
    return [one for one in listed if one.kind not in told or not _names(one) <= told[one.kind]]


def _whole(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield *findings* without parts of values that stand nowhere but in the whole."""
    times: dict[Finding, int] = {}
    for one in findings:  # the whole is searched for first
        key = _apart_from_where(one) if one.form else one
        if one.place.times > times.get(key, 0):
            times[key] = one.place.times
            yield one


def _apart_from_where(one: Finding) -> Finding:
    place = one.place._replace(line=None, entry=None, when=None, times=1)
    return one._replace(place=place, what="", step="", form="")


def _told(findings: Iterable[Finding], *kinds: Kind) -> set[tuple[str, str]]:
    return {pair for one in findings if one.kind in kinds for pair in _names(one)}


def _names(finding: Finding) -> set[tuple[str, str]]:
    """Return the names that *finding* is about, as `A = B (chat, prod)` has them, at their path."""
    labels = (label for labels in finding.secrets for label in labels.split(" = "))
    return {(finding.place.path, label.partition(" (")[0]) for label in labels}


def _unseen(found: Iterable[Unseen], asked: Scope) -> list[Unseen]:
    """Return *found*, each once, without the objects of the checkout's git: in `covered`.

    What several sources could not look at has failed if one of them was asked for it.
    """
    once: dict[Unseen, Unseen] = {}
    for each in found:
        key = each._replace(failed=False)
        once[key] = each if each.failed else once.get(key, each)
    return [
        one
        for one in once.values()
        if (one.place, one.number) != (asked.root, 1) or not one.why.startswith(walk.OBJECTS)
    ]


class Counting:
    """A Watch that counts for the report, and tells another."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.source = ""
        self.places: dict[str, int] = {}
        self.files = 0
        self.size = 0

    def expect(self, size: int, files: int = 0) -> None:
        """Count the files, and tell the other."""
        self.files += files
        self._watch.expect(size, files)

    def at(self, place: str) -> None:
        """Count the place for its source."""
        self.places[self.source] = self.places.get(self.source, 0) + 1
        self._watch.at(place)

    def did(self, size: int) -> None:
        """Add the bytes up."""
        self.size += size
        self._watch.did(size)


def _coverage(asked: Scope, knowledge: Knowledge, counted: Counting) -> Coverage:
    return Coverage(
        files=counted.files,
        bytes=counted.size,
        histories=counted.places.get("the histories", 0),
        git_history=_reads_commits(asked),
        secrets=len({known.label for known in knowledge.known}),
        too_short=knowledge.short,
        too_common=knowledge.common,
    )


def _reads_commits(asked: Scope) -> bool | None:
    if scope.GIT in asked.sources:
        return True
    in_git = asked.here.checkout.in_git if asked.here else os.path.lexists(f"{asked.root}/.git")
    return False if in_git else None


def _marks(asked: Scope, search: Search) -> Marks:
    state_dir = asked.session.state_dir
    return marks(state_dir, frame(asked), tags(fingerprint.tag_key(state_dir), search.known))


def _without_accepted(
    report: Report, findings: tuple[Finding, ...], asked: Scope, known_again: Marks
) -> Report:
    accepted = baseline.read(asked.session.state_dir)
    lists = allowing.gather(asked.session, asked.here, accepted, known_again)
    left, allowed = allowing.apart(findings, lists, known_again.frame)
    left, covered = baseline.apart(left, accepted, known_again)
    return report._replace(
        findings=left, accepted=covered, allowed=allowed, asked_to_ignore=lists.asked
    )
