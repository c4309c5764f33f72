"""`devkeys status --providers`: how it stands with each, without a value and without a prompt."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from desk import Desk, key, make_desk
from fake_provider import FakeProvider, make_fake
from gnome_keyring import gnome_keyring
from real import need
from vault_server import vault_server

from devkeys.keychain.state import probe

DECLARATION = """\
LLM_API_KEY=fake://team/chat

# @optional
MAIL_TOKEN=fake://team/mail

DB_PASSWORD=

MODEL=small
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored."""
    return make_desk(tmp_path, DECLARATION)


def looked_at(desk: Desk, fake: FakeProvider, *, code: int) -> dict[str, Any]:
    """Return what is said of the one provider that is used, after checking the exit code."""
    done = desk.devkeys("status", "--providers", "--json", env=fake.env)
    assert done.code == code
    found: dict[str, Any] = json.loads(done.out)
    assert found["providers_work"] == (code == 0)
    (provider,) = found["providers"]
    return dict(provider)


def test_who_is_signed_in_and_what_can_be_read(desk: Desk, fake: FakeProvider) -> None:
    """Version, account, each name by itself, and how long it took."""
    fake.put("fake://team/chat", key().encode())
    desk.devkeys("allow", "--yes")
    found = looked_at(desk, fake, code=0)
    assert 0 < found.pop("seconds") < 30
    uses = [
        ("LLM_API_KEY", "fake://team/chat", True, True),
        ("MAIL_TOKEN", "fake://team/mail", False, False),
    ]
    assert found == {
        "scheme": "fake",
        "title": "fake",
        "installed": True,
        "version": "1.2",
        "account": "alice@team",
        "error": None,
        "names": [
            {"name": n, "reference": r, "wanted": w, "allowed": True, "readable": readable}
            for n, r, w, readable in uses
        ],
    }


def test_no_value_is_read_and_nobody_is_asked(desk: Desk, fake: FakeProvider) -> None:
    """The provider is only asked to look, in one call, and told that nobody is there."""
    value = key()
    fake.put("fake://team/chat", value.encode())
    desk.devkeys("allow", "--yes")
    child = desk.at_terminal("status", "--providers", env=fake.env)
    assert value not in child.read()
    assert fake.requests == [["check", ["fake://team/chat", "fake://team/mail"], False]]


def test_the_text_says_it_by_name(desk: Desk, fake: FakeProvider) -> None:
    """One line for the provider, one for each variable."""
    fake.put("fake://team/chat", b"x")
    desk.devkeys("allow", "--yes")
    lines = desk.devkeys("status", "--providers", env=fake.env).text.splitlines()
    assert lines[0] == f"chat, profile dev: {desk.project / '.env.example'}"
    assert lines[2].startswith("  fake 1.2: signed in, alice@team (")
    assert lines[3].split() == ["LLM_API_KEY", "can", "be", "read", "fake://team/chat"]
    assert lines[4].split() == ["MAIL_TOKEN", "CANNOT", "BE", "READ", "fake://team/mail"]


def test_a_version_does_not_repeat_the_title(desk: Desk, fake: FakeProvider) -> None:
    """A program that calls itself by its name is called so once."""
    fake.behave(version="fake 1.3")
    desk.devkeys("allow", "--yes")
    lines = desk.devkeys("status", "--providers", env=fake.env).text.splitlines()
    assert lines[2].startswith("  fake 1.3: signed in")


def test_a_wanted_name_that_is_not_there_is_exit_code_3(desk: Desk, fake: FakeProvider) -> None:
    """An optional one is not; --quiet says it by the code alone."""
    desk.devkeys("allow", "--yes")
    found = looked_at(desk, fake, code=3)
    assert [use["readable"] for use in found["names"]] == [False, False]
    done = desk.devkeys("status", "--providers", "-q", env=fake.env)
    assert (done.code, done.out) == (3, b"")


def test_a_locked_provider_is_told_with_what_opens_it(desk: Desk, fake: FakeProvider) -> None:
    """Kind, message and hint; of the names nothing is known then."""
    locked = {"error": "locked", "message": "nobody is signed in", "hint": "fake signin"}
    fake.behave(errors={"check": locked})
    desk.devkeys("allow", "--yes")
    found = looked_at(desk, fake, code=3)
    assert found["error"] == {
        "kind": "locked",
        "message": "fake: nobody is signed in",
        "hint": "fake signin",
    }
    assert [use["readable"] for use in found["names"]] == [None, None]
    text = desk.devkeys("status", "--providers", env=fake.env).text
    assert "  fake: nobody is signed in (" in text
    assert "    hint: fake signin\n" in text


def test_a_program_that_is_not_there_is_not_installed(desk: Desk) -> None:
    """The error says what is looked for on PATH."""
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("status", "--providers", "--json")
    assert done.code == 3
    (found,) = json.loads(done.out)["providers"]
    assert (found["installed"], found["error"]["kind"]) == (False, "missing")


def test_a_program_that_cannot_check_is_installed(desk: Desk, fake: FakeProvider) -> None:
    """What it could read is unknown then, which is no failure."""
    fake.behave(cannot=["check"])
    desk.devkeys("allow", "--yes")
    found = looked_at(desk, fake, code=0)
    assert (found["installed"], found["version"], found["account"]) == (True, None, None)
    assert [use["readable"] for use in found["names"]] == [None, None]


def test_nothing_is_looked_up_before_it_is_allowed(desk: Desk, fake: FakeProvider) -> None:
    """The program of a new reference is not even started; of two only the allowed one is asked."""
    text = desk.devkeys("status", "--providers", env=fake.env).text
    assert "  fake: not asked, nothing of it is allowed yet" in text
    assert "next: devkeys allow shows what is asked for" in text
    assert looked_at(desk, fake, code=3)["installed"] is None
    assert fake.actions == []
    fake.put("fake://team/chat", b"x")
    desk.devkeys("allow", "--yes")
    desk.declare("LLM_API_KEY=fake://team/chat\n\nDB_PASSWORD=fake://other/db\n")
    names = {use["name"]: use for use in looked_at(desk, fake, code=3)["names"]}
    assert fake.requests == [["check", ["fake://team/chat"], False]]
    assert names["LLM_API_KEY"]["readable"] is True
    assert (names["DB_PASSWORD"]["allowed"], names["DB_PASSWORD"]["readable"]) == (False, None)
    assert "not allowed yet" in desk.devkeys("status", "--providers", env=fake.env).text


def test_providers_are_looked_at_all_at_once(desk: Desk, tmp_path: Path) -> None:
    """Three slow ones take the time of one."""
    fakes = [make_fake(tmp_path / n, f"devkeys-provider-{n}") for n in ("one", "two", "three")]
    for fake in fakes:
        fake.behave(sleep={"check": 1.5})
    desk.declare("A_KEY=one://a\n\nB_KEY=two://b\n\nC_KEY=three://c\n")
    path = os.pathsep.join([*(str(fake.folder) for fake in fakes), os.environ["PATH"]])
    desk.devkeys("allow", "--yes")
    began = time.monotonic()
    done = desk.devkeys("status", "--providers", "--json", env={"PATH": path})
    assert time.monotonic() - began < 4
    assert [one["scheme"] for one in json.loads(done.out)["providers"]] == ["one", "two", "three"]


def test_a_provider_that_hangs_is_said_and_ends(desk: Desk, fake: FakeProvider) -> None:
    """The user's own time limit holds, and it does not count as signed in."""
    configuration = desk.home / ".config/devkeys/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("wait = 1\n")
    fake.behave(sleep={"check": 60})
    desk.devkeys("allow", "--yes")
    found = looked_at(desk, fake, code=3)
    assert found["error"]["kind"] == "unreachable"
    assert "did not answer within 1 s" in found["error"]["message"]


