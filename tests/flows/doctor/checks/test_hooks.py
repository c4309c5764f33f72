"""Whether shells have the hook, and whether it has the last word."""

import os
import shlex
from pathlib import Path

import bash_shell
import pytest
import zsh_shell
from doctor_scope import kinds, make_scope, only

from devkeys import hookfiles
from devkeys.flows import hooks as installing
from devkeys.flows.doctor.checks.hooks import look, shells_used
from devkeys.flows.doctor.scope import Scope
from devkeys.flows.hooks import startup
from devkeys.scan.finding import Finding, Fine, Remedy, Unseen

PREEXEC = Path(__file__).parents[3] / "preexec.bash"
# What may stand behind the line that loads the hook, and whether it takes the hook away.
BASH = {
    "": False,
    "PROMPT_COMMAND='true'": False,
    "trap 'true' DEBUG": False,
    "PROMPT_COMMAND='true'\ntrap - DEBUG": True,
    "trap 'true' DEBUG\nunset PROMPT_COMMAND": True,
    "PROMPT_COMMAND=\"true; $PROMPT_COMMAND\"\ntrap 'true' DEBUG": False,
    "# PROMPT_COMMAND=x\n# trap - DEBUG": False,
}
ZSH = {
    "": False,
    "precmd_functions=()": False,
    "zshaddhistory_functions=()": False,
    "zshaddhistory() { return 0 }": False,
    "zshaddhistory_functions=()\nprecmd_functions=()": True,
    "precmd_functions=(x $precmd_functions)\nzshaddhistory_functions=()\nx() { true }": False,
}


def of_shell(scope: Scope, shell: str) -> list[Finding]:
    """Return the findings about *shell*: the tests' own shell is looked at, too."""
    file = startup.file_of(shell, scope.session.environ)
    return [one for one in only(Finding, look(scope)) if one.place.path == file]


def install(home: Path, shell: str) -> Scope:
    """Install the hook of *shell* in HOME as its user does."""
    scope = make_scope(home)
    installing.install(scope.session, shell, yes=True)
    return scope


def test_the_login_shell_without_a_hook_is_a_risk(home: Path) -> None:
    """With what installs it."""
    scope = make_scope(home, SHELL="/usr/bin/zsh")
    (found,) = of_shell(scope, "zsh")
    assert (found.kind.id, found.step) == ("hook/missing", "devkeys hook install zsh")
    assert found.remedy == Remedy("hook", f"{home}/.zshrc", "zsh")


def test_a_shell_that_was_used_lately_counts(home: Path) -> None:
    """By its history; one that nobody has used for a year does not."""
    for name in (".bash_history", ".zsh_history"):
        (home / name).write_text("ls\n")
    os.utime(home / ".zsh_history", (0, 0))
    assert shells_used(make_scope(home).session.environ) == {"bash"}
    assert [one.kind.id for one in of_shell(make_scope(home), "bash")] == ["hook/missing"]


@pytest.mark.parametrize("shell", hookfiles.FILES)
def test_a_hook_that_is_installed_is_fine(home: Path, shell: str) -> None:
    """In each shell, as `devkeys hook install` leaves it."""
    scope = install(home, shell)
    assert of_shell(scope, shell) == []
    assert shell in only(Fine, look(scope))[0].what


def test_a_hook_by_hand_is_fine(home: Path) -> None:
    """Whoever wrote the line."""
    (home / ".zshrc").write_text('eval "$(devkeys hook zsh)"\n')
    assert of_shell(make_scope(home), "zsh") == []


def test_a_line_whose_copy_is_gone_is_none(home: Path) -> None:
    """It does nothing, silently."""
    scope = install(home, "zsh")
    os.unlink(hookfiles.copy_of(scope.session.data_dir, "zsh"))
    (found,) = of_shell(scope, "zsh")
    assert found.kind.id == "hook/missing"
    assert "is gone" in found.what


def test_a_copy_of_another_version_is_told_of(home: Path) -> None:
    """It works, and knows less."""
    scope = install(home, "zsh")
    with open(hookfiles.copy_of(scope.session.data_dir, "zsh"), "a", encoding="utf-8") as file:
        file.write("# older\n")
    (found,) = of_shell(scope, "zsh")
    assert (found.kind.id, found.step) == ("hook/old", "devkeys hook install zsh")


def test_a_hook_that_is_loaded_twice_is_told_of(home: Path) -> None:
    """By our line, and by hand."""
    scope = install(home, "zsh")
    with (home / ".zshrc").open("a") as file:
        file.write('eval "$(devkeys hook zsh)"\n')
    (found,) = of_shell(scope, "zsh")
    assert found.kind.id == "hook/old"
    assert "2 times" in found.what


def test_a_file_that_cannot_be_read_is_said(home: Path) -> None:
    """A FIFO in its place hangs nothing."""
    os.mkfifo(home / ".zshrc")
    results = list(look(make_scope(home, SHELL="/bin/zsh")))
    assert f"{home}/.zshrc" in {one.place for one in only(Unseen, results)}


