"""pass:// through passage and gopass: programs that copy them, passage's with the real age."""

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from password_stores import GOPASS, PASSAGE
from real import need
from vendor_program import make_executable, make_program

from devkeys.providers import Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, UnreachableError
from devkeys.providers.passwordstore import PasswordStore
from devkeys.references import Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import BulkProviderContract, Subject, WritableProviderContract


class Fake(Subject):
    """A program that copies *name*, whose entries are in *store*."""

    def __init__(self, folder: Path, name: str, text: str, store: str) -> None:
        self.folder, self.name = folder, name
        self.store = folder / store
        self.store.mkdir(parents=True)
        make_executable(folder / "bin", name, text)
        super().__init__(self.provider_with())

    def provider_with(self, *, limit: float = 60.0, interactive: bool = False) -> PasswordStore:
        """Return the provider on a PATH without any other such program."""
        system = [entry for entry in os.environ["PATH"].split(":") if not _has_pass(entry)]
        names = ("sh", "dirname", "mkdir", "age", "rm", "sleep", "cat")
        for name in names:
            link = self.folder / "bin" / name
            if not link.exists():
                link.symlink_to(_which(name))
        path = ":".join([str(self.folder / "bin"), *system])
        environ = {"HOME": str(self.folder), "PATH": path}
        home = str(self.folder)
        return PasswordStore(Caller(environ, home, home, limit=limit, interactive=interactive))

    def instead(self, text: str, *, limit: float = 60.0) -> Provider:
        """Return the provider with a program of *text*."""
        make_program(self.folder / "bin", self.name, text)
        return self.provider_with(limit=limit)

    def put(self, value: bytes) -> Reference:
        """Keep it by the program itself."""
        return self.insert(f"team/{secrets.token_hex(4)}", value)

    def insert(self, name: str, value: bytes) -> Reference:
        """Keep it as the entry *name*."""
        command = [str(self.folder / "bin" / self.name), "insert", "-m", "-f", name]
        environ = {"HOME": str(self.folder), "PATH": os.environ["PATH"]}
        subprocess.run(command, input=value + b"\n", env=environ, check=True, capture_output=True)
        return parse(f"pass://{name}")

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them as the entries of a folder."""
        for name, value in values.items():
            self.insert(f"folder/{name}", value)
        return parse_source("pass://folder")

    def absent_item(self) -> Reference:
        """Name a folder that there is not."""
        return parse_source(str(self.absent()))

    def absent(self) -> Reference:
        """Name an entry that there is not."""
        return parse(f"pass://team/{secrets.token_hex(4)}")

    def slow(self) -> Provider:
        """Let the program sleep."""
        return self.instead("sleep 60", limit=1)

    def without_program(self) -> Provider:
        """Take the program away."""
        (self.folder / "bin" / self.name).unlink()
        return self.provider_with()

    def garbage(self) -> Provider:
        """Let the program fail with something on stdout."""
        return self.instead("echo garbage; exit 3")

    def cut_off(self) -> Provider:
        """Kill the program in the middle of its answer."""
        return self.instead("printf half; kill -9 $$")


class Passage(Fake):
    """passage, as its code has it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "passage", PASSAGE, ".passage/store")
        self.identities = folder / ".passage" / "identities"
        self.new_identity()

    def new_identity(self) -> None:
        """Make an identity, in place of the one before."""
        self.identities.unlink(missing_ok=True)
        subprocess.run(["age-keygen", "-o", str(self.identities)], check=True, capture_output=True)

    def locked(self) -> Provider:
        """Have no identity."""
        self.identities.unlink()
        return self.provider

    def denied(self) -> Provider:
        """Have another identity."""
        self.new_identity()
        return self.provider


