"""zsh: what else people load beside our hook goes on as ever, whichever is loaded first."""

import subprocess

import pytest
import real
from zsh_shell import HOOK, SAID, Place, place, value

__all__ = ["place"]  # a fixture

ORDERS = ["before", "after"]


@pytest.mark.parametrize("order", ORDERS)
def test_atuin(place: Place, order: str) -> None:
    """Atuin, which records by itself, never sees it, and sees all else."""
    place.link("atuin")
    place.configure(**{order: 'eval "$(atuin init zsh)"'})
    with place.start() as zsh:
        zsh.run("echo before")
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}")
        zsh.run("echo after")
        assert SAID in zsh.run(f"LLM_API_KEY={value()} sleep 0; false")
        seen = zsh.run("atuin history list --format '{command}'")
        zsh.exit()
    assert "echo before\necho after\n" in seen
    assert place.traces() == []


@pytest.mark.parametrize("order", ORDERS)
def test_crowd(place: Place, order: str) -> None:
    """Starship, direnv, fzf, suggestions and colours: all of them work, and `$?` is right."""
    place.link("starship", "direnv", "fzf", "bash")
    folder = "/usr/share/zsh-"
    parts = [f"{folder}autosuggestions/zsh-autosuggestions.zsh"]
    parts += [f"{folder}syntax-highlighting/zsh-syntax-highlighting.zsh"]
    parts += ["/usr/share/doc/fzf/examples/key-bindings.zsh"]
    if subprocess.run(["ls", *parts], check=False, capture_output=True).returncode:
        real.absent("needs zsh-autosuggestions, zsh-syntax-highlighting and fzf's key bindings")
    crowd = ['eval "$(starship init zsh)"', 'eval "$(direnv hook zsh)"']
    crowd += [f"source {part}" for part in parts]
    place.configure(**{order: "\n".join(crowd)})
    (place.work / ".envrc").write_text("export FROM_DIRENV=yes\n")
    with place.start() as zsh:
        zsh.run("direnv allow .")
        assert "yes-0" in zsh.run("echo $FROM_DIRENV-$?")
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}; false | (exit 3) | true")
        assert "1 3 0" in zsh.run("echo $pipestatus")
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}; (exit 4)")
        assert "4 4" in zsh.run("echo $? $STARSHIP_CMD_STATUS")
        zsh.run("echo after")
        zsh.exit()
    assert place.traces() == []
    assert place.history()[-2:] == ["echo after", "exit"]


# What frameworks set: options of the history, and functions of theirs on every hook.
FRAMEWORK = """
setopt extended_history hist_expire_dups_first hist_ignore_dups hist_ignore_space share_history
setopt prompt_subst auto_cd auto_pushd pushd_ignore_dups multios long_list_jobs
theirs_precmd() { print -rn -- "[precmd $?]" }
theirs_preexec() { print -r -- "[preexec $1]" }
precmd_functions+=(theirs_precmd) preexec_functions+=(theirs_preexec)
chpwd() { print -r -- "[chpwd]" }
alias -g L='| cat' G='| grep'
alias print='echo no' local=false command=false builtin=false emulate=false trap=false read=false
"""


@pytest.mark.parametrize("order", ORDERS)
def test_framework(place: Place, order: str) -> None:
    """Options, hooks and aliases of a framework disturb nothing, and are not disturbed."""
    place.configure(**{order: FRAMEWORK})
    with place.start() as zsh:
        assert "[precmd 0]" in zsh.run("true")
        assert "[preexec false]" in zsh.run("false")
        assert "[chpwd]" in zsh.run("/")
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}; (exit 6)")
        assert "[precmd 6]" in zsh.screen
        zsh.run("echo after")
        zsh.exit()
    assert place.traces() == []
    assert place.history()[-2:] == ["echo after", "exit"]


