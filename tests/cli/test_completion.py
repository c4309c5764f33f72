"""Completions, in the shells themselves."""

import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from desk import Desk, key
from real import need

CONFIGURATION = """\
[profiles.staging]
source = "op://Eng/chat-staging"

[profiles."$(touch hacked)"]

[scopes]
lint = []
"""


@pytest.fixture
def shell_desk(desk: Desk) -> Desk:
    """Put `devkeys` on PATH, and a project with profiles, scopes and a stored value."""
    folder = desk.home / "bin"
    folder.mkdir()
    program = folder / "devkeys"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m devkeys "$@"\n')
    program.chmod(0o755)
    (desk.project / "devkeys.toml").write_text(CONFIGURATION)
    return desk


def _environ(desk: Desk) -> dict[str, str]:
    environ = desk.environ
    return {**environ, "PATH": f"{desk.home}/bin:{environ['PATH']}", "TERM": "xterm"}


def _script(desk: Desk, shell: str) -> Path:
    done = desk.devkeys("completion", shell)
    assert (done.code, done.err) == (0, "")
    path = desk.home / f"completion.{shell}"
    path.write_bytes(done.out)
    return path


def _expect_completed(desk: Desk, shell: list[str], setup: str, case: tuple[str, str]) -> None:
    """Type a line in an interactive *shell*, press Tab, and wait for the rest of the word."""
    line, expected = case
    child = pexpect.spawn(
        shell[0],
        shell[1:],
        cwd=str(desk.project),
        env=_environ(desk),
        encoding="utf-8",
        timeout=30,
        dimensions=(50, 200),
    )
    child.sendline(f"{setup}; PS1='re''ady> '")  # its own echo is not to be taken for it
    child.expect_exact("ready> ")
    child.send(line)
    child.expect_exact(line)
    child.send("\t")
    child.expect_exact(expected[len(line.split()[-1]) :])
    child.close(force=True)


CASES = [
    ("devkeys sta", "status"),
    ("devkeys get LLM", "LLM_API_KEY"),
    ("devkeys status -p stag", "staging"),
    ("devkeys run --scope li", "lint"),
    ("devkeys run --prefer-s", "--prefer-store"),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_bash_completes(shell_desk: Desk, line: str, expected: str) -> None:
    """In bash the Tab key writes commands, names, profiles, scopes and run's options out."""
    need("bash")
    setup = f"source {_script(shell_desk, 'bash')}"
    shell = ["bash", "--norc", "--noprofile", "-i"]
    _expect_completed(shell_desk, shell, setup, (line, expected))


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_zsh_completes(shell_desk: Desk, line: str, expected: str) -> None:
    """In zsh likewise."""
    need("zsh")
    setup = f"autoload -Uz compinit; compinit -u; source {_script(shell_desk, 'zsh')}"
    _expect_completed(shell_desk, ["zsh", "-f", "-i"], setup, (line, expected))


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish_completes(shell_desk: Desk, line: str, expected: str) -> None:
    """In fish likewise; its own `complete -C` tells what Tab would offer."""
    need("fish")
    done = subprocess.run(
        ["fish", "-c", f"source {_script(shell_desk, 'fish')}; complete -C {shlex.quote(line)}"],
        cwd=shell_desk.project,
        env=_environ(shell_desk),
        capture_output=True,
        text=True,
        check=False,
    )
    assert expected in [offer.partition("\t")[0] for offer in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", ["powershell", "pwsh"])
def test_powershells_script_is_printed(desk: Desk, shell: str) -> None:
    """PowerShell gets a script of its own; it was never run here."""
    done = desk.devkeys("completion", shell)
    assert done.code == 0
    assert "Register-ArgumentCompleter -Native -CommandName devkeys" in done.text


@pytest.mark.parametrize("shell", ["complete_bash", "complete_zsh"])
def test_a_repository_cannot_put_code_into_a_completion(shell_desk: Desk, shell: str) -> None:
    """What is no plain word is not offered: these scripts evaluate what they get."""
    done = shell_desk.devkeys(
        env={
            "_DEVKEYS_COMPLETE": shell,
            "COMP_WORDS": "devkeys status -p ",
            "COMP_CWORD": "3",
            "_TYPER_COMPLETE_ARGS": "devkeys status -p ",
        }
    )
    assert "staging" in done.text
    assert "hacked" not in done.text
    assert not (shell_desk.project / "hacked").exists()


def test_a_completion_reads_no_secret(shell_desk: Desk) -> None:
    """Names are completed while the store cannot be opened at all."""
    shell_desk.devkeys("set", "LLM_API_KEY", input=key().encode())
    (shell_desk.home / ".local/share/devkeys/identity").unlink()
    env = {"_DEVKEYS_COMPLETE": "complete_bash", "COMP_WORDS": "devkeys get ", "COMP_CWORD": "2"}
    assert "LLM_API_KEY" in shell_desk.devkeys(env=env).text.split()


def test_outside_of_a_project_nothing_is_offered(desk: Desk) -> None:
    """Without a project a completion is empty, not an error."""
    env = {"_DEVKEYS_COMPLETE": "complete_bash", "COMP_WORDS": "devkeys get ", "COMP_CWORD": "2"}
    done = desk.devkeys(env=env, cwd=desk.home)
    assert (done.code, done.out.strip(), done.err) == (0, b"", "")


def test_the_running_shell_is_found(shell_desk: Desk) -> None:
    """Without a name, the script is for the shell that asks; another is told what there is."""
    need("bash")
    done = subprocess.run(
        ["bash", "-c", "devkeys completion; true"],
        cwd=shell_desk.project,
        env=_environ(shell_desk),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "complete -o default -F _devkeys_completion devkeys" in done.stdout
    done_tcsh = shell_desk.devkeys("completion", "tcsh")
    assert done_tcsh.code == 2
    assert "no completions for tcsh" in done_tcsh.err
    assert "bash, zsh, fish, powershell" in done_tcsh.err


def test_a_place_to_write_to_is_not_completed(shell_desk: Desk) -> None:
    """At the Tab key no provider is asked what it has."""
    env = {
        "_DEVKEYS_COMPLETE": "complete_bash",
        "COMP_WORDS": "devkeys set LLM_API_KEY --to ",
        "COMP_CWORD": "4",
    }
    assert shell_desk.devkeys(env=env).text.split() == []
