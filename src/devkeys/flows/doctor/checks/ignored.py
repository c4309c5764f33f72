"""Whether git really ignores the `.env` files that are there, and those that will be."""

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence

from devkeys import ignoring
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
OTHERS = Kind(
    "env/profile-not-ignored",
    ADVICE,
    "a profile's .env file would not be ignored",
    "Some frameworks commit these with public settings; a secret in one is committed with them.",
    "Add the line to .gitignore unless you mean to commit such a file.",
)
KINDS = (NOT_IGNORED, NOT_YET_IGNORED, OTHERS)
GITIGNORE = ".gitignore"
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
        yield Unseen(root, "git could not say which .env files it ignores")
        return
    open_now = [path for path, names in existing.items() if names and not is_ignored(decided[path])]
    for path in open_now:
        line = line_for(os.path.basename(path))
        yield _finding(NOT_IGNORED, root, path, decided[path], existing[path], line)
    open_later = [path for path in future if not is_ignored(decided[path])]
    lines = {line_for(os.path.basename(path)) for path in open_now}
    yield from _later(root, tree, {path: decided[path] for path in open_later}, lines)
    if not open_now and not any(os.path.basename(path) in _ALWAYS for path in open_later):
        yield Fine("git ignores every .env file that is there, and those to come")


def _places(root: str, tree: Tree) -> list[str]:
    """Return where a `.env` is to be expected: at the top, and beside templates and others."""
    beside = (*tree.templates, *tree.environments, *tree.packages)
    directories = {os.path.dirname(p) for p in beside if tree.repository_of(p) == root}
    return [".", *sorted(os.path.relpath(d, root) for d in directories if d != root)]


def _later(
    root: str, tree: Tree, decided: Mapping[str, Rule | None], lines: set[str]
) -> Iterator[Finding]:
    """Yield a finding for each line that is missing, not for each place that lacks it."""
    without = [path for path, rule in decided.items() if rule is None]
    unruled = {os.path.basename(path): path for path in reversed(without)}
    if ".env" in unruled and ".env" not in lines:
        yield _finding(NOT_YET_IGNORED, root, unruled[".env"], None, (), ".env")
    others = [name for name in (*_ALWAYS[1:], *_PROFILES) if name in unruled]
    if others:
        kind = NOT_YET_IGNORED if others[0] in _ALWAYS else OTHERS
        yield _finding(kind, root, unruled[others[0]], None, (), _all_but_templates(tree))
    seen = set()
    for path, rule in decided.items():
        if rule is not None and (rule.source, rule.line) not in seen:
            seen.add((rule.source, rule.line))
            name = os.path.basename(path)
            kind = NOT_YET_IGNORED if name in _ALWAYS else OTHERS
            yield _finding(kind, root, path, rule, (), line_for(name))


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
    words = " ".join(map(shlex.quote, lines.split("\n")))
    step = f"printf '%s\\n' {words} >> {shlex.quote(os.path.relpath(target, root))}"
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
