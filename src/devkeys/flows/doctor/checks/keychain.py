"""What opens the store, whether it can be asked, and what else keeps passwords in plain text."""

import os
import re
import shlex
import stat
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from devkeys import files
from devkeys.errors import DevkeysError
from devkeys.flows.ages import clock
from devkeys.flows.hooks import startup
from devkeys.keychain.state import State, probe
from devkeys.scan.finding import ADVICE, RISK, Finding, Fine, Kind, Place, Remedy, Unseen
from devkeys.store import layout
from devkeys.store.envelope import wants_passphrase
from devkeys.store.record import CONFIRMED, KEYCHAIN, OWN, PASSPHRASE, Holder, read_record
from devkeys.unlocking import unlocked_until

if TYPE_CHECKING:
    from devkeys.flows.doctor.scope import Scope

LIMIT = 0.5  # seconds for the keychain's answer

HEADLESS = Kind(
    "keychain/identity-file",
    ADVICE,
    "a file without a passphrase opens the store",
    "It keeps out other users of this machine and readers of the repository. It does not keep out "
    "who gets the disk or a backup of your home directory, nor any program that you run.",
    "Give it a passphrase with devkeys store passphrase. Where programs start with nobody there, "
    "encrypt the disk and leave the directory out of backups.",
)
OPEN_FILE = Kind(
    "keychain/identity-file-open",
    RISK,
    "other users can reach the file that opens the store",
    "Whoever reads it can read every value of the store.",
    "Set its mode; if others may have read it, make a new store and change the secrets.",
)
LOCKED = Kind(
    "keychain/locked",
    ADVICE,
    "the keychain is locked",
    "Stored values cannot be used, or searched for, until it is unlocked.",
    "Unlock it with its own program or by logging in, then run doctor again.",
)
ABSENT = Kind(
    "keychain/absent",
    RISK,
    "the keychain that opens the store cannot be reached",
    "The store was made with it, and nothing else opens it: without it every value is lost.",
    "Start the keychain's service in this session; over ssh and in cron it often is missing.",
)
LOST = Kind(
    "keychain/lost",
    RISK,
    "the keychain no longer holds the key that opens the store",
    "Without it no stored value can be read, by run nor by doctor.",
    "Unless it is another session's keychain: use the recovery key, or an export.",
)
PLAIN = Kind(
    "keychain/plain-text",
    RISK,
    "keyring keeps passwords in plain text",
    "Programs that use Python's keyring write them to a file that anything of yours can read. "
    "devkeys does not use such a backend.",
    "Choose another backend, store those passwords anew, and remove the file.",
)
KINDS = (HEADLESS, OPEN_FILE, LOCKED, ABSENT, LOST, PLAIN)

_OPENS = {OWN: "the store", CONFIRMED: "confirmed profiles"}

_BACKEND = re.compile(
    r"^[ \t]*default-keyring[ \t]*[=:][ \t]*([\w.]+)", re.MULTILINE | re.IGNORECASE
)
_KEPT = "keyring_pass.cfg"  # of keyrings.alt


def look(scope: "Scope") -> Iterator[Finding | Unseen | Fine]:
    """Look at the store's record, the keychain's state and keyring's configuration."""
    session = scope.session
    try:
        record = read_record(session.data_dir)
    except DevkeysError as error:
        yield Unseen(session.data_dir, str(error))
        record = None
    for which, holder in record.holders() if record is not None else ():
        if holder.kind != KEYCHAIN:
            yield from _file(layout.identity_path(session.data_dir, which), which, holder)
        elif which == OWN:
            yield from _keychain(probe(limit=LIMIT, environ=session.environ), session.data_dir)
    yield from _plain_text(session.environ)


def _file(path: str, which: str, holder: Holder) -> Iterator[Finding | Unseen | Fine]:
    try:
        status = os.lstat(path)
        files.check_private(path, status)
    except OSError as error:
        yield Unseen(path, files.reason(error))
        return
    except DevkeysError as error:
        if os.path.islink(path) or status.st_uid != os.geteuid():
            yield Unseen(path, str(error))
            return
        mode = stat.S_IMODE(status.st_mode)
        what = f"has mode {mode:04o} and opens {_OPENS[which]}"
        step, remedy = f"chmod 600 {shlex.quote(path)}", Remedy("mode", path, "600")
        yield Finding(OPEN_FILE, Place(path), what, step, remedy=remedy)
    yield from _protection(path, which, holder)


