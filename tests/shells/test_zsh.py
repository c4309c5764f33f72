"""zsh: what was typed with a secret is in no file, what had none is as it was."""

import subprocess
import time
from collections.abc import Callable

import pytest
import typed_commands
from zsh_shell import HOOK, SAID, UNSURE, Place, Zsh, place, value

__all__ = ["place"]  # a fixture


def test_tables(place: Place) -> None:
    """Of all that people type, what holds a secret stays out, and all the rest is recorded."""
    kept_out = typed_commands.kept_out("posix")
    recorded = typed_commands.recorded("posix")
    assert len(kept_out) >= 60
    assert len(recorded) >= 120
    with place.start() as zsh:
        for command in (*kept_out, *recorded):
            zsh.type(command)
        zsh.exit()
    assert [x for x in kept_out if place.traces(x.value)] == []
    assert set(recorded) - set(place.history()) == set()
    assert zsh.screen.count(SAID) == len(kept_out)
    assert UNSURE not in zsh.screen


OPTIONS = [
    "",
    "unsetopt append_history",
    "setopt inc_append_history extended_history",
    "setopt inc_append_history_time hist_ignore_dups hist_ignore_space hist_no_store",
    "setopt share_history hist_fcntl_lock",
    "unsetopt append_history; setopt hist_ignore_all_dups hist_save_no_dups hist_reduce_blanks",
]
ENDS: dict[str, Callable[[Zsh], int]] = {
    "exit": lambda zsh: zsh.exit(),
    "exit-with-secret": lambda zsh: zsh.exit(f"exit 0 # DB_PASSWORD={value()}"),
    "hang-up": lambda zsh: zsh.hang_up(),
    "kill": lambda zsh: zsh.kill(),
    "exec": lambda zsh: zsh.exit(f"export A_TOKEN={value()}; exec /bin/sh -c 'exit 0'"),
}


@pytest.mark.parametrize("options", OPTIONS)
def test_ends(place: Place, options: str) -> None:
    """However the shell ends, directly after the command: the secret is in no file."""
    place.configure(before=options)
    secret = value()
    for name, end in ENDS.items():
        with place.start() as zsh:
            zsh.run(f"echo {name}")
            assert zsh.run(f"export LLM_API_KEY={secret}").count(SAID) == 1
            end(zsh)
    assert place.traces() == []
    # A zsh that is killed or replaced keeps only what it wrote at once.
    saved = {"exit", "exit-with-secret", "hang-up"} | ({"kill"} if "inc_" in options else set())
    assert {f"echo {name}" for name in saved} - set(place.history()) == set()


@pytest.mark.parametrize("options", OPTIONS[:4])
def test_written_by_command(place: Place, options: str) -> None:
    """The secret is in no file that fc writes, and in no history that it pushes or pops."""
    place.configure(before=options)
    with place.start() as zsh:
        for command in ("fc -W", "fc -AI", "fc -A ~/second", "fc -p ~/third", "echo x", "fc -P"):
            zsh.run(f"export LLM_API_KEY={value()}")
            zsh.run(command)
            zsh.run(f"export LLM_API_KEY={value()}; {command}")
        zsh.exit()
    assert place.traces() == []
    assert "fc -AI" in place.history()


def test_exec_zsh(place: Place) -> None:
    """A zsh that takes the place of this one goes on, with the hook and without the secret."""
    place.configure(before="setopt inc_append_history")
    secret = value()
    with place.start() as zsh:
        zsh.run(f"export LLM_API_KEY={secret}")
        zsh.send(f"exec {place.program} -d\r")
        zsh.replaced()
        assert SAID in zsh.run(f"export B_TOKEN={value()}")
        assert secret in zsh.run("echo $LLM_API_KEY")
        zsh.exit()
    assert place.traces() == []


def test_memory(place: Place) -> None:
    """The key for the last line still brings it; after the next one it is gone."""
    secret = value()
    with place.start() as zsh:
        zsh.run(f"export LLM_API_KEY={secret}")
        zsh.send("\x10")
        assert secret in zsh.wait(secret)
        zsh.send("\x15echo next\r")
        zsh.next_prompt()
        assert secret not in zsh.run("fc -l 1")
        zsh.exit()


