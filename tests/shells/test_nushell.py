"""nushell: what is kept out of the history that nushell itself writes, and what is in it."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import real
from nushell_shell import HOOK, LOAD, SAID, UNSURE, Place, place, program, value
from typed_commands import kept_out, recorded

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import suspicion

__all__ = ["place"]


# --- the tables -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plaintext", "sqlite"])
def test_secrets_stay_out_and_all_else_is_recorded(place: Place, form: str) -> None:
    """Of a long session the history that nushell wrote has each ordinary command and no secret."""
    step = 1 if form == "plaintext" else 8
    bad, good = kept_out("nushell")[::step], recorded("nushell")[::step]
    assert (len(bad), len(good)) >= (60 // step, 120 // step)
    place.configure(before=f'$env.config.history.file_format = "{form}"')
    with place.start() as shell:
        for command in bad:
            assert shell.type(command).count(SAID) == 1, command
        for command in good:
            assert SAID not in shell.type(command), command
        shell.exit()
    assert [c for c in bad if place.traces(c.value)] == []
    assert place.history() == [*(c.strip() for c in good), "exit"]


def test_the_shell_suspects_what_the_reference_does(place: Place) -> None:
    """Whatever Python calls suspicious nushell calls so, and nothing else."""
    typed = [*kept_out("nushell"), *recorded("nushell"), *kept_out("posix"), *recorded("posix")]
    texts = [str(text) for text in typed]
    for text in typed:
        texts += [text.upper(), text[: len(text) * 2 // 3], text.replace(" ", "\n")]
    texts += [f"x {keyword}0123456789abcdef" for keyword in rules.PREFIXES + rules.INFIXES]
    texts += [f"{part}=x" for part in suspicion.PARTS + suspicion.WORDS]
    texts += ["x" * 16384, "x" * 16385, "LICENSE_CODE=x", "set -x LICENSE_CODE x", "é" * 500]
    place.index("name LICENSE_CODE")
    (place.work / "texts").write_text(json.dumps(texts))
    found = _nu(place, "use _devkeys suspicious; open texts | from json | each { suspicious $in }")
    said = json.loads(found)
    expected = [suspicion.suspicious(text, {"LICENSE_CODE"}) for text in texts]
    assert [t for t, one, other in zip(texts, said, expected, strict=True) if one != other] == []


def _nu(place: Place, script: str) -> str:
    environ = {"HOME": str(place.folder), "PATH": str(place.bin)}
    command = [place.program, "-n", "-c", LOAD + script + " | to json --raw"]
    done = subprocess.run(command, env=environ, cwd=place.work, capture_output=True, check=False)
    assert done.stderr == b""
    return done.stdout.decode()


def test_the_tables_and_the_version_stand_in_the_file() -> None:
    """Each entry of the reference's tables is there, letter for letter."""
    text = HOOK.read_text()
    tables = (
        *(suspicion.PARTS, suspicion.WORDS, suspicion.DATABASES, suspicion.PROGRAMS),
        *(suspicion.LOGINS, suspicion.CLIENTS, suspicion.KEEPERS, suspicion.SINKS),
        *(rules.PREFIXES, rules.INFIXES),
    )
    assert [entry for table in tables for entry in table if entry not in text] == []
    assert f'    const _devkeys_version = "{VERSION}"\n' in text


# --- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plaintext", "sqlite"])
@pytest.mark.parametrize("end", ["exit", "hang up", "kill", "exec", "exit with it"])
def test_however_the_session_ends(place: Place, form: str, end: str) -> None:
    """Neither a signal nor `exec` brings a secret into the history."""
    secret = value()
    (place.bin / "other").symlink_to("/bin/true")
    place.configure(before=f'$env.config.history.file_format = "{form}"')
    with place.start() as shell:
        shell.type("print ordinary")
        assert SAID + "the value of LLM_API_KEY" in shell.type(f"$env.LLM_API_KEY = '{secret}'")
        if end == "exec":
            shell.exit(f"exec other --token {secret}")
        elif end == "exit with it":
            shell.exit(f"exit # --token {secret}")
        else:
            {"exit": shell.exit, "hang up": shell.hang_up, "kill": shell.kill}[end]()
    assert place.traces() == []
    assert place.history()[0] == "print ordinary"


def test_a_kill_while_devkeys_is_asked(place: Place) -> None:
    """The line is not there while nothing is known about it."""
    place.devkeys("echo $$ >asked; exec sleep 60")
    (place.bin / "sleep").symlink_to("/bin/sleep")
    with place.start() as shell:
        shell.send(f"app --token {value()}\r")
        asked = place.work / "asked"
        while not asked.is_file() or not asked.read_text().strip():
            time.sleep(0.01)
        shell.kill()
    os.kill(int(asked.read_text()), signal.SIGKILL)
    assert place.traces() == []


# --- the Enter key is as it was -------------------------------------------------------------------


