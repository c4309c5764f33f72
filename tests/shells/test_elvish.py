"""elvish: what is kept out of the history that elvish itself keeps, and what is in it."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import real
from elvish_shell import HOOK, LOAD, SAID, UNSURE, Place, place, value
from typed_commands import kept_out, recorded

from devkeys import VERSION
from devkeys.flows.hooks import startup
from devkeys.scan import rules
from devkeys.typed import suspicion

__all__ = ["place"]  # a fixture


# --- the tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["elvish", "elvish21"])
def test_secrets_stay_out_and_all_else_is_recorded(place: Place, program: str) -> None:
    """Of a long session the history that elvish kept has each ordinary command and no secret."""
    step = 1 if program == "elvish" else 8
    bad, good = kept_out("elvish")[::step], recorded("elvish")[::step]
    assert (len(bad), len(good)) >= (60 // step, 120 // step)
    place.use(program)
    with place.start() as shell:
        for command in bad:
            assert shell.type(command).count(SAID) == 1, command
        for command in good:
            assert SAID not in shell.type(command), command
        shell.exit()
    assert [c for c in bad if place.traces(c.value)] == []
    assert place.history() == [*(c for c in good if not c.startswith(" ")), "exit"]


def test_the_shell_suspects_what_the_reference_does(place: Place) -> None:
    """Whatever Python calls suspicious elvish calls so, and nothing else."""
    typed = (kept_out("elvish"), recorded("elvish"), kept_out("posix"), recorded("posix"))
    texts: list[str] = [text for table in typed for text in table]
    for number, text in enumerate(list(texts)):
        texts.append(
            (text.upper(), text[: len(text) * 2 // 3], text.replace(" ", "\n"))[number % 3]
        )
    texts += [f"x {keyword}0123456789abcdef" for keyword in rules.PREFIXES + rules.INFIXES]
    texts += [f"{part}=x" for part in suspicion.PARTS + suspicion.WORDS]
    texts += ["x" * 16384, "x" * 16385, "LICENSE_CODE=x", "set -x LICENSE_CODE x", "é" * 500]
    texts += ["LICENSE_CODES=x", "echo LICENSE_CODE", "a=b echo LICENSE_CODE", "LICENSE_CODE: 7"]
    place.index("name LICENSE_CODE")
    (place.work / "texts").write_text(json.dumps(texts))
    # What the file defines is seen in the file only.
    probe = HOOK.read_text() + "\nput [(all (from-json < texts) | each $suspicious~)] | to-json"
    (place.work / "probe.elv").write_text(probe)
    said = json.loads(place.pipe("", "-norc", "probe.elv"))
    expected = [suspicion.suspicious(text, {"LICENSE_CODE"}) for text in texts]
    assert [t for t, one, other in zip(texts, said, expected, strict=True) if one != other] == []


def test_the_tables_and_the_version_stand_in_the_file() -> None:
    """Each entry of the reference's tables is there, letter for letter."""
    text = HOOK.read_text()
    tables = (
        *(suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS),
        *(suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS),
        *(rules.PREFIXES, rules.INFIXES),
    )
    plain = text.replace("[.]", ".")
    assert [entry for table in tables for entry in table if entry not in plain] == []
    assert f"\nvar _devkeys_version = {VERSION}\n" in text


# --- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["exit", "hang up", "kill", "kill the daemon", "exec", "exit with"])
def test_however_the_session_ends(place: Place, end: str) -> None:
    """Neither a signal nor `exec` brings a secret into the history."""
    secret = value()
    (place.bin / "other").symlink_to("/bin/true")
    with place.start() as shell:
        shell.type("echo ordinary")
        assert SAID + "the value of LLM_API_KEY" in shell.type(f"set-env LLM_API_KEY {secret}")
        if end == "exec":
            shell.exit(f"exec other --token {secret}")
        elif end == "exit with":
            shell.exit(f"exit # --token {secret}")
        elif end == "kill the daemon":
            for pid in place.daemons():
                os.kill(pid, signal.SIGKILL)
            shell.kill()
        else:
            {"exit": shell.exit, "hang up": shell.hang_up, "kill": shell.kill}[end]()
    assert place.traces() == []
    assert place.history()[0] == "echo ordinary"


def test_a_kill_while_devkeys_is_asked(place: Place) -> None:
    """The line is not there while nothing is known about it."""
    place.devkeys("echo $$ >asked; exec /bin/sleep 60")
    with place.start() as shell:
        shell.send(f"app --token {value()}\r")
        asked = place.work / "asked"
        while not asked.is_file() or not asked.read_text().strip():
            time.sleep(0.01)
        shell.kill()
    os.kill(int(asked.read_text()), signal.SIGKILL)
    assert place.traces() == []