class Gopass(Fake):
    """gopass, as its documentation has it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "gopass", GOPASS, ".local/share/gopass/stores/root")

    def locked(self) -> Provider:
        """Have no pinentry."""
        (self.store.parent / "locked").touch()
        return self.provider


def _which(name: str) -> str:
    return next(
        f"{entry}/{name}"
        for entry in os.environ["PATH"].split(":")
        if os.access(f"{entry}/{name}", os.X_OK)
    )


def _has_pass(entry: str) -> bool:
    return any(os.path.exists(f"{entry}/{name}") for name in ("pass", "passage", "gopass"))


class TestPassage(WritableProviderContract, BulkProviderContract):
    """The contract of providers, kept with passage."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Passage:
        """Make a store."""
        need("age")
        return Passage(tmp_path)


class TestGopass(WritableProviderContract, BulkProviderContract):
    """The contract of providers, kept with gopass."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Gopass:
        """Make a store."""
        need("age")
        return Gopass(tmp_path)


def test_identity_with_a_passphrase_is_asked_for_at_a_terminal_only(tmp_path: Path) -> None:
    """Age asks for each entry anew; where nobody can answer, that is said before it hangs."""
    need("age")
    subject = Passage(tmp_path)
    reference = subject.put(b"v")
    subject.identities.write_bytes(b"age-encryption.org/v1\n-> scrypt x 18\n")
    with pytest.raises(LockedError):
        subject.provider.get_many([reference])


def test_gopass_entries_are_read_as_they_are(tmp_path: Path) -> None:
    """Neither parsed, hidden nor sorted."""
    need("age")
    subject = Gopass(tmp_path)
    reference = subject.put(b"Z: 1\nA: 2")
    assert subject.provider.get_many([reference])[reference] == Secret(b"Z: 1\nA: 2")


def test_gopass_folder_is_no_value(tmp_path: Path) -> None:
    """A folder is absent, though `gopass show` lists it and exits 0."""
    need("age")
    subject = Gopass(tmp_path)
    subject.put(b"v")
    folder = parse("pass://team")
    assert subject.provider.get_many([folder])[folder] is None


def test_gopass_is_asked_once_what_there_is(tmp_path: Path) -> None:
    """One listing and one `show` for each entry."""
    need("age")
    subject = Gopass(tmp_path)
    asked = [subject.put(b"v") for _ in range(3)]
    log = subject.store.parent / "calls"
    log.unlink()
    subject.provider.get_many([*asked, subject.absent()])
    assert sorted(log.read_text().split()) == ["ls", "show", "show", "show"]


def test_gopass_that_rewrites_a_value_is_found_out(tmp_path: Path) -> None:
    """What gopass kept is read again; another text is an error."""
    need("age")
    subject = Gopass(tmp_path)
    (subject.store.parent / "sorts").touch()
    with pytest.raises(DeniedError):
        subject.provider_with().set(parse("pass://new"), Secret(b"Value"))


def test_gopass_that_is_another_program_gives_no_answer(tmp_path: Path) -> None:
    """Debian's gopass, another program, knows neither --flat nor -n."""
    need("age")
    subject = Gopass(tmp_path)
    other = subject.instead("echo 'flag provided but not defined: -flat' >&2; exit 1")
    with pytest.raises(UnreachableError):
        other.get_many([subject.absent()])


def test_gopass_folder_gives_its_entries(tmp_path: Path) -> None:
    """get_all takes the entries of a folder."""
    need("age")
    subject = Gopass(tmp_path)
    name = subject.put(b"v").path[-1]
    assert subject.provider_with().get_all(parse_source("pass://team")) == {name: Secret(b"v")}
    assert subject.provider_with().get_all(parse_source("pass://none")) is None


def test_gopass_diagnosis(tmp_path: Path) -> None:
    """Version and which entries are there."""
    need("age")
    subject = Gopass(tmp_path)
    there, absent = subject.put(b"v"), subject.absent()
    found = subject.provider_with().diagnose([there, absent])
    assert found.version == "gopass 1.15.11"
    assert found.readable == {there: True, absent: False}