def test_enter_goes_on_with_what_is_not_complete(place: Place) -> None:
    """A line end is put in, and the whole is judged when it is complete."""
    secret = value()
    with place.start() as shell:
        shell.send("[1\r")
        shell.wait("::: ")
        assert "2" in shell.run("2] | length")
        shell.send("{\r")
        shell.wait("::: ")
        shell.send(f'password: "{secret}"\r')
        shell.wait("::: ")
        shell.wait("::: ")
        assert shell.run("} | columns").count(SAID) == 1
        shell.exit()
    assert place.traces() == []
    assert place.history() == ["[1\n2] | length", "exit"]


def test_the_whole_line_is_seen_wherever_the_cursor_is(place: Place) -> None:
    """A secret behind the cursor counts."""
    with place.start() as shell:
        shell.send(f"print token={value()}" + "\x1b[D" * 30)
        assert SAID in shell.run("")
        shell.send(f"print token={value()}\x01")
        assert SAID in shell.run("")
        shell.exit()
    assert place.traces() == []


@pytest.mark.parametrize("quick", ["true", "false"])
def test_enter_chooses_in_menus(place: Place, quick: str) -> None:
    """With a menu open, Enter takes the entry and does not run the line."""
    (place.work / "folder-one").mkdir()
    (place.work / "folder-two").mkdir()
    place.configure(before=f"$env.config.completions.quick = {quick}")
    with place.start() as shell:
        shell.type("print older")
        shell.type("print newer")
        shell.send("cd fold\t")
        shell.wait("two")
        shell.send("\t")
        shell.wait("two")
        shell.send("\r")
        shell.wait("folder-")
        assert "folder-" in shell.run("; print (pwd | path basename)")
        shell.send("\x12")
        shell.wait("print older")
        for _ in range(2):  # not at once: of two moves before it paints, it makes one
            shell.send("\x1b[B")
            shell.wait("print older")
        shell.send("\r")
        shell.wait("older")  # colours part the words of a line
        assert "older\n" in shell.run("")
        shell.exit()
    entry, *rest = place.history()[2:]
    assert re.fullmatch(r"cd folder-(one|two)/; print \(pwd \| path basename\)", entry)
    assert rest == ["print older", "exit"]


def _is_before(minor: int) -> bool:
    found = subprocess.run([program(), "--version"], capture_output=True, text=True, check=True)
    return tuple(map(int, found.stdout.split(".")[:2])) < (0, minor)


@pytest.mark.parametrize("mode", ["vi", "helix"])
def test_other_ways_to_edit(place: Place, mode: str) -> None:
    """In the modes of vi and helix Enter is guarded too, and leads back to typing."""
    if _is_before(114 if mode == "vi" else 115):
        pytest.skip("this nushell cannot")
    place.configure(before=f'$env.config.edit_mode = "{mode}"')
    with place.start() as shell:
        assert "devkeys" not in shell.screen
        assert "was run" in shell.run("print 'was run'")
        assert SAID in shell.run(f"$env.LLM_API_KEY = '{value()}'")
        secret = value()
        shell.send(f"print --token={secret}")
        shell.wait(secret)
        shell.send("\x1b")
        shell.wait(shell.prompt)  # with Enter at once behind it, it would be Alt-Enter
        assert SAID in shell.run("")
        assert "inserted" in shell.run("print 'inserted'")
        shell.exit()
    assert place.traces() == []


def test_settings_that_cannot_be_guarded_are_named(place: Place) -> None:
    """One line at the start says why typed secrets are recorded."""
    if _is_before(114):
        place.configure(before='$env.config.edit_mode = "vi"')
        with place.start() as shell:
            assert "recorded while config.edit_mode is vi (nushell 0.114 can)" in shell.screen
    place.configure(
        before="$env.config.completions.quick = false\n$env.config.completions.partial = false"
    )
    with place.start() as shell:
        assert "devkeys: typed secrets are recorded while config.completions" in shell.screen
    if not _is_before(114):
        place.configure(before="$env.config.history.ignore_space_prefixed = false")
        with place.start() as shell:
            assert "recorded while config.history.ignore_space_prefixed is false" in shell.screen


_OWN = """
$env.config.keybindings ++= [
    {name: a modifier: none keycode: enter mode: [emacs] event: [
        {edit: movetoend} {edit: insertstring value: "; print (1 + 1)"} {send: enter}
    ]}
    {name: b modifier: alt keycode: char_s mode: emacs event: {send: submit}}
    {name: c modifier: control keycode: char_j mode: emacs event: null}
]
"""


@pytest.mark.parametrize("where", ["before", "after"])
def test_bindings_of_the_users_own(place: Place, where: str) -> None:
    """They do what they did, whether they were made before or after, and are guarded."""
    place.configure(**{where: _OWN})
    with place.start() as shell:
        assert "4\n2\n" in shell.run("print 4")
        assert SAID in shell.run(f"$env.LLM_API_KEY = '{value()}'")
        shell.send(f"$env.LLM_API_KEY = '{value()}'\x1bs")
        assert SAID in shell.next_prompt()
        shell.exit("exit #")
    assert place.traces() == []


