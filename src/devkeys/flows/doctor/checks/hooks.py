"""Whether the shells that this user works in have the hook, and whether it has the last word."""

import os
import re
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from devkeys.errors import DevkeysError
from devkeys.flows.doctor import rcfiles
from devkeys.flows.doctor.variables import is_ci
from devkeys.flows.hooks import NO_MECHANISM, lines, startup
from devkeys.flows.hooks.state import State, known, state
from devkeys.hookfiles import FILES
from devkeys.scan.finding import ADVICE, RISK, Finding, Fine, Kind, Place, Remedy, Unseen
from devkeys.shells import running

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope

MISSING = Kind(
    "hook/missing",
    RISK,
    "a shell has no hook",
    "A secret that is typed at its prompt stays in its history file for years.",
    "Install the hook: devkeys hook install.",
)
NONE = Kind(
    "hook/none",
    ADVICE,
    "there is no hook for a shell",
    "It records each line without asking anybody.",
    "Enter secrets with devkeys set NAME, which asks without showing them.",
)
UNDONE = Kind(
    "hook/undone",
    RISK,
    "the hook of a shell is undone",
    "It is installed, and something takes its place: what is typed is recorded all the same.",
    "Put the line that loads the hook at the end of the file.",
)
OLD = Kind(
    "hook/old",
    ADVICE,
    "the hook of a shell is of another version",
    "It works as it did then, and knows the formats of keys that were known then.",
    "Install it anew; shells that are open keep the old one.",
)
RECORDED = Kind(
    "hook/recorder",
    ADVICE,
    "another program records what is typed",
    "It has a database of its own, which may be kept on a server, too, and does not ask the hook.",
    "Have it leave out secrets by its own settings, or do without it in this shell.",
)
SPACE = Kind(
    "hook/ignorespace",
    ADVICE,
    "a blank in front no longer keeps a line out of bash's history",
    "bash-preexec takes `ignorespace` out of HISTCONTROL, so that it sees every command.",
    "Do not rely on the blank; the hook keeps secrets out without it.",
)
KINDS = (MISSING, NONE, UNDONE, OLD, RECORDED, SPACE)

LONGEST = 1000  # characters of a line that is looked at for what it loads
RECENT = 90 * 24 * 3600  # seconds since a shell has last written its history


class _Recorder(NamedTuple):
    """A program that records commands, how a start-up file loads it, and where the hook reaches it.

    See docs/shells.md; what was never run beside the hook is not in *reached*.
    """

    name: str
    loaded: str
    reached: frozenset[str]


_RECORDERS = (
    _Recorder(
        "atuin",
        r"\batuin\b[^\n]*\binit\b|\.atuin/",
        frozenset(("bash", "zsh", "fish", "nushell", "xonsh")),
    ),
    _Recorder("mcfly", r"\bmcfly\b[^\n]*\binit\b", frozenset(("zsh",))),
    _Recorder("hishtory", r"\.hishtory/config\.|\bhishtory\b[^\n]*\binit\b", frozenset(("zsh",))),
    _Recorder("histdb", r"\bsqlite-history\.zsh|\bzsh-histdb\b", frozenset(("zsh",))),
    _Recorder("resh", r"\.resh/", frozenset(("zsh",))),
)
_PREEXEC = re.compile(r"^[^#\n]*\bbash[-_]preexec(?:\.sh)?\b", re.MULTILINE)
_IGNORED = re.compile(r"^[^#\n]*\bHISTCONTROL\s*=[^\n]*\bignore(?:space|both)\b", re.MULTILINE)
# Together these take bash's hook away; it outlives either alone, unless a file loads it by `.`.
_PROMPT = re.compile(
    r"^[^#\n]*?(?:\bPROMPT_COMMAND=(?![^\n]*PROMPT_COMMAND)|\bunset\b[^\n]*\bPROMPT_COMMAND\b)"
)
_TRAP = re.compile(r"^[^#\n]*\btrap\b[^\n]*\bDEBUG\b")
_BY_FILE = re.compile(r"(?:^|[;&|{]|\bthen\b)\s*(?:\.|source)\s+(?!<\()")
# zsh's hook stands in both.
_ADDING = re.compile(
    r"^[^#\n]*?\b(?:zshaddhistory_functions=\((?![^\n]*\$)|unset\b[^\n]*\bzshaddhistory_functions\b)"
)
_BEFORE = re.compile(
    r"^[^#\n]*?\b(?:precmd_functions=\((?![^\n]*\$)|unset\b[^\n]*\bprecmd_functions\b)"
)


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at the hook of each shell that this user works in, or that has anything of one."""
    session = scope.session
    if is_ci(session):
        return
    here = running()
    if here in NO_MECHANISM and here not in ("sh", "dash"):
        step = "devkeys set NAME, instead of an assignment"
        yield Finding(NONE, Place(""), f"{here}: {NO_MECHANISM[here]}", step)
    # Doctor may have been started by a script of a shell that nobody types in.
    used = shells_used(session.environ)
    if not used and (shell := known(here)):
        used = {shell}
    texts = _texts(session.environ)
    good = []
    for shell in FILES:
        found = state(session, shell)
        if shell in used or found.lines or found.by_hand:
            results = list(_of_shell(found, texts.get(shell, "")))
            good += [] if results else [shell]
            yield from results
    if good:
        yield Fine(f"the hook is in {', '.join(good)}")
    yield from _space(session.environ, texts.get("bash", ""))


def shells_used(environ: Mapping[str, str]) -> set[str]:
    """Return the login shell, and those that have written their history in the last 90 days."""
    home = startup.home_of(environ)
    data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    state_home = environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    nushell = os.path.dirname(startup.file_of("nushell", environ))
    histories = {
        "bash": (f"{home}/.bash_history",),
        "zsh": (f"{home}/.zsh_history", f"{home}/.histfile", f"{home}/.zhistory"),
        "fish": (f"{data}/fish/fish_history",),
        "nushell": (f"{nushell}/history.txt", f"{nushell}/history.sqlite3"),
        "elvish": (f"{state_home}/elvish/db.bolt", f"{home}/.elvish/db"),
        "xonsh": (f"{data}/xonsh/history_json", f"{data}/xonsh/xonsh-history.sqlite"),
        "powershell": (f"{data}/powershell/PSReadLine/ConsoleHost_history.txt",),
    }
    used = {shell for shell, paths in histories.items() if any(map(_is_recent, paths))}
    login = os.path.basename(environ.get("SHELL", "")).removesuffix(".exe")
    return used | {shell for shell in (known(login),) if shell}


def _is_recent(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime < RECENT
    except OSError:
        return False


def _texts(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the start-up files of each shell hold, but for lines that nobody has typed."""
    found: dict[str, str] = {}
    for file, text in rcfiles.texts(environ):
        if isinstance(text, str):
            rows = (row for row in text.split("\n") if len(row) < LONGEST)
            found[file.shell] = "\n".join((found.get(file.shell, ""), *rows))
    return found


