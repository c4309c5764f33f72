"""A new laptop in three commands: from one empty HOME to another, with the real commands."""

import secrets
import shutil
from pathlib import Path
from typing import NamedTuple

import checkout
import pexpect
import pytest
from desk import Desk, key
from gnome_keyring import gnome_keyring
from laptops import PASSPHRASE, Key, laptop, snapshot, stored
from real import need
from repositories import run_git

from devkeys.session import Session
from devkeys.store import ledger, previous
from devkeys.store.identity import load

CHAT = "LLM_API_KEY=\n\nTLS_KEY=\n\nMODEL=small\n"
MONO = "DB_PASSWORD=\n"
WEB = "SESSION_SECRET=\n"
SHOWN = ("LLM_API_KEY", "TLS_KEY", "MODEL", "DB_PASSWORD", "SESSION_SECRET")


class Moving(NamedTuple):
    """Two machines, and what the old one stored, by (project, profile)."""

    old: Desk
    new: Desk
    values: dict[tuple[str, str], dict[str, str]]

    def directory(self, desk: Desk, project: str) -> Path:
        """Return where *desk* has *project*."""
        return desk.project.parent / project

    def clone(self) -> None:
        """Clone the repositories of the old machine onto the new one."""
        shutil.rmtree(self.new.project)
        for name in ("chat", "mono"):
            source, target = self.directory(self.old, name), self.directory(self.new, name)
            run_git("clone", "-q", str(source), str(target), cwd=source)

    def run(
        self, desk: Desk, project: str, profile: str, env: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Return what the app gets from `devkeys run` in *project*."""
        words = ("run", "-p", profile, "--", "env", "-0")
        done = desk.devkeys(*words, cwd=self.directory(desk, project), env=env)
        assert done.code == 0, done.err
        pairs = (entry.partition("=") for entry in done.text.split("\0") if entry)
        return {name: value for name, _, value in pairs if name in SHOWN}


def pem() -> str:
    """Make up 20 kB that look like a private key."""
    lines = [secrets.token_hex(32) for _ in range(310)]
    begin, end = (f"-----{word} TEST DATA-----" for word in ("BEGIN", "END"))
    return "\n".join([begin, *lines, end]) + "\n"


@pytest.fixture
def moving(tmp_path: Path) -> Moving:
    """Make an old laptop with all that a store can hold, and a new one with nothing."""
    need("git")
    old, new = laptop(tmp_path / "old", CHAT), laptop(tmp_path / "new", CHAT)
    mono = old.project.parent / "mono"
    for root, folders in ((old.project, {"": CHAT}), (mono, {"": MONO, "web": WEB})):
        for folder, declaration in folders.items():
            (root / folder).mkdir(parents=True, exist_ok=True)
            (root / folder / ".env.example").write_text(declaration)
        run_git("init", "-q", cwd=root)
        run_git("add", ".", cwd=root)
        run_git("commit", "-q", "-m", "first", cwd=root)
    values = {
        ("chat", "dev"): {"LLM_API_KEY": key(), "TLS_KEY": pem(), "MODEL": "large"},
        ("chat", "staging"): {"LLM_API_KEY": key(), "TLS_KEY": key()},
        ("mono", "dev"): {"DB_PASSWORD": "zażółć $HOME 'x' \"y\" \\ " + key()},
        ("mono/web", "dev"): {"SESSION_SECRET": key()},
    }
    for earlier in (key(), key()):
        checkout.store(old.project, old.home, LLM_API_KEY=earlier)
    for (project, profile), held in values.items():
        checkout.store(old.project.parent / project, old.home, profile, **held)
    return Moving(old, new, values)


def check(moving: Moving, env: dict[str, str] | None = None) -> None:
    """See that the apps of the new machine run with the values of the old one."""
    moving.clone()
    for (project, profile), values in moving.values.items():
        directory = moving.directory(moving.new, project)
        words = ("allow", "--yes", "-p", profile, "--project", project.partition("/")[0])
        done = moving.new.devkeys(*words, cwd=directory, env=env)
        assert done.code == 0, done.err
        wanted = {"MODEL": "small", **values} if project == "chat" else values
        assert moving.run(moving.new, project, profile, env) == wanted


def test_three_commands(moving: Moving, tmp_path: Path) -> None:
    """Export, import, and init in the clone, as a person types them."""
    path = tmp_path / "keys.age"
    child = moving.old.at_terminal("store", "export", str(path))
    for prompt in ("new passphrase of the export:", "once more:"):
        child.expect(prompt)
        child.send(PASSPHRASE + "\r")
    child.expect("found them all")
    child.expect(pexpect.EOF)

    child = moving.new.at_terminal("store", "import", str(path))
    child.expect("passphrase of .*keys.age:")
    child.send(PASSPHRASE + "\r")
    child.expect(r"Take this into the store\? \[y/N\]")
    shown = str(child.before)
    child.sendline("y")
    child.expect("imported 7 values, and read them back")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0

    moving.clone()
    child = moving.new.at_terminal("init", cwd=moving.directory(moving.new, "chat"))
    for question, answer in ((r"Allow it\?", "y"), (r"\[s\]hare the 5 values\?", "s")):
        child.expect(question)
        shown += str(child.before)
        child.sendline(answer)
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0, child.before
    assert moving.run(moving.new, "chat", "dev") == moving.values["chat", "dev"]
    shown += str(child.before)
    held = [value for values in moving.values.values() for value in values.values()]
    assert not any(value in shown for value in held if value != "large")


def test_everything_comes_along(moving: Moving, tmp_path: Path) -> None:
    """Values of every project and profile, their notes and what they were before."""
    mine, path = Key(tmp_path), tmp_path / "keys.age"
    mine.exported(moving.old, path)
    done = mine.imported(moving.new, path, "--yes")
    assert done.code == 0, done.err
    check(moving)
    sides = [Session(desk.environ) for desk in moving[:2]]
    for project, profile in moving.values:
        one, other = (ledger.read(side.data_dir, project, profile) for side in sides)
        assert one == other
        former = []
        for side in sides:
            opened = load(side.data_dir, read_keychain=lambda *_: None)
            assert opened is not None
            former.append(previous.read(side.data_dir, project, profile, opened))
        assert former[0] == former[1]
        assert len(former[0]) == (2 if (project, profile) == ("chat", "dev") else 0)


def test_what_is_bound_to_the_old_machine_stays_there(moving: Moving, tmp_path: Path) -> None:
    """No consent comes along: a clone on the new machine gets nothing unasked."""
    checkout.allowed(moving.old.project, moving.old.home)
    mine, path = Key(tmp_path), tmp_path / "keys.age"
    mine.exported(moving.old, path)
    mine.imported(moving.new, path, "--yes")
    assert any("consent" in path for path in snapshot(moving.old.home))
    assert not any("consent" in path for path in snapshot(moving.new.home))
    moving.clone()
    clone = moving.directory(moving.new, "chat")
    done = moving.new.devkeys("run", "--", "env", cwd=clone)
    assert done.code != 0
    assert "is not allowed to have" in done.err


def test_from_a_headless_machine_to_one_with_a_keychain(moving: Moving, tmp_path: Path) -> None:
    """The new store's key is in the keychain and in no file, and the values are the same."""
    mine, path = Key(tmp_path), tmp_path / "keys.age"
    mine.exported(moving.old, path)
    with gnome_keyring() as keyring:
        names = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
        env = {name: keyring.env[name] for name in names}
        done = mine.imported(moving.new, path, "--yes", env=env)
        assert done.code == 0, done.err
        assert {"service": "devkeys", "username": "identity"}.items() <= keyring.items()[0].items()
        check(moving, env)
        assert not any(b"AGE-SECRET-KEY-" in data for data in snapshot(moving.new.home).values())
        back = tmp_path / "back.age"
        words = ("store", "export", str(back), "--recipient", mine.recipient)
        assert moving.new.devkeys(*words, env=env).code == 0
    before = snapshot(moving.old.home)
    assert "is here already" in mine.imported(moving.old, back).err
    assert snapshot(moving.old.home) == before


def test_two_machines_that_went_on(moving: Moving, tmp_path: Path) -> None:
    """What each of them got since comes together on both, whoever is first."""
    mine = Key(tmp_path)
    mine.imported(moving.new, mine.exported(moving.old, tmp_path / "1.age"), "--yes")
    moving.clone()
    clone = moving.directory(moving.new, "chat")
    done = moving.new.devkeys("allow", "--yes", "--project", "chat", cwd=clone)
    assert done.code == 0, done.err
    one, other = key(), key()
    checkout.store(clone, moving.new.home, EXTRA=one)
    checkout.store(moving.old.project, moving.old.home, OTHER=other)
    mine.imported(moving.old, mine.exported(moving.new, tmp_path / "2.age"), "--yes")
    mine.imported(moving.new, mine.exported(moving.old, tmp_path / "3.age"), "--yes")
    assert stored(moving.old) == stored(moving.new)
    assert {"EXTRA": one.encode(), "OTHER": other.encode()}.items() <= stored(moving.new).items()
