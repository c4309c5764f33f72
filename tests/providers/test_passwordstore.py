"""pass:// through the real pass, with a real gpg key that has a passphrase."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from password_stores import GpgHome, gpg_home
from real import need
from vendor_program import ProgramAtFault, first_on_path, make_program

from devkeys.providers import Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, ProviderError, UnreachableError
from devkeys.providers.passwordstore import PasswordStore
from devkeys.references import MalformedError, Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import BulkProviderContract, WritableProviderContract


@pytest.fixture(scope="module")
def gpg() -> Iterator[GpgHome]:
    """Make the one key of all tests here."""
    need("pass", "gpg")
    with gpg_home() as home:
        yield home


class Store(ProgramAtFault):
    """A password store in *folder*, filled by pass itself."""

    vendor = "pass"

    def __init__(self, gpg: GpgHome, folder: Path) -> None:
        self.gpg, self.folder = gpg, folder
        self.store = folder / "store"
        self.environ = gpg.environ(self.store)
        self.run("init", "team@example.com")
        super().__init__(self.provider_with())

    def run(self, *words: str, data: bytes = b"") -> bytes:
        """Run pass."""
        done = subprocess.run(
            ["pass", *words], input=data, env=self.environ, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def provider_with(self, *, limit: float = 60.0, **more: str) -> PasswordStore:
        """Return the provider in another environment."""
        environ = self.environ | more
        return PasswordStore(Caller(environ, environ["HOME"], str(self.folder), limit=limit))

    def insert(self, name: str, text: bytes) -> Reference:
        """Keep *text* as the entry *name*."""
        self.run("insert", "-m", "-f", name, data=text)
        return parse(f"pass://{name}")

    def put(self, value: bytes) -> Reference:
        """Keep it by pass itself."""
        return self.insert(f"team/{secrets.token_hex(4)}", value + b"\n")

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them as the entries of a folder."""
        for name, value in values.items():
            self.insert(f"folder/{name}", value + b"\n")
        return parse_source("pass://folder")

    def absent_item(self) -> Reference:
        """Name a folder that there is not."""
        return parse_source(str(self.absent()))

    def absent(self) -> Reference:
        """Name an entry that there is not."""
        return parse(f"pass://team/{secrets.token_hex(4)}")

    def locked(self) -> Provider:
        """Let gpg-agent forget the passphrase, and nobody be asked."""
        self.gpg.forget()
        return self.provider_with(PASSWORD_STORE_GPG_OPTS="")

    def denied(self) -> Provider:
        """Be one who has the public key alone."""
        other = self.gpg.path / secrets.token_hex(2)  # short: a socket lies in it
        self.gpg.public_only(other)
        return self.provider_with(GNUPGHOME=str(other))

    def cut_off(self) -> Provider:
        """Kill pass in the middle of an entry."""
        return self.instead(f'{shutil.which("pass")} "$@" | head -c 5; kill -9 $$')


@pytest.fixture
def subject(gpg: GpgHome, tmp_path: Path) -> Store:
    """Make a store."""
    return Store(gpg, tmp_path)


class TestPass(WritableProviderContract, BulkProviderContract):
    """The contract of providers, kept by pass."""

    @pytest.fixture
    def subject(self, gpg: GpgHome, tmp_path: Path) -> Store:
        """Make a store."""
        return Store(gpg, tmp_path)


def get(provider: Provider, text: str) -> object:
    """Return the value at *text*, or what else is answered."""
    reference = parse(text)
    found = provider.get_many([reference])[reference]
    return found.reveal() if isinstance(found, Secret) else found


ENTRY = b"s3cret\nuser: joe\nurl:https://x:80\nempty:\n note:  two blanks \nuser: jim\n\nlast\n"


@pytest.mark.parametrize(
    ("fragment", "value"),
    [
        ("1", b"s3cret"),
        ("2", b"user: joe"),
        ("7", b""),
        ("8", b"last"),
        ("9", None),
        ("url", b"https://x:80"),
        ("empty", b""),
        (" note", None),
        ("%20note", b" two blanks "),
        ("s3cret", None),
        ("none", None),
        ("01", None),
    ],
)
def test_fragment_names_a_line_or_a_key(subject: Store, fragment: str, value: bytes | None) -> None:
    """#N is the Nth line, #key what follows the key's colon and one blank."""
    subject.insert("chat", ENTRY)
    if fragment == " note":
        with pytest.raises(MalformedError):
            parse(f"pass://chat#{fragment}")
    else:
        assert get(subject.provider, f"pass://chat#{fragment}") == value


def test_key_that_stands_twice_is_an_error(subject: Store) -> None:
    """Of two lines of one key none is taken."""
    subject.insert("chat", ENTRY)
    answer = get(subject.provider, "pass://chat#user")
    assert isinstance(answer, DeniedError)
    assert "joe" not in str(answer)


def test_password_line_is_no_key(subject: Store) -> None:
    """A password that looks like `key: value` is not found under a key."""
    subject.insert("chat", b"user: joe\n")
    assert get(subject.provider, "pass://chat#user") is None


