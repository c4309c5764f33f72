"""The git source: every place of a repository where a known value can stand."""

import os
from collections.abc import Iterator
from functools import partial

from devkeys import git, programs
from devkeys.errors import DevkeysError
from devkeys.flows.doctor import git_files, git_texts, sizes
from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.git_kinds import KINDS
from devkeys.flows.doctor.git_places import Places, Spot
from devkeys.flows.doctor.scope import Scope, Watch
from devkeys.git import commits, repositories
from devkeys.git.running import Repository
from devkeys.git.traps import check_directory
from devkeys.project import find
from devkeys.scan.blobs import Held, Lost, Names, search_objects
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.scan.listing import list_objects, search_listed
from devkeys.scan.search import Search

__all__ = ["KINDS", "look", "look_staged"]

_SINCE = "older commits, and what no branch, tag or reflog leads to: --since leaves both out"


def look(scope: Scope, search: Search, watch: Watch) -> Iterator[Finding | Unseen | Fine]:
    """Yield what the checkout's repository and those of its submodules hold, history and all."""
    try:
        repository, root = _repository(scope)
    except DevkeysError as error:
        yield Unseen(scope.root, str(error), failed=True)
        return
    yield from _look_into(repository, root, scope, search, watch)
    try:
        for submodule in repositories.submodules(repository, root):
            yield from _look_into(submodule, submodule.directory, scope, search, watch)
    except DevkeysError as error:
        yield Unseen(root, f"not all of its submodules: {error}", failed=True)


def look_staged(scope: Scope, search: Search, watch: Watch) -> Iterator[Finding | Unseen | Fine]:
    """Yield what the index holds that differs from HEAD: what the next commit would take along."""
    try:
        repository, root = _repository(scope)
        repository = _with_its_index(repository, scope)
        staged = dict.fromkeys(commits.staged(repository, all_of_it=False))
        yield from _look_at_staged(repository, root, list(staged), search, watch)
    except DevkeysError as error:
        yield Unseen(scope.root, f"what is staged: {error}", failed=True)


def _look_at_staged(
    repository: Repository,
    root: str,
    staged: list[tuple[str, bytes]],
    search: Search,
    watch: Watch,
) -> Iterator[Finding | Unseen | Fine]:
    watch.at("what is staged")
    places = Places(repository, root, search, root)
    paths: dict[str, list[bytes]] = {}
    for name, path in staged:
        paths.setdefault(name, []).append(path)
    first = not commits.has_commit(repository)
    found: dict[tuple[int, bytes], Spot] = {}
    for name, path in staged:
        for hit in search.hits(path):
            found.setdefault((hit.known, path), Spot(hit.known, hit.form, path, "", name))
    names = [f"{name}\n".encode() for name in paths]
    for one in search_objects(repository, search, watch.did, lambda: names) if names else ():
        if isinstance(one, Lost):
            yield Unseen(root, f"staged objects: {one.why}", one.many, failed=True)
            continue
        for path in paths[one.object]:
            spot = Spot(one.hit.known, one.hit.form, path, "", one.object, one.hit.start)
            found.setdefault((one.hit.known, path), spot)
    for spot in found.values():
        yield places.staged(spot, first=first)
    if not found:
        yield Fine(f"what is staged: {len(staged)} files")


def _repository(scope: Scope) -> tuple[Repository, str]:
    """Return the repository around the scope's directory, as git and we agree on it.

    Raises DevkeysError if there is none, if git is missing, or if git leads elsewhere.
    """
    checkout = (
        scope.here.checkout if scope.here else find.checkout_of(scope.root, scope.session.home)
    )
    root = checkout.root
    if (why := trap(root)) is not None:
        raise DevkeysError(why)
    if not checkout.in_git:
        raise DevkeysError("it is no git repository, or its .git leads to one that is not its own")
    path = scope.session.environ.get("PATH", "")
    outside = None if root == scope.session.home else root
    program = programs.find("git", path=path, outside=outside)
    if program is None:
        raise DevkeysError("git is not installed")
    answer = git.ask(root, "rev-parse", "--absolute-git-dir", program=program)
    if answer is None:
        raise DevkeysError("git does not open it: run git status there, it says why")
    directory = os.path.realpath(answer.removesuffix("\n"))
    above = os.path.dirname(directory)
    if checkout.identity not in (directory, os.path.dirname(above)):
        raise DevkeysError("git takes another directory for its own")
    return Repository(program, directory, checkout.identity), root


def _with_its_index(repository: Repository, scope: Scope) -> Repository:
    """Return *repository* with the index that a hook of `git commit` is to look at."""
    index = scope.session.environ.get("GIT_INDEX_FILE", "")
    path = os.path.realpath(os.path.join(scope.directory, index)) if index else ""
    if os.path.dirname(path) == repository.directory:
        return repository._replace(staged=path)
    return repository


def _look_into(
    repository: Repository, shown: str, scope: Scope, search: Search, watch: Watch
) -> Iterator[Finding | Unseen | Fine]:
    place = f"git history of {shown}"
    watch.at(place)
    found: set[tuple[str, str]] = set()
    try:
        repositories.check_owner(repository.common)
        check_directory(repository.common)
        lent = repositories.borrowed(repository.common)
        for item in _look_at_all(repository, shown, scope, search, watch):
            if isinstance(item, Finding):
                found |= {(item.kind.id, label) for label in item.secrets}
            yield item
        yield from _not_all(repository, place, lent)
        if scope.since is not None:
            yield Unseen(place, _SINCE)
    except DevkeysError as error:
        yield Unseen(place, str(error), failed=True)
    yield from git_files.look(repository.common, shown, search, watch.did, found=found)


def _not_all(repository: Repository, place: str, lent: list[str]) -> Iterator[Unseen | Fine]:
    for path in filter(repositories.is_foreign, lent):
        yield Fine(f"{place}: with the objects of {path}, which is another user's")
    if repositories.is_shallow(repository):
        yield Unseen(place, "a shallow clone: older commits are not here")
    if repositories.is_partial(repository):
        yield Unseen(place, "a partial clone: some objects are not here")


def _look_at_all(
    repository: Repository, shown: str, scope: Scope, search: Search, watch: Watch
) -> Iterator[Finding | Unseen | Fine]:
    held: dict[tuple[str, int], Held] = {}
    project = scope.here.checkout.directory if scope.here else scope.directory
    places = Places(repository, shown, search, project)
    size = 0

    def did(count: int) -> None:
        nonlocal size
        size += count
        watch.did(count)

    names: Names | None = None
    if scope.since is not None:
        names = partial(commits.brought_since, repository, scope.since)
    listing = list_objects(repository, names)
    watch.expect(listing.size)
    for one in search_listed(repository, listing, search, did):
        if isinstance(one, Lost):
            yield Unseen(f"git history of {shown}", f"objects: {one.why}", one.many, failed=True)
        else:
            held.setdefault((one.object, one.hit.known), one)
    found = False
    for item in (*places.of(held.values()), *git_texts.references(places)):
        found = found or isinstance(item, Finding)
        yield item
    if not found:
        yield Fine(f"git history of {shown}: {sizes.size(size)}")
