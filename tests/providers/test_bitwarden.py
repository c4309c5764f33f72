"""Bitwarden: the real bw, on a vault that a server on loopback has encrypted."""

import io
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pexpect
import pytest
from bitwarden_clients import BwDesk
from bitwarden_server import serve
from vendor_program import make_program

from devkeys import testing
from devkeys.errors import UsageError
from devkeys.providers.bitwarden import Bitwarden
from devkeys.providers.bitwarden.items import text_of
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
from devkeys.testing import WritableProviderContract

FAR = 1000.0  # seconds; the tests of a busy machine


LOGIN: dict[str, Any] = {
    "username": "joe",
    "password": "pass",
    "totp": "SEED",
    "uris": ("https://a.example",),
    "notes": "two\nlines\n",
    "fields": [("key", "v", 0), ("on", "true", 2), ("link", None, 3, 101), ("none", None)],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BwDesk]:
    """Sign the real bw in, to a vault that has what is only read: each start takes seconds."""
    directory = tmp_path_factory.mktemp("bitwarden")
    with serve(directory) as server:
        for name, value in testing.VALUES.items():
            server.add(f"contract {name}", fields=[("KEY", value.decode())])
        server.add("mail", username="joe", password="one")
        server.add("login", **LOGIN)
        server.add("both", username="joe", password="p", fields=[("password", "q")])
        server.add("twin", fields=[("key", "a")])
        server.add("twin", fields=[("key", "b"), ("key", "c")])
        server.add(server.add("trashed", password="p", trashed=True), password="p")
        found = BwDesk(directory, server)
        found.sign_in()
        yield found


def ids(desk: BwDesk, name: str) -> list[str]:
    """Return the ids of the items called *name*."""
    return [one for one in desk.server.ciphers if desk.server.read(one)["name"] == name]


def caller(desk: BwDesk, *, limit: float = FAR, path: str = "", **more: str) -> Caller:
    """Return a caller with the desk's environment; *path* goes before its PATH."""
    environ = desk.environ | more
    environ["PATH"] = f"{path}:{environ['PATH']}" if path else environ["PATH"]
    return Caller(environ, desk.environ["HOME"], desk.environ["HOME"], limit=limit)


def add(desk: BwDesk, **texts: object) -> tuple[str, str]:
    """Keep an item on the server, have bw fetch it, and return its name and id."""
    name = f"item {secrets.token_hex(4)}"
    number = desk.server.add(name, **texts)  # type: ignore[arg-type]  # texts are of many types
    desk.bw("sync")
    return name, number


def ask(provider: Bitwarden, text: str) -> object:
    """Return the answer for one reference."""
    reference = parse(text)
    return provider.get_many([reference])[reference]


def failure(provider: Bitwarden, text: str = "bw://mail/username") -> ProviderError:
    """Return the error that asking ends in."""
    try:
        answer = ask(provider, text)
    except ProviderError as error:
        return error
    assert isinstance(answer, ProviderError)
    return answer


class Subject(testing.Subject):
    """Bitwarden through bw."""

    def __init__(self, desk: BwDesk, directory: Path) -> None:
        super().__init__(Bitwarden(caller(desk)))
        self._desk, self._directory = desk, directory

    def put(self, value: bytes) -> Reference:
        """Keep the value in a hidden field of an item; the contract's own are there."""
        for name, known in testing.VALUES.items():
            if value == known:
                return parse(f"bw://contract {name}/KEY")
        name, _ = add(self._desk, fields=[("KEY", value.decode())])
        return parse(f"bw://{name}/KEY")

    def absent(self) -> Reference:
        """Name an item that nobody made."""
        return parse(f"bw://nothing {secrets.token_hex(4)}/KEY")

    def locked(self) -> Bitwarden:
        """Take the session key away, without which there is a locked vault."""
        return Bitwarden(caller(self._desk, BW_SESSION=""))

    def denied(self) -> NoReturn:
        """Say why not: bw reads its own copy, in which all is the user's."""
        raise testing.Unable("the server is not asked for a value, so that it cannot say no")

    def slow(self) -> Bitwarden:
        """Put a bw before the real one that sleeps."""
        return self._instead("sleep 60", limit=1.0)

    def without_program(self) -> Bitwarden:
        """Have neither bw nor rbw on PATH."""
        self._directory.joinpath("empty").mkdir()
        return Bitwarden(caller(self._desk, PATH=str(self._directory / "empty")))

    def garbage(self) -> Bitwarden:
        """Have bw say something before its real answer."""
        return self._instead(f"echo 'A new version is here.'; exec '{self._desk.program}' \"$@\"")

    def cut_off(self) -> Bitwarden:
        """Have bw end in the middle of its real answer, with success."""
        return self._instead(f"'{self._desk.program}' \"$@\" | head -c -9")

    def _instead(self, script: str, *, limit: float = FAR) -> Bitwarden:
        path = make_program(self._directory / "instead", "bw", script)
        return Bitwarden(caller(self._desk, limit=limit, path=path))


