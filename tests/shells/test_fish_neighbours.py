"""fish: what else wants the same places: users' own functions and keys, atuin, prompts."""

import secrets
import sqlite3

import pytest
import real
from fish_shell import SAID, Place, place, value

__all__ = ["place"]  # a fixture
BEFORE, AFTER = "before", "after"


def configure(place: Place, order: str, lines: str) -> None:
    """Put *lines* of config.fish before or after ours."""
    place.configure(before=lines if order == BEFORE else "", after=lines if order == AFTER else "")


@pytest.mark.parametrize("order", [BEFORE, AFTER, "autoload", "typed"])
def test_own_rules(place: Place, order: str) -> None:
    """A user's own fish_should_add_to_history goes on to decide, wherever it comes from."""
    own = "function fish_should_add_to_history\n    not string match -q '*boring*' -- $argv\nend"
    if order == "autoload":
        functions = place.config.parent / "functions"
        functions.mkdir()
        (functions / "fish_should_add_to_history.fish").write_text(own)
    configure(place, order, own)
    first, second = value(), value()
    with place.start() as fish:
        if order == "typed":
            fish.type(own)
        assert SAID in fish.run(f"set -g A_TOKEN {first}")
        for command in ("echo boring", "echo more", " echo spaced"):
            fish.run(command)
        assert SAID in fish.run(f"set -g B_TOKEN {second}")
        fish.finish()
    assert place.traces(first) + place.traces(second) == []
    entries = [x for x in place.history() if "function" not in x]
    if place.is_old:
        assert entries == ["echo boring", "echo more"]  # fish 3 has no such function
    else:
        # A space at the beginning is lost when fish writes its file anew, sooner or later.
        assert sorted(x.strip() for x in entries) == ["echo more", "echo spaced"]


@pytest.mark.parametrize("order", [BEFORE, AFTER])
def test_own_enter_key(place: Place, order: str) -> None:
    """A key of the user's own that runs the command keeps working, and the file stays clean."""
    own = (
        "function own_enter\n    set -g entered 1\n    commandline -f execute\nend\n"
        "function fish_user_key_bindings\n    bind \\r own_enter\nend"
    )
    configure(place, order, own)
    secret = value()
    with place.start() as fish:
        fish.run("echo old")
        assert fish.run(f"set -g A_TOKEN {secret}").count(SAID) == 1
        assert secret in fish.run("echo $A_TOKEN$entered").split("\n")[-2]
        fish.run("docker login -u ana")
        fish.finish()
    assert place.traces(secret) == []
    assert place.history() == ["docker login -u ana", "echo $A_TOKEN$entered", "echo old"]


def test_killed_while_another_key_is_asked_about(place: Place) -> None:
    """Where fish had written the command already, it is deleted before devkeys is asked."""
    place.configure(after="bind \\r 'commandline -f execute'")
    place.slow_devkeys()
    secret = value()
    with place.start() as fish:
        fish.run("echo old")
        fish.send(f"set -g A_TOKEN {secret}\r")
        place.await_question()
        fish.kill()
    assert place.traces(secret) == []
    assert place.history() == ["echo old"]


@pytest.mark.parametrize("order", [BEFORE, AFTER])
def test_atuin(place: Place, order: str) -> None:
    """atuin, which records by itself, gets no secret, and all the rest."""
    place.link("atuin")
    configure(place, order, "atuin init fish --disable-up-arrow | source")
    # A format that atuin's own filter lets through.
    secret = "sk-" + "ant-" + secrets.token_hex(30)
    with place.start() as fish:
        fish.run("echo one; true")
        assert SAID in fish.run(f"set -g A_THING {secret}")
        fish.run("docker login -u ana")
        assert "docker login -u ana" in fish.run("atuin history list --cmd-only")
        fish.exit()
    assert place.traces(secret) == []
    database = place.folder / ".local" / "share" / "atuin" / "history.db"
    rows = [x for (x,) in sqlite3.connect(database).execute("select command from history")]
    assert {"echo one; true", "docker login -u ana"} <= set(rows)


@pytest.mark.parametrize("order", [BEFORE, AFTER])
def test_starship_direnv_fzf(place: Place, order: str) -> None:
    """With starship, direnv and fzf, in either order, all four do what they do."""
    place.link("starship", "direnv", "bash", "fzf")
    (place.folder / ".config" / "starship.toml").write_text(
        "add_newline = false\nformat = '<${env_var.prompts}>> '\n"
        "[env_var.prompts]\nformat = '$env_value'\n"
    )
    configure(
        place,
        order,
        "starship init fish | source\nenable_transience\ndirenv hook fish | source\n"
        "fzf_key_bindings",
    )
    (place.work / ".envrc").write_text("export FROM_DIRENV=yes\n")
    secret = value()
    with place.start() as fish:
        fish.run("direnv allow")
        assert SAID in fish.run(f"set -g A_TOKEN {secret}")
        assert "yes" in fish.run("echo $FROM_DIRENV")
        fish.run("docker login -u ana")
        fish.finish()
    assert place.traces(secret) == []
    assert place.history() == ["direnv allow", "docker login -u ana", "echo $FROM_DIRENV"]


def test_neighbours_are_there() -> None:
    """The programs that these tests want are on PATH."""
    real.need("fish", "fish4", "atuin", "starship", "direnv", "fzf")
