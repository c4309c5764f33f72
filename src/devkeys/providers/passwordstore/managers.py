"""The programs that keep a password store: pass, passage and gopass, and how each is asked.

pass       gpg files below ~/.password-store (PASSWORD_STORE_DIR)
passage    age files below ~/.passage/store (PASSAGE_DIR), pass's own code otherwise
gopass     several stores of its own kinds; of gopasspw, not Debian's program of that name
"""

import os
import shlex
import stat
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from devkeys.providers.caller import Caller
from devkeys.providers.child import Call, Done, run
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.providers.passwordstore import gnupg

# gopass parses an entry and writes it out anew (gopasspw/gopass #1947, #1942): not with -n.
# It hides passwords where `safecontent` is set: not with -f.
_SHOW = {"gopass": ("show", "-n", "-f", "--nosync", "--")}
# With -m it starts an editor; what comes from a pipe it takes as it is.
_INSERT = {"gopass": ("insert", "-f", "--")}
_SUFFIXES = {"pass": ".gpg", "passage": ".age"}


class Manager(NamedTuple):
    """One of the programs: *program* is its path, *root* the folder of its store."""

    name: str
    program: str
    root: str
    environ: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<{self.name} of {self.root}>"  # the environment holds values

    def show(self, entry: str) -> Call:
        """Return the call that writes *entry* to stdout."""
        return self._call(_SHOW.get(self.name, ("show", "--")), entry)

    def insert(self, entry: str, text: bytes) -> Call:
        """Return the call that makes *text* the whole of *entry*."""
        call = self._call(_INSERT.get(self.name, ("insert", "-m", "-f", "--")), entry)
        return call._replace(data=text)

    def remove(self, entry: str) -> Call:
        """Return the call that takes *entry* away."""
        return self._call(("rm", "-f", "--"), entry)

    def _call(self, words: tuple[str, ...], entry: str) -> Call:
        return Call([self.program, *words, entry], self.environ)

    def entries(self, caller: Caller, names: Iterable[str]) -> set[str]:
        """Return which of *names* are entries; folders, which `show` lists, are none."""
        names = set(names)
        if self.name == "gopass":
            return self._listed(caller) & names
        there = {name for name in names if _is_file(self._file(name))}
        for name in names - there:  # the folder may be the empty place of a disk's mount
            self.check_recipients(name)
        return there

    def below(self, caller: Caller, folder: str) -> list[str] | None:
        """Return the last parts of the names of the entries in *folder*; None if it is none."""
        start = folder + "/"
        if self.name == "gopass":
            inside = [
                name.removeprefix(start) for name in self._listed(caller) if name.startswith(start)
            ]
            return sorted(name for name in inside if "/" not in name) if inside else None
        suffix = _SUFFIXES[self.name]
        try:
            names = os.listdir(os.path.join(self.root, folder))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(os.path.join(self.root, folder), error) from None
        found = [name.removesuffix(suffix) for name in names if name.endswith(suffix)]
        return sorted(name for name in found if _is_file(self._file(start + name)))

    def is_whole(self, done: Done) -> bool:
        """Tell whether the output of `show` is all of an entry."""
        return gnupg.is_whole(done) if self.name == "pass" else done.code == 0

    def failure(self, done: Done, caller: Caller, entry: str) -> ProviderError:
        """Return why *entry* was not shown or not kept."""
        show = shlex.join((self.name, "show", *filter(None, [entry])))  # people copy it
        if self.name == "pass" or b"[GNUPG:] " in done.complaint:
            return gnupg.failure(done, caller, self.environ, show=show)
        if done.says("no identity matched"):
            return DeniedError(
                f"what `{show}` reads is encrypted to others: no identity here opens it",
                hint="ask its owner to add your recipient, and to encrypt it anew",
            )
        if done.says("passphrase", "pinentry", "place an age identity", "not initialized"):
            return LockedError(
                f"`{show}` did not get the passphrase or the identity that it needs",
                hint=f"see what `{show}` asks for at a terminal",
            )
        return UnreachableError(f"`{show}` gave no proper answer", hint=f"see what `{show}` says")

    def check_recipients(self, entry: str) -> None:
        """Raise LockedError unless it is known whom a new *entry* is to be encrypted to."""
        if self.name != "pass" or self.environ.get("PASSWORD_STORE_KEY"):
            return
        parts = entry.split("/")
        folders = (os.path.join(self.root, *parts[:count]) for count in range(len(parts)))
        if not any(os.path.isfile(os.path.join(folder, ".gpg-id")) for folder in folders):
            raise LockedError(
                f"the password store in {self.root} is not initialised, or not mounted",
                hint="pass init GPG-ID",
            )

    def _file(self, entry: str) -> str:
        return os.path.join(self.root, entry + _SUFFIXES[self.name])

    def _listed(self, caller: Caller) -> set[str]:
        done = run(Call([self.program, "ls", "--flat"], self.environ), caller)
        if done.code != 0:
            raise self.failure(done, caller, "")
        try:
            return set(done.output.decode().splitlines())
        except UnicodeDecodeError:
            reason = "`gopass ls --flat` gave no proper answer"
        raise UnreachableError(reason, hint="see what `gopass ls --flat` says")

    def asks_each_time(self) -> bool:
        """Tell whether each `show` asks for a passphrase: age has no agent."""
        if self.name != "passage":
            return False
        home = self.environ.get("HOME", "")
        path = self.environ.get("PASSAGE_IDENTITIES_FILE") or os.path.join(
            home, ".passage", "identities"
        )
        try:
            with open(path, "rb") as file:
                return file.read(32).startswith((b"age-encryption.org/", b"-----BEGIN AGE"))
        except OSError:
            return False