class TestBitwarden(WritableProviderContract):
    """The contract, with the real bw."""

    @pytest.fixture
    def subject(self, desk: BwDesk, tmp_path: Path) -> Subject:
        """Return bw, signed in."""
        return Subject(desk, tmp_path)


def test_one_list_for_all_references(desk: BwDesk) -> None:
    """However many references there are, bw is started once, and never to get one of them."""
    asked = [parse(f"bw://contract {name}/KEY") for name in testing.VALUES]
    desk.calls()
    Bitwarden(caller(desk)).get_many([*asked, parse("bw://mail/password")])
    assert desk.calls() == ["list items --response --nointeraction"]


def test_what_a_login_holds_and_custom_fields(desk: BwDesk) -> None:
    """Fields are the login's, the notes and custom ones; a link is what it leads to."""
    values = {
        "username": b"joe",
        "password": b"pass",
        "totp": b"SEED",
        "uri": b"https://a.example",
        "notes": b"two\nlines\n",
        "key": b"v",
        "on": b"true",
        "link": b"pass",
    }
    (number,) = ids(desk, "login")
    asked = [parse(f"bw://{number}/{field}") for field in [*values, "none"]]
    provider = Bitwarden(caller(desk))
    expected = [*(Secret(value) for value in values.values()), None]
    assert list(provider.get_many(asked).values()) == expected
    everything = provider.get_all(parse_source("bw://login"))
    assert everything == {field: Secret(value) for field, value in values.items()}


def test_two_of_one_name_are_an_error(desk: BwDesk) -> None:
    """Two items, two custom fields, a field like the login's: no guess, but the ids."""
    first, second = ids(desk, "twin")
    texts = ["both/password", "twin/key", f"{second}/key", f"{first}/key", "both/username"]
    both, twin, fields, key, username = (
        Bitwarden(caller(desk)).get_many([parse(f"bw://{text}") for text in texts]).values()
    )
    assert isinstance(both, DeniedError)
    assert ids(desk, "both")[0] in str(both)
    assert isinstance(twin, DeniedError)
    assert first in str(twin)
    assert second in str(twin)
    assert isinstance(fields, DeniedError)
    assert (key, username) == (Secret(b"a"), Secret(b"joe"))


def test_what_is_refused_before_the_prompt(desk: BwDesk) -> None:
    """Two of one name, a check box, an id that nothing has: said before a value is asked for."""
    (number,) = ids(desk, "trashed")
    provider = Bitwarden(caller(desk))
    for text in ("both/password", "twin/key", "login/on", f"{number}/password"):
        with pytest.raises(DeniedError):
            provider.check_writable(parse(f"bw://{text}"))


def test_the_trash_and_names_like_ids_do_not_count(desk: BwDesk) -> None:
    """A trashed item is not there, nor one whose name is an id: whoever shares it with you
    would take the place of a deleted item of yours.
    """
    (number,) = ids(desk, "trashed")
    provider = Bitwarden(caller(desk))
    asked = [parse("bw://trashed/password"), parse(f"bw://{number}/password")]
    assert list(provider.get_many(asked).values()) == [None, None]
    assert provider.get_all(parse_source("bw://trashed")) is None
    with pytest.raises(UsageError):
        provider.get_all(parse("bw://login/password"))


def test_the_users_settings_of_output_do_no_harm(desk: BwDesk) -> None:
    """BW_QUIET and its like change what bw prints, and not what we get."""
    more = dict.fromkeys(("BW_QUIET", "BW_RAW", "BW_PRETTY", "BW_CLEANEXIT"), "true")
    asking = caller(desk)._replace(environ={**desk.environ, **more})
    assert ask(Bitwarden(asking), "bw://mail/username") == Secret(b"joe")
    locked = asking._replace(environ={**desk.environ, **more, "BW_SESSION": ""})
    assert isinstance(failure(Bitwarden(locked)), LockedError)


