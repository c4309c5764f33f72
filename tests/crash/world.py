"""A user's HOME and project below one root, kept aside to be put back before every trial."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pyrage
from command import DEVKEYS, environment
from quick_devkeys import QUICK_DEVKEYS
from traceable import TRACEABLE, TRACEABLE_QUICK

from devkeys import places
from devkeys.store import layout
from devkeys.store.record import CONFIRMED, OWN

PROFILES = ("dev", "staging")
NAMES = ("KEY_A", "KEY_B", "KEY_C")
# None is required, so that a run shows which of them are there.
DECLARATION = "".join(f"# @optional @secret\n{name}=\n\n" for name in NAMES)

PASSPHRASE = "only of this test"  # what the file `phrase` of a project holds

# profile -> name -> value
State = dict[str, dict[str, str]]

_BUS = "DBUS_SESSION_BUS_ADDRESS"


class World:
    """What lies below *root*: `home`, `chat` (the project) and `saved`, the state to go back to.

    *more* comes on top of the environment; with the address of a bus there is a keychain, which
    is put back like the rest. With *quick*, passphrases take no time, and the one in the file
    `phrase` opens the store each time.
    """

    UNUSABLE: ClassVar[dict[str, str]] = {"?": "cannot be read"}

    def __init__(
        self, root: str, more: Mapping[str, str] | None = None, *, quick: bool = False
    ) -> None:
        self.root = root
        self.home = os.path.join(root, "home")
        self.project = os.path.join(root, "chat")
        self.more = dict(more or {})
        if quick:
            self.more["DEVKEYS_PASSPHRASE_FILE"] = os.path.join(self.project, "phrase")
        self.env = environment(Path(self.home), COLUMNS="100", **self.more)
        self.program, self.traced = (
            (QUICK_DEVKEYS, TRACEABLE_QUICK) if quick else (DEVKEYS, TRACEABLE)
        )
        self.data_dir = places.data_dir(self.env)
        self.state_dir = places.state_dir(self.env)
        self.saved_data_dir = os.path.join(
            _saved(self.home), os.path.relpath(self.data_dir, self.home)
        )

    def make(self, declaration: str = DECLARATION) -> None:
        """Make an empty HOME and a project in a repository, which the user agreed to."""
        for path in (self.root, self.home, self.project):
            os.makedirs(path, mode=0o700)
        subprocess.run(["git", "init", "-q", self.project], check=True, env=self.env)
        self.put(".env.example", declaration)
        self.put(".gitignore", ".env\n")
        config = places.config_dir(self.env)
        os.makedirs(config, mode=0o700)
        # The kernel would keep an identity beyond the trial that lost it.
        Path(config, "config.toml").write_text('[store]\nunlock_for = "0s"\n', encoding="ascii")
        self._put_items({})
        self.agree()

    def agree(self, *profiles: str) -> None:
        """Let the user agree to the project as it is."""
        for profile in profiles or PROFILES:
            self.must("allow", "--yes", "-p", profile)

    def put(self, name: str, text: str) -> None:
        """Make *text* the file *name* of the project, which is the user's alone."""
        path = os.path.join(self.project, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)

    def held(self, name: str) -> str:
        """Return the text of the file *name* of the project; empty without one."""
        return (self.held_bytes(name) or b"").decode()

    def held_bytes(self, name: str) -> bytes | None:
        """Return what is in the file *name* of the project; None without one."""
        path = Path(self.project, name)
        return path.read_bytes() if path.exists() else None

    def run(self, *words: str, given: str = "") -> "subprocess.CompletedProcess[bytes]":
        """Run `devkeys *words*` in the project."""
        return subprocess.run(
            [*self.program, *words],
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

    @contextmanager
    def without_keychain(self) -> Iterator[None]:
        """Run the commands of this block as if there was none."""
        kept = dict(self.env)
        self.env.update(environment(Path(self.home)))
        self.env.pop(_BUS, None)
        try:
            yield
        finally:
            self.env.update(kept)

    def save(self, under: str = "saved") -> None:
        """Keep HOME, the project and the keychain's items as they are now."""
        for path in (self.home, self.project):
            shutil.rmtree(_saved(path, under), ignore_errors=True)
            shutil.copytree(path, _saved(path, under), symlinks=True)
        with open(_saved(os.path.join(self.root, "items"), under), "w", encoding="ascii") as file:
            json.dump(self._items(), file)

    def restore(self, under: str = "saved") -> None:
        """Put back what was saved."""
        for path in (self.home, self.project):
            shutil.rmtree(path)
            shutil.copytree(_saved(path, under), path, symlinks=True)
        self._put_items(self._saved_items(under))

    def _saved_items(self, under: str) -> dict[str, str]:
        content: dict[str, str] = json.loads(_read(_saved(os.path.join(self.root, "items"), under)))
        return content

    def _items(self) -> dict[str, str]:
        """Return the keychain's items by account; none without a keychain."""
        if _BUS not in self.more:
            return {}
        found = {account: self._secret_tool("lookup", account) for account in (OWN, CONFIRMED)}
        return {account: text for account, text in found.items() if text}

    def _put_items(self, wanted: Mapping[str, str]) -> None:
        held = self._items()
        for account in held.keys() | wanted.keys():
            if held.get(account) != wanted.get(account):
                self._secret_tool("clear", account)
                if account in wanted:
                    self._secret_tool("store", account, given=wanted[account])

    def _secret_tool(self, what: str, account: str, given: str = "") -> str:
        label = ["--label=devkeys"] if what == "store" else []
        words = ["secret-tool", what, *label, "service", "devkeys", "username", account]
        done = subprocess.run(
            words, check=False, capture_output=True, env=self.env, input=given, text=True
        )
        return done.stdout.strip()

    def values(self, profile: str) -> dict[str, str]:
        """Return what a command would get, as `devkeys run` finds it; no stored value is empty."""
        printed = self.must("run", "-p", profile, "--", "env", "-0").decode()
        pairs = (entry.partition("=") for entry in printed.split("\0") if entry)
        return {name: value for name, _, value in pairs if name in NAMES and value}

    def state(self) -> State:
        """Return the values of every profile."""
        return {profile: self.values(profile) for profile in PROFILES}

    def usable(self) -> State:
        """Return the values of every profile, or that they cannot be read."""
        found: State = {}
        for profile in PROFILES:
            try:
                found[profile] = self.values(profile)
            except AssertionError:
                found[profile] = dict(self.UNUSABLE)
        return found

    def files(self) -> Iterator[str]:
        """List the files below HOME and the project."""
        yield from _below(self.home)
        yield from _below(self.project)

    def content(self, path: str) -> bytes:
        """Return what is in the file *path*; empty without one."""
        return _read(path)

    def values_path(self, profile: str) -> str:
        """Return where the values of *profile* are."""
        return layout.values_path(self.data_dir, "chat", profile)

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
        path = self.values_path(profile)
        plain = dict(self.opened()).get(path)
        return plain.split(b"\ncounter ")[1].split(b"\n")[0].decode() if plain else "0"

    def opened(
        self, identities: Sequence[pyrage.x25519.Identity] = ()
    ) -> Iterator[tuple[str, bytes | None]]:
        """Give what *identities* make of each encrypted file, None for what none opens.

        By default they are all that the store has, or had when it was saved.
        """
        texts = [*self.secrets(), *self.saved_secrets()]
        identities = identities or [pyrage.x25519.Identity.from_str(text) for text in texts]
        for path in self.files():
            content = _read(path)
            if content.startswith(b"age-encryption.org/") and b"\n-> scrypt " not in content:
                try:
                    yield path, pyrage.decrypt(content, identities)
                except pyrage.DecryptError:
                    yield path, None

    def secrets(self) -> list[str]:
        """Return every identity of the store that is not encrypted."""
        return [*_secrets(self.home), *self._items().values()]

    def saved_secrets(self) -> list[str]:
        """Return those that there were when the world was saved."""
        return [*_secrets(_saved(self.home)), *self._saved_items("saved").values()]


def _below(root: str) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        yield from (os.path.join(folder, name) for name in names)


def _secrets(home: str) -> list[str]:
    lines = [line for path in _below(home) for line in _read(path).splitlines()]
    return [line.decode() for line in lines if line.startswith(b"AGE-SECRET-KEY-")]


def _saved(path: str, under: str = "saved") -> str:
    return os.path.join(os.path.dirname(path), under, os.path.basename(path))


def _read(path: str) -> bytes:
    return Path(path).read_bytes() if os.path.isfile(path) else b""