def test_sessions_at_the_same_time(place: Place) -> None:
    """What one session keeps out no other one finds, and nor does it itself."""
    with place.start() as one, place.start() as other:
        one.type("echo from the first")
        one.type(f"set-env LLM_API_KEY {value()}")
        other.type("echo from the second")
        one.send("\x1b[A")
        assert "from the first" in one.run("")
        other.send("\x1b[A")
        assert "from the second" in other.run("")
        one.exit()
        other.exit()
    assert place.traces() == []


# --- on and off -----------------------------------------------------------------------------------


def test_off(place: Place) -> None:
    """The variable makes it inert; before a command, it records that one."""
    with place.start() as shell:
        assert SAID not in shell.type(f"var DEVKEYS_HOOK = off; nop --token {value()}")
        assert SAID in shell.type(f"nop --token {value()}")
        shell.type("set-env DEVKEYS_HOOK off")
        assert SAID not in shell.type(f"nop --token={value()}")
        shell.type("unset-env DEVKEYS_HOOK")
        assert SAID in shell.type(f"nop --token={value()}")
        shell.exit()
    assert [" ".join(entry.split()[:2]) for entry in place.history()] == [
        "var DEVKEYS_HOOK",
        "set-env DEVKEYS_HOOK",
        "nop " + place.history()[2].split()[1],
        "unset-env DEVKEYS_HOOK",
        "exit",
    ]


def test_declared_names(place: Place) -> None:
    """A name that an allowed project declares is asked about, from the moment it is."""
    one, two = value(), value()
    with place.start() as shell:
        shell.type(f"set-env LICENSE_CODE {one}")
        place.index(*(f"name FILLER_{i}" for i in range(499)), "name LICENSE_CODE")
        assert SAID + "the value of LICENSE_CODE" in shell.type(f"set-env LICENSE_CODE {two}")
        assert SAID not in shell.type("echo $E:LICENSE_CODE")
        (place.state / "shell-index").unlink()
        os.mkfifo(place.state / "shell-index")
        assert SAID not in shell.type("set-env LICENSE_CODE other")
        shell.exit()
    assert place.traces(one)
    assert place.traces(two) == []


