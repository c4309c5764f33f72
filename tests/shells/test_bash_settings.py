"""bash: whatever the user's settings are and whatever comes in, the shell is not disturbed."""

import shutil
import subprocess
from pathlib import Path

import pytest
from bash_shell import HOOK, SAID, Place, place, value

__all__ = ["place"]  # a fixture

SETTINGS = {
    "strict": "set -eu -o pipefail",
    "posix": "set -o posix",
    "vi": "set -o vi",
    "functrace": "set -T",
    "extdebug": "shopt -s extdebug",
    "noclobber": "set -C",
    "noglob": "set -f",
    "allexport": "set -a",
    "keyword": "set -k",
    "nocasematch": "shopt -s nocasematch",
    "globs": "shopt -s failglob nullglob extglob dotglob globstar",
    "inherit": "shopt -s localvar_inherit inherit_errexit lastpipe",
    "separator": "IFS=eo/=:",
    "locale": "LC_ALL=C",
    "no-locale": "LC_ALL=xx_YY.UTF-8",
    "aliases": "alias local=false builtin=false printf=false set=false return=false '[['=false",
    "functions": "history() { echo mine; }; printf() { echo mine; }; trap() { echo mine; }; "
    "read() { echo mine; }; shopt() { echo mine; }; kill() { echo mine; }; set() { echo mine; }",
    "no-prompt-command": "unset PROMPT_COMMAND",
    "array": "PROMPT_COMMAND=('seen=1' 'again=2')",
    "separated": "PROMPT_COMMAND='seen=1 ; '",
    "commented": "PROMPT_COMMAND='seen=1 # once'",
    "descriptors": "exec 9<&0 10>&1 11>&2",
    "no-memory": "OSTYPE=other",
    "read-only": "readonly HISTTIMEFORMAT='%F %T ' HISTFILE HISTSIZE=500",
    "read-only-directory": "readonly TMPDIR=/tmp LC_ALL=C.UTF-8",
    "compatible": "BASH_COMPAT=4.3",
    "traps": "trap ': x' ERR; trap ': x' RETURN; trap ': x' EXIT; trap ': x' CHLD INT",
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", SETTINGS)
def test_settings(place: Place, name: str, when: str) -> None:
    """Under any setting, before or after our line: kept out, recorded, nothing else is printed."""
    place.configure(**{when: SETTINGS[name]})
    secret, other = value(), value()
    with place.start() as bash:
        quiet = bash.screen.replace("<1>> ", "").strip()
        assert quiet == "" or name in ("no-locale", "traps") or "xx_YY" in quiet, quiet
        assert bash.run("echo one") == "echo one\none\n<2>> "
        assert bash.run(f"A_TOKEN={secret}").count("devkeys: ") == 1
        assert bash.run("mysql_is_not_here -u me || echo two").endswith("\ntwo\n<4>> ")
        assert bash.run("openssl version || echo three").endswith("\nthree\n<5>> ")
        assert bash.run(f"(: {secret} --token {other})").count("devkeys: ") == 1
        assert bash.run("echo four") == "echo four\nfour\n<7>> "
        bash.hang_up()
    assert place.traces(secret) + place.traces(other) == []
    assert place.history() == [
        "echo one",
        "mysql_is_not_here -u me || echo two",
        "openssl version || echo three",
        "echo four",
    ]


def test_trace_of_commands(place: Place) -> None:
    """With `set -x` the shell shows what it runs, and goes on as ever."""
    secret = value()
    with place.start() as bash:
        bash.run("set -x")
        assert bash.run(f"A_TOKEN={secret}").count(SAID) == 1
        assert bash.screen.count(secret) <= 4
        bash.run("set +x")
        assert bash.run("echo one") == "echo one\none\n<5>> "
        bash.exit()
    assert place.traces(secret) == []


def test_what_the_next_command_sees(place: Place) -> None:
    """`$?`, `$_`, PIPESTATUS and jobs are what they are without the hook."""
    with place.start() as bash:
        for command in ("(exit 7)", f"A_TOKEN={value()} eval 'sleep 0; (exit 7)'"):
            bash.run(command)
            assert "\n7\n" in bash.run("echo $?")
        bash.run("true | (exit 3) | (exit 4)")
        assert "\n0 3 4\n" in bash.run('echo "${PIPESTATUS[@]}"')
        bash.run(": --password hunter2hunter2 last-word")
        assert "\nlast-word\n" in bash.run("echo $_")
        bash.run("sleep 30 &")
        assert "Running" in bash.run("jobs")
        assert "\n1\n" in bash.run(f"kill %1; B_TOKEN={value()}; jobs -p | mapfile -t x; echo 1")
        bash.exit()


def test_functions_and_loops(place: Place) -> None:
    """A line is looked at once, however many commands it runs."""
    place.configure(
        'looks=0; eval "real$(declare -f _devkeys_look)"\n'
        "_devkeys_look() { ((++looks)); real_devkeys_look; }"
    )
    with place.start() as bash:
        bash.run("looks=0")
        bash.run("for i in {1..50}; do :; done; f() { :; :; }; f; f; f | f")
        assert "\n2\n" in bash.run("echo $looks")
        bash.exit()


def test_no_process(place: Place) -> None:
    """An ordinary command starts no process, nor does the prompt after it."""
    state = place.state
    state.mkdir(parents=True)
    names = "".join(f"name DECLARED_{x}\n" for x in range(500))
    (state / "shell-index").write_text(f"devkeys-index 1 0.1.0\n{names}")
    place.configure("trap '((++children))' CHLD")
    with place.start() as bash:
        bash.run("history -c; children=0")
        for command in ("echo one", "X=1 : Y:=2", ": -a --b", "cd /", "git_add() { :; }", "#"):
            bash.run(command)
        assert "\n0\n" in bash.run("echo $children")
        bash.exit()


def test_scripts(place: Place) -> None:
    """In a shell that is not interactive nothing happens and nothing is printed."""
    script = f'. {HOOK}; trap -p; echo "${{PROMPT_COMMAND-}}"; complete -p; : a_token=x'
    done = subprocess.run(
        [str(shutil.which("bash")), "-euo", "pipefail", "-c", script],
        env=dict(place.environ()),
        capture_output=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (b"\n", b"")


def test_loaded_twice(place: Place) -> None:
    """Loading it again changes nothing, also in an open shell."""
    place.configure(f". '{HOOK}'")
    secret = value()
    with place.start() as bash:
        bash.run(f". '{HOOK}'; eval \"$(<'{HOOK}')\"")
        assert bash.run(f"A_TOKEN={secret}").count("devkeys: ") == 1
        assert bash.run('echo "$PROMPT_COMMAND"').count("_devkeys_prompt") == 1
        assert bash.run('trap -p; echo "[${_devkeys_trap}]"').count("_devkeys_debug") == 1
        bash.exit()
    assert place.traces(secret) == []


def test_loaded_by_hand(place: Place) -> None:
    """Loaded at the prompt it works from the next prompt on."""
    (place.folder / ".bashrc").write_text("prompts=0 PS1='<$((++prompts))>> '\n")
    secret = value()
    with place.start() as bash:
        bash.run("trap 'traps=$((traps+1))' DEBUG")
        bash.run(f"eval \"$(<'{HOOK}')\"")
        assert bash.run(f"A_TOKEN={secret}").count(SAID) == 1
        bash.run("before=$traps")
        assert "\n2\n" in bash.run("echo $((traps - before))")
        bash.exit()
    assert place.traces(secret) == []


@pytest.mark.parametrize("declared", ["readonly PROMPT_COMMAND", "readonly PROMPT_COMMAND=:"])
def test_read_only_prompt_command(place: Place, declared: str) -> None:
    """Where the hook cannot work it says so in one line, and does nothing else."""
    place.configure(before=declared)
    with place.start() as bash:
        assert bash.screen.count("devkeys: ") == 1
        assert "PROMPT_COMMAND is read-only" in bash.screen
        assert bash.run("trap; echo one").endswith("\none\n<2>> ")
        bash.exit()


def test_overwritten(place: Place) -> None:
    """A DEBUG trap or PROMPT_COMMAND that is set later does not push us out."""
    secrets = [value() for _ in range(6)]
    commands = iter(f"A_TOKEN={x}" for x in secrets)
    with place.start() as bash:
        bash.run("PROMPT_COMMAND=':'")
        assert SAID in bash.run(next(commands))
        bash.run("unset PROMPT_COMMAND")
        assert SAID in bash.run(next(commands))
        bash.run("trap 'mine=$BASH_COMMAND' DEBUG")
        assert SAID in bash.run(next(commands))
        assert "mine=[echo" in bash.run('echo "mine=[$mine]"')
        bash.run("trap - DEBUG")
        assert SAID in bash.run(f"({next(commands)})")
        assert SAID in bash.run(next(commands))
        bash.run("PROMPT_COMMAND=('history -a' true)")
        assert SAID in bash.run(f"({next(commands)})")
        bash.hang_up()
    assert [x for x in secrets if place.traces(x)] == []


def test_old_bash(tmp_path: Path) -> None:
    """A bash that is too old is told so, by the same file."""
    text = HOOK.read_text().replace("BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404", "1")
    (tmp_path / "hook").write_text(text)
    done = subprocess.run(
        [str(shutil.which("bash")), "--norc", "-i", "-c", f". {tmp_path}/hook; complete -p; trap"],
        env={"HOME": str(tmp_path), "PATH": "/nowhere"},
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode().splitlines()
    assert [x for x in said if "too old" in x] == said[-1:]
    assert done.stdout == b""
