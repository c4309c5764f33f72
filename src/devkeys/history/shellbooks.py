"""Where shells keep their histories."""

import os
from collections.abc import Iterator
from itertools import chain

from devkeys.history import Book, startup
from devkeys.history.machine import Machine, names

_ZSH = (".zshenv", ".zprofile", ".zshrc", ".zlogin")
_BASH = (".bashrc", ".bash_profile", ".bash_login", ".bash_aliases", ".profile")
_KORN = (".kshrc", ".mkshrc", ".shrc")
_SYSTEM = (
    ("zsh", "/etc/zsh/zshenv"),
    ("zsh", "/etc/zsh/zshrc"),
    ("zsh", "/etc/zshenv"),
    ("zsh", "/etc/zshrc"),
    ("bash", "/etc/profile"),
    ("bash", "/etc/bash.bashrc"),
    ("bash", "/etc/bashrc"),
)
# By the program: of what format a file is whose first bytes do not tell.
_FORMATS = {"zsh": "zsh", "bash": "bash", "ksh": "bash"}


def books(machine: Machine) -> Iterator[Book]:
    """Yield what may be a history of a shell."""
    yield from _posix(machine)
    yield from _tcsh(machine)
    yield from _fish(machine)
    yield from _nushell(machine)
    yield from _powershell(machine)
    yield from _xonsh(machine)
    yield from _elvish(machine)


def unresolved(machine: Machine) -> Iterator[str]:
    """Yield the start-up files that set HISTFILE to what only their shell can work out."""
    for _, path, text in _startup_files(machine):
        for word in startup.assigned("HISTFILE", text):
            try:
                _expand(word, machine)
            except ValueError:
                yield path
                break


def _posix(machine: Machine) -> Iterator[Book]:
    exported = machine.absolute("HISTFILE")
    if exported:
        login = os.path.basename(machine.environ.get("SHELL", ""))
        yield _posix_book(_kind(login, "bash"), exported)
    for kind, _, text in _startup_files(machine):
        for word in startup.assigned("HISTFILE", text):
            yield from (_posix_book(kind, path) for path in _expanded(word, machine))
    for directory in _zsh_directories(machine):
        for name in (".zsh_history", ".zhistory", ".histfile"):
            yield Book("zsh", os.path.join(directory, name), "zsh")
    yield Book("bash", machine.at(".bash_history"), "bash")
    yield Book("ksh", machine.at(".sh_history"), "bash")
    for kind in ("zsh", "bash"):
        for base in (machine.state, machine.data, machine.cache):
            yield Book(kind, os.path.join(base, kind, "history"), kind)
        for end in (".history", ".historynew"):
            for path in names(machine.at(f".{kind}_sessions"), "", end):
                yield Book(kind, path, kind)


def _kind(name: str, default: str) -> str:
    if "zsh" in name or "zhist" in name or name == ".histfile":
        return "zsh"
    if "bash" in name:
        return "bash"
    return "ksh" if "ksh" in name else default


def _posix_book(shell: str, path: str) -> Book:
    kind = _kind(os.path.basename(path), shell)
    return Book(kind, path, _FORMATS[kind])


def _expanded(word: str, machine: Machine) -> list[str]:
    """Return the path that *word* is, in a list; none if there is none, or only a shell knows."""
    try:
        return [path] if (path := _expand(word, machine)) else []
    except ValueError:
        return []


def _expand(word: str, machine: Machine) -> str:
    usual = {  # what people set in the same file, and to what
        "ZDOTDIR": machine.home,
        "XDG_DATA_HOME": machine.data,
        "XDG_STATE_HOME": machine.state,
        "XDG_CONFIG_HOME": machine.config,
        "XDG_CACHE_HOME": machine.cache,
    }
    return startup.expanded(word, usual | dict(machine.environ), machine.home)


def _zsh_directories(machine: Machine) -> list[str]:
    """Return where zsh may read its start-up files: ZDOTDIR, exported or set, and HOME."""
    found = [machine.absolute("ZDOTDIR") or machine.home, machine.home]
    for path in (machine.at(".zshenv"), "/etc/zsh/zshenv", "/etc/zshenv"):
        for word in startup.assigned("ZDOTDIR", startup.read(path)):
            found += _expanded(word, machine)
    return list(dict.fromkeys(found))


