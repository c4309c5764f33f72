"""`init` and password managers: who is signed in is said, and what they have is offered."""

import io
import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk, to_the_end
from fake_provider import FakeProvider
from imported import reaches
from vault_server import VaultServer, vault_server

DECLARATION = "LLM_API_KEY=\n\nDB_PASSWORD=\n\nMODEL=small\n"
WHICH = "Which of them has the values? (its number; Enter for none)"
WHERE = "Where? (an item or path such as vault://secret/team/chat; Enter for none)"
HOW = "or [n]either? [neither]"
SOURCE = "vault://secret/team/chat"


@pytest.fixture
def server() -> Iterator[VaultServer]:
    """Serve a Vault."""
    with vault_server() as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give this test a user who has nothing stored, and of programs only the most common ones."""
    return make_desk(tmp_path, DECLARATION)


def signed_in(server: VaultServer, desk: Desk) -> dict[str, str]:
    """Return the environment of who is signed in to *server*, and has no other manager."""
    programs = desk.home / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("sh", "env", "true"):
        if not (programs / name).exists():
            (programs / name).symlink_to(shutil.which(name) or "")
    return {"PATH": str(programs), "VAULT_ADDR": server.address, "VAULT_TOKEN": server.token}


def talk(child: "pexpect.spawn[str]", *pairs: tuple[str, str]) -> str:
    """Give each answer once its question was asked; return all that was shown to the end."""
    shown = ""
    for question, text in pairs:
        child.expect_exact(question + " ")
        shown += f"{child.before}{child.after}"
        child.send(text + "\r")
    shown += to_the_end(child)
    child.wait()
    return shown.replace("\r\n", "\n")


def test_an_item_can_be_linked(desk: Desk, server: VaultServer) -> None:
    """The profile's source is written and agreed to, and a command has the values, uncopied."""
    values = {"LLM_API_KEY": key(), "DB_PASSWORD": key(), "other": "x"}
    server.put("secret/team/chat", values)
    env = signed_in(server, desk)
    child = desk.at_terminal("init", env=env)
    shown = talk(
        child, ("Allow it? [y/N]", "y"), (WHICH, "1"), (WHERE, "secret/team/chat"), (HOW, "l")
    )
    assert child.exitstatus == 0, shown
    assert "2 secrets have no value. Signed in here:\n  1 Vault (" in shown
    assert f"{SOURCE} has\n    LLM_API_KEY, DB_PASSWORD\n" in shown
    assert "devkeys: ready." in shown
    assert not any(value in shown for value in values.values() if value != "x")
    written = (desk.project / "devkeys.toml").read_text()
    assert tomllib.loads(written) == {"profiles": {"dev": {"source": SOURCE}}}
    assert desk.devkeys("list").out == b""
    done = desk.devkeys("run", "--", "env", "-0", env=env)
    assert f"LLM_API_KEY={values['LLM_API_KEY']}" in done.text.split("\0"), done.err


def test_what_the_item_lacks_is_asked_for(desk: Desk, server: VaultServer) -> None:
    """A linked item without one of the names leaves that one to be entered."""
    server.put("secret/team/chat", {"LLM_API_KEY": key()})
    value, env = key(), signed_in(server, desk)
    child = desk.at_terminal("init", env=env)
    child.expect_exact("Allow it? [y/N] ")
    child.sendline("y")
    for question, text in ((WHICH, "1"), (WHERE, SOURCE), (HOW, "link")):
        child.expect_exact(question + " ")
        child.sendline(text)
    child.expect_exact("DB_PASSWORD (1 of 1)")
    child.expect_exact("DB_PASSWORD:")
    child.waitnoecho(10)
    child.sendline(value)
    assert "ready." in to_the_end(child)
    child.wait()
    done = desk.devkeys("run", "--", "env", "-0", env=env)
    assert f"DB_PASSWORD={value}" in done.text.split("\0"), done.err


def test_an_item_can_be_copied(desk: Desk, server: VaultServer) -> None:
    """Its declared names are in the store then; the others stay where they are."""
    values = {"LLM_API_KEY": key(), "DB_PASSWORD": key(), "OTHER": "x"}
    server.put("secret/team/chat", values)
    child = desk.at_terminal("init", env=signed_in(server, desk))
    shown = talk(child, ("Allow it? [y/N]", "y"), (WHICH, "vault"), (WHERE, SOURCE), (HOW, "c"))
    assert child.exitstatus == 0, shown
    assert "undeclared, left where they are" in shown
    assert not (desk.project / "devkeys.toml").exists()
    assert reaches(desk, "LLM_API_KEY") == {"LLM_API_KEY": values["LLM_API_KEY"]}


