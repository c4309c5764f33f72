"""sops:// through the real sops, on files that it has encrypted for an age key."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from real import need
from vendor_program import ProgramAtFault

from devkeys.providers import Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import DeniedError, LockedError, UnreachableError
from devkeys.providers.sops import Sops
from devkeys.references import Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import BulkProviderContract, WritableProviderContract


class Files(ProgramAtFault):
    """Files that sops has encrypted, in a project."""

    vendor = "sops"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home, self.project = folder / "home", folder / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.recipient = self.new_identity()
        self.count = 0
        self.encrypt("team.json", b'{"first": "v"}')
        super().__init__(self.provider_with())

    @property
    def environ(self) -> dict[str, str]:
        """What sops is started with."""
        key = str(self.home / "keys.txt")
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "SOPS_AGE_KEY_FILE": key}

    def provider_with(self, *, limit: float = 60.0, **more: str) -> Sops:
        """Return the provider in another environment."""
        project = str(self.project)
        environ = self.environ | more
        return Sops(Caller(environ, str(self.home), project, outside=project, limit=limit))

    def new_identity(self) -> str:
        """Make the identity, in place of an old one; return its recipient."""
        path = self.home / "keys.txt"
        path.unlink(missing_ok=True)
        subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
        return path.read_text().partition("public key: ")[2].split()[0]

    def run(self, *words: str, data: bytes = b"") -> bytes:
        """Run sops in the project."""
        environ = self.environ | {"SOPS_DISABLE_VERSION_CHECK": "1"}
        done = subprocess.run(
            ["sops", *words],
            input=data,
            env=environ,
            cwd=self.project,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def encrypt(self, name: str, plain: bytes) -> None:
        """Make the file *name* of *plain*."""
        (self.project / name).write_bytes(plain)
        self.run("--encrypt", "--age", self.recipient, "--in-place", name)

    def put(self, value: bytes) -> Reference:
        """Keep it as a key of the file."""
        self.count += 1
        plain = json.loads(self.run("--decrypt", "team.json"))
        plain[f"key {self.count}"] = value.decode()
        self.encrypt("team.json", json.dumps(plain).encode())
        return parse(f"sops://team.json#key {self.count}")

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them at the top of a file."""
        plain = {name: value.decode() for name, value in values.items()}
        self.encrypt("all.json", json.dumps(plain).encode())
        return parse_source("sops://all.json")

    def absent_item(self) -> Reference:
        """Name a file that there is not."""
        return parse_source("sops://none.json")

    def absent(self) -> Reference:
        """Name a key that there is not."""
        return parse(f"sops://team.json#{secrets.token_hex(4)}")

    def locked(self) -> Provider:
        """Have no identity."""
        (self.home / "keys.txt").unlink()
        return self.provider

    def denied(self) -> Provider:
        """Have another identity."""
        self.new_identity()
        return self.provider

    def cut_off(self) -> Provider:
        """End sops in the middle of a file, as if all went well."""
        return self.instead(f'{shutil.which("sops")} "$@" | head -c 20')


def files(folder: Path) -> Files:
    """Make files, or skip."""
    need("sops", "age-keygen")
    return Files(folder)


@pytest.fixture
def subject(tmp_path: Path) -> Files:
    """Make an identity and a file."""
    return files(tmp_path)


class TestSops(WritableProviderContract, BulkProviderContract):
    """The contract of providers, kept by sops."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> Files:
        """Make an identity and a file."""
        return files(tmp_path)


def get(provider: Provider, text: str) -> object:
    """Return the value at *text*, or what else is answered."""
    reference = parse(text)
    found = provider.get_many([reference])[reference]
    return found.reveal() if isinstance(found, Secret) else found


YAML = """\
text: "größe\\nline\\n"
number: 12345
real: 1.5
yes: true
none:
empty: ""
db:
  password: p
  a/b: slash
  a~1b: tilde
  "": blank
