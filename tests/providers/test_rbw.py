"""Bitwarden through rbw: the real one and its agent, at a server on loopback."""

import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pexpect
import pytest
from bitwarden_clients import RbwDesk, rbw_desk
from vendor_program import make_program

from devkeys import testing
from devkeys.providers.bitwarden import Bitwarden
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.references import Reference, parse, parse_source
from devkeys.secret import Secret
from devkeys.testing import ProviderContract

MAIL = {
    "username": "joe",
    "password": "one",
    "totp": "SEED",
    "uris": ("https://a.example", "https://b.example"),
    "notes": "two\nlines\n",
    "fields": [("key", "v"), ("password", "other"), ("none", None)],
}


@pytest.fixture(scope="module")
def desk() -> Iterator[RbwDesk]:
    """Sign the real rbw in."""
    contract = [
        (f"contract {name}", {"fields": [("KEY", value.decode())]})
        for name, value in testing.VALUES.items()
    ]
    twins = [("twin", {"username": "a"}), ("twin", {"username": "b"})]
    with rbw_desk([*contract, *twins, ("mail", MAIL), ("note", {"type": 2, "notes": "n"})]) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _unlocked(desk: RbwDesk) -> Iterator[None]:
    yield
    desk.keep_password(desk.server.account.password)
    desk.rbw("unlock")


def caller(desk: RbwDesk, *, limit: float = 60.0, path: str = "") -> Caller:
    """Return a caller with the desk's environment; *path* goes before its PATH."""
    home = desk.environ["HOME"]
    environ = desk.environ | ({"PATH": f"{path}:{desk.environ['PATH']}"} if path else {})
    return Caller(environ, home, home, limit=limit)


def ask(provider: Bitwarden, text: str) -> object:
    """Return the answer for one reference."""
    reference = parse(text)
    return provider.get_many([reference])[reference]


class Subject(testing.Subject):
    """Bitwarden through rbw."""

    def __init__(self, desk: RbwDesk, directory: Path) -> None:
        super().__init__(Bitwarden(caller(desk)))
        self._desk, self._directory = desk, directory

    def put(self, value: bytes) -> Reference:
        """Keep the value in a hidden field of an item; the contract's own are there."""
        for name, known in testing.VALUES.items():
            if value == known:
                return parse(f"bw://contract {name}/KEY")
        name = f"item {secrets.token_hex(4)}"
        self._desk.server.add(name, fields=[("KEY", value.decode())])
        self._desk.rbw("sync")
        return parse(f"bw://{name}/KEY")

    def absent(self) -> Reference:
        """Name an item that nobody made."""
        return parse("bw://nothing/KEY")

    def locked(self) -> Bitwarden:
        """Lock the agent."""
        self._desk.rbw("lock")
        return Bitwarden(caller(self._desk))

    def denied(self) -> NoReturn:
        """Say why not: rbw reads its own copy, in which all is the user's."""
        raise testing.Unable("the server is not asked for a value, so that it cannot say no")

    def slow(self) -> Bitwarden:
        """Put an rbw before the real one that sleeps."""
        return self._instead("sleep 60", limit=1.0)

    def without_program(self) -> Bitwarden:
        """Have neither bw nor rbw on PATH."""
        home = self._desk.environ["HOME"]
        return Bitwarden(Caller({"PATH": str(self._directory)}, home, home))

    def garbage(self) -> Bitwarden:
        """Have rbw say something after its real answer."""
        return self._instead('real "$@"; code=$?; echo "a hint"; exit $code')

    def cut_off(self) -> Bitwarden:
        """Have rbw end in the middle of its real answer, with success."""
        return self._instead('test "$1" = unlocked && exec real "$@"; real "$@" | head -c -5')

    def _instead(self, script: str, *, limit: float = 60.0) -> Bitwarden:
        real = f"{self._desk.environ['PATH'].split(os.pathsep)[0]}/rbw"
        path = make_program(self._directory / "instead", "rbw", script.replace("real", f"'{real}'"))
        return Bitwarden(caller(self._desk, limit=limit, path=path))


class TestRbw(ProviderContract):
    """The contract, with the real rbw."""

    @pytest.fixture
    def subject(self, desk: RbwDesk, tmp_path: Path) -> Subject:
        """Return rbw, signed in."""
        return Subject(desk, tmp_path)


def test_what_a_login_holds_and_custom_fields(desk: RbwDesk) -> None:
    """Fields are the same as through bw, and two of one name the same error."""
    provider = Bitwarden(caller(desk))
    values = {"username": b"joe", "totp": b"SEED", "notes": b"two\nlines\n", "key": b"v"}
    for field, value in values.items():
        assert ask(provider, f"bw://mail/{field}") == Secret(value)
    assert ask(provider, "bw://mail/none") is None
    assert ask(provider, "bw://note/password") is None
    for field in ("password", "uri"):
        assert isinstance(ask(provider, f"bw://mail/{field}"), DeniedError)
    assert provider.get_all(parse_source("bw://note")) == {"notes": Secret(b"n")}
    assert provider.get_all(parse_source("bw://nothing")) is None
    with pytest.raises(DeniedError):
        provider.get_all(parse_source("bw://mail"))


