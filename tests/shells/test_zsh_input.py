"""zsh: whatever is typed, and however the shell is set up, the hook disturbs nothing."""

import os
import subprocess

import pytest
from zsh_shell import HOOK, SAID, Place, Zsh, place, value

__all__ = ["place"]  # a fixture

# What users set that changes what shell code means.
OPTIONS = [
    "ksh_arrays sh_word_split no_nomatch null_glob no_unset warn_create_global pipe_fail",
    "extended_glob no_function_argzero no_clobber no_multibyte ksh_glob glob_subst local_traps",
    "ignore_braces no_equals all_export posix_builtins posix_aliases rc_quotes no_case_match",
    "sh_glob no_glob csh_junkie_quotes no_short_loops c_bases no_case_glob no_bare_glob_qual",
    "re_match_pcre magic_equal_subst no_monitor ksh_typeset rc_expand_param glob_assign",
    "err_return err_exit sh_file_expansion sh_nullcmd octal_zeroes warn_nested_var noglob",
]


@pytest.mark.parametrize("load", ["file", "eval"])
@pytest.mark.parametrize("options", OPTIONS)
def test_options(place: Place, options: str, load: str) -> None:
    """Under no option does the hook fail, show anything, or let a secret through."""
    if load == "eval" and "sh_glob" in options:
        pytest.skip("eval reads all before anything can be set: the page says so")
    hook = f"source '{HOOK}'" if load == "file" else f'eval "$(<{HOOK})"'
    place.configure(hook=f"setopt {options}\n{hook}", after=f"unsetopt {options}")
    place.index("name LICENSE_CODE", f"checkout 1 2 {place.work}")
    (place.work / ".env.example").touch()
    with place.start() as zsh:
        zsh.run(f"setopt {options}")
        assert shown(zsh, "cd .") == ""
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        assert zsh.run(f"export LICENSE_CODE={value()}").count(SAID) == 1
        zsh.run("echo after")
        zsh.exit()
    assert zsh.screen.count("devkeys: 1 of 2 secrets missing (devkeys init)") == 1
    assert zsh.screen.count("devkeys: ") == 3
    assert "_devkeys" not in zsh.screen
    assert place.traces() == []
    assert place.history() == [f"setopt {options}", "cd .", "echo after", "exit"]


def shown(zsh: Zsh, command: str) -> str:
    """Return what *command* printed, between the line where it was typed and the prompt."""
    return zsh.run(command).rpartition(zsh.prompt)[0].partition("\n")[2]


SETTINGS = {
    "locale": "export LC_ALL=C",
    "ifs": "IFS='=:/_aeiou'",
    "no ifs": "unset IFS",
    "globs": "setopt no_extended_glob; disable -p '#' '^'",
    "path": "cd /; alias cd=false",
    "functions": "print() { echo no }; command() { echo no }; disable() { echo no }",
    "home": "unset HOME",
    "match": "readonly match MATCH mbegin REPLY index 2>/dev/null",
    "hooks": "precmd() { false }; preexec() { return 1 }; periodic() { false }; PERIOD=0",
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings(place: Place, setting: str) -> None:
    """What else users set disturbs nothing either."""
    place.index("name LICENSE_CODE")
    with place.start() as zsh:
        zsh.run(SETTINGS[setting])
        assert "_devkeys" not in shown(zsh, "true")
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        zsh.run("echo after")
        zsh.exit()
    assert "_devkeys" not in zsh.screen
    assert place.traces() == []
    assert place.history()[-2:] == ["echo after", "exit"]


HISTORIES = {
    "unset": "unset HISTFILE",
    "empty": "HISTFILE=",
    "directory": "HISTFILE=~",
    "unreadable": "HISTFILE=~/none/history",
    "none": "HISTSIZE=0 SAVEHIST=0",
    "one": "HISTSIZE=1 SAVEHIST=1",
}


@pytest.mark.parametrize("history", HISTORIES)
def test_histories(place: Place, history: str) -> None:
    """Without a history file that can be written, the hook says what it says and no more."""
    with place.start() as zsh:
        zsh.run(HISTORIES[history])
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        assert shown(zsh, "echo after") == "after\n"
        assert zsh.exit() == 0
    assert "_devkeys" not in zsh.screen
    assert place.traces() == []


def test_read_only_history(place: Place) -> None:
    """A history file that may not be written stays as it is."""
    place.history_file.write_text("echo old\n")
    os.chmod(place.history_file, 0o400)
    with place.start() as zsh:
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}")
        zsh.exit()
    assert place.traces() == []


def test_odd_lines(place: Place) -> None:
    """Blanks, unbalanced quotes, comments, binary bytes and several lines."""
    with place.start() as zsh:
        for blank in ("", "   ", "\t", ";", "#"):
            assert "devkeys" not in zsh.run(blank)
        zsh.send(f"export A_TOKEN='{value()}\r")
        zsh.wait("> ")
        zsh.send(f"{value()}\r")
        zsh.wait("> ")
        assert zsh.run("'").count(SAID) == 1
        zsh.send(f"for x in 1; do\rA_TOKEN={value()}\r")
        assert zsh.run("done").count(SAID) == 1
        zsh.send(f"export A_TOKEN='{value()}\r")
        zsh.wait("> ")
        zsh.send("\x03")
        zsh.next_prompt()
        zsh.paste(f"echo one\nexport A_TOKEN={value()}\necho \x16\x01\x16\x1b[31m two")
        assert zsh.run("").count(SAID) == 1
        zsh.paste(f"printf x | ( read x\n A_TOKEN={value()} ) # $\u00e9 \u4e2d")
        assert zsh.run("").count(SAID) == 1
        assert zsh.run(f"# A_TOKEN={value()}").count(SAID) <= 1
        zsh.run("echo caf\u00e9 \u4e2d")
        zsh.exit()
    assert place.traces() == []
    assert place.history()[-2:] == ["echo caf\u00e9 \u4e2d", "exit"]


def test_bytes(place: Place) -> None:
    """Bytes that are no text are recorded as they are, or kept out with what is beside them.

    The line editor takes none, so they come from a pipe.
    """
    lines = [b"echo \xff\x83\xfe\n", b"\xff=1 A_TOKEN=" + value().encode() + b"\xfe\n"]
    done = subprocess.run(
        [place.program, "-d", "-i", "+Z"],
        input=b"".join(lines),
        env=place.environ(),
        capture_output=True,
        check=False,
    )
    assert done.stderr.count(SAID.encode()) == 1
    assert place.traces() == []
    assert place.history() == ["echo \udcff\udc83\udcfe"]


def test_megabyte(place: Place) -> None:
    """A pasted command of 1 MB is judged, runs once, and is recorded if it may be."""
    with place.start() as zsh:
        zsh.run("count() { echo counted $#; }")
        zsh.paste("count " + "word " * 20_000)
        assert zsh.run("").count("counted 20000") == 1
        zsh.paste("count " + "word " * 200_000 + f"\nA_TOKEN={value()}")
        text = zsh.run("")
        assert (text.count("counted 200000"), text.count(SAID)) == (1, 1)
        zsh.exit()
    assert place.traces() == []
    assert len(place.history()[1]) > 100_000
