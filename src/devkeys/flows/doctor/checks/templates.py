"""Live values where examples belong, and examples where live values belong.

A template is committed for everybody to read: a key that works has leaked there. And a default
that everybody can read keeps nobody out of anything but a developer's own machine.
"""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from devkeys import files, ignoring, programs
from devkeys.declaration.classify import holds_password
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.checkouts import trap
from devkeys.flows.doctor.checks.committed import is_repository
from devkeys.flows.doctor.checks.literals import Assignment, assignments, is_kept_here, is_live
from devkeys.flows.doctor.checks.published import is_known
from devkeys.flows.doctor.checks.tree import Tree, walk
from devkeys.flows.doctor.scope import Scope
from devkeys.names import is_secret_name
from devkeys.scan.finding import LEAKED, RISK, Finding, Fine, Kind, Place, Unseen
from devkeys.secret import Secret

LIVE = Kind(
    "template/live-value",
    LEAKED,
    "a value that looks live in a committed template",
    "A template is read by everybody who has the repository, and history keeps what stood in it.",
    "Rotate the value; put a placeholder there.",
)
LIVE_YET = Kind(
    "template/live-value-here",
    RISK,
    "a value that looks live in a template",
    "It is not committed yet; templates are made to be.",
    "Put a placeholder there before it is committed.",
)
DEFAULT = Kind(
    "published/default",
    RISK,
    "a published default outside of development",
    "The value stands in a template or in documentation: it keeps nobody out.",
    "Set a value of its own.",
)
KINDS = (LIVE, LIVE_YET, DEFAULT)
_DEVELOPMENT_TEXT = (
    """dev devel develop development default local localhost test tests testing ci e2e sandbox"""
)
DEVELOPMENT = frozenset(_DEVELOPMENT_TEXT.split())
LIMIT = 1 << 20  # bytes
MOST = 100  # files
# In compose files what is written in capitals is a variable's name.
_IN_COMPOSE = re.compile(
    r"\s*(?:-\s+)?['\"]?(?P<name>[A-Z][A-Z0-9_]{1,100})['\"]?\s*[=:]\s*(?P<value>\S[^\r\n]*)"
)
_PRODUCTION_TEXT = """prod production prd live staging stage stg preprod uat release"""
_PRODUCTION = frozenset(_PRODUCTION_TEXT.split())


class _File(NamedTuple):
    path: str
    found: list[Assignment]


def look(scope: Scope, tree: Tree | None = None) -> Iterator[Finding | Unseen | Fine]:
    """Yield live values in templates and compose files, and known ones in `.env` of production."""
    tree = tree or walk(scope.root)
    read: list[_File] = []
    for path in (*tree.templates, *tree.composes)[:MOST]:
        file = _read(path)
        if isinstance(file, Unseen):
            yield file
        elif file is not None:
            read.append(file)
    yield from _live(scope, tree, read)
    yield from _known(tree, read)


def _read(path: str) -> _File | Unseen | None:
    if os.path.islink(path):
        return None  # what git has of it is where it leads
    try:
        data = files.read_regular(path, limit=LIMIT)
    except DevkeysError as error:
        return Unseen(path, str(error))
    if data is None:
        return None
    if path.endswith((".yml", ".yaml")):
        return _File(path, list(_composed(data)))
    return _File(path, assignments(data, path=path))


def _composed(data: bytes) -> Iterator[Assignment]:
    """Yield what a compose file gives to names in capitals, wherever: YAML is not built."""
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        found = _IN_COMPOSE.match(line[:4096])
        if found is not None:
            value = re.split(r"\s#", found["value"], maxsplit=1)[0].strip().strip("\"'")
            name = found["name"]
            secret = is_secret_name(name) or holds_password(value)
            yield Assignment(name, value, number, commented=False, secret=secret)


