"""Where shells keep their histories, and what moves them."""

from pathlib import Path

import homes
import pytest


def test_zdotdir_is_where_zsh_may_keep_its_history(tmp_path: Path) -> None:
    """ZDOTDIR counts if it is exported, and if .zshenv sets it."""
    homes.put(tmp_path, "z/.zsh_history", "y/.zhistory", "y/kept", ".histfile")
    homes.put(tmp_path, ".zshenv", content=b"export ZDOTDIR=~/y\n")
    homes.put(tmp_path, "y/.zshrc", content=b'HISTFILE="$HOME/y/kept"\n')
    exported = homes.found(tmp_path, ZDOTDIR=str(tmp_path / "z"))
    assert set(exported) == {"z/.zsh_history", "y/.zhistory", "y/kept", ".histfile"}
    assert set(exported.values()) == {("zsh", "zsh")}
    assert set(homes.found(tmp_path)) == {"y/.zhistory", "y/kept", ".histfile"}


@pytest.mark.parametrize("rc", [".zshrc", ".oh-my-zsh/custom/mine.zsh", ".bashrc.d/mine", ".kshrc"])
def test_an_assignment_in_a_start_up_file_counts(tmp_path: Path, rc: str) -> None:
    """Also in the files that the usual frameworks read."""
    homes.put(tmp_path, rc, content=b'export HISTFILE="$XDG_STATE_HOME/mine"\n')
    homes.put(tmp_path, ".local/state/mine")
    assert set(homes.found(tmp_path)) == {".local/state/mine"}


def test_sessions_of_a_macos_terminal_are_histories(tmp_path: Path) -> None:
    """Each window has its own, for two weeks."""
    homes.put(tmp_path, ".zsh_sessions/A.history", ".zsh_sessions/A.historynew")
    homes.put(tmp_path, ".zsh_sessions/A.session", ".bash_sessions/B.history")
    assert homes.found(tmp_path) == {
        ".bash_sessions/B.history": ("bash", "bash"),
        ".zsh_sessions/A.history": ("zsh", "zsh"),
        ".zsh_sessions/A.historynew": ("zsh", "zsh"),
    }


def test_every_session_of_fish_is_a_history(tmp_path: Path) -> None:
    """fish_history names a file of its own, and may have been another one yesterday."""
    homes.put(tmp_path, "data/fish/fish_history", "data/fish/work_history", "data/fish/variables")
    assert homes.found(tmp_path, XDG_DATA_HOME=str(tmp_path / "data")) == {
        "data/fish/fish_history": ("fish", "fish"),
        "data/fish/work_history": ("fish", "fish"),
    }


def test_a_relative_xdg_directory_counts_for_nothing(tmp_path: Path) -> None:
    """The specification says so, and the default holds."""
    homes.put(tmp_path, ".local/share/fish/fish_history")
    assert set(homes.found(tmp_path, XDG_DATA_HOME="data")) == {".local/share/fish/fish_history"}


def test_tcsh_keeps_it_where_its_start_up_file_says(tmp_path: Path) -> None:
    """The default counts, and `set histfile`."""
    homes.put(tmp_path, ".tcshrc", content=b"set histfile = ~/elsewhere\n")
    homes.put(tmp_path, ".history", "elsewhere")
    assert homes.found(tmp_path) == {
        ".history": ("tcsh", "tcsh"),
        "elsewhere": ("tcsh", "tcsh"),
    }


@pytest.mark.parametrize(
    ("platform", "directory"),
    [
        ("linux", ".config/nushell"),
        ("darwin", "Library/Application Support/nushell"),
        ("win32", "AppData/Roaming/nushell"),
    ],
)
def test_nushell_has_two_kinds(tmp_path: Path, platform: str, directory: str) -> None:
    """The text and the data base stand beside each other, and config.nu may move both."""
    homes.put(tmp_path, f"{directory}/history.txt", f"{directory}/history.sqlite3", "n/mine.txt")
    homes.put(
        tmp_path, f"{directory}/config.nu", content=b"$env.config.history.path = '~/n/mine.txt'\n"
    )
    assert homes.found(tmp_path, platform) == {
        f"{directory}/history.txt": ("nushell", "nushell"),
        f"{directory}/history.sqlite3": ("nushell", "nushell-sqlite"),
        "n/mine.txt": ("nushell", "nushell"),
    }


@pytest.mark.parametrize(
    ("platform", "directory"),
    [
        ("linux", ".local/share/powershell/PSReadLine"),
        ("win32", "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine"),
    ],
)
def test_every_host_of_powershell_has_one(tmp_path: Path, platform: str, directory: str) -> None:
    """The console and editors keep their own, and transcripts hold what was typed, too."""
    hosts = [
        f"{directory}/ConsoleHost_history.txt",
        f"{directory}/Visual Studio Code Host_history.txt",
    ]
    homes.put(tmp_path, *hosts, "Documents/PowerShell_transcript.PC.x.txt")
    books = homes.found(tmp_path, platform)
    assert books.pop("Documents/PowerShell_transcript.PC.x.txt") == ("powershell", "opaque")
    assert books == dict.fromkeys(hosts, ("powershell", "powershell"))


def test_xonsh_has_a_file_for_each_session(tmp_path: Path) -> None:
    """Old and new places of its JSON, and its data base."""
    homes.put(tmp_path, "x/history_json/xonsh-1.json", "x/xonsh-2.json", "x/xonsh-history.sqlite")
    homes.put(tmp_path, "x/other.json", "y.sqlite")
    environ = {
        "XONSH_DATA_DIR": str(tmp_path / "x"),
        "XONSH_HISTORY_SQLITE_FILE": str(tmp_path / "y.sqlite"),
    }
    assert homes.found(tmp_path, **environ) == {
        "x/history_json/xonsh-1.json": ("xonsh", "xonsh-json"),
        "x/xonsh-2.json": ("xonsh", "xonsh-json"),
        "x/xonsh-history.sqlite": ("xonsh", "xonsh-sqlite"),
        "y.sqlite": ("xonsh", "xonsh-sqlite"),
    }


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("linux", ".local/state/elvish/db.bolt"),
        ("win32", "AppData/Local/elvish/db.bolt"),
        ("darwin", ".elvish/db"),
    ],
)
def test_elvish_has_one_data_base(tmp_path: Path, platform: str, name: str) -> None:
    """The new place and the old one."""
    homes.put(tmp_path, name)
    assert homes.found(tmp_path, platform) == {name: ("elvish", "elvish")}
