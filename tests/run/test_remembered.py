"""Remote values that are kept for a time: when they count, and when they are forgotten."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from command import DEVKEYS
from desk import Desk, key, make_desk
from fake_provider import FakeProvider, make_fake
from vault_server import vault_server

from devkeys.session import Session
from devkeys.store import identity, remote

SHOW = ("--", "sh", "-c", 'printf %s "$LLM_API_KEY"')


@pytest.fixture
def team(tmp_path: Path) -> FakeProvider:
    """Return the team's provider."""
    return make_fake(tmp_path / "team")


@pytest.fixture
def desk(tmp_path: Path, team: FakeProvider) -> Desk:
    """Return a desk whose project keeps its key with the team, for eight hours."""
    desk = make_desk(tmp_path, "LLM_API_KEY=fake://key\n")
    user(desk, 'cache = "8h"')
    assert desk.devkeys("allow", "--yes", env=team.env).code == 0
    return desk


def user(desk: Desk, line: str) -> None:
    """Write *line* into the user's own configuration, for profile dev."""
    path = desk.home / ".config" / "devkeys" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[profiles.dev]\n{line}\n")


def kept_file(desk: Desk) -> Path:
    """Return where the kept values of the desk's project are."""
    return desk.home / ".local/share/devkeys/projects/chat/dev.remote"


def age_by(desk: Desk, hours: float) -> None:
    """Make what is kept *hours* older, as if it had been taken then."""
    session = Session(dict(desk.environ))
    opened = identity.load(session.data_dir, read_keychain=lambda _service, _account: None)
    assert opened is not None
    kept = remote.read(session.data_dir, "chat", "dev", opened)
    for one in kept:
        one.taken -= int(hours * 3600)
        one.until -= int(hours * 3600)
    remote.write(session.data_dir, "chat", "dev", opened, kept)


def test_kept_value_is_used_without_a_word(desk: Desk, team: FakeProvider) -> None:
    """The second run asks nobody, says nothing, and has the value."""
    value = key()
    team.answers(key=value)
    assert desk.devkeys("run", *SHOW, env=team.env).text == value
    second = desk.devkeys("run", *SHOW, env=team.env)
    assert (second.text, second.err, len(team.starts)) == (value, "", 1)


def test_nothing_is_kept_unless_wanted(desk: Desk, team: FakeProvider) -> None:
    """Without `cache` each run asks, and no file of kept values comes to be."""
    user(desk, "")
    team.answers(key=key())
    for _ in range(2):
        assert desk.devkeys("run", *SHOW, env=team.env).code == 0
    assert len(team.starts) == 2
    assert not kept_file(desk).exists()


def test_kept_file_shows_no_value(desk: Desk, team: FakeProvider) -> None:
    """What is kept is encrypted as the store is, and nobody else may read the file."""
    value = key()
    team.answers(key=value)
    desk.devkeys("run", *SHOW, env=team.env)
    assert kept_file(desk).stat().st_mode & 0o077 == 0
    for path in desk.home.rglob("*"):
        assert not path.is_file() or value.encode() not in path.read_bytes()


def test_refresh_asks_again(desk: Desk, team: FakeProvider) -> None:
    """`--refresh` gets the new value, and keeps it in place of the old."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    value = key()
    team.answers(key=value)
    assert desk.devkeys("run", *SHOW, env=team.env).text != value
    assert desk.devkeys("run", "--refresh", *SHOW, env=team.env).text == value
    assert desk.devkeys("run", *SHOW, env=team.env).text == value


def test_expired_value_is_asked_for_again(desk: Desk, team: FakeProvider) -> None:
    """After its time a kept value no longer counts."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 9)
    value = key()
    team.answers(key=value)
    assert desk.devkeys("run", *SHOW, env=team.env).text == value


def test_shorter_time_counts_for_what_is_kept(desk: Desk, team: FakeProvider) -> None:
    """A value that was kept for eight hours is too old once the user says one."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 2)
    user(desk, 'cache = "1h"')
    desk.devkeys("run", *SHOW, env=team.env)
    assert len(team.starts) == 2


def test_old_value_is_used_aloud_where_nobody_answers(desk: Desk, team: FakeProvider) -> None:
    """Offline an expired value still serves, and stderr says so and how old it is."""
    value = key()
    team.answers(key=value)
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 9)
    team.fails("unreachable")
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert done.text == value
    assert "OLD VALUES are used, taken 9 h ago: fake://key" in done.err


def test_age_of_an_old_value_is_told_in_minutes(desk: Desk, team: FakeProvider) -> None:
    """What is old after a minute is not `0 h` old."""
    team.answers(key=key())
    user(desk, 'cache = "1m"')
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 0.5)
    team.fails("unreachable")
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert "OLD VALUES are used, taken 30 min ago: fake://key" in done.err


def test_very_old_value_is_not_used(desk: Desk, team: FakeProvider) -> None:
    """After a week silence of the provider is an error."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 24 * 7 + 1)
    team.fails("unreachable")
    assert desk.devkeys("run", *SHOW, env=team.env).code == 125


@pytest.mark.parametrize("kind", ["locked", "missing"])
def test_expired_value_does_not_open_a_locked_provider(
    desk: Desk, team: FakeProvider, kind: str
) -> None:
    """Who could sign in is asked to; the expired value is not used."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    age_by(desk, 9)
    team.fails(kind)
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert done.code == 125
    assert "team login" in done.err


def test_denied_value_is_forgotten(desk: Desk, team: FakeProvider) -> None:
    """Once the provider says no, what was kept is gone, also for the time when it is silent."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    team.fails("denied")
    assert desk.devkeys("run", "--refresh", *SHOW, env=team.env).code == 125
    team.fails("unreachable")
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert (done.code, done.text) == (125, "")


