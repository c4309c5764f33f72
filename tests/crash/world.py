"""A user's HOME and project below one root, kept aside to be put back before every trial."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyrage
from command import DEVKEYS, environment

from devkeys import places
from devkeys.store import layout

PROFILES = ("dev", "staging")
NAMES = ("KEY_A", "KEY_B", "KEY_C")
# None is required, so that a run shows which of them are there.
DECLARATION = "".join(f"# @optional @secret\n{name}=\n\n" for name in NAMES)

# profile -> name -> value
State = dict[str, dict[str, str]]


class World:
    """What lies below *root*: `home`, `chat` (the project) and `saved`, the state to go back to.

    *more* comes on top of the environment; *identities* are those of a keychain.
    """

    def __init__(
        self, root: str, more: Mapping[str, str] | None = None, identities: Sequence[str] = ()
    ) -> None:
        self.root = root
        self.home = os.path.join(root, "home")
        self.project = os.path.join(root, "chat")
        self.identities = identities
        self.env = environment(Path(self.home), COLUMNS="100", **(more or {}))
        self.data_dir = places.data_dir(self.env)
        self.state_dir = places.state_dir(self.env)

    def make(self, declaration: str = DECLARATION) -> None:
        """Make an empty HOME and a project in a repository, which the user agreed to."""
        for path in (self.root, self.home, self.project):
            os.makedirs(path, mode=0o700)
        subprocess.run(["git", "init", "-q", self.project], check=True, env=self.env)
        self.put(".env.example", declaration)
        self.put(".gitignore", ".env\n")
        for profile in PROFILES:
            self.must("allow", "--yes", "-p", profile)

    def put(self, name: str, text: str) -> None:
        """Make *text* the file *name* of the project, which is the user's alone."""
        path = os.path.join(self.project, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def held(self, name: str) -> str:
        """Return the text of the file *name* of the project; empty without one."""
        path = Path(self.project, name)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[bytes]":
        """Run `devkeys *words*` in the project."""
        return subprocess.run(
            [*DEVKEYS, *words],
            check=False,
            capture_output=True,
            cwd=self.project,
            env=self.env,
            input=given.encode(),
            timeout=60,
        )

    def must(self, *words: str, given: str = "") -> bytes:
        """Run `devkeys *words*`, which has to succeed, and return its stdout."""
        done = self.run(*words, given=given)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def save(self) -> None:
        """Keep HOME and the project as they are now."""
        for path in (self.home, self.project):
            shutil.copytree(path, _saved(path), symlinks=True)

    def restore(self) -> None:
        """Put back what was saved."""
        for path in (self.home, self.project):
            shutil.rmtree(path)
            shutil.copytree(_saved(path), path, symlinks=True)

    def values(self, profile: str) -> dict[str, str]:
        """Return what a command would get, as `devkeys run` finds it; no stored value is empty."""
        printed = self.must("run", "-p", profile, "--", "env", "-0").decode()
        pairs = (entry.partition("=") for entry in printed.split("\0") if entry)
        return {name: value for name, _, value in pairs if name in NAMES and value}

    def state(self) -> State:
        """Return the values of every profile."""
        return {profile: self.values(profile) for profile in PROFILES}

    def files(self) -> Iterator[str]:
        """List the files below HOME."""
        for folder, _, names in os.walk(self.home):
            yield from (os.path.join(folder, name) for name in names)

    def noted(self, profile: str) -> list[str]:
        """Return the names that have a value by the ledger."""
        content = _read(layout.ledger_path(self.data_dir, "chat", profile)) or b'{"names": {}}'
        names = json.loads(content)["names"]
        return sorted(name for name, note in names.items() if note["removed"] is None)

    def counted(self, profile: str) -> str:
        """Return the counter that is kept beside the store; 0 without one."""
        content = _read(layout.counter_path(self.state_dir, "chat", profile)) or b"0"
        return content.split()[-1].decode()

    def written(self, profile: str) -> str:
        """Return the counter in the values; 0 without any."""
        path = layout.values_path(self.data_dir, "chat", profile)
        for of, content in self.opened():
            if of == path and content.startswith(b"devkeys-values "):
                return content.split(b"\ncounter ")[1].split(b"\n")[0].decode()
        return "0"

    def opened(self) -> Iterator[tuple[str, bytes]]:
        """Give each file below HOME as it is, and what the store's identities make of it."""
        identities = [pyrage.x25519.Identity.from_str(text) for text in self._identities()]
        for path in self.files():
            content = Path(path).read_bytes()
            yield path, content
            if content.startswith(b"age-encryption.org/"):
                try:
                    yield path, pyrage.decrypt(content, identities)
                except pyrage.DecryptError:
                    continue

    def _identities(self) -> list[str]:
        """Return every identity that is in a file of HOME, and the keychain's."""
        found = list(self.identities)
        for path in self.files():
            lines = Path(path).read_bytes().splitlines()
            found += [line.decode() for line in lines if line.startswith(b"AGE-SECRET-KEY-")]
        return found


def _saved(path: str) -> str:
    return os.path.join(os.path.dirname(path), "saved", os.path.basename(path))


def _read(path: str) -> bytes:
    return Path(path).read_bytes() if os.path.exists(path) else b""