@pytest.mark.parametrize("after", BASH)
def test_what_the_real_bash_records_is_what_is_said(
    tmp_path: Path, script: Path, after: str
) -> None:
    """Behind the hook's line: doctor says that it is undone where bash records a secret, only."""
    place = bash_shell.Place(tmp_path, script)
    place.configure(after=after)
    value = bash_shell.value()
    with place.start() as shell:
        shell.run(f"export A_KEY={value}")
        shell.exit()
    scope = installed_in(place.folder / ".bashrc", "bash", after)
    undone = [one for one in of_shell(scope, "bash") if one.kind.id == "hook/undone"]
    assert (value in place.text()) == bool(undone) == BASH[after]


@pytest.mark.parametrize("after", ZSH)
def test_what_the_real_zsh_records_is_what_is_said(
    tmp_path: Path, script: Path, after: str
) -> None:
    """Likewise in zsh."""
    place = zsh_shell.Place(tmp_path, script)
    place.configure(after=after)
    value = zsh_shell.value()
    with place.start() as shell:
        shell.run(f"export A_KEY={value}")
        shell.exit()
    scope = installed_in(place.config, "zsh", after)
    undone = [one for one in of_shell(scope, "zsh") if one.kind.id == "hook/undone"]
    assert any(value in entry for entry in place.history()) == bool(undone) == ZSH[after]


def installed_in(file: Path, shell: str, after: str) -> Scope:
    """Install the hook in a file of its own, with *after* below it."""
    file.write_text("")
    scope = install(file.parent, shell)
    with file.open("a") as stream:
        stream.write(after + "\n")
    return scope


def test_a_hook_that_bash_reads_from_a_file_falls_to_one_line(tmp_path: Path, script: Path) -> None:
    """Loaded by `.`, it stands in PROMPT_COMMAND alone: seen in the real bash, and said."""
    place = bash_shell.Place(tmp_path, script)
    scope = make_scope(place.folder)
    hookfiles.keep(scope.session.data_dir, "bash")
    copy = shlex.quote(hookfiles.copy_of(scope.session.data_dir, "bash"))
    line = f"if [ -r {copy} ]; then . {copy}; fi  # devkeys hook"
    place.configure(after="PROMPT_COMMAND=true", line=line)
    value = bash_shell.value()
    with place.start() as shell:
        shell.run(f"export A_KEY={value}")
        shell.exit()
    assert value in place.text()
    (found,) = of_shell(scope, "bash")
    rows = (place.folder / ".bashrc").read_text().splitlines()
    assert found.kind.id == "hook/undone"
    assert rows[(found.place.line or 0) - 1] == "PROMPT_COMMAND=true"


def test_the_blank_that_bash_preexec_takes_away_is_told_of(tmp_path: Path, script: Path) -> None:
    """With it loaded, what begins with a blank is recorded: so it is in the real bash."""
    place = bash_shell.Place(tmp_path, script)
    (place.folder / ".bash-preexec.sh").symlink_to(PREEXEC)
    text = "HISTCONTROL=ignorespace\n[[ -f ~/.bash-preexec.sh ]] && . ~/.bash-preexec.sh\n"
    place.configure(line=text)
    with place.start() as shell:
        shell.run("echo first")
        shell.run(" echo blank")
        shell.exit()
    assert " echo blank" in place.text()
    (place.folder / ".bashrc").write_text(text)
    found = [one.kind.id for one in of_shell(make_scope(place.folder), "bash")]
    assert "hook/ignorespace" in found


def test_without_bash_preexec_the_blank_is_fine(home: Path) -> None:
    """As in Debian's own .bashrc."""
    (home / ".bashrc").write_text("HISTCONTROL=ignoreboth\n# no bash-preexec here\n")
    assert "hook/ignorespace" not in kinds(look(make_scope(home)))


@pytest.mark.parametrize(
    ("shell", "line", "installed", "told"),
    [
        ("zsh", 'eval "$(atuin init zsh)"', True, False),
        ("zsh", 'eval "$(atuin init zsh)"', False, True),
        ("zsh", "# eval atuin init zsh", False, False),
        ("zsh", 'eval "$(mcfly init zsh)"', True, False),
        ("bash", 'eval "$(mcfly init bash)"', True, True),
        ("bash", "source ~/.hishtory/config.sh", True, True),
        ("bash", 'eval "$(atuin init bash)"', True, False),
    ],
)
def test_what_records_by_itself_is_told_of(
    home: Path, shell: str, line: str, installed: bool, told: bool
) -> None:
    """Where the hook does not reach it, or is not there; docs/shells.md says where it does."""
    file = home / f".{shell}rc"
    file.write_text(line + "\n")
    scope = install(home, shell) if installed else make_scope(home, SHELL=shell)
    assert ("hook/recorder" in [one.kind.id for one in of_shell(scope, shell)]) == told


def test_in_ci_hooks_are_no_matter(home: Path) -> None:
    """Nobody types there."""
    assert list(look(make_scope(home, CI="true", SHELL="/bin/zsh"))) == []