list: [x, [y]]
""".encode()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("text", "größe\nline\n".encode()), ("number", b"12345"), ("real", b"1.5")),
        *(("yes", b"true"), ("none", None), ("empty", b""), ("db/password", b"p")),
        *(("db/a~1b", b"slash"), ("db/a~01b", b"tilde"), ("db/", b"blank"), ("db/a/b", None)),
        *(("list/0", b"x"), ("list/1/0", b"y"), ("list/01", None), ("list/2", None)),
        *(("sops", None), ("text/0", None), ("absent", None)),
    ],
)
def test_key_names_a_value(subject: Files, key: str, value: bytes | None) -> None:
    """A key of a key stands after a slash; a scalar is a value, null is none."""
    subject.encrypt("team.yaml", YAML)
    assert get(subject.provider, f"sops://team.yaml#{key}") == value


@pytest.mark.parametrize("key", ["db", "list", "list/1", "a~b", "~"])
def test_what_is_no_value_is_an_error(subject: Files, key: str) -> None:
    """A map, a list and a pointer that stands for nothing are errors of their own."""
    subject.encrypt("team.yaml", YAML)
    assert isinstance(get(subject.provider, f"sops://team.yaml#{key}"), DeniedError)


@pytest.mark.parametrize(
    ("name", "plain", "key", "value"),
    [
        ("a.env", b"A=one two\nB=3\n", "A", b"one two"),
        ("a.ini", b"[part]\nkey = v\n", "part/key", b"v"),
        ("a.txt", b"whole\ntext\n", "data", b"whole\ntext\n"),
    ],
)
def test_other_formats(subject: Files, name: str, plain: bytes, key: str, value: bytes) -> None:
    """Dotenv, INI and any other file."""
    subject.encrypt(name, plain)
    assert get(subject.provider, f"sops://{name}#{key}") == value


def test_name_that_stands_twice_is_an_error(subject: Files) -> None:
    """Of two variables of one name none is taken."""
    subject.encrypt("a.env", b"A=1\nA=2\n")
    assert isinstance(get(subject.provider, "sops://a.env#A"), UnreachableError)


def test_binary_is_no_value(subject: Files) -> None:
    """Sops replaces what is no UTF-8: that is not given for the value."""
    subject.encrypt("a.bin", b"\xff\xfe\x00\x01")
    assert isinstance(get(subject.provider, "sops://a.bin#data"), DeniedError)


def test_one_decryption_for_each_file(subject: Files) -> None:
    """Files are decrypted once, the first of them alone."""
    for name in ("a", "b", "c"):
        subject.encrypt(f"{name}.yaml", YAML)
    log = subject.folder / "log"
    real = shutil.which("sops")
    provider = subject.instead(f'echo s >>{log}; {real} "$@"; e=$?; echo e >>{log}; exit $e')
    keys = ("text", "number", "db/password")
    asked = [parse(f"sops://{name}.yaml#{key}") for name in ("a", "b", "c") for key in keys]
    assert all(isinstance(one, Secret) for one in provider.get_many(asked).values())
    lines = log.read_text().split()
    assert lines.count("s") == 3
    assert lines[:2] == ["s", "e"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda data: data.replace(b"data:", b"data:A", 1), UnreachableError),
        (lambda data: data.partition(b"\n")[2], UnreachableError),
        (lambda data: data[:300], UnreachableError),
        (lambda _: YAML, UnreachableError),
        (lambda _: b"", UnreachableError),
    ],
    ids=["value", "line", "cut off", "plain", "empty"],
)
def test_changed_file_gives_no_answer(
    subject: Files, change: Callable[[bytes], bytes], kind: type[Exception]
) -> None:
    """A file that was changed, cut off or never encrypted is an error."""
    subject.encrypt("team.yaml", YAML)
    path = subject.project / "team.yaml"
    path.write_bytes(change(path.read_bytes()))
    assert isinstance(get(subject.provider, "sops://team.yaml#number"), kind)


def test_file_that_is_not_there_is_absent(subject: Files) -> None:
    """Without its file a value is absent, and others are found."""
    there = subject.put(b"v")
    asked = [parse("sops://none.yaml#key"), there]
    assert subject.provider.get_many(asked) == {asked[0]: None, there: Secret(b"v")}


def test_key_from_the_keychain(subject: Files) -> None:
    """Sops gets the key that config.toml places in the keychain."""
    reference = subject.put(b"v")
    identity = Secret((subject.home / "keys.txt").read_bytes())
    (subject.home / "keys.txt").unlink()
    caller = Caller(
        subject.environ,
        str(subject.home),
        str(subject.project),
        credentials={"SOPS_AGE_KEY": ("age", "me")},
        read_keychain=lambda _service, _account: identity,
    )
    assert get(Sops(caller), str(reference)) == b"v"


ELSEWHERE, KNOWN = "https://vault.elsewhere.example", "https://vault.example"
HC_VAULT = f'"hc_vault": [{{"vault_address": "{ELSEWHERE}", "engine_path": "t", "key_name": "k"}}]'


@pytest.mark.parametrize(
    "text",
    [
        HC_VAULT,
        HC_VAULT.replace("vault_address", "Vault_\\u0061ddress"),
        f"hc_vault:\n- vault_address: {ELSEWHERE}\n",
        f'hc_vault:\n- "vault\\x5faddress": {ELSEWHERE}\n',
        f'hc_vault:\n- "vault_\\\n   address": {ELSEWHERE}\n',
        f"x: &k vault_address\nhc_vault:\n- *k : {ELSEWHERE}\n",
        f"hc_vault:\n- ? !!binary dmF1bHRfYWRkcmVzcw==\n  : {ELSEWHERE}\n",
        f"sops_hc_vault__list_0__map_vault_address={ELSEWHERE}\n",
        f"hc_vault:\n- vault_address: {KNOWN},@elsewhere.example/\n",
        f"hc_vault:\n- vault_address: {KNOWN}}}@elsewhere.example/\n",
        f"hc_vault:\n- vault_address: '{KNOWN}''@elsewhere.example/'\n",
        f'hc_vault:\n- vault_address: "{KNOWN}\'@elsewhere.example/"\n',
    ],
)
def test_file_does_not_choose_who_gets_the_vault_token(subject: Files, text: str) -> None:
    """Sops is not started for a file that names another server than the user does."""
    subject.instead(f"touch {subject.folder}/started; exit 1")
    path = f"{subject.folder / 'bin'}:{os.environ['PATH']}"
    fake = subject.provider_with(PATH=path, VAULT_ADDR=KNOWN)
    for data in (text.encode(), text.encode("utf-16")):
        (subject.project / "team.yaml").write_bytes(data)
        assert isinstance(get(fake, "sops://team.yaml#key"), DeniedError)
    assert not (subject.folder / "started").exists()


def test_hint_can_be_copied_into_a_shell(subject: Files) -> None:
    """A file's name is a repository's word, and a hint a command: it is quoted."""
    (subject.project / "$(id).yaml").write_text("a: b\n")
    answer = get(subject.provider_with(), "sops://$(id).yaml#a")
    assert isinstance(answer, UnreachableError)
    assert f"sops encrypt -i '{subject.project}/$(id).yaml'" in str(answer.hint)


def test_own_vault_server_is_asked(subject: Files) -> None:
    """The server that VAULT_ADDR names may stand in a file."""
    (subject.project / "team.json").write_text("{" + HC_VAULT + "}")
    subject.instead(f"touch {subject.folder}/started; exit 128")
    path = f"{subject.folder / 'bin'}:{os.environ['PATH']}"
    own = subject.provider_with(PATH=path, VAULT_ADDR=ELSEWHERE + "/")
    assert isinstance(get(own, "sops://team.json#key"), LockedError)
    assert (subject.folder / "started").exists()


@pytest.mark.parametrize("key", ["new", "deep/er/est", "db/password", "list/0", "list/2", "none"])
def test_key_is_written_and_nothing_else(subject: Files, key: str) -> None:
    """A value goes to its place, which is made if there is none; the rest stays."""
    subject.encrypt("team.yaml", YAML)
    reference = parse(f"sops://team.yaml#{key}")
    provider = subject.provider_with()
    before = json.loads(subject.run("-d", "--output-type", "json", "team.yaml"))
    provider.check_writable(reference)
    provider.set(reference, Secret(b'a "value"\n'))
    assert get(provider, str(reference)) == b'a "value"\n'
    after = json.loads(subject.run("-d", "--output-type", "json", "team.yaml"))
    top = key.partition("/")[0]
    assert {name: after[name] for name in before if name != top} == {
        name: before[name] for name in before if name != top
    }


@pytest.mark.parametrize("key", ["db", "list", "number/x", "list/9", "sops"])
def test_unfit_place_is_refused(subject: Files, key: str) -> None:
    """A branch is not replaced, nor is sops' own; nothing is below a value."""
    subject.encrypt("team.yaml", YAML)
    before = (subject.project / "team.yaml").read_bytes()
    with pytest.raises(DeniedError):
        subject.provider_with().set(parse(f"sops://team.yaml#{key}"), Secret(b"v"))
    assert (subject.project / "team.yaml").read_bytes() == before


