"""forget: one project or everything, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from command import DEVKEYS
from desk import Desk
from gnome_keyring import GnomeKeyring, gnome_keyring
from real import absent, need
from traceable import TRACEABLE

from devkeys import places


def _files(directory: Path) -> list[str]:
    return sorted(
        path.name
        for path in directory.rglob("*")
        if path.is_file() and not path.name.endswith(".lock")
    )


def test_a_project_goes_with_all_that_was_known(desk: Desk) -> None:
    """Values, ledger, counter, skips, consent and plan of the project are gone."""
    desk.declare("LLM_API_KEY=\n\nOTHER_TOKEN=\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    desk.devkeys("skip", "OTHER_TOKEN")
    desk.devkeys("allow", "--yes")
    done = desk.devkeys("forget", "--yes")
    assert done.code == 0
    assert "chat (dev): 1 value\n" in done.err
    assert _files(desk.home / ".local/share/devkeys") == ["identity", "lock", "store", "store.copy"]
    assert _files(desk.home / ".local/state/devkeys") in ([], ["tag.key"])
    assert desk.devkeys("allow", "--show").code == 3


def test_one_profile_goes_alone(desk: Desk) -> None:
    """`-p` leaves the other profiles' values and consent."""
    for profile in ("dev", "staging"):
        desk.devkeys("set", "LLM_API_KEY", "-p", profile, input=b"x")
        desk.devkeys("allow", "--yes", "-p", profile)
    assert desk.devkeys("forget", "-p", "staging", "--yes").code == 0
    assert desk.devkeys("run", "--", "true").code == 0
    assert desk.devkeys("run", "-p", "staging", "--", "true").code == 125
    assert desk.devkeys("list").text.count("LLM_API_KEY") == 1


def test_a_project_without_a_checkout_can_be_forgotten(desk: Desk) -> None:
    """`--project` names one that no directory is left of."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    assert desk.devkeys("forget", "--project", "nobody", "--yes", cwd=desk.home).code == 3
    assert desk.devkeys("forget", "--project", "chat", "--yes", cwd=desk.home).code == 0
    assert desk.devkeys("list", "--all").out == b""


@pytest.mark.parametrize("words", [(), ("--all",), ("--project", "chat")])
def test_without_a_terminal_forget_needs_yes(desk: Desk, words: tuple[str, ...]) -> None:
    """No terminal and no --yes is no answer."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    done = desk.devkeys("forget", *words)
    assert done.code == 2
    assert "--yes forgets without asking" in done.err
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == b"x"


def test_all_takes_no_other_choice(desk: Desk) -> None:
    """`--all` with a project is a contradiction."""
    assert desk.devkeys("forget", "--all", "-p", "dev", "--yes").code == 2


def test_everything_leaves_the_users_configuration(desk: Desk) -> None:
    """`--all` removes values and identity; what the user wrote stays, and it starts anew."""
    configuration = desk.home / ".config/devkeys/config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("wait = 5\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    desk.devkeys("allow", "--yes")
    assert desk.devkeys("forget", "--all", "--yes").code == 0
    assert _files(desk.home) == ["config.toml", "lock"]
    desk.devkeys("set", "LLM_API_KEY", input=b"y")
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == b"y"


def test_everything_of_nothing_is_nothing(desk: Desk) -> None:
    """`--all` on a fresh machine works."""
    assert desk.devkeys("forget", "--all", "--yes").code == 0


def _faulty(desk: Desk, where: str, inject: str) -> "subprocess.CompletedProcess[bytes]":
    """Run `forget --all --yes` with a fault at calls that name the path *where*."""
    need("strace")
    watch = ["-o", "/dev/null", "-P", where, "-e", f"inject={inject}"]
    done = subprocess.run(
        ["strace", *watch, *TRACEABLE, "forget", "--all", "--yes"],
        cwd=desk.project,
        env=desk.environ,
        capture_output=True,
        check=False,
    )
    if b"ptrace" in done.stderr.lower():
        absent("needs to trace a process")
    return done


def test_everything_is_not_forgotten_where_it_cannot_be_looked_at(desk: Desk) -> None:
    """An error of the disk is no empty store: it does not say that all is gone."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    where = places.data_dir(desk.environ)
    done = _faulty(desk, where, "/^(stat|newfstatat|statx)$:error=EIO")
    assert done.returncode not in (0, -9)
    assert b"Traceback" not in done.stderr
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == b"x"


def test_what_opens_the_store_goes_first(desk: Desk) -> None:
    """A killed `--all` leaves nothing that can be read, not even a part of it."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    where = f"{places.data_dir(desk.environ)}/projects"
    _faulty(desk, where, "/^(rmdir|unlinkat)$:signal=SIGKILL")
    assert (desk.home / ".local/share/devkeys/projects").exists()
    assert not (desk.home / ".local/share/devkeys/identity").exists()
    assert desk.devkeys("forget", "--all", "--yes").code == 0
    assert not (desk.home / ".local/share/devkeys/projects").exists()


def _with(keyring: GnomeKeyring, desk: Desk, *words: str, value: bytes = b"") -> tuple[int, str]:
    done = subprocess.run(
        [*DEVKEYS, *words],
        cwd=desk.project,
        env={**keyring.env, "HOME": str(desk.home)},
        input=value,
        capture_output=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def test_the_keychains_item_goes_with_everything(desk: Desk) -> None:
    """With a real keychain, `--all` removes the item; without that keychain, nothing at all."""
    with gnome_keyring() as keyring:
        assert _with(keyring, desk, "set", "LLM_API_KEY", value=b"x")[0] == 0
        assert "in the keychain, Secret Service" in _with(keyring, desk, "status")[1]
        elsewhere = desk.devkeys("forget", "--all", "--yes")
        assert elsewhere.code == 3
        assert _with(keyring, desk, "get", "LLM_API_KEY", "--reveal") == (0, "x")
        assert _with(keyring, desk, "forget", "--all", "--yes")[0] == 0
        assert keyring.items() == []


def test_a_deleted_item_stops_everything_but_forgetting(desk: Desk) -> None:
    """A keychain item that is gone: no second identity, nothing overwritten, told what to do."""
    with gnome_keyring() as keyring:
        _with(keyring, desk, "set", "LLM_API_KEY", value=b"x")
        subprocess.run(
            ["secret-tool", "clear", "service", "devkeys", "username", "identity"],
            env=keyring.env,
            check=True,
        )
        values = desk.home / ".local/share/devkeys/projects/chat/dev.age"
        before = values.read_bytes()
        code, shown = _with(keyring, desk, "set", "LLM_API_KEY", value=b"y")
        assert code == 3
        assert "the keychain item devkeys/identity is gone" in shown
        assert "devkeys: hint: restore the keychain from a backup" in shown
        assert values.read_bytes() == before
        assert keyring.items() == []
        assert _with(keyring, desk, "forget", "--all", "--yes")[0] == 0
        assert _with(keyring, desk, "set", "LLM_API_KEY", value=b"z")[0] == 0


def test_who_shares_the_values_is_told(desk: Desk) -> None:
    """Before a project is forgotten, the other checkouts that use its values are named."""
    desk.devkeys("set", "LLM_API_KEY", input=b"x")
    other = desk.home / "elsewhere/chat"
    other.mkdir(parents=True)
    (other / ".env.example").write_text("LLM_API_KEY=\n")
    assert "The same values" not in desk.devkeys("forget").err
    desk.devkeys("allow", "--project", "chat", "--yes", cwd=other)
    assert f"The same values are those of {other}." in desk.devkeys("forget").err
