"""nushell: on and off, a broken devkeys, odd input."""

import os
from pathlib import Path

import pytest
from nushell_shell import HOOK, LOAD, SAID, UNSURE, Place, is_before, place, value

from devkeys.flows.hooks import startup

__all__ = ["place"]


# --- on and off -----------------------------------------------------------------------------------


def test_off(place: Place) -> None:
    """The variable makes it inert; before a command, it records that one."""
    with place.start() as shell:
        assert SAID not in shell.type(f"DEVKEYS_HOOK=off app --token {value()}")
        shell.type("$env.DEVKEYS_HOOK = 'off'")
        assert SAID not in shell.type(f"print --token={value()}")
        shell.type("hide-env DEVKEYS_HOOK")
        assert SAID in shell.type(f"print --token={value()}")
        shell.exit()
    assert [entry.split()[0] for entry in place.history()] == [
        "DEVKEYS_HOOK=off",
        "$env.DEVKEYS_HOOK",
        "print",
        "hide-env",
        "exit",
    ]


def test_declared_names(place: Place) -> None:
    """A name that an allowed project declares is asked about, from the moment it is."""
    one, two = value(), value()
    with place.start() as shell:
        shell.type(f"$env.LICENSE_CODE = '{one}'")
        place.index(*(f"name FILLER_{i}" for i in range(499)), "name LICENSE_CODE")
        assert SAID + "the value of LICENSE_CODE" in shell.type(f"$env.LICENSE_CODE = '{two}'")
        assert SAID not in shell.type("print $env.LICENSE_CODE")
        (place.state / "shell-index").unlink()
        os.mkfifo(place.state / "shell-index")
        assert SAID not in shell.type("$env.LICENSE_CODE = 'other'")
        shell.exit()
    assert place.traces(one)
    assert place.traces(two) == []


@pytest.mark.parametrize(
    "script",
    [
        None,
        "exit 3",
        "kill -SEGV $$",
        "echo nonsense; exit 1",
        "printf 'devkeys: \\033[2Jx'; exit 1",
    ],
)
def test_a_devkeys_that_is_missing_or_broken(place: Place, script: str | None) -> None:
    """The command is kept out and run, and one line says why."""
    (place.bin / "devkeys").unlink(missing_ok=True)
    if script is not None:
        place.devkeys(script)
    with place.start() as shell:
        assert "devkeys" not in shell.screen
        seen = shell.type(f"$env.LLM_API_KEY = '{value()}'; print (1 + 1)")
        assert (seen.count(UNSURE), seen.count("devkeys: "), seen.count("\n2\n")) == (1, 1, 1)
        assert "devkeys" not in shell.type("print hello")
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["print hello", "exit"]


def test_a_devkeys_that_hangs(place: Place) -> None:
    """Nobody waits for it for long, it is ended, and what is typed meanwhile is not lost."""
    for name in ("sleep", "kill"):
        (place.bin / name).symlink_to(f"/bin/{name}")
    place.devkeys("echo $$ >asked; exec sleep 60")
    with place.start() as shell:
        shell.send(f"$env.LLM_API_KEY = '{value()}'\rprint (40 + 2)\r")
        assert UNSURE in shell.next_prompt()
        assert "42" in shell.next_prompt()
        shell.exit()
    assert place.history() == ["print (40 + 2)", "exit"]
    with pytest.raises(ProcessLookupError):
        os.kill(int((place.work / "asked").read_text()), 0)


def test_a_program_of_the_checkout_is_not_asked(place: Place) -> None:
    """Relative entries of PATH are not where devkeys is, first or last."""
    stolen = place.folder / "stolen"
    (place.work / "bin").mkdir()
    for folder in (place.work, place.work / "bin"):
        (folder / "devkeys").write_text(f"#!/bin/sh\n/bin/cat > '{stolen}'\n")
        (folder / "devkeys").chmod(0o755)
    with place.start() as shell:
        for path in (f"[. '{place.bin}']", f"['' bin '{place.bin}']", f"'./bin:{place.bin}'"):
            shell.type(f"$env.PATH = {path}")
            assert SAID + "the value of A_TOKEN" in shell.type(f"$env.A_TOKEN = '{value()}'")
        (place.bin / "devkeys").unlink()
        shell.type(f"$env.PATH = ['{place.bin}' . bin '']")
        assert UNSURE in shell.type(f"$env.A_TOKEN = '{value()}'")
        shell.exit()
    assert not stolen.exists()
    assert place.traces() == []


