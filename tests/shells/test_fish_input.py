"""fish: odd things at the prompt, and odd places for the history."""

import pytest
from fish_shell import SAID, Place, place, value

__all__ = ["place"]  # a fixture


def test_odd_input(place: Place) -> None:
    """A megabyte, no words, broken bytes, an open quote: each is as without the hook."""
    secret = value()
    long = f"set -g A_TOKEN {secret}; true " + "x" * 1_000_000
    with place.start() as fish:
        fish.run("   ")
        fish.run("")
        fish.paste(long)
        assert fish.run("").count(SAID) == 1
        assert secret in fish.run("echo $A_TOKEN").split("\n")[-2]
        fish.send("echo 'open DB_PASSWORD=" + value() + "\r")
        assert fish.run("'").count(SAID) == 1
        assert fish.run(f"echo b\udcff\udcfe; set -g B_TOKEN {secret}").count(SAID) == 1
        fish.run("set -g C_TOKEN " + secret + "    ")
        fish.run("echo last   ")
        fish.finish()
    assert place.traces("Zq") == []
    assert place.history() == ["echo $A_TOKEN", "echo last"]


def test_lines_typed_one_by_one(place: Place) -> None:
    """A command whose lines are ended by Enter is one, and is judged when it is whole."""
    secret = value()
    with place.start() as fish:
        for line in ("for i in 1 2", f"set -g A_TOKEN {secret}"):
            fish.send(line + "\r")
        assert fish.run("end").count(SAID) == 1
        for line in ("if true", "echo whole"):
            fish.send(line + "\r")
        fish.run("end")
        fish.finish()
    assert place.traces(secret) == []
    assert [x.split() for x in place.history()] == [["if", "true", "echo", "whole", "end"]]


def test_read_is_no_prompt(place: Place) -> None:
    """What is answered to `read` is nobody's business."""
    secret = value()
    with place.start() as fish:
        fish.send("read --prompt-str 'an'swer: -g answer\r")
        fish.wait("answer:")
        fish.send(f"A_TOKEN={secret}\r")
        assert SAID not in fish.next_prompt()
        assert f"A_TOKEN={secret}" in fish.run("echo $answer")
        assert "incognito" not in fish.run("set -q fish_private_mode; and echo in'cognito'")
        fish.finish()
    assert "echo $answer" in place.history()


@pytest.mark.parametrize("setting", ["set -g fish_private_mode 1", "set -g fish_history ''"])
def test_no_history(place: Place, setting: str) -> None:
    """Who has no history has none still."""
    place.configure(before=setting)
    secret = value()
    with place.start() as fish:
        fish.run(f"set -g A_TOKEN {secret}")
        fish.run("docker login -u ana")
        fish.exit()
    assert place.traces(secret) == []
    assert place.history() == []


def test_other_session(place: Place) -> None:
    """Another name for the history is another file, with the same rules."""
    secret = value()
    with place.start(fish_history="work") as fish:
        fish.run(f"set -g A_TOKEN {secret}")
        fish.run("docker login -u ana")
        fish.finish()
    assert place.traces(secret) == []
    assert place.history("work") == ["docker login -u ana"]


@pytest.mark.parametrize("what", ["directory", "read-only"])
def test_history_that_cannot_be_written(place: Place, what: str) -> None:
    """Where fish cannot write its history, the hook says no more than ever."""
    secret = value()
    if what == "directory":
        place.file().mkdir()
    else:
        place.file().write_text("- cmd: echo old\n  when: 1700000000\n")
        place.file().parent.chmod(0o500)
        place.file().chmod(0o400)
    try:
        with place.start() as fish:
            assert fish.run(f"set -g A_TOKEN {secret}").count(SAID) == 1
            assert "devkeys" not in fish.run("echo after")
            fish.finish()
    finally:
        place.file().parent.chmod(0o700)
    assert place.traces(secret) == []


def test_c_locale(place: Place) -> None:
    """In LC_ALL=C and with an odd IFS the answers are the same."""
    secret = value()
    with place.start(LC_ALL="C", IFS="") as fish:
        assert SAID in fish.run(f"set -g A_TOKEN {secret}")
        fish.run("git commit -m 'caf\N{LATIN SMALL LETTER E WITH ACUTE}'")
        fish.run("docker login -u ana")
        fish.finish()
    assert place.traces(secret) == []
    assert len(place.history()) == 2


def test_vi_mode(place: Place) -> None:
    """In vi mode Enter is watched in either mode, and ends up where it should."""
    first, second = value(), value()
    place.configure(after="set -g fish_key_bindings fish_vi_key_bindings")
    with place.start() as fish:
        assert SAID in fish.run(f"set -g A_TOKEN {first}")
        fish.send(f"set -g B_TOKEN {second}\x1b")
        fish.wait("[N]")
        assert SAID in fish.run("")
        assert "typed" in fish.run("echo typed")  # so it is insert mode again
        fish.run("set -g fish_key_bindings fish_default_key_bindings")
        assert SAID in fish.run(f"set -g C_TOKEN {first}")
        fish.finish()
    assert place.traces(first) + place.traces(second) == []
    assert "echo typed" in place.history()


def test_abbreviations(place: Place) -> None:
    """What an abbreviation stands for is looked at, and put back if it may stay."""
    secret = value()
    place.configure(after=f"abbr --add kk 'set -g A_TOKEN {secret}'\nabbr --add dl 'docker login'")
    with place.start() as fish:
        assert fish.run("kk").count(SAID) == 1
        fish.run("dl")
        assert SAID not in fish.run("dl -u ana")
        fish.finish()
    assert place.traces(secret) == []
    assert set(place.history()) == {"docker login", "docker login -u ana"}


def test_many_terminals(place: Place) -> None:
    """Terminals that share a history share no secret, and lose nothing else."""
    secret = value()
    shells = [place.start() for _ in range(4)]
    for number, fish in enumerate(shells):
        fish.__enter__()
        fish.run(f"echo number {number}")
        fish.run(f"set -g A_TOKEN {secret}")
    for fish in shells:
        fish.run("builtin history merge")
        assert "Zq" not in fish.run("builtin history search --contains TOKEN")
        fish.finish()
    assert place.traces(secret) == []
    assert {f"echo number {n}" for n in range(4)} <= set(place.history())
