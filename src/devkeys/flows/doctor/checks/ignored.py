"""Whether git really ignores the `.env` files that are there, and those that will be."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from devkeys import ignoring
from devkeys.flows.doctor import steps
from devkeys.flows.doctor.checks.reading import text_of
from devkeys.flows.doctor.checks.tree import Tree
from devkeys.ignoring import Rule, is_ignored, line_for
from devkeys.scan.finding import ADVICE, RISK, Finding, Fine, Kind, Place, Remedy, Unseen

NOT_IGNORED = Kind(
    "env/not-ignored",
    RISK,
    "a .env file that git does not ignore",
    "The next `git add .` puts it into a commit, and the commit into every clone.",
    "Add the line to .gitignore.",
)
NOT_YET_IGNORED = Kind(
    "env/not-yet-ignored",
    RISK,
    "a .env file would not be ignored",
    "There is none today; the first one that somebody or some tool makes is committed by the next"
    " `git add .`.",
    "Add the line to .gitignore before it is needed.",
)
NOT_YET_USED = Kind(
    "env/not-yet-used",
    ADVICE,
    "a .env file would not be ignored",
    "Nothing here uses one today; some tool or some agent may make one for you.",
    "Add the line to .gitignore.",
)
OTHERS = Kind(
    "env/profile-not-ignored",
    ADVICE,
    "a profile's .env file would not be ignored",
    "Some frameworks commit these with public settings; a secret in one is committed with them.",
    "Add the line to .gitignore unless you mean to commit such a file.",
)
KINDS = (NOT_IGNORED, NOT_YET_IGNORED, NOT_YET_USED, OTHERS)
GITIGNORE = ".gitignore"
_MOST = 50  # manifests of a sort that are read
# Packages that read a `.env`, as manifests name them.
_READERS = re.compile(
    r"""dotenv|django-environ|\benvirons\b|pydantic[-_]settings|python-decouple
    |"(?:next|nuxt|vite|astro|react-scripts)"\s*:""",
    re.VERBOSE,
)
_ALWAYS = (".env", ".env.local")
_PROFILES = (
    *(".env.development.local", ".env.test.local", ".env.production.local"),
    *(".env.production", ".env.prod", ".env.staging"),
)


def look(
    root: str,
    tree: Tree,
    here: Mapping[str, tuple[str, ...]],
    tracked: Sequence[str],
    *,
    program: str,
) -> Iterator[Finding | Unseen | Fine]:
    """Yield which `.env` files of the repository *root* git does not ignore.

    *here* are the files that are there, with the names of their secrets; *tracked* those in
    the index, relative to *root*. One question to git answers for all.
    """
    existing = {os.path.relpath(path, root): names for path, names in here.items()}
    future = [
        os.path.normpath(os.path.join(place, name))
        for place in _places(root, tree)
        for name in (*_ALWAYS, *_PROFILES)
    ]
    future = [path for path in future if path not in existing and path not in tracked]
    decided = ignoring.rules(root, dict.fromkeys([*existing, *future]), program=program)
    if decided is None:
        why = ignoring.blocked(root, [*existing, *future])
        because = f": {why}" if why else ""
        yield Unseen(root, f"git could not say which .env files it ignores{because}")
        return
    open_now = [path for path, names in existing.items() if names and not is_ignored(decided[path])]
    for path in open_now:
        line = line_for(os.path.basename(path))
        yield _finding(NOT_IGNORED, root, path, decided[path], existing[path], line)
    open_later = [path for path in future if not is_ignored(decided[path])]
    lines = {line_for(os.path.basename(path)) for path in open_now}
    kind = NOT_YET_IGNORED if tracked or _uses_one(root, tree) else NOT_YET_USED
    yield from _later(root, tree, {path: decided[path] for path in open_later}, lines, kind)
    if not open_now and not any(os.path.basename(path) in _ALWAYS for path in open_later):
        yield Fine("git ignores every .env file that is there, and those to come")


def _places(root: str, tree: Tree) -> list[str]:
    """Return where a `.env` is to be expected: at the top, and beside templates and others."""
    beside = (*tree.templates, *tree.environments, *tree.packages)
    directories = {os.path.dirname(p) for p in beside if tree.repository_of(p) == root}
    return [".", *sorted(os.path.relpath(d, root) for d in directories if d != root)]


def _later(
    root: str, tree: Tree, decided: Mapping[str, Rule | None], lines: set[str], without: Kind
) -> Iterator[Finding]:
    """Yield a finding for each line that is missing, not for each place that lacks it.

    It is of the kind *without* where no rule says anything.
    """
    open_paths = [path for path, rule in decided.items() if rule is None]
    unruled = {os.path.basename(path): path for path in reversed(open_paths)}
    if ".env" in unruled and ".env" not in lines:
        yield _finding(without, root, unruled[".env"], None, (), ".env")
    others = [name for name in (*_ALWAYS[1:], *_PROFILES) if name in unruled]
    if others:
        kind = without if others[0] in _ALWAYS else OTHERS
        yield _finding(kind, root, unruled[others[0]], None, (), _all_but_templates(tree))
    seen = set()
    for path, rule in decided.items():
        if rule is not None and (rule.source, rule.line) not in seen:
            seen.add((rule.source, rule.line))
            name = os.path.basename(path)
            kind = NOT_YET_IGNORED if name in _ALWAYS else OTHERS
            yield _finding(kind, root, path, rule, (), line_for(name))


def _uses_one(root: str, tree: Tree) -> bool:
    """Tell whether anything in the repository *root* says that a `.env` belongs to it."""
    said = (*tree.templates, *tree.environments)
    if any(tree.repository_of(path) == root for path in said):
        return True
    manifests = (*tree.packages[:_MOST], *tree.projects[:_MOST])
    here = (path for path in manifests if tree.repository_of(path) == root)
    return any(_READERS.search(text_of(path) or "") for path in here)


def _all_but_templates(tree: Tree) -> str:
    """Return the lines that ignore every `.env.NAME` except templates."""
    names = {os.path.basename(path) for path in tree.templates}
    kept = sorted({".env.example", *(name for name in names if name.startswith(".env."))})
    return "\n".join((".env.*", *("!" + line_for(name) for name in kept)))


def _finding(
    kind: Kind, root: str, path: str, rule: Rule | None, names: tuple[str, ...], lines: str
) -> Finding:
    target = _target(root, path, rule)
    what = f"{path} is not ignored" if names else f"{path} would not be ignored"
    if rule is not None:
        what += f": {rule.source}:{rule.line} takes it out again ({rule.pattern})"
    step = steps.append(target, lines.split("\n"))
    place = Place(os.path.join(root, path))
    return Finding(kind, place, what, step, names, remedy=Remedy("ignore", target, lines))


def _target(root: str, path: str, rule: Rule | None) -> str:
    """Return the `.gitignore` in which a line decides: that of the rule, or the nearest one."""
    if rule is not None and os.path.basename(rule.source) == GITIGNORE:
        source = os.path.normpath(os.path.join(root, rule.source))
        if source.startswith(os.path.join(root, "")):
            return source
    directory = os.path.dirname(os.path.join(root, path))
    beside = os.path.join(directory, GITIGNORE)
    return beside if os.path.lexists(beside) else os.path.join(root, GITIGNORE)
