"""fish: what was typed with a secret is in no file, what had none is as it was."""

import re
import secrets
import subprocess
from collections.abc import Callable, Iterable

import pytest
import real
import typed_commands
from fish_shell import HOOK, SAID, UNSURE, Fish, Place, place, value

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import suspicion, tables

__all__ = ["place"]  # a fixture


def test_tables(place: Place) -> None:
    """Of all that people type, what holds a secret stays out, and all the rest is recorded."""
    kept_out = typed_commands.kept_out("fish")
    recorded = typed_commands.recorded("fish")
    assert len(kept_out) >= 60
    assert len(recorded) >= 120
    with place.start() as fish:
        for command in (*kept_out, *recorded):
            fish.type(command)
        fish.finish()
    assert [x for x in kept_out if place.traces(x.value)] == []
    assert _unindented(recorded) - _unindented(place.history()) == set()
    assert fish.screen.count(SAID) == len(kept_out)
    assert UNSURE not in fish.screen


def _unindented(texts: Iterable[str]) -> set[str]:
    """Return *texts* as fish 4 leaves what is pasted: without the lines' indentation."""
    return {re.sub(r"(?m)^\s+", "", text) for text in texts}


def test_suspicion(place: Place) -> None:
    """The shell suspects what suspicion.py suspects of all the tables, and no more of its own."""
    kinds = (typed_commands.kept_out, typed_commands.recorded)
    own = [str(x) for kind in kinds for x in kind("fish")]
    texts = [str(x) for kind in kinds for d in typed_commands.DIALECTS for x in kind(d)]
    texts += [x + sign + value() for x in tables.PARTS for sign in ("=", ": ", " ")]
    texts += [x + secrets.token_hex(5) for x in rules.PREFIXES]
    texts += [f"a {x} b" for x in rules.INFIXES] + own
    script = f"source {HOOK}; while read -z -l x; _devkeys_suspicious $x; echo $status; end"
    done = subprocess.run(
        [place.program, "--no-config", "--interactive", "-c", script],
        input="".join(f"{x}\0" for x in texts).encode(),
        env={"HOME": str(place.folder), "PATH": str(place.bin), "TERM": "dumb"},
        capture_output=True,
        check=True,
    )
    answers = [x == "0" for x in done.stdout.decode().split()]
    assert len(answers) == len(texts)
    found = {x for x, answer in zip(texts, answers, strict=True) if answer}
    wanted = {x for x in texts if suspicion.suspicious(x)}
    assert wanted - found == set()
    assert (found - wanted) & set(own) == set()


def test_tables_stand_in_the_file() -> None:
    """Every word that suspicion.py looks for stands in fish's file, as the version does."""
    text = HOOK.read_text()
    words = re.split(r"[\s']+", text.replace("'PRIVATE KEY-----'", "PRIVATE_KEY-----"))
    wanted = {*tables.PARTS, *tables.WORDS, *tables.DATABASES, *tables.PROGRAMS}
    wanted |= {*tables.LOGINS, *tables.CLIENTS, *tables.KEEPERS, *tables.SINKS}
    wanted |= {*rules.PREFIXES, *rules.INFIXES}
    assert {x.replace(" ", "_") for x in wanted} - set(words) == set()
    assert f"\nset -g _devkeys_version {VERSION}\n" in text