def test_ten_terminals(place: Place) -> None:
    """Of ten shells that share a history, none finds another's secret in it."""
    place.configure(before="setopt share_history")
    shells = [place.start() for _ in range(10)]
    secret = value()
    for number, zsh in enumerate(shells):
        zsh.wait(zsh.prompt)
        zsh.run(f"echo plain-{number}")
        zsh.run(f"export LLM_API_KEY={secret}{number}")
    for number, zsh in enumerate(shells):
        zsh.run("echo again")
        listed = zsh.run("fc -l 1")
        assert "plain-9" in listed
        assert f"{secret}{number}" not in listed
        assert secret not in listed
    for zsh in shells:
        zsh.hang_up()
    assert place.traces(secret) == []
    assert {f"echo plain-{number}" for number in range(10)} - set(place.history()) == set()


BROKEN = {
    "fails": "exit 3",
    "dies": "kill -SEGV $$",
    "garbage": "printf '\\033[31mdevkeys\\n'; exit 1",
    "silent": "exit 1",
    "deaf": "exec <&-; sleep 0.1; exit 2",
    "much": "cat /bin/sh; exit 1",
    "loud": "echo oops >&2; exit 127",
}


@pytest.mark.parametrize("answer", [None, *BROKEN])
def test_broken_devkeys(place: Place, answer: str | None) -> None:
    """Without a sound devkeys, what may be a secret is kept out, said once, and run once."""
    place.configure(after="command_not_found_handler() { echo 'devkeys: install it'; return 1 }")
    (place.bin / "devkeys").unlink()
    if answer is not None:
        place.devkeys(BROKEN[answer])
    with place.start() as zsh:
        shown = zsh.run(f"LLM_API_KEY={value()} n=$(( n + 1 )); echo $n-ran")
        assert shown.count(UNSURE) == 1
        assert "oops" not in shown
        assert shown.count("\n1-ran") == 1
        zsh.run("echo after")
        zsh.exit()
    assert place.traces() == []
    assert place.history() == ["echo after", "exit"]


@pytest.mark.parametrize("key", ["\x03", "\x1c"])
def test_interrupted(place: Place, key: str) -> None:
    """A key that ends a devkeys that hangs: the command runs, and stays out of the history."""
    secret = value()
    place.devkeys(f"echo >{place.folder}/asked; exec sleep 60")
    with place.start() as zsh:
        zsh.send(f"export LLM_API_KEY={secret}\r")
        while not (place.folder / "asked").exists():
            time.sleep(0.02)
        zsh.send(key)
        assert zsh.next_prompt().count(UNSURE) == 1
        assert secret in zsh.run("echo $LLM_API_KEY")
        zsh.exit()
    assert place.traces(secret) == []
    assert place.history() == ["echo $LLM_API_KEY", "exit"]


def test_killed_while_devkeys_is_asked(place: Place) -> None:
    """A shell that is killed before it knows has written nothing."""
    place.configure(before="setopt inc_append_history")
    place.devkeys(f"echo >{place.folder}/asked; exec sleep 60")
    with place.start() as zsh:
        zsh.run("echo before")
        zsh.send(f"export LLM_API_KEY={value()}\r")
        while not (place.folder / "asked").exists():
            time.sleep(0.02)
        zsh.kill()
    assert place.traces() == []
    assert place.history() == ["echo before"]


def test_marker_and_off(place: Place) -> None:
    """DEVKEYS_HOOK=off before a command records that one; as a variable, it records all."""
    marked, shell, environ = value(), value(), value()
    with place.start() as zsh:
        assert SAID not in zsh.run(f"DEVKEYS_HOOK=off A_TOKEN={marked} true")
        zsh.run("DEVKEYS_HOOK=off")
        assert SAID not in zsh.run(f"A_TOKEN={shell}")
        zsh.run("unset DEVKEYS_HOOK")
        assert SAID in zsh.run(f"DEVKEYS_HOOK=offer A_TOKEN={value()} true")
        zsh.exit()
    with place.start(DEVKEYS_HOOK="off") as zsh:
        assert SAID not in zsh.run(f"A_TOKEN={environ}")
        zsh.exit()
    assert [x for x in (marked, shell, environ) if not place.traces(x)] == []


def test_scripts(place: Place) -> None:
    """Where nobody types, nothing happens."""
    script = f"source {HOOK}; print -l $zshaddhistory_functions $precmd_functions"
    done = subprocess.run([place.program, "-fc", script], capture_output=True, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"", b"")