def choose(caller: Caller) -> Manager:
    """Return the program that is here and has a store; pass before passage before gopass."""
    found = {name: caller.find(name) for name in ("pass", "passage", "gopass")}
    for name, program in found.items():
        root = _root(name, caller)
        if program is not None and root is not None:
            return Manager(name, program, root, _environment(name, caller))
    if not any(found.values()):
        raise ProgramMissingError(
            "pass:// is asked through pass, passage or gopass, none of which is on PATH",
            hint="install pass (passwordstore.org)",
        )
    name = next(name for name, program in found.items() if program)
    raise LockedError(
        f"{name} has no password store here",
        hint="pass init GPG-ID makes one; PASSWORD_STORE_DIR says where one is",
    )


def _root(name: str, caller: Caller) -> str | None:
    """Return the folder of the store that *name* would use, if there is one."""
    environ, home = caller.environ, caller.home
    if name == "gopass":
        return _gopass_root(caller)
    variable, usual = {
        "pass": ("PASSWORD_STORE_DIR", ".password-store"),
        "passage": ("PASSAGE_DIR", os.path.join(".passage", "store")),
    }[name]
    # Relative to HOME, where the program is started too.
    root = os.path.normpath(os.path.join(home, environ.get(variable) or usual))
    return root if os.path.isdir(root) else None


def _gopass_root(caller: Caller) -> str | None:
    home = caller.environ.get("GOPASS_HOMEDIR") or caller.home
    config = caller.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    data = caller.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    places = (
        caller.environ.get("GOPASS_CONFIG") or "",
        os.path.join(config, "gopass", "config"),
        os.path.join(config, "gopass", "config.yml"),
        os.path.join(data, "gopass", "stores", "root"),
    )
    return next((place for place in places if place and os.path.exists(place)), None)


def _environment(name: str, caller: Caller) -> dict[str, str]:
    environ = caller.environment(name)
    terminal = _terminal() if caller.interactive else None
    environ = gnupg.environment(environ, interactive=caller.interactive, terminal=terminal)
    if name == "gopass":  # it asks its maker's site for a newer version otherwise
        environ |= {"CHECKPOINT_DISABLE": "1", "GOPASS_NO_NOTIFY": "true"}
    return environ


def _terminal() -> str | None:
    for descriptor in (0, 1, 2):
        try:
            return os.ttyname(descriptor)
        except (OSError, AttributeError):
            continue
    return None


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: OSError) -> DeniedError:
    reason = (error.strerror or str(error)).lower()
    return DeniedError(f"cannot look at {path}: {reason}", hint="check its owner and its mode")