def test_ctrl_c_ends_it_at_once(desk: Desk, fake: FakeProvider) -> None:
    """What is waited for is said, and nothing of it stays behind."""
    fake.behave(sleep={"check": 60})
    desk.devkeys("allow", "--yes")
    child = desk.at_terminal("status", "--providers", env=fake.env)
    child.expect_exact("devkeys: waiting for fake")
    began = time.monotonic()
    child.sendintr()
    child.read()
    child.wait()
    assert child.exitstatus == 130
    assert time.monotonic() - began < 5
    words = [word for one in psutil.process_iter(["cmdline"]) for word in one.info["cmdline"] or ()]
    assert not any(word.startswith(str(fake.folder)) for word in words)


def test_the_profiles_source_is_looked_at(desk: Desk, fake: FakeProvider) -> None:
    """The names that it is joined with are its references."""
    (desk.project / "devkeys.toml").write_text('[profiles.dev]\nsource = "fake://team"\n')
    desk.declare("DB_PASSWORD=\n")
    fake.put("fake://team/DB_PASSWORD", b"x")
    desk.devkeys("allow", "--yes")
    names = looked_at(desk, fake, code=0)["names"]
    assert [use["reference"] for use in names] == ["fake://team/DB_PASSWORD"]


def test_without_references_what_is_installed_is_told(desk: Desk, fake: FakeProvider) -> None:
    """A third party's program on PATH is found; the exit code is 0, for nothing is used."""
    desk.declare("DB_PASSWORD=\n")
    done = desk.devkeys("status", "--providers", "--json", env={"PATH": str(fake.folder)})
    (found,) = json.loads(done.out)["providers"]
    assert (done.code, found["scheme"], found["account"]) == (0, "fake", "alice@team")
    done = desk.devkeys("status", "--providers", env={"PATH": "/nonexistent"})
    assert (done.code, "no provider is found on this machine" in done.text) == (0, True)


