"""Two users' machines for tests of moving: commands that need no scrypt, by an age identity."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pyrage
import quick_scrypt
from desk import Desk, Done, make_desk

from devkeys.secret import Secret
from devkeys.session import Session
from devkeys.store import layout, values
from devkeys.store.identity import load

PASSPHRASE = "correct horse battery staple"  # of exports that hold made-up values


def laptop(directory: Path, declaration: str) -> Desk:
    """Make a HOME and a project in *directory*."""
    directory.mkdir()
    return make_desk(directory, declaration)


class Key:
    """An age identity in a file, and its recipient."""

    def __init__(self, directory: Path) -> None:
        made = pyrage.x25519.Identity.generate()
        self.path = directory / "key.txt"
        self.path.write_text(f"# created: today\n{made}\n")
        self.recipient = str(made.to_public())

    def open(self, path: Path) -> bytes:
        """Return what `age -d -i` makes of *path*."""
        command = ["age", "-d", "-i", str(self.path), str(path)]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def seal(self, plain: bytes, path: Path) -> Path:
        """Encrypt *plain* into *path*, as anybody can who knows the recipient."""
        path.write_bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(self.recipient)]))
        return path

    def exported(self, desk: Desk, path: Path, *words: str) -> Path:
        """Let *desk* export into *path*; return it."""
        done = desk.devkeys("store", "export", str(path), "--recipient", self.recipient, *words)
        assert done.code == 0, done.err
        return path

    def imported(
        self, desk: Desk, path: Path, *words: str, env: Mapping[str, str] | None = None
    ) -> Done:
        """Let *desk* import *path*; return how that ended."""
        words = ("store", "import", str(path), "--identity", str(self.path), *words)
        return desk.devkeys(*words, env=env)


def quick(plain: bytes, path: Path) -> Path:
    """Encrypt *plain* with PASSPHRASE into *path*."""
    path.write_bytes(quick_scrypt.seal(plain, PASSPHRASE))
    return path


def stored(desk: Desk, project: str = "chat", profile: str = "dev") -> dict[str, bytes]:
    """Return the values in *desk*'s store, which has no keychain; {} without any."""
    session = Session(desk.environ)
    identity = load(session.data_dir, read_keychain=_no_keychain)
    if identity is None:
        return {}
    found = values.read(session.data_dir, session.state_dir, project, profile, identity)
    return {} if found is None else {name: one.reveal() for name, one in found.values.items()}


def _no_keychain(service: str, account: str) -> Secret | None:
    raise AssertionError(service, account)


def snapshot(home: Path) -> dict[str, bytes]:
    """Return the content of every file below *home*, but for the lock's: it has a pid."""
    paths = (path for path in sorted(home.rglob("*")) if path.is_file() and path.name != "lock")
    return {str(path): path.read_bytes() for path in paths}


def values_file(desk: Desk, project: str = "chat", profile: str = "dev") -> Path:
    """Return the path of a profile's file of values."""
    return Path(layout.values_path(Session(desk.environ).data_dir, project, profile))
