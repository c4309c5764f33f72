"""keepassxc:// through the real keepassxc-cli, on real databases."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import pexpect
import pytest
from command import DEVKEYS, environment
from real import need
from vendor_program import ProgramAtFault

from devkeys.providers import Provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    UnreachableError,
)
from devkeys.providers.keepassxc import KeePassXC
from devkeys.references import Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import VALUES, BulkProviderContract, WritableProviderContract

OPEN = ("Title", "UserName", "URL")  # not protected in memory
BIN = "QUJDREVGR0hJSktMTU5PUA=="


def entry(title: str, more: Mapping[str, str] | None = None, **attributes: str) -> str:
    """Return an entry as KeePass' XML has it; *more* are attributes with other names."""
    strings = {"Title": title, **attributes, **(more or {})}
    return "<Entry>{}</Entry>".format(
        "".join(
            f'<String><Key>{escape(name)}</Key><Value ProtectInMemory="{name not in OPEN}">'
            + escape(text).replace("\r", "&#13;")
            + "</Value></String>"
            for name, text in strings.items()
        )
    )


def group(name: str, *inner: str, uuid: str = "") -> str:
    """Return a group."""
    identity = f"<UUID>{uuid}</UUID>" if uuid else ""
    return f"<Group>{identity}<Name>{escape(name)}</Name>{''.join(inner)}</Group>"


CONTENTS = (
    entry("Mail", {"API key": " a\n\tb\r\nc\r "}, Password="now", UserName="joe", URL="https://x"),
    entry("twin", Password="a"),
    entry("twin", Password="b"),
    entry("a/b", Password="slash"),
    entry("empty"),
    entry("points", Password="{REF:P@I:0123456789ABCDEF0123456789ABCDEF}"),
    entry("with history", Password="now").replace(
        "</Entry>", f"<History>{entry('Mail', Password='former')}</History></Entry>"
    ),
    group("Team", entry("Mail", Password="team"), group("größe", entry("日 本", Password="deep"))),
    group("Recycle Bin", entry("gone", Password="gone"), uuid=BIN),
    group(
        "contract",
        *(entry(name, Password=value.decode()) for name, value in VALUES.items()),
    ),
)


class Template(NamedTuple):
    """A database that tests copy: making one takes seconds."""

    path: Path
    password: str


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Make a database with some of everything, by importing it."""
    need("keepassxc-cli")
    found = Template(tmp_path_factory.mktemp("template") / "team.kdbx", secrets.token_hex(6))
    imported(found, *CONTENTS)
    return found


def imported(database: Template, *inner: str) -> None:
    """Make a database of groups and entries, by importing them."""
    xml = database.path.with_suffix(".xml")
    xml.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><KeePassFile><Meta>'
        f"<RecycleBinEnabled>True</RecycleBinEnabled><RecycleBinUUID>{BIN}</RecycleBinUUID>"
        f"</Meta><Root>{group('Top', *inner)}</Root></KeePassFile>"
    )
    command = ["keepassxc-cli", "import", "-q", "-p", "-t", "100", str(xml), str(database.path)]
    twice = f"{database.password}\n{database.password}\n".encode()
    subprocess.run(command, input=twice, check=True, capture_output=True)


class Databases(ProgramAtFault):
    """A database team.kdbx in HOME."""

    vendor = "keepassxc-cli"

    def __init__(self, folder: Path, template: Template) -> None:
        self.folder, self.password = folder, template.password
        self.database = folder / "team.kdbx"
        shutil.copy(template.path, self.database)
        super().__init__(self.provider_with())

    def run(self, *words: str, lines: tuple[str, ...] = ()) -> bytes:
        """Run keepassxc-cli."""
        data = "".join(f"{line}\n" for line in lines).encode()
        done = subprocess.run(
            ["keepassxc-cli", *words],
            input=data,
            env=self.environ,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def environ(self) -> dict[str, str]:
        """What keepassxc-cli is started with."""
        return {"HOME": str(self.folder), "PATH": os.environ["PATH"]}

    def provider_with(
        self, *, limit: float = 60.0, password: str | None = None, **more: str
    ) -> KeePassXC:
        """Return the provider in another environment."""
        home = str(self.folder)
        password = self.password if password is None else password
        environ = self.environ | {"KEEPASSXC_PASSWORD": password} | more
        return KeePassXC(Caller(environ, home, home, limit=limit))

    def put(self, value: bytes) -> Reference:
        """Keep it as a password; those of the contract were imported, as texts of lines are."""
        for name, one in VALUES.items():
            if one == value:
                return parse(f"keepassxc://team.kdbx/contract/{name}")
        title = secrets.token_hex(4)
        if b"\n" in value:
            other = Template(self.folder / f"{title}.kdbx", self.password)
            imported(other, entry("one", Password=value.decode()))
            return parse(f"keepassxc://{title}.kdbx/one")
        words = ("add", "-q", "-p", str(self.database), f"/{title}")
        self.run(*words, lines=(self.password, value.decode()))
        return parse(f"keepassxc://team.kdbx/{title}")

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them as attributes of an entry."""
        other = Template(self.folder / "all.kdbx", self.password)
        imported(other, entry("all", {name: value.decode() for name, value in values.items()}))
        return parse_source("keepassxc://all.kdbx/all")

    def absent_item(self) -> Reference:
        """Name an entry that there is not."""
        return parse_source(str(self.absent()))

    def absent(self) -> Reference:
        """Name an entry that there is not."""
        return parse(f"keepassxc://team.kdbx/{secrets.token_hex(4)}/Entry")

    def locked(self) -> Provider:
        """Have another password."""
        return self.provider_with(password="another")

    def cut_off(self) -> Provider:
        """End it in the middle, as if all went well."""
        return self.instead(f'{shutil.which("keepassxc-cli")} "$@" | head -c 1000')


