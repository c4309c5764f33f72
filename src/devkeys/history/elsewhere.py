"""Where REPLs, clients of databases, and programs that remember for shells keep histories."""

import os
import re
from collections.abc import Iterator

from devkeys.history import Book, startup
from devkeys.history.machine import Machine, names

# Each with the variable that moves it: an empty one, `-` or /dev/null turn it off.
_MOVED = (
    ("python", "PYTHON_HISTORY", ".python_history", "python"),
    ("node", "NODE_REPL_HISTORY", ".node_repl_history", "node"),
    ("psql", "PSQL_HISTORY", ".psql_history", "psql"),
    ("mysql", "MYSQL_HISTFILE", ".mysql_history", "readline"),
    ("mariadb", "MARIADB_HISTFILE", ".mariadb_history", "readline"),
    ("sqlite3", "SQLITE_HISTORY", ".sqlite_history", "readline"),
    ("redis-cli", "REDISCLI_HISTFILE", ".rediscli_history", "lines"),
    ("valkey-cli", "VALKEYCLI_HISTFILE", ".valkeycli_history", "lines"),
    ("less", "LESSHISTFILE", ".lesshst", "less"),
    ("gdb", "GDBHISTFILE", ".gdb_history", "readline"),
    ("R", "R_HISTFILE", ".Rhistory", "readline"),
)
_FIXED = (
    ("irb", ".irb-history", "readline"),
    ("octave", ".octave_hist", "readline"),
    ("mongo", ".dbshell", "lines"),
    ("mongosh", ".mongodb/mongosh/mongosh_repl_history", "lines"),
    ("vim", ".viminfo", "lines"),
    ("wget", ".wget-hsts", "lines"),
    ("less", "_lesshst", "less"),
)
_STORES = (
    ("atuin", "ATUIN_DB_PATH", ("atuin", "history.db")),
    ("mcfly", "", ("mcfly", "history.db")),
    ("pxhist", "PXH_DB_PATH", ("pxh", "pxh.db")),
)
_BY_NAME = re.compile(r"\.([A-Za-z0-9+]+(?:[_-][A-Za-z0-9+]+)*?)[._-](?:history|hist)(\W.*)?")
_FORMATS = {program: form for program, _, _, form in _MOVED} | {
    "bash": "bash",
    "zsh": "zsh",
    "node_repl": "node",
    "sqlite": "readline",
    "rediscli": "lines",
}


def books(machine: Machine) -> Iterator[Book]:
    """Yield what may be a history of a program that is known."""
    for program, variable, name, form in _MOVED:
        path = machine.absolute(variable)
        if path:
            yield Book(program, path, form)
        yield Book(program, machine.at(name), form)
    for program, name, form in _FIXED:
        yield Book(program, machine.at(*name.split("/")), form)
    for base in (machine.state, machine.data):
        yield Book("less", os.path.join(base, "lesshst"), "less")
    for base in (machine.data, machine.state):
        yield Book("octave", os.path.join(base, "octave", "history"), "readline")
    yield Book("nvim", os.path.join(machine.state, "nvim", "shada", "main.shada"), "opaque")
    for path in names(machine.at(".mysqlsh"), "history."):
        yield Book("mysqlsh", path, "lines")
    yield from _psql(machine)
    yield from _stores(machine)
    if machine.platform == "win32":
        yield Book("psql", os.path.join(machine.roaming, "postgresql", "psql_history"), "psql")
        yield Book("clink", os.path.join(machine.local, "clink", "clink_history"), "opaque")
        yield Book(
            "nvim", os.path.join(machine.local, "nvim-data", "shada", "main.shada"), "opaque"
        )


def by_name(machine: Machine) -> Iterator[Book]:
    """Yield what is called a history in HOME: of other programs, copies, what a crash left."""
    for path in names(machine.home, "."):
        found = _BY_NAME.fullmatch(os.path.basename(path))
        if found and not (found[2] or "").endswith((".LOCK", ".lock")):
            binary = (found[2] or "").endswith((".swp", ".gz", ".xz", ".zst", ".db"))
            form = "opaque" if binary else _FORMATS.get(found[1], "readline")
            yield Book(found[1], path, form)


def _psql(machine: Machine) -> Iterator[Book]:
    """Yield the files that a .psqlrc names; a variable in a name stands for any text."""
    settings = [machine.absolute("PSQLRC") or machine.at(".psqlrc")]
    if machine.platform == "win32":
        settings.append(os.path.join(machine.roaming, "postgresql", "psqlrc.conf"))
    for rc in settings:
        for word in startup.assigned_in_psql(startup.read(rc)):
            plain, variable, _ = startup.tilde(word, machine.home).partition(":")
            if not os.path.isabs(plain):
                continue
            if not variable:
                yield Book("psql", plain, "psql")
            elif os.path.basename(plain):
                directory, begin = os.path.split(plain)
                for path in names(directory, begin):
                    yield Book("psql", path, "psql")


def _stores(machine: Machine) -> Iterator[Book]:
    """Yield the data bases of what remembers commands for shells."""
    bases = [machine.data]
    if machine.platform == "darwin":
        bases.append(machine.support)
    elif machine.platform == "win32":
        bases += [machine.roaming, machine.local]
    for program, variable, parts in _STORES:
        moved = machine.absolute(variable) if variable else None
        for path in ([moved] if moved else []) + [os.path.join(base, *parts) for base in bases]:
            yield Book(program, path, program)
    atuin = machine.absolute("ATUIN_CONFIG_DIR") or os.path.join(machine.config, "atuin")
    for word in startup.quoted("db_path", startup.read(os.path.join(atuin, "config.toml"))):
        yield Book("atuin", startup.tilde(word, machine.home), "atuin")
    yield Book("mcfly", os.path.join(machine.support, "McFly", "history.db"), "mcfly")
    yield Book("mcfly", machine.at(".mcfly", "history.db"), "mcfly")
    yield Book("pxhist", machine.at(".pxh", "pxh.db"), "pxhist")
    histdb = machine.absolute("HISTDB_FILE") or machine.at(".histdb", "zsh-history.db")
    yield Book("histdb", histdb, "histdb")
    hishtory = machine.absolute("HISHTORY_PATH") or machine.at(".hishtory")
    yield Book("hishtory", os.path.join(hishtory, ".hishtory.db"), "hishtory")
    ipython = [machine.absolute("IPYTHONDIR"), machine.at(".ipython")]
    for folder in [*filter(None, ipython), os.path.join(machine.config, "ipython")]:
        for profile in names(folder, "profile_"):
            yield Book("ipython", os.path.join(profile, "history.sqlite"), "ipython")