RECORDERS = {
    "hook": 'rec() { builtin print -r -- "$1" >>~/own }; zshaddhistory_functions+=(rec)',
    "first": 'rec() { builtin print -r -- "$1" >>~/own }; zshaddhistory_functions[1,0]=(rec)',
    "alone": 'rec() { builtin print -r -- "$1" >>~/own }; zshaddhistory_functions=(rec)',
    "two": "rec() { builtin print -r -- x$1 >>~/own; return 2 }; zshaddhistory_functions+=(rec)",
    "print -s": "rec() { builtin print -Sr -- \"${1%%$'\\n'}\"; fc -AI ~/own; fc -p ~/own }\n"
    "setopt inc_append_history; autoload -Uz add-zsh-hook; add-zsh-hook zshaddhistory rec",
    "preexec": '__resh_preexec() { builtin print -r -- "$1" >>~/own }\n'
    "preexec_functions+=(__resh_preexec)",
    "function": 'zshaddhistory() { builtin print -r -- "$1" >>~/own }',
    "function of two": 'zshaddhistory() { builtin print -r -- "$1$?" >>~/own; return 2 }',
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("recorder", RECORDERS)
def test_recorders(place: Place, recorder: str, order: str) -> None:
    """What records by itself from zshaddhistory does so, but for what is kept out."""
    place.configure(**{order: "unsetopt append_history\n" + RECORDERS[recorder]})
    with place.start() as zsh:
        zsh.run("echo before")
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        zsh.run("echo after")
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        zsh.exit()
    assert place.traces() == []
    own = (place.folder / "own").read_text()
    assert own.count("echo before") == own.count("echo after") == 1


def test_function_of_the_same_name(place: Place) -> None:
    """The user's `zshaddhistory` gets the status, decides as ever, and can come and go."""
    place.configure(before='zshaddhistory() { echo "theirs $?"; [[ $1 != *unwanted* ]] }')
    with place.start() as zsh:
        zsh.run("false")
        assert zsh.run("echo unwanted").count("theirs 1\n") == 1
        zsh.run("unfunction zshaddhistory")
        assert "theirs" not in zsh.run("echo gone").removeprefix("echo gone")
        zsh.run("zshaddhistory() { echo new; return 2 }")
        assert zsh.run("echo x").count("new\n") == 1
        assert zsh.run(f"export LLM_API_KEY={value()}").count("new\n") == 0
        zsh.run("DEVKEYS_HOOK=off")
        assert zsh.run("echo y").count("new\n") == 1
        zsh.exit()
    wanted = [x for x in place.history() if x.startswith("echo")]
    assert wanted == ["echo gone"]


def test_traps(place: Place) -> None:
    """The user's traps, `set -x` and `set -e` see nothing of the hook."""
    with place.start() as zsh:
        for traps in (
            "TRAPZERR() { echo caught-zerr }; TRAPDEBUG() { echo caught-debug }",
            "trap 'echo caught-zerr' ZERR; trap 'echo caught-debug' DEBUG",
        ):
            zsh.run(traps)
            usual = zsh.run("true").count("caught-debug\n")
            shown = zsh.run(f"export LLM_API_KEY={value()}")
            assert shown.count(SAID) == 1
            assert (shown.count("caught-debug\n"), shown.count("caught-zerr\n")) == (usual, 0)
            assert zsh.run("false").count("caught-zerr\n") == 1
        zsh.run("set -x")
        assert "_devkeys" not in zsh.run(f"export LLM_API_KEY={value()}")
        zsh.run("trap - DEBUG ZERR; set +x; set -e")
        assert SAID in zsh.run(f"export LLM_API_KEY={value()}")
        assert "alive" in zsh.run("echo alive")
        zsh.exit()
    assert place.traces() == []


def test_other_reading(place: Place) -> None:
    """What `vared`, `read` and a here-document read is none of the hook's business."""
    with place.start() as zsh:
        zsh.send("vared -c A_TOKEN\r")
        zsh.wait("\n")
        zsh.send(f"{value()}\r")
        assert SAID not in zsh.next_prompt()
        zsh.send("read -r B_TOKEN; echo got\r")
        zsh.wait("\n")
        zsh.send(f"B_TOKEN={value()}\r")
        assert SAID not in zsh.next_prompt()
        zsh.exit()
    assert place.traces() == []
    assert place.history() == ["vared -c A_TOKEN", "read -r B_TOKEN; echo got", "exit"]


def test_loaded_again(place: Place) -> None:
    """To load the file twice, by either way, is to load it once."""
    place.configure(after=f'source "{HOOK}"; eval "$(<{HOOK})"')
    with place.start() as zsh:
        zsh.run(f'eval "$(<{HOOK})"')
        assert zsh.run(f"export LLM_API_KEY={value()}").count(SAID) == 1
        assert "[1 1]" in zsh.run(
            'echo "[${#zshaddhistory_functions} ${#precmd_functions:#count_prompts}]"'
        )
        assert "_devkeys" not in zsh.run("export").removeprefix("export")
        zsh.exit()
    assert place.traces() == []