def _live(scope: Scope, tree: Tree, read: list[_File]) -> Iterator[Finding | Unseen | Fine]:
    live = [(file.path, found) for file in read for found in file.found if is_live(found)]
    if not live:
        if read:
            yield Fine("no value that looks live in a template")
        return
    committed = _committed(scope, tree, {path for path, _ in live})
    for path, found in live:
        name = os.path.relpath(path, tree.root)
        kind = LIVE if path in committed else LIVE_YET
        line = "a comment" if found.commented else "a value"
        what = f"{name}:{found.line} gives {found.name} {line} that looks live"
        step = f"write a placeholder behind {found.name} in {shlex.quote(path)}"
        if kind is LIVE:
            step = f"rotate {found.name}; then {step}"
        yield Finding(kind, Place(path, line=found.line), what, step, (found.name,))


def _committed(scope: Scope, tree: Tree, paths: set[str]) -> set[str]:
    """Return those of *paths* that are in an index."""
    environ = scope.session.environ
    program = programs.find("git", path=environ.get("PATH", ""), outside=scope.root)
    found: set[str] = set()
    for root in {tree.repository_of(path) for path in paths}:
        if program is None or not is_repository(root) or trap(root):
            continue
        asked = [os.path.relpath(p, root) for p in paths if tree.repository_of(p) == root]
        words = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--", *asked)
        answer = ignoring.feed(root, *words, given=b"", program=program)
        found.update(os.path.join(root, p) for p in os.fsdecode(answer or b"").split("\0") if p)
    return found


def _known(tree: Tree, read: list[_File]) -> Iterator[Finding]:
    """Yield the values of a `.env` of production that its template, or everybody, knows."""
    for path in tree.environments[:MOST]:
        profile = profile_of(os.path.relpath(path, tree.root))
        if profile is None or os.path.islink(path):
            continue
        try:
            data = files.read_regular(path, limit=LIMIT) or b""
        except DevkeysError:
            continue  # the check of `.env` files says so
        defaults = _defaults(path, read)
        for found in assignments(data, path=path):
            value, default = Secret(found.value.encode()), defaults.get(found.name)
            place = Place(path, line=found.line)
            judged = judge_stored(found.name, profile, value, default, place=place)
            if judged is not None and not found.commented:
                yield judged


def profile_of(relative: str) -> str | None:
    """Return the profile that a `.env` file is of by its path, if that is not development."""
    words = re.split(r"[/._-]", relative.lower())
    return next((word for word in reversed(words) if word in _PRODUCTION), None)


def _defaults(path: str, read: list[_File]) -> Mapping[str, str]:
    """Return what templates beside *path*, or above it, give to names."""
    directory = os.path.dirname(path)
    around = [
        f for f in read if f"{directory}/".startswith(os.path.join(os.path.dirname(f.path), ""))
    ]
    return {a.name: a.value for file in around for a in file.found if not a.commented}


def judge_stored(
    name: str,
    profile: str,
    value: Secret,
    template_default: str | None,
    *,
    place: Place | None = None,
) -> Finding | None:
    """Return a finding if *value*, of *name* in *profile*, is one that everybody can read.

    *template_default* is what the template gives to *name*, if anything. In development that
    is what such values are for; a setting may be as public as it likes.
    """
    if profile.lower() in DEVELOPMENT:
        return None
    text = value.reveal().decode(errors="replace")
    if is_known(name, text):
        why = "a value that is published as an example"
    elif template_default and text == template_default and _counts(name, text):
        why = "the value that the template gives"
    else:
        return None
    what = f"{name} has {why} in profile {profile}"
    step = f"devkeys set {shlex.quote(name)} -p {shlex.quote(profile)}"
    return Finding(DEFAULT, place or Place("", member=name), what, step, (f"{name} ({profile})",))


def _counts(name: str, text: str) -> bool:
    """Tell whether it matters who knows *text*."""
    return is_kept_here(Assignment(name, text, 0, False, is_secret_name(name)))