def test_lint(place: Place) -> None:
    """The file is sound fish for either version."""
    done = subprocess.run([place.program, "-n", HOOK], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_layout() -> None:
    """The file is laid out as fish_indent does it."""
    real.need("fish_indent")
    subprocess.run(["fish_indent", "--check", HOOK], check=True)


ENDS: dict[str, Callable[[Fish], int]] = {
    "exit": lambda fish: fish.exit(),
    "exit-with-secret": lambda fish: fish.exit(f"exit 0 # DB_PASSWORD={value()}"),
    "hang-up": lambda fish: fish.hang_up(),
    "kill": lambda fish: fish.kill(),
    "exec": lambda fish: fish.exit(f"set -gx A_TOKEN {value()}; exec sh -c 'exit 0'"),
}


@pytest.mark.parametrize("end", ENDS)
def test_ends(place: Place, end: str) -> None:
    """However the shell ends, directly after the command: the secret is in no file."""
    secret = value()
    with place.start() as fish:
        fish.run("echo before")
        assert fish.run(f"set -gx LLM_API_KEY {secret}").count(SAID) == 1
        ENDS[end](fish)
    assert place.traces(secret) == []
    assert place.traces("Zq") == []
    assert "echo before" in place.history()


def test_exec_fish(place: Place) -> None:
    """A fish that takes the place of this one goes on, with the hook and without the secret."""
    first, second = value(), value()
    with place.start() as fish:
        fish.run(f"set -gx LLM_API_KEY {first}")
        fish.send(f"exec {place.program}\r")
        fish.wait("<1>> ")
        fish.count = 1
        assert SAID in fish.run(f"export B_TOKEN={second}")
        assert first in fish.run("echo $LLM_API_KEY").split("\n")[-2]
        fish.finish()
    assert place.traces(first) + place.traces(second) == []
    assert len(place.history()) == 2


def test_killed_while_devkeys_is_asked(place: Place) -> None:
    """A shell that is killed before it knows has written nothing."""
    secret = value()
    place.slow_devkeys()
    with place.start() as fish:
        fish.run("echo before")
        fish.send(f"set -gx LLM_API_KEY {secret}\r")
        place.await_question()
        fish.kill()
    assert place.traces(secret) == []
    assert place.history() == ["echo before"]


BROKEN = {
    "fails": "exit 3",
    "dies": "kill -SEGV $$",
    "garbage": "printf 'devkeys: \\033[31m\\n'; exit 1",
    "silent": "exit 1",
    "deaf": "exec <&-; sleep 0.1; exit 2",
    "much": "cat /bin/sh; exit 1",
}


@pytest.mark.parametrize("how", ["missing", *BROKEN])
def test_broken_devkeys(place: Place, how: str) -> None:
    """Without a sound devkeys, what may be a secret is kept out, said once, and run once."""
    secret = value()
    (place.bin / "devkeys").unlink()
    if how in BROKEN:
        place.devkeys(BROKEN[how])
    with place.start() as fish:
        shown = fish.run(f"set -g LLM_API_KEY {secret}; echo (count $LLM_API_KEY)ran")
        assert shown.count(UNSURE) == 1
        assert shown.count("1ran") == 1
        fish.run("echo after")
        fish.finish()
    assert place.traces(secret) == []
    assert place.history() == ["echo after"]


def test_interrupted(place: Place) -> None:
    """Ctrl-C at a devkeys that hangs: the command runs, and stays out of the history."""
    secret = value()
    place.slow_devkeys()
    with place.start() as fish:
        fish.send(f"set -g LLM_API_KEY {secret}\r")
        place.await_question()
        fish.send("\x03")
        assert fish.next_prompt().count(UNSURE) == 1
        assert secret in fish.run("echo $LLM_API_KEY").split("\n")[-2]
        fish.finish()
    assert place.traces(secret) == []
    assert place.history() == ["echo $LLM_API_KEY"]


def test_status(place: Place) -> None:
    """The statuses of the last command are what they were."""
    with place.start() as fish:
        fish.run("false | true | sh -c 'exit 7'")
        assert "1 0 7" in fish.run(f"echo $pipestatus; set -g A_TOKEN {value()}")
        fish.run("sh -c 'exit 9'")
        fish.run("")
        assert "9" in fish.run(f"echo $status # DB_PASSWORD={value()}").split("\n")[-2]


def test_marker_and_off(place: Place) -> None:
    """DEVKEYS_HOOK=off before a command records that one; as a variable, it records all."""
    marked, shell, environ = value(), value(), value()
    with place.start() as fish:
        assert SAID not in fish.run(f"DEVKEYS_HOOK=off set -g A_TOKEN {marked}")
        fish.run("set -g DEVKEYS_HOOK off")
        assert SAID not in fish.run(f"set -g A_TOKEN {shell}")
        fish.run("set -e DEVKEYS_HOOK")
        assert SAID in fish.run(f"set -g A_TOKEN {value()}")
        fish.run("")
        fish.exit()
    with place.start(DEVKEYS_HOOK="off") as fish:
        assert SAID not in fish.run(f"set -g A_TOKEN {environ}")
        fish.finish()
    assert [x for x in (marked, shell, environ) if not place.traces(x)] == []


def test_scripts(place: Place) -> None:
    """Where nobody types, nothing happens."""
    script = f"source {HOOK}; source {HOOK}; functions --all | string match '*devkeys*'"
    command = [place.program, "--no-config", "-c", script]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_loaded_twice(place: Place) -> None:
    """To read the file again changes nothing."""
    place.configure(after=f"source '{HOOK}'")
    secret = value()
    with place.start() as fish:
        fish.run(f"source '{HOOK}'")
        assert fish.run(f"set -g A_TOKEN {secret}").count(SAID) == 1
        fish.run("echo after")
        fish.finish()
    assert place.traces(secret) == []
    assert "echo after" in place.history()