def _protection(path: str, which: str, holder: Holder) -> Iterator[Finding | Unseen | Fine]:
    try:
        content = files.read_regular(path) or b""
    except DevkeysError as error:
        yield Unseen(path, str(error))
        return
    if wants_passphrase(content):
        yield Fine(f"a passphrase protects what opens {_OPENS[which]}{_for_now(which, holder)}")
        return
    what = f"opens {_OPENS[which]}, and no passphrase or keychain protects it"
    step = "devkeys store passphrase" + (" --confirmed" if which == CONFIRMED else "")
    if holder.kind == PASSPHRASE:
        what += ": devkeys store passphrase was interrupted"
    yield Finding(HEADLESS, Place(path), what, step)


def _for_now(which: str, holder: Holder) -> str:
    if which == CONFIRMED:
        return ", asked for at each use"
    until = unlocked_until(holder)
    return ", now locked" if until is None else f", unlocked until {clock(until)}"


def _keychain(state: State, data_dir: str) -> Iterator[Finding | Unseen | Fine]:
    place = Place(layout.record_path(data_dir))
    if state.holds is False:
        step = "devkeys store verify says what that means, and what helps"
        yield Finding(LOST, place, f"opens the store no more: {state.name} has no such key", step)
    elif state.kind in ("unlocked", "present"):
        yield Fine(f"the store is opened by {state}")
    elif state.kind == "locked":
        step = "unlock the keychain, then: devkeys doctor"
        yield Finding(LOCKED, place, f"{state.name} is locked, and opens the store", step)
    elif state.kind == "absent":
        what = f"the store needs a keychain, and {state.detail}"
        step = "start gnome-keyring, KWallet or KeePassXC in this session, then: devkeys status"
        yield Finding(ABSENT, place, what, step)
    else:
        yield Unseen(state.name, state.detail or "it does not answer")


def _plain_text(environ: Mapping[str, str]) -> Iterator[Finding | Unseen]:
    """Look at the backend that is chosen, and for what the plain-text one has written.

    Read as text: to load a backend is to run whatever the file names.
    """
    backend = environ.get("PYTHON_KEYRING_BACKEND", "")
    if _is_plain(backend):
        what = f"chooses {backend} in this shell"
        step = "unset PYTHON_KEYRING_BACKEND"
        yield Finding(PLAIN, Place("", member="PYTHON_KEYRING_BACKEND"), what, step)
    config, data = _keyring_directories(environ)
    for path in dict.fromkeys(os.path.join(place, "keyringrc.cfg") for place in (config, data)):
        try:
            text = (files.read_regular(path) or b"").decode("utf-8", "replace")
        except DevkeysError as error:
            yield Unseen(path, str(error))
            continue
        match = _BACKEND.search(text)
        if match and _is_plain(match[1]):
            line = text.count("\n", 0, match.start(1)) + 1
            what, step = f"chooses {match[1]}", f"take line {line} out of {path}"
            yield Finding(PLAIN, Place(path, line=line), what, step)
    path = os.path.join(data, _KEPT)
    if os.path.isfile(path) and os.path.getsize(path):
        what = "holds passwords that a backend of keyring wrote down in plain text"
        step = f"store them elsewhere with `keyring set`, then: rm {shlex.quote(path)}"
        yield Finding(PLAIN, Place(path), what, step)


def _is_plain(backend: str) -> bool:
    """Say whether the class of that name writes plain text, as `keychain.fallback` knows it."""
    return "plaintext" in backend.rpartition(".")[2].lower()


def _keyring_directories(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return where keyring's configuration is, and where the files of its backends are."""
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA") or environ.get("PROGRAMDATA", ".")
        place = os.path.join(base, "Python Keyring")
        return place, place
    home = startup.home_of(environ)
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return os.path.join(config, "python_keyring"), os.path.join(data, "python_keyring")
