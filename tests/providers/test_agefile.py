"""age:// through pyrage, on files that the real age has made."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
import pytest
from command import DEVKEYS, environment
from real import need

from devkeys.providers import Provider
from devkeys.providers.agefile import AgeFile
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, UnreachableError
from devkeys.references import Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import BulkProviderContract, Subject


class Files(Subject):
    """Files that age has encrypted, in a project, and an identity in HOME."""

    def __init__(self, folder: Path) -> None:
        self.home, self.project = folder / "home", folder / "project"
        self.project.mkdir(parents=True)
        self.keys = self.home / ".config" / "age" / "keys.txt"
        self.recipient = self.new_identity(self.keys)
        super().__init__(self.provider_with())

    def provider_with(self, **more: str) -> AgeFile:
        """Return the provider in another environment."""
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"]} | more
        return AgeFile(
            Caller(environ, str(self.home), str(self.project), outside=str(self.project))
        )

    def new_identity(self, path: Path) -> str:
        """Make an identity in *path*; return its recipient."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
        return subprocess.run(
            ["age-keygen", "-y", str(path)], check=True, capture_output=True, text=True
        ).stdout.strip()

    def file(self, name: str, plain: bytes, *words: str) -> Reference:
        """Encrypt *plain* as the file *name*."""
        to = words or ("-r", self.recipient)
        command = ["age", *to, "-o", str(self.project / name)]
        subprocess.run(command, input=plain, check=True, capture_output=True)
        return parse(f"age://{name}")

    def put(self, value: bytes) -> Reference:
        """Keep it as a file."""
        return self.file(f"{secrets.token_hex(4)}.age", value)

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them as variables."""
        texts = {name: json.dumps(one.decode(), ensure_ascii=False) for name, one in values.items()}
        lines = "".join(f"{name}={text}\n" for name, text in texts.items())
        self.file("all.env.age", lines.encode())
        return parse_source("age://all.env.age")

    def absent_item(self) -> Reference:
        """Name a file that there is not."""
        return parse_source(str(self.absent()))

    def absent(self) -> Reference:
        """Name a file that there is not."""
        return parse(f"age://{secrets.token_hex(4)}.age")

    def locked(self) -> Provider:
        """Have no identity."""
        self.keys.unlink()
        return self.provider

    def denied(self) -> Provider:
        """Have another identity."""
        self.new_identity(self.keys)
        return self.provider

    def garbage(self) -> Provider:
        """Write something else into the files."""
        return self._changed(lambda _: b"garbage")

    def cut_off(self) -> Provider:
        """Cut the files off."""
        return self._changed(lambda data: data[:-10])

    def _changed(self, change: Callable[[bytes], bytes]) -> Provider:
        for path in self.project.iterdir():
            path.write_bytes(change(path.read_bytes()))
        return self.provider


@pytest.fixture
def subject(tmp_path: Path) -> Files:
    """Make an identity."""
    need("age", "age-keygen")
    return Files(tmp_path)


class TestAge(BulkProviderContract):
    """The contract of providers, kept with age files."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Files:
        """Make an identity."""
        need("age", "age-keygen")
        return Files(tmp_path)


def get(provider: Provider, text: str) -> object:
    """Return the value at *text*, or what else is answered."""
    reference = parse(text)
    found = provider.get_many([reference])[reference]
    return found.reveal() if isinstance(found, Secret) else found


DOTENV = b"A=1\nB='two words'\nC=\"a\\nb\"\nD=${A}$A\nE\nF=\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("A", b"1"), ("B", b"two words"), ("C", b"a\nb")),
        *(("D", b"${A}$A"), ("E", None), ("F", b""), ("G", None)),
    ],
)
def test_name_is_a_variable(subject: Files, name: str, value: bytes | None) -> None:
    """#NAME is a variable of a dotenv file, as it stands there."""
    subject.file("team.env.age", DOTENV)
    assert get(subject.provider, f"age://team.env.age#{name}") == value


def test_file_that_is_no_dotenv_has_no_variables(subject: Files) -> None:
    """A plain text that cannot be read as dotenv is an error, which shows nothing of it."""
    value = secrets.token_hex(8)
    subject.file("team.age", f"A='{value}\nB=1\n".encode())
    answer = get(subject.provider, "age://team.age#A")
    assert isinstance(answer, DeniedError)
    assert value not in f"{answer} {answer.hint}"


def test_single_line_has_no_line_end(subject: Files) -> None:
    """What `echo` made is taken without its line end."""
    subject.file("key.age", b"value\n")
    assert get(subject.provider, "age://key.age") == b"value"


def test_armored_file(subject: Files) -> None:
    """An armored file is read as well, blank lines before it or not."""
    reference = subject.file("key.age", b"value", "-a", "-r", subject.recipient)
    path = subject.project / "key.age"
    assert get(subject.provider, str(reference)) == b"value"
    path.write_bytes(b"\r\n\n" + path.read_bytes())
    assert get(subject.provider, str(reference)) == b"value"