def test_wrong_answers_are_asked_again(desk: Desk, server: VaultServer) -> None:
    """A number that is none, another provider, no such item, none of the names; Enter leaves."""
    server.put("secret/team/chat", {"user": "x"})
    env = signed_in(server, desk)
    child = desk.at_terminal("init", env=env)
    pairs = [
        ("Allow it? [y/N]", "y"),
        (WHICH, "2"),
        (WHICH, "1"),
        (WHERE, "op://vault/item"),
        (WHERE, "vault://secret"),
        (WHERE, "vault://secret/team/none"),
        (WHERE, SOURCE),
        (WHERE, ""),
    ]
    shown = ""
    for question, text in pairs:
        child.expect_exact(question + " ")
        shown += child.before or ""
        child.send(text + "\r")
    child.expect_exact("LLM_API_KEY (1 of 2)")
    child.sendintr()
    to_the_end(child)
    assert "please answer one of the numbers, or nothing" in shown
    assert f"{SOURCE} has none of the names that are wanted" in shown
    assert "    user" in shown
    assert not (desk.project / "devkeys.toml").exists()


def test_who_has_no_manager_sees_no_question_of_it(desk: Desk, server: VaultServer) -> None:
    """Not installed, or nobody signed in: the names are asked for at once."""
    for more in ({"VAULT_ADDR": ""}, {"VAULT_TOKEN": ""}):
        child = desk.at_terminal("init", env={**signed_in(server, desk), **more})
        if child.expect_exact(["Allow it? [y/N] ", "LLM_API_KEY (1 of 2)"]) == 0:
            child.sendline("y")
            child.expect_exact("LLM_API_KEY (1 of 2)")
        assert "Signed in" not in (child.before or "")
        child.sendintr()
        to_the_end(child)


def test_a_manager_that_hangs_costs_five_seconds(desk: Desk, server: VaultServer) -> None:
    """It is left out then."""
    server.delay = 30.0
    child = desk.at_terminal("init", env=signed_in(server, desk))
    child.expect_exact("Allow it? [y/N] ")
    child.sendline("y")
    child.expect_exact("LLM_API_KEY (1 of 2)", timeout=9)
    child.sendintr()
    to_the_end(child)


@pytest.mark.parametrize(
    "before",
    [
        b"# ours",
        b"[scopes]\nlint = []\n",
        b"\xef\xbb\xbf[scopes]\r\nlint = []\r\n",
        b'[profiles.staging]\nsource = "op://a/b" # theirs\n',
    ],
)
def test_the_rest_of_the_configuration_stays(
    desk: Desk, server: VaultServer, before: bytes
) -> None:
    """Byte for byte, with its line ends and its mode."""
    server.put("secret/team/chat", {"LLM_API_KEY": key(), "DB_PASSWORD": key()})
    path = desk.project / "devkeys.toml"
    path.write_bytes(before)
    path.chmod(0o640)
    child = desk.at_terminal("init", env=signed_in(server, desk))
    talk(child, ("Allow it? [y/N]", "y"), (WHICH, "1"), (WHERE, SOURCE), (HOW, "l"))
    after = path.read_bytes()
    assert after.startswith(before)
    assert (b"\r\n" in before) == (b"[profiles.dev]\r\n" in after)
    assert tomllib.loads(after.decode("utf-8-sig"))["profiles"]["dev"] == {"source": SOURCE}
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ("[profiles.dev]\nconfirm = false\n", "has a table for the profile dev already"),
        ("profiles = {}\n", "is not written so that a table can be added"),
    ],
)
def test_a_table_that_cannot_be_added_is_shown(
    desk: Desk, server: VaultServer, before: str, why: str
) -> None:
    """The file stays as it is, and what is to be written by hand is said."""
    server.put("secret/team/chat", {"LLM_API_KEY": key(), "DB_PASSWORD": key()})
    path = desk.project / "devkeys.toml"
    path.write_text(before)
    child = desk.at_terminal("init", env=signed_in(server, desk))
    child.expect_exact("Allow it? [y/N] ")
    child.sendline("y")
    for question, text in ((WHICH, "1"), (WHERE, SOURCE), (HOW, "l")):
        child.expect_exact(question + " ")
        child.sendline(text)
    child.expect_exact("LLM_API_KEY (1 of 2)")
    shown = (child.before or "").replace("\r\n", "\n")
    child.sendintr()
    to_the_end(child)
    assert why in shown
    assert f'[profiles.dev]\nsource = "{SOURCE}"\n' in shown
    assert path.read_text() == before