class TestKeePassXC(WritableProviderContract, BulkProviderContract):
    """The contract of providers, kept by keepassxc-cli."""

    @pytest.fixture
    def subject(self, tmp_path: Path, template: Template) -> Databases:
        """Copy the database."""
        return Databases(tmp_path, template)


@pytest.fixture
def databases(tmp_path: Path, template: Template) -> Databases:
    """Copy the database."""
    return Databases(tmp_path, template)


def get(provider: Provider, text: str) -> object:
    """Return the value at *text*, or what else is answered."""
    reference = parse(text)
    found = provider.get_many([reference])[reference]
    return found.reveal() if isinstance(found, Secret) else found


@pytest.mark.parametrize(
    ("inner", "value"),
    [
        *(("Mail", b"now"), ("Mail#Password", b"now"), ("Mail#UserName", b"joe")),
        *(("Mail#API key", b" a\n\tb\r\nc\r "), ("Mail#Notes", b""), ("Mail#none", None)),
        *(("Mail#password", None), ("a%2Fb", b"slash"), ("a/b", None), ("empty", b"")),
        *(("Team/Mail", b"team"), ("Team/größe/日 本", b"deep"), ("Team", None), ("deep", None)),
        *(("Recycle Bin/gone", None), ("with history", b"now"), ("Top/Mail", None)),
    ],
)
def test_attribute_of_an_entry(databases: Databases, inner: str, value: bytes | None) -> None:
    """Group, title and attribute name a value, each as it is in KeePassXC."""
    assert get(databases.provider, f"keepassxc://team.kdbx/{inner}") == value


@pytest.mark.parametrize("inner", ["twin", "points"])
def test_what_is_no_one_value_is_an_error(databases: Databases, inner: str) -> None:
    """Two entries of one name, and a value that stands in another entry."""
    assert isinstance(get(databases.provider, f"keepassxc://team.kdbx/{inner}"), DeniedError)


def test_one_opening_of_each_database(databases: Databases) -> None:
    """However many references: one export of a database."""
    log = databases.folder / "log"
    real = shutil.which("keepassxc-cli")
    provider = databases.instead(f'echo "$@" >>{log}; exec {real} "$@"')
    inner = ("Mail", "Mail#UserName", "Team/Mail", "none")
    asked = [parse(f"keepassxc://team.kdbx/{one}") for one in inner]
    provider.get_many(asked)
    assert log.read_text() == f"export {databases.database}\n"


def test_control_characters_are_not_left_out_silently(databases: Databases) -> None:
    """The export drops them; what it cannot show is no value."""
    shown = f"{databases.password}\na\x01b\n".encode()
    command = ["keepassxc-cli", "edit", "-q", "-p", str(databases.database), "/empty"]
    subprocess.run(command, input=shown, check=True, capture_output=True)
    assert isinstance(get(databases.provider, "keepassxc://team.kdbx/empty"), DeniedError)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x03\xd9\xa2\x9a garbage"])