def test_value_is_on_stdin(subject: Files) -> None:
    """No value is an argument, and what sops says on stderr is not shown."""
    value = secrets.token_hex(8)
    log, real = subject.folder / "argv", shutil.which("sops")
    fake = subject.instead(
        f'echo "$@" >>{log}; [ "$1$2" = set--value-stdin ] || exec {real} "$@"\n'
        f"echo {value} >&2; exit 3"
    )
    assert isinstance(fake, Sops)
    with pytest.raises(UnreachableError) as caught:
        fake.set(parse("sops://team.json#new"), Secret(value.encode()))
    assert value not in log.read_text()
    assert value not in f"{caught.value} {caught.value.hint}"


def test_writing_is_refused_before_the_prompt(subject: Files) -> None:
    """No file, an old sops, a name that sops' command line cannot hold."""
    provider = subject.provider_with()
    for text in ("none.yaml#key", 'team.json#a"b', "team.json#a]b", "team.json#a~b"):
        with pytest.raises(DeniedError):
            provider.check_writable(parse(f"sops://{text}"))
    old = subject.instead("echo 'sops set [options] file index value'")
    assert isinstance(old, Sops)
    with pytest.raises(DeniedError):
        old.check_writable(parse("sops://team.json#key"))


def test_value_that_is_no_text_is_refused(subject: Files) -> None:
    """What is no UTF-8 would be kept as something else."""
    with pytest.raises(DeniedError):
        subject.provider_with().set(parse("sops://team.json#key"), Secret(b"\xff"))


def test_all_values_at_the_top(subject: Files) -> None:
    """get_all gives the scalars at the top of a file."""
    subject.encrypt("a.yaml", b"A: x\nB: 2\nC:\nD: {E: y}\n")
    provider = subject.provider_with()
    found = provider.get_all(parse_source("sops://a.yaml"))
    assert found == {"A": Secret(b"x"), "B": Secret(b"2")}
    assert provider.get_all(parse_source("sops://none.yaml")) is None


def test_diagnosis_decrypts_nothing(subject: Files) -> None:
    """Version and which files are there."""
    there, absent = parse("sops://team.json#a"), parse("sops://none.json#a")
    locked = subject.locked()
    assert isinstance(locked, Sops)
    found = locked.diagnose([there, absent])
    assert found.version is not None
    assert found.version.startswith("3.")
    assert found.readable == {there: None, absent: False}