def test_other_profiles_in_use_are_named(desk: Desk, server: VaultServer) -> None:
    """Once one profile is configured the others have to be, too."""
    server.put("secret/team/chat", {"LLM_API_KEY": key(), "DB_PASSWORD": key()})
    desk.devkeys("set", "LLM_API_KEY", "-p", "staging", input=b"x")
    child = desk.at_terminal("init", env=signed_in(server, desk))
    shown = talk(child, ("Allow it? [y/N]", "y"), (WHICH, "1"), (WHERE, SOURCE), (HOW, "l"))
    assert "devkeys: hint: write [profiles.staging] there too, or -p staging ends" in shown


def test_linking_agrees_to_nothing_else(desk: Desk, server: VaultServer) -> None:
    """What is asked for by then and was not shown still waits for consent."""
    server.put("secret/team/chat", {"LLM_API_KEY": key(), "DB_PASSWORD": key()})
    child = desk.at_terminal("init", env=signed_in(server, desk))
    for question, text in (("Allow it? [y/N]", "y"), (WHICH, "1"), (WHERE, SOURCE)):
        child.expect_exact(question + " ")
        child.sendline(text)
    child.expect_exact(HOW + " ")
    desk.declare(DECLARATION + "\nNEW_TOKEN=\n\n# @as=file\nDB_PASSWORD=\n")
    child.sendline("l")
    to_the_end(child)
    done = desk.devkeys("allow", "--show")
    assert done.code == 3
    assert "NEW_TOKEN" in done.text
    assert "DB_PASSWORD" in done.text
    assert "LLM_API_KEY" not in done.text


def test_declared_references_tell_who_is_signed_in(desk: Desk, fake: FakeProvider) -> None:
    """`init` is ready when they can be read, and names those that cannot."""
    desk.declare("LLM_API_KEY=fake://team/chat\n\nDB_PASSWORD=fake://team/db\n")
    fake.put("fake://team/chat", b"x")
    fake.put("fake://team/db", b"x")
    done = desk.devkeys("init", "--yes", env=fake.env)
    assert done.code == 0
    assert "devkeys: fake: signed in, alice@team\n" in done.err
    assert "devkeys: ready." in done.err
    assert fake.actions == ["check"]
    fake.behave(values={"fake://team/chat": "eA=="})
    done = desk.devkeys("init", "--yes", env=fake.env)
    assert done.code == 3
    assert "devkeys: DB_PASSWORD cannot be read at fake://team/db\n" in done.err
    assert "ready." not in done.err
    assert "devkeys: not ready yet; devkeys status --providers tests it again" in done.err


def test_who_is_signed_out_learns_what_to_do(desk: Desk, fake: FakeProvider) -> None:
    """It is not ready then, and without a terminal the exit code says so."""
    desk.declare("LLM_API_KEY=fake://team/chat\n")
    locked = {"error": "locked", "message": "nobody is signed in", "hint": "fake signin"}
    fake.behave(errors={"check": locked})
    done = desk.devkeys("init", "--yes", env=fake.env)
    assert done.code == 3
    assert "devkeys: fake: nobody is signed in\ndevkeys: hint: fake signin\n" in done.err
    assert "ready." not in done.err
    done = desk.devkeys("init", "--yes")
    assert "devkeys-provider-fake" in done.err
    assert done.code == 3


def test_a_personal_value_needs_no_provider(desk: Desk, fake: FakeProvider) -> None:
    """Neither does an exported one: nothing is looked at."""
    desk.declare("LLM_API_KEY=fake://team/chat\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"mine")
    done = desk.devkeys("init", "--yes", env=fake.env)
    assert (done.code, fake.actions) == (0, [])


def test_a_slow_provider_does_not_hold_init_up(desk: Desk, fake: FakeProvider) -> None:
    """After five seconds that is said."""
    desk.declare("LLM_API_KEY=fake://team/chat\n")
    fake.behave(sleep={"check": 60})
    done = desk.devkeys("init", "--yes", env=fake.env)
    assert "did not answer within 5 s" in done.err


def test_init_without_any_manager_imports_no_provider(desk: Desk) -> None:
    """Nor is anything started for it: `init` costs what it did."""
    child = pexpect.spawn(
        sys.executable,
        ["-X", "importtime", *DEVKEYS[1:], "init"],
        cwd=str(desk.project),
        env={**desk.environ, "PATH": "/nonexistent"},
        encoding="utf-8",
        timeout=30,
    )
    child.logfile_read = io.StringIO()
    child.expect_exact("Allow it? [y/N] ")
    child.sendline("y")
    child.expect_exact("LLM_API_KEY (1 of 2)")
    child.sendintr()
    to_the_end(child)
    lines = child.logfile_read.getvalue().splitlines()
    loaded = {line.rpartition("|")[2].strip() for line in lines}
    assert "devkeys.flows.offering" in loaded
    assert "devkeys.providers.vault" not in loaded
    assert "devkeys.providers.onepassword" not in loaded