def test_what_is_no_database_gives_no_answer(databases: Databases, content: bytes) -> None:
    """Nothing is absent in a file that is no database, or cut off."""
    databases.database.write_bytes(content)
    answer = get(databases.provider, "keepassxc://team.kdbx/Mail")
    assert isinstance(answer, UnreachableError)


def test_no_database_is_not_absence(databases: Databases) -> None:
    """A database that is not there, such as on a disk that is not mounted, is an error."""
    answer = get(databases.provider, "keepassxc://none.kdbx/Mail")
    assert isinstance(answer, UnreachableError)


@pytest.mark.parametrize("text", ["team/Mail", "team.kdbx/team.kdbx", "a/team.kdbx"])
def test_first_part_of_that_ending_is_the_database(databases: Databases, text: str) -> None:
    """A path without an entry or a database is an error; an entry may have such a name."""
    answer = get(databases.provider, f"keepassxc://{text}")
    assert answer is None if text.startswith("team.kdbx") else isinstance(answer, DeniedError)


def test_nobody_to_ask_is_locked(databases: Databases) -> None:
    """Without a terminal and without a password nothing is started."""
    provider = databases.provider_with(password="")
    assert isinstance(get(provider, "keepassxc://team.kdbx/Mail"), LockedError)


def test_password_from_the_keychain(databases: Databases) -> None:
    """A password that config.toml places in the keychain is taken from there."""
    home = str(databases.folder)
    caller = Caller(
        databases.environ,
        home,
        home,
        credentials={"KEEPASSXC_PASSWORD": ("kdbx", "me")},
        read_keychain=lambda _service, _account: Secret(databases.password.encode()),
    )
    assert get(KeePassXC(caller), "keepassxc://team.kdbx/Mail") == b"now"


def test_key_file(databases: Databases) -> None:
    """A key file opens a database alone, or with a password."""
    key = databases.folder / "key"
    key.write_bytes(os.urandom(32))
    alone = databases.folder / "alone.kdbx"
    databases.run("db-create", "-q", "-t", "100", "--set-key-file", str(key), str(alone))
    words = ("add", "-q", "-p", "--no-password", "-k", str(key), str(alone), "/e")
    databases.run(*words, lines=("v",))
    unasked = databases.provider_with(password="")
    assert get(unasked, "keepassxc://alone.kdbx/e?key-file=key") == b"v"
    both = databases.folder / "both.kdbx"
    words = ("db-create", "-q", "-t", "100", "-p", "--set-key-file", str(key), str(both))
    databases.run(*words, lines=(databases.password,) * 2)
    assert get(databases.provider, "keepassxc://both.kdbx/e?key-file=key") is None
    assert isinstance(get(databases.provider, "keepassxc://both.kdbx/e"), LockedError)
    assert isinstance(get(unasked, "keepassxc://both.kdbx/e?key-file=key"), LockedError)


def test_password_at_a_terminal(databases: Databases) -> None:
    """The password is asked for, once for all, and shown nowhere; the child does not get it."""
    project = databases.folder / "project"
    project.mkdir()
    names = {"A": "Mail", "B": "Team/Mail"}
    lines = [f"{name}=keepassxc://~/team.kdbx/{inner}\n" for name, inner in names.items()]
    (project / ".env.example").write_text("".join(lines))
    shown = ["run", "--", "sh", "-c", 'echo "<$A-$B-$KEEPASSXC_PASSWORD>"']
    with pexpect.spawn(
        DEVKEYS[0],
        [*DEVKEYS[1:], *shown],
        cwd=str(project),
        env=environment(databases.folder),
        timeout=60,
        encoding="utf-8",
    ) as run:
        if run.expect([r"password of .*team\.kdbx:", r"\? ", r"\]"]):
            run.sendline("y")
            run.expect(r"password of .*team\.kdbx:")
        run.sendline(databases.password)
        run.expect("<now-team->")
        assert databases.password not in str(run.before)
        run.expect(pexpect.EOF)


def test_only_the_entry_named_is_written(databases: Databases) -> None:
    """A new entry at the top leaves one of that title in a group alone; groups are made."""
    provider = databases.provider_with()
    for inner in ("日 本", "New/deeper/-e", "Mail"):
        reference = parse(f"keepassxc://team.kdbx/{inner}")
        provider.check_writable(reference)
        provider.set(reference, Secret(b" new  "))
        assert get(provider, str(reference)) == b" new  "
    assert get(provider, "keepassxc://team.kdbx/Team/größe/日 本") == b"deep"
    assert get(provider, "keepassxc://team.kdbx/Team/Mail") == b"team"
    assert get(provider, "keepassxc://team.kdbx/Mail#UserName") == b"joe"