def _of_shell(found: State, text: str) -> Iterator[Finding | Unseen]:
    shell, place = found.shell, Place(found.file)
    install = f"devkeys hook install {shell}"
    remedy = Remedy("hook", found.file, shell)
    if found.trouble:
        yield Unseen(found.file, found.trouble)
        return
    if not found.installed:
        what = f"{shell} loads no hook"
        if found.lines:
            what = f"the line that loads {shell}'s hook is there, and {found.copy} is gone"
        yield Finding(MISSING, place, what, install, remedy=remedy)
        yield from _recorders(found, text)
        return
    if found.lines and not found.current:
        what = f"the copy that {shell} loads is not that of this devkeys"
        yield Finding(OLD, place, what, install, remedy=remedy)
    if len(found.lines) + len(found.by_hand) > 1:
        what = f"{shell}'s hook is loaded {len(found.lines) + len(found.by_hand)} times"
        yield Finding(OLD, place, what, f"leave one of the lines in {found.file}")
    line = _undone_by(found)
    if line:
        what = f"line {line} takes away what {shell}'s hook needs"
        step = f"move the line that loads the hook behind line {line}"
        yield Finding(UNDONE, Place(found.file, line=line), what, step)
    yield from _recorders(found, text)


def _undone_by(found: State) -> int | None:
    """Return the line behind our own from which on the hook is gone; None if it stays.

    By what the hook of bash and of zsh was seen to outlive; others are not judged.
    """
    if found.shell not in ("bash", "zsh"):
        return None
    try:
        text = rcfiles.read(found.file)
    except DevkeysError:
        return None
    rows = text.split("\n")
    start = _last_of_ours(found, rows)
    first, second = (_PROMPT, _TRAP) if found.shell == "bash" else (_ADDING, _BEFORE)
    behind = list(enumerate(rows[start:], start + 1))
    one = next((number for number, row in behind if first.match(row)), None)
    two = next((number for number, row in behind if second.match(row)), None)
    if found.shell == "bash" and start and _BY_FILE.search(rows[start - 1]):
        return one
    return None if one is None or two is None else max(one, two)


def _last_of_ours(found: State, rows: list[str]) -> int:
    """Return the number of the last line that loads the hook."""
    mark = os.fsdecode(lines.MARK)
    ours = [n for n, row in enumerate(rows, 1) if mark in row and row.startswith(found.lines)]
    return max([*ours, *found.by_hand], default=0)


def _recorders(found: State, text: str) -> Iterator[Finding]:
    for recorder in _RECORDERS:
        if not re.search(rf"^[^#\n]*?(?:{recorder.loaded})", text, re.MULTILINE):
            continue
        if found.installed and found.shell in recorder.reached:
            continue
        what = f"{recorder.name} records what is typed in {found.shell}"
        step = f"devkeys hook install {found.shell}"
        if found.installed or found.shell not in recorder.reached:
            what += ", and the hook is not known to keep anything from it"
            step = f"see what {recorder.name} can leave out, or do without it in {found.shell}"
        yield Finding(RECORDED, Place(found.file), what, step)


def _space(environ: Mapping[str, str], text: str) -> Iterator[Finding]:
    if _PREEXEC.search(text) and _IGNORED.search(text):
        what = "bash-preexec is loaded, and HISTCONTROL asks for what it takes away"
        step = "do not rely on a blank in front; devkeys set NAME asks without showing"
        yield Finding(SPACE, Place(startup.file_of("bash", environ)), what, step)
