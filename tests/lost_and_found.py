"""A laptop with a project `chat` that has values, and all ways to lose them."""

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import checkout
import quick_scrypt
from command import environment
from desk import key
from gnome_keyring import GnomeKeyring
from quick_devkeys import QUICK_DEVKEYS

from devkeys.keychain.items import SecretService
from devkeys.secret import Secret
from devkeys.store import create, envelope, layout, recovery, rekeying, write
from devkeys.store.identity import Identity
from devkeys.store.record import OWN

DECLARATION = "# The language model's key\nLLM_API_KEY=\n\nDATABASE_URL=\n"
NAMES = ("LLM_API_KEY", "DATABASE_URL")
APP = f"""\
import hashlib, os
for name in {NAMES}:
    print(name, hashlib.sha256(os.environ[name].encode()).hexdigest())
"""
REAL_DEVKEYS = [sys.executable, "-P", "-m", "devkeys"]


def told(values: Mapping[str, str]) -> list[str]:
    """Return what the app says if it gets *values*."""
    return [f"{name} {hashlib.sha256(values[name].encode()).hexdigest()}" for name in NAMES]


class Laptop:
    """A HOME, a checkout of `chat` in *folder*, and what the store holds: `values` in dev.

    With *ring* the session has that keychain, and HOME is its own. `earlier` is what
    LLM_API_KEY had been before.
    """

    def __init__(self, home: Path, folder: Path, ring: GnomeKeyring | None = None) -> None:
        self.home = Path(ring.env["HOME"]) if ring is not None else home
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.word = secrets.token_hex(8)  # the passphrase of whatever has one
        self.keychain = SecretService(environ=ring.env) if ring is not None else None
        self.values: dict[str, str] = {}
        self.earlier = ""
        bin_folder = folder.parent / "bin"
        self.environ = {
            **environment(self.home),
            **(ring.env if ring is not None else {}),
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "TERM": "xterm-256color",
        }
        if not bin_folder.exists():
            bin_folder.mkdir()
            _program(bin_folder / "python", [sys.executable])
            self.install(QUICK_DEVKEYS)
            checkout.make(folder, DECLARATION)
            (folder / "app.py").write_text(APP)

    def install(self, command: list[str]) -> None:
        """Let `devkeys` be *command*: the one whose passphrases take no time, or the real one."""
        _program(self.folder.parent / "bin" / "devkeys", command)

    @property
    def data(self) -> Path:
        """The store's directory."""
        return self.home / ".local" / "share" / "devkeys"

    @property
    def state(self) -> Path:
        """The directory with what is this machine's."""
        return self.home / ".local" / "state" / "devkeys"

    @property
    def identity_file(self) -> Path:
        """Where a store without a keychain has its key."""
        return Path(layout.identity_path(str(self.data)))

    def values_file(self, profile: str = "dev") -> Path:
        """Return the file of one profile's values."""
        return Path(layout.values_path(str(self.data), "chat", profile))

    def fill(self, *, staging: bool = True) -> Identity:
        """Make a store with a former value and two profiles, and agree to the declaration."""
        checkout.allowed(self.folder, self.home)
        opened = create.create(str(self.data), keychain=self.keychain)
        self.earlier = key()
        self.set(opened, {"LLM_API_KEY": self.earlier, "DATABASE_URL": key()})
        self.set(opened, {"LLM_API_KEY": key()})
        if staging:
            self.set(opened, {name: key() for name in NAMES}, "staging")
        return opened

    def set(self, opened: Identity, new: Mapping[str, str], profile: str = "dev") -> None:
        """Store *new*."""
        write.update(
            *(str(self.data), str(self.state), "chat", profile, opened),
            write.setting(
                {name: (Secret(value.encode()), "secret") for name, value in new.items()}
            ),
            source="prompt",
            who="me@laptop",
            now=time.time(),
        )
        if profile == "dev":
            self.values |= new

    def give_recovery_key(self, opened: Identity) -> None:
        """Give the store a recovery key, whose text is quick to open."""
        secret = envelope.new_identity()
        keys = {OWN: (opened.secret,)}
        recovery.change(str(self.data), keys, rekeying.recipient(secret))
        text = quick_scrypt.seal(secret.reveal() + b"\n", self.word)
        (self.home / "recovery-key.age").write_bytes(text)

    def export(self) -> None:
        """Export the store into keys.age, quick to open."""
        word, keys = self.folder.parent / "word", str(self.home / "keys.age")
        word.write_text(self.word)
        done = self.devkeys("store", "export", keys, "--passphrase-file", str(word))
        assert done.returncode == 0, done.stderr
        word.unlink()

    def devkeys(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Run devkeys in the checkout, with nobody to ask."""
        return subprocess.run(
            [self.folder.parent / "bin" / "devkeys", *words],
            cwd=self.folder,
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # without a terminal, whoever runs the tests
        )

    def lose_item(self) -> None:
        """Delete the keychain's item."""
        assert self.keychain is not None
        assert self.keychain.delete("devkeys", "identity")

    def damage(self) -> None:
        """Turn one bit of a byte near the end of the values."""
        path = self.values_file()
        content = bytearray(path.read_bytes())
        content[-20] ^= 1
        path.write_bytes(content)

    def take_kept(self, other: "Laptop") -> None:
        """Bring what *other* wrote for the bad day here."""
        for path in other.home.glob("*.age"):
            shutil.copy(path, self.home)
        self.word = other.word

    def take_directory(self, other: "Laptop") -> None:
        """Copy the store of *other* here, as rsync does, and what was kept of it."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(other.data, self.data)
        self.values, self.earlier = other.values, other.earlier
        self.take_kept(other)


def _program(path: Path, command: list[str]) -> None:
    words = " ".join(f"'{word}'" for word in command)
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    path.chmod(0o755)