def test_folder_is_no_value(subject: Store) -> None:
    """A folder, which `pass show` lists, is absent; an entry beside it is found."""
    subject.insert("team/one", b"v\n")
    assert get(subject.provider, "pass://team") is None
    subject.insert("team", b"w\n")
    assert get(subject.provider, "pass://team") == b"w"


def test_names_outside_ascii_and_with_blanks(subject: Store) -> None:
    """Any name that pass keeps is found, a leading dash included."""
    for name in ("größe/日 本", "--clip", "a/-c"):
        subject.run("insert", "-m", "-f", "--", name, data=b"v\n")
        assert get(subject.provider, f"pass://{name}") == b"v"


def test_slash_within_a_part_is_refused() -> None:
    """Two references never lead to one entry."""
    with pytest.raises(MalformedError):
        parse("pass://team%2Fchat")


def test_first_alone_then_in_parallel(subject: Store) -> None:
    """One entry is shown before others are; each once, whatever is asked of it."""
    names = [f"team/{number}" for number in range(5)]
    for name in names:
        subject.insert(name, b"a\nk: v\n")
    log = subject.folder / "log"
    real = shutil.which("pass")
    provider = subject.instead(
        f'echo s >>{log}; sleep 0.2; {real} "$@"; e=$?; echo e >>{log}; exit $e'
    )
    asked = [parse(f"pass://{name}#{end}") for name in names for end in ("1", "k")]
    found = provider.get_many(asked)
    assert all(isinstance(answer, Secret) for answer in found.values())
    lines = log.read_text().split()
    assert lines.count("s") == len(names)
    assert lines[:2] == ["s", "e"]
    assert lines[2:4] == ["s", "s"]


def test_locked_store_asks_once(subject: Store) -> None:
    """Once a passphrase was refused the other entries are not tried."""
    asked = [subject.put(b"v") for _ in range(3)]
    subject.gpg.forget()
    log = subject.folder / "log"
    real = shutil.which("pass")
    path = first_on_path(
        make_program(subject.folder / "bin", "pass", f'echo s >>{log}\n{real} "$@"')
    )
    provider = subject.provider_with(PATH=path, PASSWORD_STORE_GPG_OPTS="")
    answers = provider.get_many(asked)
    assert all(isinstance(answer, LockedError) for answer in answers.values())
    assert log.read_text() == "s\n"


@pytest.mark.parametrize("kept", [0, 60, -30])
def test_damaged_entry_is_no_value(subject: Store, kept: int) -> None:
    """What gpg cannot read to its end is an error; for half a packet it exits 0."""
    reference = subject.put(b"v")
    path = subject.store / ("/".join(reference.path) + ".gpg")
    path.write_bytes(path.read_bytes()[:kept])
    assert isinstance(get(subject.provider, str(reference)), UnreachableError)


def test_hint_can_be_copied_into_a_shell(subject: Store) -> None:
    """A name is a repository's word, and a hint a command: it is quoted."""
    (subject.store / "$(id).gpg").write_bytes(b"")
    answer = get(subject.provider, "pass://$(id)")
    assert isinstance(answer, UnreachableError)
    assert "`pass show '$(id)'`" in str(answer.hint)


def test_unreadable_folder_is_not_absence(subject: Store) -> None:
    """A folder that cannot be looked into is an error."""
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    reference = subject.put(b"v")
    (subject.store / "team").chmod(0)
    try:
        with pytest.raises(DeniedError):
            subject.provider.get_many([reference])
    finally:
        (subject.store / "team").chmod(0o700)


def test_no_store_is_not_absence(subject: Store, tmp_path: Path) -> None:
    """Without a store, such as one on a disk that is not mounted, nothing is absent."""
    (tmp_path / "empty").mkdir()
    for name in ("none", "empty"):
        provider = subject.provider_with(PASSWORD_STORE_DIR=str(tmp_path / name))
        with pytest.raises(LockedError) as caught:
            provider.get_many([subject.absent()])
        assert caught.value.hint is not None


def test_entry_of_others_beside_own(subject: Store) -> None:
    """What is encrypted to others is an error of its own; the rest is found."""
    mine = subject.put(b"v")
    other = subject.gpg.path / secrets.token_hex(2)
    other.mkdir(mode=0o700)
    gpg = ["gpg", "--batch", "--quiet", "--homedir", str(other)]
    nobody = ["--passphrase", "", "--quick-gen-key", "x@example.com", "future-default"]
    subprocess.run([*gpg, *nobody], check=True, capture_output=True)
    theirs = subject.store / "theirs.gpg"
    encrypt = [*gpg, "--trust-model=always", "-r", "x@example.com", "-o", str(theirs), "-e"]
    subprocess.run(encrypt, input=b"w\n", check=True, capture_output=True)
    subprocess.run(["gpgconf", "--homedir", str(other), "--kill", "all"], check=True)
    asked = [parse("pass://theirs"), mine]
    found = subject.provider.get_many(asked)
    assert isinstance(found[asked[0]], DeniedError)
    assert found[mine] == Secret(b"v")