@pytest.mark.parametrize("place", ["SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "sops/age/keys.txt"])
def test_identity_is_found_where_sops_has_it(subject: Files, place: str) -> None:
    """The environment and sops' own file give identities, among others that do not fit."""
    reference = subject.put(b"v")
    text = subject.keys.read_text()
    other = subject.keys.with_name("other")
    subject.keys.rename(other)
    subject.new_identity(subject.keys)
    if place == "SOPS_AGE_KEY":
        provider = subject.provider_with(SOPS_AGE_KEY=text)
    elif place == "SOPS_AGE_KEY_FILE":
        provider = subject.provider_with(SOPS_AGE_KEY_FILE=str(other))
    else:
        (subject.home / ".config/sops/age").mkdir(parents=True)
        (subject.home / ".config" / place).write_text(text)
        provider = subject.provider_with()
    assert get(provider, str(reference)) == b"v"


def test_identity_from_the_keychain(subject: Files) -> None:
    """An identity that config.toml places in the keychain is taken from there."""
    reference = subject.put(b"v")
    identity = Secret(subject.keys.read_bytes())
    subject.keys.unlink()
    caller = Caller(
        {"HOME": str(subject.home)},
        str(subject.home),
        str(subject.project),
        credentials={"SOPS_AGE_KEY": ("age", "me")},
        read_keychain=lambda service, account: (
            identity if (service, account) == ("age", "me") else None
        ),
    )
    assert get(AgeFile(caller), str(reference)) == b"v"


def test_ssh_key_opens_a_file(subject: Files) -> None:
    """A file that is encrypted to an SSH key is opened by it."""
    need("ssh-keygen")
    key = subject.home / ".ssh" / "id_ed25519"
    key.parent.mkdir()
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(make, check=True, stdin=subprocess.DEVNULL)
    reference = subject.file("key.age", b"v", "-R", f"{key}.pub")
    assert get(subject.provider, str(reference)) == b"v"


def test_one_decryption_for_all_names(subject: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is decrypted once, whatever is asked of it."""
    from devkeys.store import envelope

    count = 0
    unseal_any = envelope.unseal_any

    def counted(sealed: bytes, keys: object) -> bytes | None:
        nonlocal count
        count += 1
        return unseal_any(sealed, keys)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(envelope, "unseal_any", counted)
    subject.file("team.env.age", DOTENV)
    subject.provider.get_many([parse(f"age://team.env.age#{name}") for name in "ABCD"])
    assert count == 1


def test_own_store_is_not_read(subject: Files, tmp_path: Path) -> None:
    """No reference leads to devkeys' own files, which the same provider could open."""
    reference = subject.put(b"v")
    project = str(subject.project)
    caller = Caller({}, str(subject.home), project, own=(project,))
    answer = get(AgeFile(caller), str(reference))
    assert isinstance(answer, DeniedError)
    assert tmp_path.name in str(answer)


def test_link_out_of_the_project_is_refused(subject: Files, tmp_path: Path) -> None:
    """A relative path leads to a file of the project, or nowhere."""
    subject.put(b"v")
    inside = next(subject.project.iterdir())
    inside.rename(tmp_path / "outside.age")
    inside.symlink_to(tmp_path / "outside.age")
    assert isinstance(get(subject.provider, f"age://{inside.name}"), DeniedError)
    assert isinstance(get(subject.provider, "age://..%2Foutside.age"), DeniedError)
    assert get(subject.provider, f"age://{tmp_path}/outside.age") == b"v"


def test_passphrase_needs_a_person(subject: Files) -> None:
    """Where nobody can be asked, a file or an identity with a passphrase is locked."""
    reference = subject.put(b"v")
    (subject.project / "phrase.age").write_bytes(b"age-encryption.org/v1\n-> scrypt x 18\nx\n")
    assert isinstance(get(subject.provider, "age://phrase.age"), LockedError)
    subject.keys.write_bytes(b"age-encryption.org/v1\n-> scrypt x 18\nx\n")
    assert isinstance(get(subject.provider, str(reference)), LockedError)


def test_identity_with_a_passphrase_at_a_terminal(subject: Files) -> None:
    """The passphrase of an identity is asked for, and shown nowhere."""
    reference = subject.put(b"v-a-l-u-e")
    phrase = secrets.token_hex(6)
    plain = subject.keys.with_name("plain")
    subject.keys.rename(plain)
    words = ["-p", "-o", str(subject.keys), str(plain)]
    with pexpect.spawn("age", words, timeout=30) as age:
        for _ in range(2):
            age.expect("passphrase")
            age.sendline(phrase)
        age.expect(pexpect.EOF)
    plain.unlink()
    (subject.project / ".env.example").write_text(f"KEY={reference}\n")
    env = environment(subject.home)
    shown = ["run", "--", "sh", "-c", 'echo "<$KEY>"']
    arguments = [*DEVKEYS[1:], *shown]
    with pexpect.spawn(
        DEVKEYS[0], arguments, cwd=str(subject.project), env=env, timeout=60, encoding="utf-8"
    ) as run:
        answered = run.expect([r"passphrase of .*keys\.txt:", r"\? ", r"\]"])
        if answered:
            run.sendline("y")
            run.expect(r"passphrase of .*keys\.txt:")
        run.sendline(phrase)
        run.expect("<v-a-l-u-e>")
        assert phrase not in run.before
        run.expect(pexpect.EOF)


def test_all_variables(subject: Files) -> None:
    """get_all gives every variable with a value; None where there is no file."""
    subject.file("team.env.age", b"A=1\nB=2\nC\n")
    provider = subject.provider_with()
    source = parse_source("age://team.env.age")
    assert provider.get_all(source) == {"A": Secret(b"1"), "B": Secret(b"2")}
    assert provider.get_all(parse_source("age://none.age")) is None


def test_diagnosis_opens_nothing(subject: Files) -> None:
    """Identities are counted and files looked for; a file that is there may be for others."""
    there, absent = subject.put(b"v"), subject.absent()
    found = subject.provider_with().diagnose([there, absent])
    assert found.account == "identities: 1"
    assert found.readable == {there: None, absent: False}
    subject.keys.unlink()
    assert isinstance(subject.provider_with().diagnose([]).error, LockedError)


def test_what_is_no_age_file_gives_no_answer(subject: Files) -> None:
    """A file that age has not made is an error."""
    (subject.project / "plain.age").write_text("A=1\n")
    assert isinstance(get(subject.provider, "age://plain.age#A"), UnreachableError)