def test_a_session_key_from_the_keychain(desk: BwDesk) -> None:
    """BW_SESSION may be an item of the keychain that config.toml names."""
    session = desk.environ["BW_SESSION"]
    asking = caller(desk, BW_SESSION="")._replace(
        credentials={"BW_SESSION": ("bitwarden", "session")},
        read_keychain=lambda _service, _account: Secret(session.encode()),
    )
    assert ask(Bitwarden(asking), "bw://mail/username") == Secret(b"joe")


def test_a_void_session_is_locked(desk: BwDesk) -> None:
    """A session key of an earlier unlocking is no more than none: the hint unlocks."""
    error = failure(Bitwarden(caller(desk, BW_SESSION=secrets.token_hex(44))))
    assert isinstance(error, LockedError)
    assert error.hint == 'export BW_SESSION="$(bw unlock --raw)"'


def test_nobody_signed_in(desk: BwDesk, tmp_path: Path) -> None:
    """Without an account the hint is to sign in."""
    error = failure(Bitwarden(caller(desk, BITWARDENCLI_APPDATA_DIR=str(tmp_path))))
    assert isinstance(error, LockedError)
    assert error.hint == "bw login"


def test_a_master_password_unlocks_once(desk: BwDesk, tmp_path: Path) -> None:
    """With BW_PASSWORD a locked vault is opened, for a check and the writing after it once."""
    environ = desk.copy(tmp_path) | {"BW_PASSWORD": desk.server.account.password}
    environ.pop("BW_SESSION")
    provider = Bitwarden(caller(desk)._replace(environ=environ))
    reference = parse(f"bw://{secrets.token_hex(4)}/KEY")
    desk.calls()
    provider.check_writable(reference)
    provider.set(reference, Secret(b"a value"))
    assert [call.split()[0] for call in desk.calls()] == ["unlock", "sync", "list", "create"]

    wrong = Bitwarden(caller(desk)._replace(environ=environ | {"BW_PASSWORD": "x"}))
    assert isinstance(failure(wrong), LockedError)


UNLOCK = """
import os
from devkeys.providers.bitwarden import Bitwarden
from devkeys.providers.caller import Caller
from devkeys.references import parse
caller = Caller(dict(os.environ), os.environ["HOME"], os.environ["HOME"], interactive=True)
reference = parse("bw://mail/username")
try:
    print("found", Bitwarden(caller).get_many([reference])[reference].reveal() == b"joe")
except Exception as error:
    print("failed", type(error).__name__)
"""


@pytest.mark.parametrize("stale", ["", "x" * 88])
def test_a_person_is_asked_at_the_terminal(desk: BwDesk, tmp_path: Path, stale: str) -> None:
    """With a person there bw asks for the master password; the key that it gives is not shown."""
    environ = desk.copy(tmp_path) | {"BW_SESSION": stale}
    seen = io.BytesIO()
    with pexpect.spawn(sys.executable, ["-c", UNLOCK], env=environ, timeout=120) as terminal:
        terminal.logfile_read = seen
        terminal.expect("Master password")
        time.sleep(0.5)  # the prompt empties the line when it has drawn itself
        terminal.sendline(desk.server.account.password)
        terminal.expect("found True")
        terminal.expect(pexpect.EOF)
    assert b"==" not in seen.getvalue()  # the end of a session key


def test_item_that_cannot_be_decrypted_is_no_absence(desk: BwDesk) -> None:
    """Bw leaves such a name out: what is not found may be that item."""
    name, number = add(desk, fields=[("key", "v")])
    item = desk.server.ciphers[number]
    head, _, code = item["name"].rpartition("|")
    item["name"] = f"{head}|{'B' if code[0] == 'A' else 'A'}{code[1:]}"
    desk.bw("sync")
    try:
        provider = Bitwarden(caller(desk))
        asked = [parse(f"bw://{one}") for one in (f"{name}/key", f"{number}/key", "mail/password")]
        found = list(provider.get_many(asked).values())
        assert isinstance(found[0], UnreachableError)
        assert found[1:] == [Secret(b"v"), Secret(b"one")]
    finally:
        del desk.server.ciphers[number]
        desk.bw("sync")


