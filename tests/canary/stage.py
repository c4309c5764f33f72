"""Where a scenario is played: a home, a project and a store that are laid out anew each time.

What a scenario needs is made once, by the real commands, and copied to the same place before each
scenario: a project's identity is its path.
"""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from canary.canaries import SHAPES, Canary, binary, passphrase, plain
from command import DEVKEYS, environment
from fake_provider import FakeProvider, make_fake
from gnome_keyring import GnomeKeyring

from devkeys import unlocking
from devkeys.errors import DevkeysError
from devkeys.keychain import kernel
from devkeys.store.record import CONFIRMED, OWN, read_record

SECONDS = 60
PHRASES = ("phrase", "chosen", "wrong")
_IDENTITY = re.compile(rb"AGE-SECRET-KEY-1[0-9A-Z]+")
_KEYS = """\
{}
# @as=file
FILE_KEY=

# @optional
SPARE_KEY=

# @optional
TEAM_KEY=fake://TEAM_KEY

# @optional @generate=hex(32)
COOKIE_SECRET=

PORT=8000
"""


class Stage:
    """A user's HOME and project below *root*; *typed* is the canary that is to be entered."""

    def __init__(self, root: Path, keyring: GnomeKeyring | None) -> None:
        self.root = root
        self.keyring = keyring
        self.home, self.project, self.tmp = root / "home", root / "chat", root / "tmp"
        self.out, self.err = root.parent / "out", root.parent / "err"
        self.canaries = {c.name: c for c in [make() for make in SHAPES]}
        self.canaries |= {c.name: c for c in (binary(), plain("FILE_KEY"), plain("TEAM_KEY"))}
        self.typed = plain("SPARE_KEY")
        # What files beside the project hold, too: the store's, one that is chosen, another's.
        self.phrases = {name: passphrase(f"the passphrase {name}") for name in PHRASES}
        self.recovery = b""  # the text of a recovery key
        self._template = root.parent / "template"
        self._make()

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the user."""
        path = f"{self.root}/bin{os.pathsep}{os.environ['PATH']}"
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.keyring.bus.address} if self.keyring else {}
        return environment(self.home, COLUMNS="100", PATH=path, TMPDIR=str(self.tmp), **bus)

    @property
    def entries(self) -> dict[str, bytes]:
        """What can be typed, by the name that scenarios have for it."""
        phrases = {name: canary.value for name, canary in self.phrases.items()}
        return {"canary": self.typed.value, "recovery": self.recovery, **phrases}

    @property
    def provider(self) -> FakeProvider:
        """The program that is asked for `fake://`."""
        return FakeProvider(self.root / "bin")

    @property
    def data(self) -> Path:
        """Where the store is."""
        return self.home / ".local" / "share" / "devkeys"

    @property
    def values(self) -> Path:
        """The file of the project's values."""
        return next(self.data.glob("projects/*/dev.age"))

    def dotenv(self, *names: str) -> bytes:
        """Return a `.env` with these canaries, all if there is none."""
        wanted = names or [name for name in self.canaries if name != "BINARY_KEY"]
        return b"".join(self.canaries[name].dotenv for name in wanted)

    def devkeys(self, *words: str, given: bytes = b"", code: int = 0) -> bytes:
        """Run a command that nobody watches, and return what it printed."""
        done = subprocess.run(
            [*DEVKEYS, *words],
            cwd=self.project,
            env=self.environ,
            input=given,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == code, done.stderr.decode()
        return done.stdout

    def _make(self) -> None:
        for path in (self.root, self.home, self.project, self.tmp):
            path.mkdir(mode=0o700)
        for name, canary in self.phrases.items():
            (self.root / name).write_bytes(canary.value + b"\n")
        make_fake(self.root / "bin")
        self.provider.put("fake://TEAM_KEY", self.canaries["TEAM_KEY"].value)
        names = [name for name in self.canaries if name not in ("FILE_KEY", "TEAM_KEY")]
        keys = "".join(f"{name}=\n\n" for name in names)
        (self.project / ".env.example").write_text(_KEYS.format(keys))
        self.devkeys("allow", "--yes")
        stored = [name for name in self.canaries if name not in ("BINARY_KEY", "TEAM_KEY")]
        self.devkeys("import", "-", "--yes", given=self.dotenv(*stored))
        self.devkeys("set", "BINARY_KEY", given=self.canaries["BINARY_KEY"].value)
        shutil.copytree(self.root, self._template, symlinks=True)
        self._identity = self.identity()

    def lay_out(self, typed: Canary) -> None:
        """Put everything back as it was made; *typed* is what the next scenario enters."""
        forget(self.data)
        for folder, _, _ in os.walk(self.root):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.root)
        shutil.copytree(self._template, self.root, symlinks=True)
        self.typed = typed
        if self.keyring is None:
            return
        self.keyring.unlock()
        if self.identity() != self._identity:
            clear = ["secret-tool", "clear", "service", "devkeys"]
            subprocess.run(clear, env=self.keyring.env, check=False)
            self.keyring.store((self._identity or b"").decode())

    def identity(self, which: str = OWN) -> bytes | None:
        """Return the store's own key, if it lies open or in the keychain; None if not."""
        if self.keyring is None:
            file = self.data / which
            text = file.read_bytes() if file.exists() else b""
        else:
            command = ["secret-tool", "lookup", "service", "devkeys", "username", which]
            done = subprocess.run(command, env=self.keyring.env, capture_output=True, check=False)
            text = done.stdout
        found = _IDENTITY.search(text)
        return found[0] if found else None

    def identities(self) -> set[bytes]:
        """Return the keys in the keychain, or those that lie open."""
        return {found for which in (OWN, CONFIRMED) if (found := self.identity(which))}


def forget(data: Path) -> None:
    """Let the kernel know no key of the store any more."""
    with suppress(DevkeysError):
        record = read_record(str(data))
        for _, holder in record.holders() if record is not None else ():
            for recipient in filter(None, (holder.recipient, holder.next, holder.former)):
                kernel.drop(unlocking.label(recipient))