def test_nothing_of_stderr_and_no_value_in_argv(subject: Store) -> None:
    """A value is on pass's stdin, and what it says on stderr is not shown."""
    value = secrets.token_hex(8)
    log = subject.folder / "argv"
    fake = subject.instead(f'echo "$@" >>{log}; cat >/dev/null; echo {value} >&2; exit 1')
    assert isinstance(fake, PasswordStore)
    with pytest.raises(ProviderError) as caught:
        fake.set(parse("pass://team/new"), Secret(value.encode()))
    assert value not in log.read_text()
    assert value not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("fragment", "value", "after"),
    [
        ("1", b"new", b"new\nuser: joe\nurl: x\n"),
        ("3", b"new", b"s3cret\nuser: joe\nnew\n"),
        ("4", b"new", b"s3cret\nuser: joe\nurl: x\nnew\n"),
        ("user", b" jim ", b"s3cret\nuser:  jim \nurl: x\n"),
        ("port", b"80", b"s3cret\nuser: joe\nurl: x\nport: 80\n"),
    ],
)
def test_line_is_written_and_nothing_else(
    subject: Store, fragment: str, value: bytes, after: bytes
) -> None:
    """Setting a line or a key leaves the rest of an entry as it was."""
    subject.insert("chat", b"s3cret\nuser: joe\nurl: x\n")
    reference = parse(f"pass://chat#{fragment}")
    subject.provider_with().set(reference, Secret(value))
    assert subject.run("show", "chat") == after
    assert get(subject.provider, str(reference)) == value


def test_key_makes_an_entry(subject: Store) -> None:
    """The first key of a new entry stands below an empty password line."""
    subject.provider_with().set(parse("pass://new#key"), Secret(b"v"))
    assert subject.run("show", "new") == b"\nkey: v\n"


@pytest.mark.parametrize(
    ("text", "value"), [("chat#5", b"v"), ("chat#1", b"a\nb"), ("chat#user", b"a\nb")]
)
def test_unfit_line_is_refused(subject: Store, text: str, value: bytes) -> None:
    """What cannot stand on a line is refused, and the entry stays."""
    subject.insert("chat", b"s3cret\nuser: joe\n")
    with pytest.raises(DeniedError):
        subject.provider_with().set(parse(f"pass://{text}"), Secret(value))
    assert subject.run("show", "chat") == b"s3cret\nuser: joe\n"


def test_writing_is_refused_before_the_prompt(subject: Store, tmp_path: Path) -> None:
    """No store, no recipients or a key with a colon: known before a value is asked for."""
    with pytest.raises(DeniedError):
        subject.provider_with().check_writable(parse("pass://chat#a:b"))
    (subject.store / ".gpg-id").unlink()
    with pytest.raises(LockedError):
        subject.provider_with().check_writable(parse("pass://team/chat"))
    with pytest.raises(LockedError):
        subject.provider_with(PASSWORD_STORE_DIR=str(tmp_path / "no")).check_writable(
            parse("pass://a")
        )


def test_key_is_deleted_alone(subject: Store) -> None:
    """Deleting a key keeps the rest; a line is deleted only from the end."""
    provider = subject.provider_with()
    subject.insert("chat", b"s3cret\nuser: joe\nurl: x\n")
    assert provider.delete(parse("pass://chat#user")) is True
    assert subject.run("show", "chat") == b"s3cret\nurl: x\n"
    assert provider.delete(parse("pass://chat#user")) is False
    with pytest.raises(DeniedError):
        provider.delete(parse("pass://chat#1"))
    assert provider.delete(parse("pass://chat#2")) is True
    assert provider.delete(parse("pass://chat#1")) is True
    assert get(provider, "pass://chat") is None


def test_all_of_a_folder_or_an_entry(subject: Store) -> None:
    """A folder gives its entries by their last part, an entry the values of its keys."""
    subject.insert("team/A", b"1\n")
    subject.insert("team/B", b"2\n3\n")
    subject.insert("team/deep/C", b"4\n")
    subject.insert("chat", b"s3cret\nuser: joe\nurl: x\nno key\n")
    provider = subject.provider_with()
    assert provider.get_all(parse_source("pass://team")) == {
        "A": Secret(b"1"),
        "B": Secret(b"2\n3"),
    }
    assert provider.get_all(parse_source("pass://chat")) == {
        "user": Secret(b"joe"),
        "url": Secret(b"x"),
    }
    assert provider.get_all(parse_source("pass://none")) is None


def test_diagnosis_decrypts_nothing(subject: Store) -> None:
    """Version, store and which entries are there are told while gpg is locked."""
    there, absent = subject.put(b"v"), subject.absent()
    locked = subject.locked()
    assert isinstance(locked, PasswordStore)
    line = parse(f"{there}#1")
    found = locked.diagnose([there, absent, line])
    assert found.error is None
    assert found.version is not None
    assert found.version.startswith("pass 1.")
    assert found.account == str(subject.store)
    assert found.readable == {there: True, absent: False, line: None}