@pytest.mark.parametrize(
    "script",
    [
        *(None, "exit 3", "kill -SEGV $$", "echo nonsense; exit 1", "exit 1"),
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
        # More than a pipe holds, so that devkeys is gone before all of it is written.
        seen = shell.type(f"set-env LLM_API_KEY {value()}; echo (+ 1 1)")
        assert (seen.count(UNSURE), seen.count("devkeys: "), seen.count("\n2\n")) == (1, 1, 1)
        assert "devkeys" not in shell.type("echo hello")
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["echo hello", "exit"]


def test_a_program_of_the_checkout_is_not_asked(place: Place) -> None:
    """Relative entries of PATH are not where devkeys is."""
    stolen = place.work / "stolen"
    place.work.joinpath("devkeys").write_text(f"#!/bin/sh\n/bin/cat > '{stolen}'\n")
    place.work.joinpath("devkeys").chmod(0o755)
    with place.start() as shell:
        shell.type("set paths = [. $@paths]")
        assert SAID + "the value of A_TOKEN" in shell.type(f"set-env A_TOKEN {value()}")
        shell.type("set paths = [. '' ./]")
        assert UNSURE in shell.type(f"set-env A_TOKEN {value()}")
        shell.exit()
    assert not stolen.exists()


def test_a_devkeys_that_hangs(place: Place) -> None:
    """Ctrl-C ends it; the command is kept out and run."""
    place.devkeys("echo >asked; exec /bin/sleep 60")
    with place.start() as shell:
        shell.send(f"set-env LLM_API_KEY {value()}; echo (+ 40 2)\r")
        while not (place.work / "asked").exists():
            time.sleep(0.01)
        shell.send("\x03")
        seen = shell.next_prompt()
        assert (seen.count(UNSURE), seen.count("42\n")) == (1, 1)
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["exit"]


def test_no_process_for_ordinary_commands(place: Place) -> None:
    """A process is started for what is suspicious only, and never given it as an argument."""
    place.devkeys('echo "$@" >>asked; exit 0')
    with place.start() as shell:
        for command in ("echo hello", "git show 0123456789abcdef", "cd .", "var x = 3"):
            shell.type(command)
        assert not (place.work / "asked").exists()
        assert "devkeys" not in shell.type("nop A_TOKEN=x")
        # More than a pipe holds, and nobody reads it.
        assert "devkeys" not in shell.type("nop A_TOKEN=" + "xy" * 40_000)
        shell.exit()
    assert (place.work / "asked").read_text() == "hook check elvish\n" * 2
    assert [entry[:15] for entry in place.history()[-3:]] == [
        "nop A_TOKEN=x",
        "nop A_TOKEN=xyx",
        "exit",
    ]


# --- how it is loaded -----------------------------------------------------------------------------


def test_the_line_that_install_writes(place: Place) -> None:
    """It works from inside a lambda; loaded twice it says a thing once and defines no name."""
    line = startup.line_of("elvish", str(HOOK))
    place.configure(hook=f"{line}\n{line}\n{LOAD}")
    place.index(version="0.0.9")
    with place.start() as shell:
        stale = f"devkeys: this hook is of {VERSION}, devkeys is 0.0.9 (devkeys hook install)"
        assert (shell.screen.count(stale), shell.screen.count("devkeys: ")) == (1, 1)
        seen = shell.type(f"nop --token={value()}")
        assert (seen.count(SAID), seen.count("devkeys: ")) == (1, 1)
        counted = "print [(each $count~ [$edit:add-cmd-filters $edit:before-readline])]"
        assert "[(num 2) (num 2)]" in shell.type(counted)
        assert "not found" in shell.type("nop $_devkeys_version")
        shell.exit()
    assert place.traces() == []


def test_scripts_are_left_alone(place: Place) -> None:
    """Without an editor nothing is said and nothing is done."""
    place.config.write_text(LOAD)
    assert place.pipe("", "-c", f"{LOAD}; echo done") == "done\n"
    assert "rror" not in place.pipe("echo --token=x-0123456789\n")
    assert "xception" not in place.pipe("echo --token=x-0123456789\n")


_BREAK = """
set edit:add-cmd-filters = [
  {|c| fail broken } {|c| put 1 2 } $@edit:add-cmd-filters {|c| put $true }
]
"""
_ANEW = "set edit:add-cmd-filters = [{|c| put $true }]"


@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("lines", [_BREAK, _ANEW])
def test_filters_of_the_users_own(place: Place, where: str, lines: str) -> None:
    """Broken ones and new lists, made before or after ours, do not open it."""
    place.configure(**{where: lines})
    with place.start() as shell:
        assert SAID in shell.type(f"set-env LLM_API_KEY {value()}")
        shell.type(_ANEW)
        assert SAID in shell.type(f"set-env LLM_API_KEY {value()}")
        shell.type("echo hello")
        shell.exit()
    assert place.traces() == []
    assert place.history() == [_ANEW, "echo hello", "exit"]


# --- other input ----------------------------------------------------------------------------------


def test_odd_input(place: Place) -> None:
    """A leading space, only spaces, odd bytes and a broken quote change nothing for the shell."""
    with place.start(LC_ALL="C") as shell:
        assert SAID not in shell.type(f" echo --token={value()}")
        shell.type("   ")
        os.write(shell.descriptor, b"echo \x80\xff\x0b")
        assert SAID in shell.run(f" --token={value()}")
        shell.send(f"echo 'open --token={value()}\r")
        shell.send("still open\r")
        assert SAID in shell.run("'")
        shell.send(f"echo --token={value()}\x03")
        assert "é" in shell.type("echo é")
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["echo é", "exit"]


def test_a_long_paste(place: Place) -> None:
    """It is run once, and kept out only if it holds a secret.

    elvish reads a paste key by key: 1 MB takes half a minute, with or without us.
    """
    with place.start() as shell:
        for tail in ("", f"; echo --token={value()}"):
            seen = shell.type("count '" + "x y " * 15_000 + "'" + tail)
            assert SAID in seen if tail else "60000)" in seen
        shell.exit()
    assert place.traces() == []
    assert [len(entry) for entry in place.history()] == [60_008, 4]


@pytest.mark.parametrize("obstacle", ["directory", "read-only"])
def test_a_history_that_cannot_be_written(place: Place, obstacle: str) -> None:
    """Commands are run all the same."""
    place.database.parent.mkdir(parents=True)
    if obstacle == "directory":
        place.database.mkdir()
    else:
        place.database.touch(0o400)
    with place.start() as shell:
        assert SAID in shell.type(f"set-env LLM_API_KEY {value()}")
        assert "hello" in shell.type("echo hello")
        shell.exit()
    assert place.traces() == []


# --- others ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["before", "after"])
def test_direnv(place: Place, where: str) -> None:
    """Its hook runs at each prompt, whichever is loaded first."""
    lines = _hook_of(place, "direnv", "hook", "elvish")
    (place.bin / "bash").symlink_to(str(shutil.which("bash")))
    # Debian 12's has a word of elvish before 0.18, by which no newer one reads the file.
    place.configure(**{where: lines.replace("} except e {", "} catch e {")})
    with place.start() as shell:
        assert SAID in shell.type(f"set-env LLM_API_KEY {value()}")
        (place.work / ".envrc").write_text("export FROM_DIRENV=yes\n")
        shell.type("e:direnv allow")
        assert "yes" in shell.type("echo $E:FROM_DIRENV")
        shell.exit()
    assert place.traces() == []


@pytest.mark.parametrize("where", ["before", "after"])
def test_starship(place: Place, where: str) -> None:
    """It sees each command's result, whichever is loaded first."""
    lines = _hook_of(place, "starship", "init", "elvish", "--print-full-init")
    place.configure(**{where: lines.replace("set edit:prompt", "var prompt")})
    with place.start() as shell:
        assert SAID in shell.type(f"set-env LLM_API_KEY {value()}")
        shell.type("fail x")
        assert "1" in shell.type("print $cmd-status-code")
        shell.exit()
    assert place.traces() == []


def _hook_of(place: Place, program: str, *words: str) -> str:
    real.need(program)
    path = str(shutil.which(program))
    (place.bin / program).symlink_to(path)
    done = subprocess.run([path, *words], env=place.environ(), capture_output=True, check=True)
    return done.stdout.decode()


# --- the word at cd -------------------------------------------------------------------------------


def _checkout(place: Place, name: str, example: str = "OPENAI_API_KEY=\n") -> Path:
    folder = place.work / name
    (folder / ".git").mkdir(parents=True)
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / ".env.example").write_text(example)
    return folder


def test_the_word_at_cd(place: Place) -> None:
    """It is said once for each checkout and number, also by another shell."""
    known, complete = _checkout(place, "known"), _checkout(place, "complete")
    new = _checkout(place, "new")
    place.index(f"checkout 2 5 {known}", f"checkout 0 5 {complete}")
    word = "devkeys: 2 of 5 secrets missing (devkeys init)"
    other = "devkeys: .env.example asks for secrets (devkeys init)"
    with place.start() as shell:
        assert shell.type(f"cd {known}/deep/er").count(word) == 1
        assert "devkeys:" not in shell.type("cd ..")
        assert "devkeys:" not in shell.type(f"cd {complete}")
        assert shell.type(f"cd {new}").count(other) == 1
        assert "devkeys:" not in shell.type(f"cd {known}")
        place.index(f"checkout 1 5 {known}")
        assert "devkeys: 1 of 5" in shell.type(f"cd {known}/deep")
        shell.exit()
    with place.start() as shell:
        assert "devkeys:" not in shell.type(f"cd {known}") + shell.type(f"cd {new}")
        shell.exit()
    said = (place.state / "shell-said").read_text()
    assert said == f"2 5 {known}\n? ? {new}\n1 5 {known}\n"


def test_the_word_at_the_first_prompt(place: Place) -> None:
    """It is said where the shell starts; without a state directory, once a session."""
    folder = _checkout(place, "here", "# x\nexport DB_PASSWORD=\n")
    place.work = folder
    with place.start() as shell:
        assert shell.screen.count("devkeys: .env.example asks for secrets") == 1
        assert "devkeys:" not in shell.type("cd deep") + shell.type("cd ..")
        shell.exit()
    assert not place.state.exists()
    with place.start(DEVKEYS_HOOK="off") as shell:
        assert "devkeys:" not in shell.screen


def test_where_no_word_is_said(place: Place) -> None:
    """Nothing is read above a repository or HOME, and nothing but an ordinary file."""
    top = _checkout(place, "top")
    (top / "inner" / ".git").mkdir(parents=True)
    (place.folder.parent / ".env.example").write_text("A_KEY=\n")
    (place.folder / "below").mkdir()
    pipe, plain = (_checkout(place, name, "PORT=\n") for name in ("pipe", "plain"))
    late, odd = _checkout(place, "late", "# \n" * 500 + "A_KEY=\n"), _checkout(place, "odd\nline")
    (pipe / ".env.example").unlink()
    os.mkfifo(pipe / ".env.example")
    with place.start() as shell:
        for folder in (top / "inner", place.folder / "below", pipe, plain, late, odd):
            word = str(folder).replace("\n", "\\n")
            assert "devkeys:" not in shell.type(f'cd "{word}"')
        shell.exit()


# --- completions ----------------------------------------------------------------------------------


def test_completions(place: Place) -> None:
    """Tab after `devkeys` asks devkeys; behind `run --`, the completer of that command."""
    place.configure(before="set edit:completion:arg-completer[app] = {|@words| put other-app }")
    with place.start() as shell:
        shell.send("devkeys uns\t")
        shell.wait("et ")
        assert "Usage" in shell.run(" --help")
        shell.send("devkeys run -- app oth\t")
        shell.wait("er-app")
        shell.send("\x03")
        (place.bin / "devkeys").unlink()
        (place.work / "a-file").touch()
        shell.send("devkeys set a-f\t")
        shell.wait("ile ")
        shell.send("\x03")
        assert "hello" in shell.type("echo hello")
        shell.exit()
