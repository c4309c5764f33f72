"""nushell: others that hook into the prompt, the word at cd, completions."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import real
from nushell_shell import SAID, Place, place, value

from devkeys import VERSION

__all__ = ["place"]


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


_DIRENV = """
$env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt | append {||
    direnv export json | from json | default {} | load-env
})
"""
_STARSHIP = """
source starship.nu
let drawn = $env.PROMPT_COMMAND
$env.PROMPT_COMMAND = {|| $"(do $drawn)<($env.prompts)>> " }
"""


@pytest.mark.parametrize("where", ["before", "after"])
def test_starship_and_direnv(place: Place, where: str) -> None:
    """They do what they do, in either order."""
    real.need("starship", "direnv", "bash")
    for name in ("starship", "direnv", "bash"):
        (place.bin / name).symlink_to(os.path.realpath(str(shutil.which(name))))
    environ = {"HOME": str(place.folder), "PATH": str(place.bin)}
    made = subprocess.run(
        ["starship", "init", "nu"], env=environ, capture_output=True, check=True
    ).stdout
    (place.config.parent / "starship.nu").write_bytes(made)
    (place.config.parents[1] / "starship.toml").write_text(
        'format = "star "\nadd_newline = false\n'
    )
    inner = place.work / "inner"
    inner.mkdir()
    (inner / ".envrc").write_text("export FROM_DIRENV=loaded\n")
    subprocess.run(["direnv", "allow", str(inner)], env=environ, check=True)
    place.configure(**{where: _DIRENV + _STARSHIP})
    with place.start() as shell:
        assert "star" in shell.type("cd inner")
        assert "is loaded" in shell.type('print $"is ($env.FROM_DIRENV?)"')
        assert SAID in shell.type(f"$env.LLM_API_KEY = '{value()}'")
        shell.exit()
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