def test_two_items_of_one_name(desk: RbwDesk) -> None:
    """The error names the ids, each of which leads to one; others are read all the same."""
    provider = Bitwarden(caller(desk))
    asked = [parse("bw://twin/username"), parse("bw://mail/username")]
    error, found = provider.get_many(asked).values()
    assert isinstance(error, DeniedError)
    assert found == Secret(b"joe")
    ids = [one for one in desk.server.ciphers if desk.server.read(one)["name"] == "twin"]
    assert all(one in str(error) for one in ids)
    assert [ask(provider, f"bw://{one}/username") for one in ids] == [Secret(b"a"), Secret(b"b")]


def test_one_list_and_one_get_for_each_item(desk: RbwDesk, tmp_path: Path) -> None:
    """However many fields of an item are asked for, it is read once, by its id."""
    real = desk.environ["PATH"].split(os.pathsep)[0]
    noting = f"echo \"$*\" >>'{tmp_path}/calls'; exec '{real}/rbw' \"$@\""
    provider = Bitwarden(caller(desk, path=make_program(tmp_path, "rbw", noting)))
    fields = ("username", "totp", "key", "nothing")
    provider.get_many([parse(f"bw://mail/{field}") for field in fields])
    calls = (tmp_path / "calls").read_text().splitlines()
    mail = next(one for one in desk.server.ciphers if desk.server.read(one)["name"] == "mail")
    assert calls == ["unlocked", "list --raw", f"get --raw {mail}"]


def test_no_pinentry_without_a_person(desk: RbwDesk) -> None:
    """Locked, with nobody at a terminal, nothing prompts: a graphical pinentry would."""
    desk.rbw("lock")
    before = desk.prompts()
    with pytest.raises(LockedError) as locked:
        ask(Bitwarden(caller(desk)), "bw://mail/username")
    assert locked.value.hint == "rbw unlock"
    assert desk.prompts() == before


UNLOCK = """
import os
from devkeys.providers.bitwarden import Bitwarden
from devkeys.providers.caller import Caller
from devkeys.references import parse
caller = Caller(dict(os.environ), os.environ["HOME"], os.environ["HOME"], interactive=True)
asked = [parse("bw://mail/username"), parse("bw://note/notes")]
try:
    found = Bitwarden(caller).get_many(asked)
    print("found", [one.reveal() for one in found.values()] == [b"joe", b"n"])
except Exception as error:
    print("failed", type(error).__name__)
"""


def test_one_pinentry_with_a_person(desk: RbwDesk) -> None:
    """With a person at the terminal one prompt opens the vault for all references."""
    desk.rbw("lock")
    before = desk.prompts()
    with pexpect.spawn(sys.executable, ["-c", UNLOCK], env=desk.environ, timeout=60) as terminal:
        terminal.expect("found True")
    assert desk.prompts() == before + 1


def test_a_wrong_password_is_locked(desk: RbwDesk) -> None:
    """Whoever does not know the password is told that the vault is locked."""
    desk.rbw("lock")
    desk.keep_password("wrong")
    with pytest.raises(LockedError):
        ask(Bitwarden(caller(desk)._replace(interactive=True)), "bw://mail/username")


def test_nothing_is_written(desk: RbwDesk) -> None:
    """Values go into rbw by an editor only, and that is said before the prompt."""
    provider = Bitwarden(caller(desk))
    reference = parse("bw://mail/KEY")
    for action in (
        lambda: provider.check_writable(reference),
        lambda: provider.set(reference, Secret(b"v")),
        lambda: provider.delete(reference),
    ):
        with pytest.raises(DeniedError):
            action()


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("echo \"error: unexpected argument '--raw' found\" >&2; exit 2", ProgramMissingError),
        ("echo 'rbw list: error making api request: connection' >&2; exit 1", UnreachableError),
        ("echo null", UnreachableError),
        ('echo \'[{"name":"mail"}]\'', UnreachableError),
        ("exit 0", UnreachableError),
    ],
)
def test_other_answers_are_no_absence(
    desk: RbwDesk, tmp_path: Path, script: str, kind: type[ProviderError]
) -> None:
    """What is no list of items is an error: of an rbw too old for --raw, of the network."""
    path = make_program(tmp_path, "rbw", f'test "$1" = unlocked || {{ {script}; }}')
    with pytest.raises(kind):
        ask(Bitwarden(caller(desk, path=path)), "bw://mail/username")


def test_diagnosis(desk: RbwDesk) -> None:
    """It tells version, account and which fields are there; locked, that it is, unprompted."""
    there, absent = parse("bw://mail/username"), parse("bw://mail/KEY")
    found = Bitwarden(caller(desk)).diagnose([there, absent])
    assert found.version
    assert found.account == desk.server.account.email
    assert found.readable == {there: True, absent: False}

    desk.rbw("lock")
    before = desk.prompts()
    found = Bitwarden(caller(desk)._replace(interactive=True)).diagnose([there])
    assert isinstance(found.error, LockedError)
    assert found.readable == {there: None}
    assert desk.prompts() == before
