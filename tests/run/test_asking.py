"""What `run` gets from providers: asked once, with nothing of the repository's, in time."""

import os
import time
from pathlib import Path

import psutil
import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk
from fake_provider import FakeProvider, make_fake

SHOW = ("--", "sh", "-c", 'printf "%s,%s" "$LLM_API_KEY" "$OTHER_KEY"')


@pytest.fixture
def team(tmp_path: Path) -> FakeProvider:
    """Return the team's provider."""
    return make_fake(tmp_path / "team")


@pytest.fixture
def desk(tmp_path: Path, team: FakeProvider) -> Desk:
    """Return a desk whose project keeps two keys with the team."""
    desk = make_desk(tmp_path, "LLM_API_KEY=fake://key\nOTHER_KEY=fake://other\n")
    assert desk.devkeys("allow", "--yes", env=team.env).code == 0
    return desk


def wait_at_most(desk: Desk, seconds: float) -> None:
    """Give providers *seconds*, in the user's own configuration."""
    path = desk.home / ".config" / "devkeys" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"wait = {seconds}\n")


def test_all_references_are_one_call(desk: Desk, team: FakeProvider) -> None:
    """Two references of one provider start its program once, without arguments, in HOME."""
    first, second = key(), key()
    team.answers(key=first, other=second)
    assert desk.devkeys("run", *SHOW, env=team.env).text == f"{first},{second}"
    assert team.starts == [[None, str(desk.home), []]]


def test_no_provider_finds_what_leads_to_the_passphrase(desk: Desk, team: FakeProvider) -> None:
    """That of the store is devkeys' own, whichever way it is given."""
    program = team.folder / "devkeys-provider-fake"
    note = '(folder / "environ").write_text(" ".join(os.environ))'
    program.write_text(program.read_text().replace("\nstate = ", f"\n{note}\nstate = ", 1))
    team.answers(key=key(), other=key())
    ours = {"DEVKEYS_PASSPHRASE_FILE": "/nowhere", "DEVKEYS_PASSPHRASE_FD": "9"}
    assert desk.devkeys("run", *SHOW, env={**team.env, **ours, "FAKE_ADDR": "x"}).code == 0
    names = (team.folder / "environ").read_text().split(" ")
    assert "FAKE_ADDR" in names
    assert not [name for name in names if name.startswith("DEVKEYS_")]


def test_new_reference_is_asked_for_after_consent_only(desk: Desk, team: FakeProvider) -> None:
    """A reference that came with a pull starts nothing before `devkeys allow`."""
    desk.declare("LLM_API_KEY=fake://key\nOTHER_KEY=fake://boss\n")
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert done.code == 125
    assert "fake://boss" in done.err
    assert desk.devkeys("get", "--reveal", "OTHER_KEY", env=team.env).code == 3
    assert len(team.starts) == 0


def test_own_value_wins(desk: Desk, team: FakeProvider) -> None:
    """A value of one's own is used, and the provider asked for the rest only."""
    own, other = key(), key()
    team.answers(other=other)
    desk.devkeys("set", "LLM_API_KEY", input=own.encode())
    assert desk.devkeys("run", *SHOW, env=team.env).text == f"{own},{other}"


def test_source_of_a_profile_completes_names(tmp_path: Path, team: FakeProvider) -> None:
    """With `source` the variable's name is the last part of the reference."""
    desk = make_desk(tmp_path, "LLM_API_KEY=\n")
    (desk.project / "devkeys.toml").write_text('[profiles.dev]\nsource = "fake://chat"\n')
    desk.devkeys("allow", "--yes", env=team.env)
    value = key()
    team.answers(**{"chat/LLM_API_KEY": value})
    assert desk.devkeys("run", *SHOW, env=team.env).text == f"{value},"


def test_absent_is_missing(desk: Desk, team: FakeProvider) -> None:
    """What the provider does not have is named with its reference."""
    team.answers(key=key())
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert (done.code, done.text) == (125, "")
    assert "OTHER_KEY: nothing at fake://other" in done.err


@pytest.mark.parametrize("kind", ["locked", "denied", "unreachable", "missing"])
def test_error_is_said_once_with_what_mends_it(desk: Desk, team: FakeProvider, kind: str) -> None:
    """One reason for several names is one line, and its hint the provider's."""
    team.fails(kind)
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert done.code == 125
    assert done.err.count("the team's server said no") == 1
    assert "LLM_API_KEY, OTHER_KEY:" in done.err
    assert "devkeys: hint: team login" in done.err