def test_settings_that_are_made_anew(place: Place) -> None:
    """Bindings and menus that are set later, in config.nu or at the prompt, do not end it."""
    anew = "$env.config.keybindings = []; $env.config.menus = []; $env.config.menus ++= [];"
    place.configure(after=anew)
    with place.start() as shell:
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.type(anew)
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.send(f"$env.LLM_API_KEY = '{value()}'\n")
        assert SAID in shell.next_prompt()
        shell.exit()
    assert place.traces() == []


def test_a_line_that_was_given_up_leaves_no_word(place: Place) -> None:
    """What was found about a line that Ctrl-C ended is not said about the next."""
    with place.start() as shell:
        shell.send(f'[ {{password: "{value()}"\r')
        shell.wait("::: ")
        shell.send("\x03")
        shell.next_prompt()
        assert SAID not in shell.type(" print spaced")
        assert SAID not in shell.type("print plain")
        shell.exit()
    assert place.history() == ["print plain", "exit"]


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
    found = _nu(place, "[$env.config.hooks.pre_prompt $env.config.keybindings.name?]")
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
        if _is_before(114):
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


# --- others ---------------------------------------------------------------------------------------

_RECORDER = """
$env.config.hooks.pre_execution = ($env.config.hooks.pre_execution | default [] | append {||
    $"(commandline)\\n" | save --append ~/recorder
})
"""


@pytest.mark.parametrize("where", ["before", "after"])
def test_recorders_see_the_space(place: Place, where: str) -> None:
    """Those that record from pre_execution, as atuin does, get a line that they leave out."""
    place.configure(**{where: _RECORDER})
    with place.start() as shell:
        shell.type("print hello")
        shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.exit()
    lines = (place.folder / "recorder").read_text().splitlines()
    assert [line[:6] for line in lines] == ["print ", " $env.", "exit"]


def test_atuin(place: Place) -> None:
    """It records what nushell records."""
    real.need("atuin")
    program = str(shutil.which("atuin"))
    (place.bin / "atuin").symlink_to(program)

    def atuin(*words: str) -> str:
        environ = {"HOME": str(place.folder), "PATH": str(place.bin), "ATUIN_SESSION": "0" * 32}
        done = subprocess.run([program, *words], env=environ, capture_output=True, check=False)
        return done.stdout.decode()

    (place.config.parent / "atuin.nu").write_text(atuin("init", "nu"))
    place.configure(after="source atuin.nu")
    with place.start() as shell:
        shell.type("print hello")
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.type("print bye")
        shell.exit()
    assert atuin("history", "list", "--format", "{command}").splitlines()[:2] == [
        "print hello",
        "print bye",
    ]
    assert place.traces() == []


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


def test_another_version(place: Place) -> None:
    """A hook that is older than the devkeys which wrote the index is told of, once a session."""
    place.index()
    index = place.state / "shell-index"
    index.write_text(index.read_text().replace(VERSION, "99.1.0rc2"))
    with place.start() as shell:
        line = f"devkeys: this hook is of {VERSION}, devkeys is 99.1.0rc2 (devkeys hook install)"
        assert shell.screen.count(line) == 1
        assert "devkeys:" not in shell.type("cd ..")
        shell.exit()


def test_where_no_word_is_said(place: Place) -> None:
    """Nothing is read above a repository or HOME, and nothing but an ordinary file."""
    top = _checkout(place, "top")
    (top / "inner" / ".git").mkdir(parents=True)
    (place.folder.parent / ".env.example").write_text("A_KEY=\n")
    (place.folder / "below").mkdir()
    pipe, plain, large = (_checkout(place, name, "PORT=\n") for name in ("pipe", "plain", "large"))
    (pipe / ".env.example").unlink()
    os.mkfifo(pipe / ".env.example")
    with (large / ".env.example").open("wb") as file:
        file.truncate(1 << 34)
    with place.start() as shell:
        for folder in (top / "inner", place.folder / "below", pipe, plain, large):
            assert "devkeys:" not in shell.type(f"cd {folder}")
        shell.exit()


# --- completions ----------------------------------------------------------------------------------


def test_completions(place: Place) -> None:
    """Tab after `devkeys` asks devkeys, after other commands the user's own completer."""
    place.configure(
        before="$env.config.completions.external.completer = "
        "{|spans| [{value: $'other-($spans.0)'}] }"
    )
    with place.start() as shell:
        shell.send("devkeys uns\t")
        shell.wait("unset")
        assert "Usage" in shell.run(" --help")
        for line in ("app x\t", "devkeys run -- app x\t"):
            shell.send(line)
            shell.wait("other-app")
            shell.send("\x03")
            shell.next_prompt()
        shell.exit()