def test_a_program_of_the_checkout_is_never_started(desk: Desk) -> None:
    """Nor one in a relative entry of PATH."""
    inside = make_fake(desk.project / "bin")
    path = f"{inside.folder}:bin:{os.environ['PATH']}"
    desk.declare("DB_PASSWORD=\n")
    desk.devkeys("status", "--providers", env={"PATH": f"{inside.folder}:bin"})
    desk.declare(DECLARATION)
    desk.devkeys("allow", "--yes")
    desk.devkeys("status", "--providers", env={"PATH": path})
    assert inside.actions == []


def test_files_and_variables_are_told_by_name(desk: Desk) -> None:
    """Those need no program: whether they are there is all."""
    desk.declare("A_KEY=env://PRESENT\n\nB_KEY=env://GONE\n")
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("status", "--providers", "--json", env={"PRESENT": "x"})
    (found,) = json.loads(done.out)["providers"]
    assert done.code == 3
    assert [use["readable"] for use in found["names"]] == [True, False]
    lines = desk.devkeys("status", "--providers", env={"PRESENT": "x"}).text.splitlines()
    assert lines[2].startswith("  the environment: at hand (")


@pytest.mark.parametrize("own", [True, False])
def test_status_and_get_name_the_reference_that_a_personal_value_hides(
    desk: Desk, own: bool
) -> None:
    """The declaration's own, or the one that the profile's source makes."""
    if own:
        desk.declare("LLM_API_KEY=fake://team/LLM_API_KEY\n")
    else:
        (desk.project / "devkeys.toml").write_text('[profiles.dev]\nsource = "fake://team"\n')
        desk.declare("LLM_API_KEY=\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"mine")
    assert "hides fake://team/LLM_API_KEY" in desk.devkeys("status").text
    (row,) = json.loads(desk.devkeys("status", "--json").out)["variables"]
    assert row["hides"] == "fake://team/LLM_API_KEY"
    assert "hides fake://team/LLM_API_KEY" in desk.devkeys("get", "LLM_API_KEY").text
    desk.devkeys("unset", "LLM_API_KEY")
    (row,) = json.loads(desk.devkeys("status", "--json").out)["variables"]
    assert row["hides"] is None


def test_a_locked_keychain_with_the_credential_is_said_and_stays_locked(desk: Desk) -> None:
    """A provider's own token is in the keychain: it is looked for, and nothing is opened."""
    need("secret-tool")
    configuration = desk.home / ".config/devkeys/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text('[credentials]\nVAULT_TOKEN = "keychain://vault/dev"\n')
    desk.declare("LLM_API_KEY=vault://secret/team/chat#key\n")
    with vault_server() as server, gnome_keyring() as keyring:
        server.put("secret/team/chat", {"key": key()})
        store = ["secret-tool", "store", "--label=x", "service", "vault", "username", "dev"]
        subprocess.run(store, env=keyring.env, input=server.token, text=True, check=True)
        bus = {name: keyring.env[name] for name in ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")}
        env = {**bus, "VAULT_ADDR": server.address}
        desk.devkeys("allow", "--yes", env=env)
        status = ("status", "--providers", "--json")
        found = desk.devkeys(*status, env=env)
        assert (found.code, json.loads(found.out)["providers"][0]["error"]) == (0, None)
        keyring.lock()
        found = desk.devkeys(*status, env=env)
        error = json.loads(found.out)["providers"][0]["error"]
        assert probe(environ=keyring.env).kind == "locked"
    assert (found.code, error["kind"]) == (3, "locked")
    assert "in the keychain, which is locked" in error["message"]
