"""Where a scenario is played: a home, a project and a store that are laid out anew each time.

What a scenario needs is made once, by the real commands, and copied to the same place before each
scenario: a project's identity is its path.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from canary.canaries import SHAPES, Canary, binary, plain
from command import DEVKEYS, environment
from fake_provider import FakeProvider, make_fake
from gnome_keyring import GnomeKeyring

SECONDS = 60
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
        self._template = root.parent / "template"
        self._make()

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the user."""
        path = f"{self.root}/bin{os.pathsep}{os.environ['PATH']}"
        bus = {"DBUS_SESSION_BUS_ADDRESS": self.keyring.bus.address} if self.keyring else {}
        return environment(self.home, COLUMNS="100", PATH=path, TMPDIR=str(self.tmp), **bus)

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

    def identity(self) -> bytes | None:
        """Return the store's own key, wherever it is; None if there is none."""
        if self.keyring is None:
            file = self.data / "identity"
            text = file.read_bytes() if file.exists() else b""
        else:
            command = ["secret-tool", "lookup", "service", "devkeys", "username", "identity"]
            done = subprocess.run(command, env=self.keyring.env, capture_output=True, check=False)
            text = done.stdout
        found = _IDENTITY.search(text)
        return found[0] if found else None