def test_text_that_cannot_be_decrypted_is_no_value() -> None:
    """Older versions of bw put words in its place."""
    with pytest.raises(ValueError, match="no text"):
        text_of("[error: cannot decrypt]")


def test_ctrl_c_at_the_prompt_ends_all(desk: BwDesk, tmp_path: Path) -> None:
    """Ctrl-C there, which bw reads as a key, is one to devkeys as well."""
    environ = desk.copy(tmp_path) | {"BW_SESSION": ""}
    with pexpect.spawn(sys.executable, ["-c", UNLOCK], env=environ, timeout=120) as terminal:
        terminal.expect("Master password")
        time.sleep(0.5)
        terminal.send("\x03")
        terminal.expect("KeyboardInterrupt")


def test_writing_changes_nothing_else(desk: BwDesk) -> None:
    """An edited item keeps its other fields, also those that somebody changed meanwhile."""
    name, number = add(
        desk,
        username="joe",
        password="p",
        notes="n",
        uris=("https://a.example",),
        fields=[("k", "v", 0)],
    )
    item = desk.server.ciphers[number]
    item["notes"] = desk.server.account.encrypt("changed by another")
    provider = Bitwarden(caller(desk))
    provider.set(parse(f"bw://{name}/NEW"), Secret(b"new"))
    provider.set(parse(f"bw://{name}/k"), Secret(b"w"))
    provider.set(parse(f"bw://{name}/password"), Secret(b"q"))
    expected = {
        "type": 1,
        "name": name,
        "notes": "changed by another",
        "fields": [("k", "w", 0), ("NEW", "new", 1)],
        "username": "joe",
        "password": "q",
        "totp": None,
        "uris": ["https://a.example"],
    }
    assert desk.server.read(number) == expected

    assert provider.delete(parse(f"bw://{name}/k")) is True
    assert provider.delete(parse(f"bw://{name}/password")) is True
    assert provider.delete(parse(f"bw://{name}/uri")) is True
    assert provider.delete(parse(f"bw://{name}/totp")) is False
    expected |= {"fields": [("NEW", "new", 1)], "password": None, "uris": []}
    assert desk.server.read(number) == expected


def test_new_items(desk: BwDesk) -> None:
    """A name that is not there becomes a note with a hidden field, or a login for its parts."""
    note, login = (secrets.token_hex(4) for _ in range(2))
    provider = Bitwarden(caller(desk))
    provider.set(parse(f"bw://{note}/KEY"), Secret(b"a"))
    provider.set(parse(f"bw://{login}/password"), Secret(b"b"))
    found = {one["name"]: one for one in map(desk.server.read, desk.server.ciphers)}
    assert (found[note]["type"], found[note]["fields"]) == (2, [("KEY", "a", 1)])
    assert (found[login]["type"], found[login]["password"]) == (1, "b")