@pytest.mark.parametrize("inner", ["Mail#UserName", "Mail#API key", "a%2Fb"])
def test_writing_is_refused_before_the_prompt(databases: Databases, inner: str) -> None:
    """What keepassxc-cli takes on its command line alone is not written, nor an odd title."""
    with pytest.raises(DeniedError):
        databases.provider_with(password="").check_writable(parse(f"keepassxc://team.kdbx/{inner}"))


def test_writing_needs_program_and_database(databases: Databases) -> None:
    """Both are looked for before a value is asked for."""
    reference = parse("keepassxc://team.kdbx/Mail")
    missing = databases.without_program()
    assert isinstance(missing, KeePassXC)
    with pytest.raises(ProgramMissingError):
        missing.check_writable(reference)
    with pytest.raises(DeniedError):
        databases.provider_with().check_writable(parse("keepassxc://none.kdbx/Mail"))


def test_database_is_opened_before_the_value_is_asked_for(databases: Databases) -> None:
    """A wrong password, or two entries of the name, cost nobody a value that was typed."""
    with pytest.raises(LockedError):
        databases.provider_with(password="wrong").check_writable(parse("keepassxc://team.kdbx/e"))
    with pytest.raises(DeniedError):
        databases.provider_with().check_writable(parse("keepassxc://team.kdbx/twin"))


@pytest.mark.parametrize("value", [b"a\nb", b"a\r", b"a\0b", b"\xff", b"\x1b[0m"])
def test_unfit_value_is_refused(databases: Databases, value: bytes) -> None:
    """What is not one line of text is refused, and the old value stays."""
    reference = parse("keepassxc://team.kdbx/Mail")
    with pytest.raises(DeniedError):
        databases.provider_with().set(reference, Secret(value))
    assert get(databases.provider, str(reference)) == b"now"


def test_twins_are_not_written(databases: Databases) -> None:
    """Of two entries of one name none is changed."""
    with pytest.raises(DeniedError):
        databases.provider_with().set(parse("keepassxc://team.kdbx/twin"), Secret(b"c"))


def test_entry_that_holds_more_is_not_deleted(databases: Databases) -> None:
    """Deleting takes away an entry that is a password and nothing else."""
    provider = databases.provider_with()
    with pytest.raises(DeniedError):
        provider.delete(parse("keepassxc://team.kdbx/Mail"))
    assert provider.delete(parse("keepassxc://team.kdbx/Team/Mail")) is True
    assert get(provider, "keepassxc://team.kdbx/Mail") == b"now"


def test_value_and_password_are_on_stdin(databases: Databases) -> None:
    """Neither is an argument or in the environment, and nothing of stderr is shown."""
    value = secrets.token_hex(8)
    log, real = databases.folder / "log", shutil.which("keepassxc-cli")
    fake = databases.instead(
        f'echo "$@" >>{log}; env >>{log}; [ $1 = edit ] || exec {real} "$@"\n'
        f"echo {value} >&2; exit 1"
    )
    assert isinstance(fake, KeePassXC)
    with pytest.raises(UnreachableError) as caught:
        fake.set(parse("keepassxc://team.kdbx/Mail"), Secret(value.encode()))
    assert value not in log.read_text()
    assert databases.password not in log.read_text()
    assert value not in f"{caught.value} {caught.value.hint}"


def test_all_attributes(databases: Databases) -> None:
    """get_all gives what an entry holds, but for its title."""
    provider = databases.provider_with()
    found = provider.get_all(parse_source("keepassxc://team.kdbx/Mail"))
    assert _plain(found) == {
        "Password": b"now",
        "UserName": b"joe",
        "URL": b"https://x",
        "API key": b" a\n\tb\r\nc\r ",
    }
    assert provider.get_all(parse_source("keepassxc://team.kdbx/none")) is None


def _plain(found: Mapping[str, Secret] | None) -> dict[str, bytes]:
    return {name: secret.reveal() for name, secret in (found or {}).items()}


def test_diagnosis_opens_nothing(databases: Databases) -> None:
    """Version and which databases are there, without a password."""
    there, absent = parse("keepassxc://team.kdbx/Mail"), parse("keepassxc://none.kdbx/Mail")
    found = databases.provider_with(password="").diagnose([there, absent])
    assert found.version is not None
    assert found.version.startswith("2.")
    assert found.readable == {there: None, absent: False}
