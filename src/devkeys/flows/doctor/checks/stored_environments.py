"""Histories that keep more than commands, or are open to others.

xonsh writes all variables of a session into its history; nushell makes its own readable for
everybody on the machine.
"""

import json
import os
import shlex
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.flows.doctor.variables import declared_secrets, holds_secret, is_asked_for, shown
from devkeys.flows.hooks import startup
from devkeys.scan.finding import ADVICE, LEAKED, RISK, Finding, Fine, Kind, Place, Remedy, Unseen

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope

ENVIRONMENT = Kind(
    "history/stored-environment",
    LEAKED,
    "xonsh has written a variable that looks secret into its history",
    "xonsh keeps the environment of each session in the file of that session, for as long as it "
    "keeps the commands.",
    "Remove those files, and install the hook: it keeps such variables out.",
)
OPEN = Kind(
    "history/open",
    RISK,
    "other users of this machine can read a history",
    "What was typed by mistake is theirs, too.",
    "Set its mode to 600.",
)
LOOSE = Kind(
    "history/loose",
    ADVICE,
    "only the directory keeps others from reading a history",
    "A copy of it, in a backup or another place, is open to all.",
    "Set its mode to 600.",
)
KINDS = (ENVIRONMENT, OPEN, LOOSE)

LIMIT = 1 << 24  # bytes of one history
_KEY = b'"env": {'
# Below HOME, below the data, the state and the configuration directory.
_HOME = (
    *(".bash_history", ".zsh_history", ".zhistory", ".histfile", ".history", ".sh_history"),
    *(".python_history", ".node_repl_history", ".psql_history", ".mysql_history"),
    *(".sqlite_history", ".rediscli_history", ".lesshst", ".viminfo", ".irb_history"),
    *(".pry_history", ".php_history", ".Rhistory", ".gdb_history", ".duckdb_history"),
    *(".elvish/db", ".hishtory/.hishtory.db", ".histdb/zsh-history.db", ".dbshell"),
    *(".mongodb/mongosh/mongosh_repl_history", ".ipython/profile_default/history.sqlite"),
)
_DATA = (
    *("fish/fish_history", "powershell/PSReadLine/ConsoleHost_history.txt", "lesshst"),
    *("xonsh/xonsh-history.sqlite", "atuin/history.db", "atuin/records.db", "mcfly/history.db"),
)
_STATE = ("elvish/db.bolt", "lesshst", "less/history", "nvim/shada/main.shada")
_NUSHELL = ("history.txt", "history.sqlite3", "history.sqlite3-wal")
_MOVED = (
    *("HISTFILE", "LESSHISTFILE", "PYTHON_HISTORY", "NODE_REPL_HISTORY", "PSQL_HISTORY"),
    *("MYSQL_HISTFILE", "SQLITE_HISTORY", "REDISCLI_HISTFILE", "XONSH_HISTORY_SQLITE_FILE"),
)


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at xonsh's histories, and at the mode of every history."""
    environ = scope.session.environ
    stored = _xonsh_files(environ)
    yield from _environments(scope, stored)
    there = [*_histories(environ), *stored]
    found = [finding for path in there if (finding := _open_to_others(path))]
    yield from found
    if there and not found:
        yield Fine(f"no other user can read your histories ({len(there)} looked at)")


def _environments(scope: "Scope", paths: list[str]) -> Iterator[Finding | Unseen]:
    declared = declared_secrets(scope)
    judged: dict[tuple[str, int], bool] = {}
    holders: dict[str, list[str]] = {}
    for path in paths:
        try:
            environment = stored_environment(path)
        except DevkeysError as error:
            yield Unseen(path, str(error))
            continue
        for name, value in environment.items():
            # Sessions of one user differ in little.
            key = (name, hash(value))
            if key not in judged:
                judged[key] = is_asked_for(scope, name) and holds_secret(name, value, declared)
            if judged[key]:
                holders.setdefault(name, []).append(path)
    for name, those in sorted(holders.items()):
        yield _finding(shown(name, declared), those)