def test_program_that_is_not_there(desk: Desk) -> None:
    """Without the program of a scheme the error says which one is wanted."""
    done = desk.devkeys("run", *SHOW)
    assert done.code == 125
    assert "devkeys-provider-fake" in done.err


def test_program_of_the_checkout_is_not_started(desk: Desk, team: FakeProvider) -> None:
    """A program that the repository brings along is none, even where PATH leads to it."""
    tools = desk.project / "tools"
    team.folder.rename(tools)
    path = f"{tools}{os.pathsep}tools{os.pathsep}{os.environ['PATH']}"
    done = desk.devkeys("run", *SHOW, env={"PATH": path})
    assert done.code == 125
    assert not (tools / "starts").exists()


def test_declared_value_of_an_outer_run_steers_no_provider(
    tmp_path: Path, desk: Desk, team: FakeProvider
) -> None:
    """What a repository declares does not say which server another project's keys come from."""
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / ".env.example").write_text("FAKE_ADDR=evil\n")
    team.answers(key=key(), other=key())
    desk.devkeys("allow", "--yes", cwd=evil)
    inner = f'test "$FAKE_ADDR" = evil && cd {desk.project} && {" ".join(DEVKEYS)} run -- true'
    done = desk.devkeys("run", "--", "sh", "-c", inner, cwd=evil, env=team.env)
    assert done.code == 0, done.err
    assert [address for address, _, _ in team.starts] == [None]


def test_exported_variable_of_the_user_reaches_the_provider(desk: Desk, team: FakeProvider) -> None:
    """The caller's own environment is the provider's."""
    team.answers(key=key(), other=key())
    desk.devkeys("run", *SHOW, env={**team.env, "FAKE_ADDR": "ours"})
    assert [address for address, _, _ in team.starts] == ["ours"]


def test_provider_that_hangs_is_an_error(desk: Desk, team: FakeProvider) -> None:
    """After the time limit the run fails, and nothing was taken for absent."""
    wait_at_most(desk, 1)
    team.takes(60)
    began = time.monotonic()
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert time.monotonic() - began < 20
    assert done.code == 125
    assert "did not answer within 1 s" in done.err


def test_waiting_is_said_at_a_terminal(desk: Desk, team: FakeProvider) -> None:
    """After a second one line says who is waited for, and for how long at most."""
    value = key()
    team.answers(key=value, other=value)
    team.takes(1.5)
    child = desk.at_terminal("run", *SHOW, env=team.env)
    child.expect_exact("devkeys: waiting for fake (120 s at most, Ctrl-C ends it)")
    child.expect_exact(value)
    child.expect("$")
    child.close()


def test_quick_provider_says_nothing(desk: Desk, team: FakeProvider) -> None:
    """Within a second there is nothing to be read."""
    team.answers(key="x", other="y")
    child = desk.at_terminal("run", *SHOW, env=team.env)
    assert "waiting" not in child.read()
    child.close()


def test_interrupt_ends_everything(desk: Desk, team: FakeProvider) -> None:
    """Ctrl-C while a provider is asked ends it and devkeys at once, with code 130."""
    team.takes(60)
    child = desk.at_terminal("run", *SHOW, env=team.env)
    child.expect_exact("waiting for fake")
    family = psutil.Process(child.pid).children(recursive=True)
    assert family
    began = time.monotonic()
    child.sendintr()
    child.wait()
    assert time.monotonic() - began < 5
    assert child.exitstatus == 130
    psutil.wait_procs(family, timeout=5)
    assert not any(process.is_running() for process in family)


def test_terminal_is_told_once_a_day_what_hides_the_team(desk: Desk, team: FakeProvider) -> None:
    """`run` names own values that hide a reference, and is silent the next time."""
    team.answers(other=key())
    desk.devkeys("set", "LLM_API_KEY", input=b"own")
    said = []
    for _ in range(2):
        child = desk.at_terminal("run", *SHOW, env=team.env)
        said.append(child.read())
        child.close()
    assert "your own value of LLM_API_KEY hides the team's" in said[0]
    assert "hides" not in said[1]