def test_value_of_a_revoked_token_is_forgotten(tmp_path: Path) -> None:
    """Once the server takes the token no longer, nothing is given that it gave before."""
    desk = make_desk(tmp_path, "LLM_API_KEY=vault://secret/chat#key\n")
    user(desk, 'cache = "8h"')
    with vault_server() as server:
        server.put("secret/chat", {"key": key()})
        env = {"VAULT_ADDR": server.address, "VAULT_TOKEN": server.token}
        desk.devkeys("allow", "--yes", env=env)
        assert desk.devkeys("run", *SHOW, env=env).code == 0
        age_by(desk, 9)
        server.token = "another"
        assert "no longer valid" in desk.devkeys("run", *SHOW, env=env).err
    done = desk.devkeys("run", *SHOW, env=env)
    assert (done.code, done.text) == (125, "")


def test_absent_value_is_forgotten(desk: Desk, team: FakeProvider) -> None:
    """What the provider no longer has is not given from memory."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    team.answers(other=key())
    assert desk.devkeys("run", "--refresh", *SHOW, env=team.env).code == 125
    assert desk.devkeys("run", *SHOW, env=team.env).code == 125


def test_another_server_is_asked_itself(desk: Desk, team: FakeProvider) -> None:
    """A variable that decides who is asked keeps one server's value from passing for another's."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env={**team.env, "FAKE_ADDR": "one"})
    value = key()
    team.answers(key=value)
    assert desk.devkeys("run", *SHOW, env={**team.env, "FAKE_ADDR": "two"}).text == value
    assert desk.devkeys("run", *SHOW, env={**team.env, "FAKE_ADDR": "one"}).text != value


def test_damaged_file_is_asked_round(desk: Desk, team: FakeProvider) -> None:
    """A file of kept values that cannot be read is said aloud, and written anew."""
    value = key()
    team.answers(key=value)
    desk.devkeys("run", *SHOW, env=team.env)
    kept_file(desk).write_bytes(b"age-encryption.org/v1\n")
    done = desk.devkeys("run", *SHOW, env=team.env)
    assert done.text == value
    assert done.err.count("cannot be used") == 1
    assert desk.devkeys("run", *SHOW, env=team.env).err == ""


def test_parallel_runs_make_one_call(desk: Desk, team: FakeProvider) -> None:
    """Eight runs at once: one asks, the others wait for it and have the value too."""
    value = key()
    team.answers(key=value)
    team.takes(0.5)
    runs = [
        subprocess.Popen(
            [*DEVKEYS, "run", *SHOW],
            cwd=desk.project,
            env={**desk.environ, **team.env},
            stdout=subprocess.PIPE,
        )
        for _ in range(8)
    ]
    assert [run.communicate()[0].decode() for run in runs] == [value] * 8
    assert len(team.starts) == 1


def test_without_cache_parallel_runs_ask_in_turn(desk: Desk, team: FakeProvider) -> None:
    """A provider that may prompt is asked by one run at a time."""
    user(desk, "")
    team.answers(key=key())
    team.takes(0.4)
    began = time.monotonic()
    command = [*DEVKEYS, "run", *SHOW]
    environ = {**desk.environ, **team.env}
    runs = [
        subprocess.Popen(command, cwd=desk.project, env=environ, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    for run in runs:
        run.communicate()
    assert time.monotonic() - began >= 1.2
    assert len(team.starts) == 3


def test_repository_has_values_kept_after_consent_only(tmp_path: Path, team: FakeProvider) -> None:
    """`cache` of devkeys.toml is part of what is agreed to, and counts after that."""
    desk = make_desk(tmp_path, "LLM_API_KEY=fake://key\n")
    team.answers(key=key())
    assert desk.devkeys("allow", "--yes", env=team.env).code == 0
    (desk.project / "devkeys.toml").write_text('[profiles.dev]\ncache = "8h"\n')
    asked = desk.devkeys("run", *SHOW, env=team.env)
    assert asked.code == 125
    assert "kept for 8h" in asked.err
    assert desk.devkeys("allow", "--yes", env=team.env).code == 0
    for _ in range(2):
        assert desk.devkeys("run", *SHOW, env=team.env).code == 0
    assert len(team.starts) == 1


def test_forget_takes_kept_values_along(desk: Desk, team: FakeProvider) -> None:
    """`devkeys forget` leaves no kept value behind."""
    team.answers(key=key())
    desk.devkeys("run", *SHOW, env=team.env)
    assert kept_file(desk).exists()
    assert desk.devkeys("forget", "--yes").code == 0
    assert not kept_file(desk).exists()


def test_home_that_cannot_be_written_to_still_runs(desk: Desk, team: FakeProvider) -> None:
    """Where nothing can be kept the value is given all the same."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    value = key()
    team.answers(key=value)
    state = desk.home / ".local" / "state" / "devkeys"
    data = desk.home / ".local" / "share" / "devkeys"
    for path in (state, data):
        path.chmod(0o500)
    try:
        assert desk.devkeys("run", *SHOW, env=team.env).text == value
    finally:
        for path in (state, data):
            path.chmod(0o700)