def stored_environment(path: str) -> Mapping[str, str]:
    """Return the variables in xonsh's history *path*; none if there are none.

    In the strings of JSON no quote stands before a colon, so that what is sought is the key.
    """
    data = files.read_regular(path, limit=LIMIT) or b""
    start = data.rfind(_KEY)
    if start < 0:
        return {}
    try:
        text = data[start + len(_KEY) - 1 :].decode("utf-8", "replace")
        found, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        raise DevkeysError(f"{path} is damaged") from None
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _finding(name: str | None, paths: list[str]) -> Finding:
    newest = max(paths, key=_changed)
    place = Place(newest, member=name or "", when=_changed(newest), times=len(paths))
    what = "xonsh has kept its value with the history of a session"
    step = f"devkeys hook install xonsh, then: rm {shlex.quote(newest)}"
    if len(paths) > 1:
        what = f"xonsh has kept its value with the histories of {len(paths)} sessions"
        step = f"devkeys hook install xonsh, then: {_removing(name, os.path.dirname(newest))}"
    return Finding(ENVIRONMENT, place, what, step, (name,) if name else ())


def _removing(name: str | None, directory: str) -> str:
    """Return the command that removes the files of *directory* in which *name* stands."""
    if name is None:
        return f"rm {shlex.quote(directory)}/*.json"
    key = shlex.quote(f'"{name}":')
    return f"grep -lF --null {key} {shlex.quote(directory)}/*.json | xargs -0 rm"


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0


def _xonsh_files(environ: Mapping[str, str]) -> list[str]:
    base = environ.get("XONSH_DATA_DIR") or os.path.join(_below(environ, "DATA"), "xonsh")
    found = []
    for directory in (os.path.join(base, "history_json"), base):
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            continue
        chosen = [x for x in names if x.startswith("xonsh-") and x.endswith(".json")]
        found += [os.path.join(directory, name) for name in chosen]
    return found


def _below(environ: Mapping[str, str], kind: str) -> str:
    path = environ.get(f"XDG_{kind}_HOME", "")
    defaults = {"DATA": (".local", "share"), "STATE": (".local", "state")}
    return path if os.path.isabs(path) else os.path.join(startup.home_of(environ), *defaults[kind])


def _histories(environ: Mapping[str, str]) -> list[str]:
    home = startup.home_of(environ)
    nushell = os.path.dirname(startup.file_of("nushell", environ))
    candidates = [
        *(os.path.join(home, name) for name in _HOME),
        *(os.path.join(_below(environ, "DATA"), name) for name in _DATA),
        *(os.path.join(_below(environ, "STATE"), name) for name in _STATE),
        *(os.path.join(nushell, name) for name in _NUSHELL),
        *(environ.get(name, "") for name in _MOVED),
    ]
    absolute = dict.fromkeys(path for path in candidates if os.path.isabs(path))
    return [path for path in absolute if os.path.isfile(path)]


def _open_to_others(path: str) -> Finding | None:
    """Return what is to be said of the mode of the history *path*."""
    if os.name != "posix":
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    mode = stat.S_IMODE(status.st_mode)
    if not mode & 0o077 or status.st_uid != os.geteuid() or not stat.S_ISREG(status.st_mode):
        return None
    kind = OPEN if _reaches(path, mode) else LOOSE
    what = f"has mode {mode:04o}"
    remedy = Remedy("mode", path, "600")
    return Finding(kind, Place(path), what, f"chmod 600 {shlex.quote(path)}", remedy=remedy)


def _reaches(path: str, mode: int) -> bool:
    """Say whether the way to *path* is open for those whom its *mode* lets in."""
    lets_in = {0o010: bool(mode & 0o070), 0o001: bool(mode & 0o007)}
    directory = os.path.dirname(os.path.realpath(path))
    while True:
        try:
            way = os.stat(directory).st_mode
        except OSError:
            return True
        lets_in = {bit: is_in and bool(way & bit) for bit, is_in in lets_in.items()}
        above = os.path.dirname(directory)
        if above == directory:
            return any(lets_in.values())
        directory = above
