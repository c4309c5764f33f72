"""Which file a shell reads, and a line that each real shell understands."""

import subprocess
import sys
from pathlib import Path

import pytest
from command import environment
from real import need

from devkeys.errors import DevkeysError
from devkeys.flows.hooks.startup import file_of, line_of, remark
from devkeys.hookfiles import FILES

# What a copy sets so that it can be seen, and how the shell shows it after its start-up file.
SEEN = {
    "bash": ("SEEN=yes", ["bash", "--rcfile", "RC", "-ic", "echo seen=$SEEN"]),
    "zsh": ("SEEN=yes", ["zsh", "-fc", ". $0; echo seen=$SEEN", "RC"]),
    "fish": ("set -g SEEN yes", ["fish", "-N", "-C", "source $RC", "-c", 'echo seen="$SEEN"']),
    "nushell": (
        '$env.SEEN = "yes"',
        ["nu", "--config", "RC", "-c", 'print $"seen=($env.SEEN? | default "")"'],
    ),
    "elvish": ("set E:SEEN = yes", ["elvish", "-c", "eval (slurp < $E:RC); echo seen=$E:SEEN"]),
    "xonsh": (
        "SEEN = 'yes'",
        ["xonsh", "--rc", "RC", "-i", "-c", "print('seen=' + globals().get('SEEN', ''))"],
    ),
}
PROGRAMS = {"nushell": "nu"}


@pytest.mark.parametrize("shell", SEEN)
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("folder", ["plain", "it's", 'a b\'#"c" $HOME \\n `id`; ünï & x'])
def test_the_line_loads_the_copy(tmp_path: Path, shell: str, there: bool, folder: str) -> None:
    """The shell reads the file at any path; where it is gone, it starts as ever, silently."""
    need(PROGRAMS.get(shell, shell))
    content, command = SEEN[shell]
    copy, rc = tmp_path / folder / FILES[shell], tmp_path / "rc"
    copy.parent.mkdir()
    if there:
        copy.write_text(content + "\n")
    rc.write_text(line_of(shell, str(copy)) + "  # devkeys hook\n")
    done = subprocess.run(
        [str(rc) if word == "RC" else word for word in command],
        env=environment(tmp_path, RC=str(rc)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert f"seen={'yes' if there else ''}\n" in done.stdout, done.stderr
    # What bash and xonsh say where they are interactive without a terminal.
    noise = ("no job control", "cannot set terminal process group", "not a terminal")
    said = [one for one in done.stderr.splitlines() if not any(text in one for text in noise)]
    assert said == []


def test_powershells_line_doubles_every_kind_of_quote() -> None:
    """It was never run; typographic quotes are quotes there."""
    assert line_of("powershell", "/it's/a\u2019b") == (
        "if (Test-Path -LiteralPath '/it''s/a\u2019\u2019b') { . '/it''s/a\u2019\u2019b' }"
    )


@pytest.mark.parametrize("shell", FILES)
def test_a_path_with_a_line_end_has_no_line(shell: str) -> None:
    """A line is a line."""
    with pytest.raises(DevkeysError, match="cannot stand in a start-up file"):
        line_of(shell, "/a\nb/devkeys")


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("bash", ".bashrc"),
        ("zsh", ".zshrc"),
        ("fish", ".config/fish/conf.d/devkeys.fish"),
        ("nushell", ".config/nushell/config.nu"),
        ("elvish", ".config/elvish/rc.elv"),
        ("xonsh", ".config/xonsh/rc.xsh"),
        ("powershell", ".config/powershell/profile.ps1"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's places")
def test_each_shells_own_place(tmp_path: Path, shell: str, expected: str) -> None:
    """In HOME, and below XDG_CONFIG_HOME where the shell heeds it."""
    assert file_of(shell, {"HOME": str(tmp_path)}) == str(tmp_path / expected)
    moved = file_of(shell, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "/conf"})
    assert moved == str(tmp_path / expected).replace(str(tmp_path / ".config"), "/conf")
    assert file_of(shell, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "conf"}) == str(
        tmp_path / expected
    )


def test_zsh_is_where_zdotdir_says() -> None:
    """ZDOTDIR comes before HOME."""
    assert file_of("zsh", {"HOME": "/h", "ZDOTDIR": "/z"}) == "/z/.zshrc"


@pytest.mark.parametrize(
    ("shell", "old", "new"),
    [
        ("elvish", ".elvish/rc.elv", ".config/elvish/rc.elv"),
        ("xonsh", ".xonshrc", ".config/xonsh/rc.xsh"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's places")
def test_an_older_place_is_used_if_it_is_the_one(
    tmp_path: Path, shell: str, old: str, new: str
) -> None:
    """Whoever has the older file keeps it; with both it is the newer one."""
    environ = {"HOME": str(tmp_path)}
    for place in (old, new):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        assert file_of(shell, environ) == str(path)


def test_a_login_shell_that_reads_no_bashrc_is_told_of(tmp_path: Path) -> None:
    """The remark names the file that a login shell reads, unless that reads .bashrc."""
    environ = {"HOME": str(tmp_path)}
    profile = tmp_path / ".bash_profile"
    profile.write_text("export EDITOR=vi\n")
    assert str(profile) in (remark("bash", environ) or "")
    profile.write_text("[ -r ~/.bashrc ] && . ~/.bashrc\n")
    assert remark("bash", environ) is None


def test_a_zdotdir_that_is_not_exported_is_told_of(tmp_path: Path) -> None:
    """What .zshenv sets is not seen from outside."""
    environ = {"HOME": str(tmp_path)}
    assert remark("zsh", environ) is None
    (tmp_path / ".zshenv").write_text("ZDOTDIR=$HOME/.config/zsh\n")
    assert "sets ZDOTDIR" in (remark("zsh", environ) or "")
    assert remark("zsh", {**environ, "ZDOTDIR": "/z"}) is None