def test_a_value_is_in_no_argument_and_no_message(
    desk: BwDesk, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Writing gives the value on stdin; what bw writes to stderr is not shown."""
    value = secrets.token_hex(16)
    name, _ = add(desk, fields=[("KEY", "old")])
    script = f"echo '{value}' >&2; exec '{desk.environ['PATH'].split(':')[0]}/bw' \"$@\""
    provider = Bitwarden(caller(desk, path=make_program(tmp_path, "bw", script)))
    desk.calls()
    provider.set(parse(f"bw://{name}/KEY"), Secret(value.encode()))
    assert ask(provider, f"bw://{name}/KEY") == Secret(value.encode())
    assert value not in "".join(desk.calls())
    assert value not in "".join(capfd.readouterr())


@pytest.mark.parametrize("value", [b"", b"\xff\xfe"])
def test_what_is_no_text_is_refused(desk: BwDesk, value: bytes) -> None:
    """Bitwarden keeps texts, and takes an empty one for none."""
    desk.calls()
    with pytest.raises(DeniedError):
        Bitwarden(caller(desk)).set(parse("bw://mail/password"), Secret(value))
    assert desk.calls() == []


def test_the_servers_no(desk: BwDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the right to an item writing is denied, and the old value stays."""
    name, number = add(desk, fields=[("KEY", "old")])
    monkeypatch.setattr(desk.server, "is_readonly", True)
    with pytest.raises(DeniedError):
        Bitwarden(caller(desk)).set(parse(f"bw://{name}/KEY"), Secret(b"new"))
    assert desk.server.read(number)["fields"] == [("KEY", "old", 1)]


def test_a_revoked_sign_in(desk: BwDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the token no longer says no; bw signs out by itself then."""
    provider = Bitwarden(caller(desk)._replace(environ=desk.copy(tmp_path)))
    monkeypatch.setattr(desk.server, "is_revoked", True)
    with pytest.raises(DeniedError) as denied:
        provider.check_writable(parse("bw://mail/KEY"))
    assert denied.value.hint == "bw login"
    error = failure(provider)
    assert isinstance(error, LockedError)
    assert error.hint == "bw login"


def test_without_the_network(desk: BwDesk) -> None:
    """Reading needs no server; writing without one is an error of the network."""
    provider = Bitwarden(caller(desk, NODE_EXTRA_CA_CERTS=""))
    assert ask(provider, "bw://mail/username") == Secret(b"joe")
    with pytest.raises(UnreachableError):
        provider.check_writable(parse("bw://mail/username"))


@pytest.mark.parametrize(
    ("script", "word"),
    [
        # clients#15841: bw on Node.js 20, its last line that of any uncaught error
        (
            "printf 'Error [ERR_REQUIRE_ESM]: ...\\n\\nNode.js v20.15.1\\n' >&2; exit 1",
            "Node.js 20",
        ),
        ("echo \"env: 'node': No such file or directory\" >&2; exit 127", "no Node.js"),
    ],
)
def test_a_node_that_is_missing_or_too_old(
    desk: BwDesk, tmp_path: Path, script: str, word: str
) -> None:
    """Without the Node.js that bw wants: the hint says which."""
    error = failure(Bitwarden(caller(desk, path=make_program(tmp_path, "bw", script))))
    assert isinstance(error, ProgramMissingError)
    assert word in str(error)
    assert "22" in (error.hint or "")


@pytest.mark.parametrize(
    "output",
    [
        "",
        "[]",
        '{"success":true}',
        '{"success":true,"data":{"object":"list","data":null}}',
        '{"success":true,"data":{"object":"list","data":[{"name":"mail"}]}}',
        '{"success":true,"data":{"object":"list","data":[{"id":"1","name":"mail","notes":3}]}}',
        '{"success":true,"data":{"object":"list","data":["mail"]}}',
        '{"success":true,"success":true,"data":{"object":"list","data":[]}}',
        '{"success":false,"message":"Something else."}',
    ],
)
def test_other_answers_are_no_absence(desk: BwDesk, tmp_path: Path, output: str) -> None:
    """What is no list of items, or no proper item, is an error, whatever the exit code."""
    path = make_program(tmp_path, "bw", f"printf %s '{output}'")
    assert isinstance(failure(Bitwarden(caller(desk, path=path))), UnreachableError)


def test_a_whole_answer_is_enough(desk: BwDesk, tmp_path: Path) -> None:
    """What bw does after its answer is not waited for: it lets its caches run out, idle."""
    output = '{"success":true,"data":{"object":"list","data":[]}}'
    path = make_program(tmp_path, "bw", f"printf %s '{output}'; exec sleep 60")
    began = time.monotonic()
    assert ask(Bitwarden(caller(desk, path=path)), "bw://mail/username") is None
    assert time.monotonic() - began < 30


def test_diagnosis(desk: BwDesk) -> None:
    """It tells version, account and server, and which fields are there."""
    there, absent = parse("bw://mail/username"), parse("bw://mail/KEY")
    found = Bitwarden(caller(desk)).diagnose([there, absent])
    assert found.version
    assert found.account == f"{desk.server.account.email} at {desk.server.url}"
    assert found.readable == {there: True, absent: False}
    assert found.error is None


def test_diagnosis_of_a_locked_vault(desk: BwDesk) -> None:
    """A locked vault is said to be so, with nobody asked for a password."""
    reference = parse("bw://mail/username")
    asking = caller(desk, BW_SESSION="")._replace(interactive=True)
    found = Bitwarden(asking).diagnose([reference])
    assert found.account
    assert found.readable == {reference: None}
    assert isinstance(found.error, LockedError)