def test_what_the_shell_tells_is_as_it_was(place: Place) -> None:
    """The exit code of the last command is not that of a devkeys which was asked."""
    (place.bin / "three").write_text("#!/bin/sh\nexit 3\n")
    (place.bin / "three").chmod(0o755)
    with place.start() as shell:
        shell.type("^three")
        seen = shell.type(f"print $'password={value()} code=($env.LAST_EXIT_CODE)'")
        assert SAID in seen
        assert " code=3\n" in seen
        shell.type("hide-env PATH")
        assert UNSURE in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.exit()
    assert place.traces() == []


def test_no_process_for_ordinary_commands(place: Place) -> None:
    """It is started for what is suspicious only, and never given it as an argument."""
    place.devkeys('echo "$@" >>asked; cat >/dev/null; exit 0')
    (place.bin / "cat").symlink_to("/bin/cat")
    with place.start() as shell:
        for command in ("print hello", "git show 0123456789abcdef", "cd .", "let x = 3"):
            shell.type(command)
        assert not (place.work / "asked").exists()
        shell.type("$env.A_TOKEN = 'x'")
        shell.exit()
    assert (place.work / "asked").read_text() == "hook check nushell\n"
    assert "$env.A_TOKEN = 'x'" in place.history()


@pytest.mark.parametrize("copy", ["there", "gone"])
def test_the_line_that_install_writes(place: Place, tmp_path: Path, copy: str) -> None:
    """It loads the copy; where that is gone, it does nothing."""
    file = tmp_path / "it's a 'copy'#.nu"
    if copy == "there":
        file.write_bytes(HOOK.read_bytes())
    place.configure(hook=startup.line_of("nushell", str(file)))
    with place.start() as shell:
        assert shell.screen.removesuffix("<1>> ") == ""
        assert (SAID in shell.type(f"print 'password={value()}'")) == (copy == "there")
        shell.exit()


def test_it_is_silent_and_adds_no_commands(place: Place) -> None:
    """Loaded twice it says a thing once; nothing new can be typed; scripts are left alone."""
    place.configure(hook=LOAD + LOAD, before="$env.config.completions.external.completer = null")
    with place.start() as shell:
        assert "devkeys" not in shell.screen
        assert shell.type(f"print --token={value()}").count(SAID) == 1
        assert "none" in shell.type(
            "print (scope commands | where name =~ devkeys | default -e [none] | first)"
        )
        counted = "$env.config.hooks | [$in.pre_prompt $in.pre_execution $in.env_change.PWD]"
        assert "[2,1,1]" in shell.type(f"print ({counted} | each {{ length }} | to json --raw)")
        named = "$env.config.keybindings.name | where $it =~ devkeys | to json --raw"
        assert '["devkeys_quick_0","devkeys_quick_1"]' in shell.type(f"print ({named})")
        shell.exit()
    found = place.evaluate("[$env.config.hooks.pre_prompt $env.config.keybindings.name?]")
    assert "devkeys" not in found


# --- other input ----------------------------------------------------------------------------------


def test_odd_input(place: Place) -> None:
    """A leading space, only spaces, odd bytes and a broken quote change nothing for the shell."""
    with place.start(LC_ALL="C") as shell:
        assert SAID not in shell.type(f" print --token={value()}")
        shell.type("   ")
        shell.send("print \x80\xff\x0b")
        assert SAID in shell.run(f" --token={value()}")
        shell.send(f"print 'open --token={value()}\r")
        shell.wait("::: ")
        assert SAID in shell.run("'")
        assert "é" in shell.type("print é")
        shell.exit()
    assert place.traces() == []
    assert place.history()[-2:] == ["print é", "exit"]


def test_a_long_paste(place: Place) -> None:
    """It is run once, and kept out only if it holds a secret.

    nushell reads a paste in a time that grows with the square of its length: half a minute for
    1 MB, with or without us. So this one is of 200 kB.
    """
    with place.start() as shell:
        for tail in ("", f"; $env.LLM_API_KEY = '{value()}'"):
            seen = shell.type("print ('" + "x y " * 50_000 + "' | str length)" + tail)
            assert "\n200000\n" in seen
            assert (SAID in seen) == bool(tail)
        shell.exit()
    assert place.traces() == []
    assert [len(entry) for entry in place.history()] == [200_023, 4]


@pytest.mark.parametrize("obstacle", ["directory", "read-only"])
def test_a_history_that_cannot_be_written(place: Place, obstacle: str) -> None:
    """Commands are run all the same."""
    file = place.config.with_name("history.txt")
    if obstacle == "directory":
        if is_before(114):
            pytest.skip("this nushell does not start then")
        file.mkdir()
    else:
        file.write_text("print older\n")
        file.chmod(0o400)
    with place.start() as shell:
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        assert "hello" in shell.type("print hello")
        shell.exit()
    assert place.traces() == []


def test_without_a_history(place: Place) -> None:
    """`--no-history` stays without one."""
    with place.start("--no-history") as shell:
        shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.exit()
    assert place.traces() == []