def _startup_files(machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Yield the shell, the path and the text of each file that POSIX shells read first."""
    zsh = _zsh_directories(machine)
    paths: Iterator[tuple[str, str]] = chain(
        (("zsh", os.path.join(directory, name)) for directory in zsh for name in _ZSH),
        (("zsh", path) for directory in zsh for path in names(directory, "", ".zsh")),
        (("zsh", p) for p in names(machine.at(".oh-my-zsh", "custom"), "", ".zsh")),
        (("bash", machine.at(name)) for name in _BASH),
        (("bash", path) for path in names(machine.at(".bashrc.d"))),
        (("ksh", machine.at(name)) for name in _KORN),
        _SYSTEM,
    )
    for kind, path in paths:
        text = startup.read(path)
        if text:
            yield kind, path, text


def _tcsh(machine: Machine) -> Iterator[Book]:
    for name in (".tcshrc", ".cshrc", ".login"):
        for word in startup.assigned_in_csh(startup.read(machine.at(name))):
            yield from (Book("tcsh", path, "tcsh") for path in _expanded(word, machine))
    yield Book("tcsh", machine.at(".history"), "tcsh")


def _fish(machine: Machine) -> Iterator[Book]:
    directory = os.path.join(machine.data, "fish")
    for path in names(directory, "", "_history"):
        yield Book("fish", path, "fish")
    yield Book("fish", os.path.join(directory, "fish_history"), "fish")


def _nushell(machine: Machine) -> Iterator[Book]:
    base = machine.absolute("XDG_CONFIG_HOME")
    if base is None and machine.platform == "darwin":
        base = machine.support
    elif base is None and machine.platform == "win32":
        base = machine.roaming
    directory = os.path.join(base or machine.config, "nushell")
    paths = [os.path.join(directory, name) for name in ("history.txt", "history.sqlite3")]
    for set_path in startup.quoted(
        "history.path", startup.read(os.path.join(directory, "config.nu"))
    ):
        path = os.path.join(directory, startup.tilde(set_path, machine.home))
        paths += [path, os.path.join(path, "history.txt"), os.path.join(path, "history.sqlite3")]
    for path in paths:
        is_base = path.endswith((".sqlite3", ".sqlite", ".db"))
        yield Book("nushell", path, "nushell-sqlite" if is_base else "nushell")


def _powershell(machine: Machine) -> Iterator[Book]:
    directories = [os.path.join(machine.data, "powershell", "PSReadLine")]
    if machine.platform == "win32":
        for edition in ("Windows", os.path.join("Windows", "PowerShell")):
            microsoft = os.path.join(machine.roaming, "Microsoft", edition)
            directories.append(os.path.join(microsoft, "PSReadLine"))
            directories.append(os.path.join(microsoft, "PowerShell", "PSReadLine"))
    for directory in directories:
        for path in names(directory, "", "_history.txt"):
            yield Book("powershell", path, "powershell")
        yield Book("powershell", os.path.join(directory, "ConsoleHost_history.txt"), "powershell")
    for path in names(machine.at("Documents"), "PowerShell_transcript.", ".txt"):
        yield Book("powershell", path, "opaque")


def _xonsh(machine: Machine) -> Iterator[Book]:
    base = machine.absolute("XDG_DATA_HOME")
    if base is None:
        base = machine.local if machine.platform == "win32" else machine.data
    directory = machine.absolute("XONSH_DATA_DIR") or os.path.join(base, "xonsh")
    for name in ("XONSH_HISTORY_FILE", "XONSH_HISTORY_SQLITE_FILE"):
        path = machine.absolute(name)
        if path:
            yield Book("xonsh", path, "xonsh-json" if path.endswith(".json") else "xonsh-sqlite")
    for folder in (os.path.join(directory, "history_json"), directory):
        for path in names(folder, "xonsh-", ".json"):
            yield Book("xonsh", path, "xonsh-json")
    yield Book("xonsh", os.path.join(directory, "xonsh-history.sqlite"), "xonsh-sqlite")


def _elvish(machine: Machine) -> Iterator[Book]:
    base = machine.absolute("XDG_STATE_HOME")
    if base is None:
        base = machine.local if machine.platform == "win32" else machine.state
    yield Book("elvish", os.path.join(base, "elvish", "db.bolt"), "elvish")
    yield Book("elvish", machine.at(".elvish", "db"), "elvish")
