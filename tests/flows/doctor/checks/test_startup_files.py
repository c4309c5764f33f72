"""Secrets in the files that set up shells and sessions."""

import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import real
from checkout import make
from doctor_scope import make_scope, only, says
from hypothesis import given
from hypothesis import strategies as st
from typed_commands import DIALECTS, kept_out, recorded

from devkeys.flows.doctor.checks.startup_files import look, secrets_in
from devkeys.scan.finding import Finding, Fine, Unseen
from devkeys.typed import judge

FILES = {
    ".bashrc": "export LLM_API_KEY={}",
    ".bash_profile": "LLM_API_KEY='{}'; export LLM_API_KEY",
    ".profile": 'export LLM_API_KEY="{}"',
    ".zshrc": "export LLM_API_KEY={}",
    ".zshenv": "typeset -x LLM_API_KEY={}",
    ".zprofile": "export LLM_API_KEY={}",
    ".tcshrc": "setenv LLM_API_KEY {}",
    ".config/fish/config.fish": "set -gx LLM_API_KEY {}",
    ".config/fish/conf.d/keys.fish": "set -Ux LLM_API_KEY {}",
    ".config/nushell/env.nu": '$env.LLM_API_KEY = "{}"',
    ".config/nushell/config.nu": "$env.LLM_API_KEY = '{}'",
    ".config/xonsh/rc.xsh": "$LLM_API_KEY = '{}'",
    ".xonshrc": "$LLM_API_KEY = '{}'",
    ".config/elvish/rc.elv": "set-env LLM_API_KEY {}",
    ".config/powershell/profile.ps1": "$env:LLM_API_KEY = '{}'",
    ".config/environment.d/10-keys.conf": "LLM_API_KEY={}",
    ".pam_environment": "LLM_API_KEY DEFAULT={}",
    ".ssh/environment": "LLM_API_KEY={}",
    ".config/direnv/direnvrc": "export LLM_API_KEY={}",
}


def value() -> str:
    """Make up a value without a known format."""
    return "k" + secrets.token_hex(12) + "Zq"


def write(home: Path, name: str, text: str | bytes) -> Path:
    """Write a start-up file."""
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_secret_is_found_where_shells_read_it(home: Path, name: str) -> None:
    """In each file, with its line, its name and the step; and nothing of the value is said."""
    secret = value()
    path = write(home, name, "# mine\n\n" + FILES[name].format(secret) + "\n# end\n")
    results = list(look(make_scope(home)))
    (found,) = only(Finding, results)
    assert (found.place.path, found.place.line) == (str(path), 3)
    assert (found.kind.id, found.secrets) == ("startup-file/secret", ("LLM_API_KEY",))
    keep = "devkeys add LLM_API_KEY in the project that needs it"
    assert found.step == f"{keep}, then take line 3 out of {path}"
    assert not says(results, secret[:8])


@pytest.mark.parametrize("name", FILES)
def test_what_stands_for_a_secret_is_fine(home: Path, name: str) -> None:
    """A command that fetches it, a placeholder and an empty value are none."""
    for text in ("your-api-key-here", "op://Team/chat/key"):
        write(home, name, FILES[name].format(text) + "\n")
        (only_fine,) = look(make_scope(home))
        assert isinstance(only_fine, Fine)


def test_a_command_that_fetches_it_is_fine(home: Path) -> None:
    """It is what a start-up file should hold, if anything."""
    write(home, ".zshrc", 'export LLM_API_KEY="$(pass show llm)"\nexport A_TOKEN=$(<~/.token)\n')
    assert [type(one) for one in look(make_scope(home))] == [Fine]


def test_a_declared_name_counts(home: Path, tmp_path: Path) -> None:
    """What the checkout declares as a secret is one, though its name does not tell."""
    folder = make(tmp_path / "chat", "# @sensitive\nLICENSE_CODE=\n")
    write(home, ".bashrc", f"export LICENSE_CODE={value()}\n")
    assert [one.secrets for one in only(Finding, look(make_scope(home, folder)))] == [
        ("LICENSE_CODE",)
    ]


def test_what_was_commented_out_is_still_there(home: Path) -> None:
    """A key behind `#` can be read as well."""
    write(home, ".bashrc", f"#export LLM_API_KEY={value()}\n")
    assert len(only(Finding, look(make_scope(home)))) == 1


def test_an_alias_is_looked_into(home: Path) -> None:
    """A token in a command that is kept under a short name."""
    token = "ghp_" + secrets.token_hex(18) + "aB"
    write(home, ".zshrc", f"alias me='curl -H \"Authorization: Bearer {token}\" https://x'\n")
    assert len(only(Finding, look(make_scope(home)))) == 1


def test_a_line_that_goes_on_is_one(home: Path) -> None:
    """Behind a backslash the value stands in the next line; the first is named."""
    secret = value()
    write(home, ".bashrc", f"a=1\nexport \\\n  LLM_API_KEY=\\\n{secret}\nb=2\n")
    (found,) = only(Finding, look(make_scope(home)))
    assert found.place.line == 2


def test_each_line_is_found(home: Path) -> None:
    """However many there are, and whatever lies between them."""
    names = [f"SERVICE_{letter}_TOKEN" for letter in "ABCDEFGH"]
    text = "\n".join(f"\n# {name}\nexport {name}={value()}" for name in names)
    write(home, ".bashrc", text)
    found = only(Finding, look(make_scope(home)))
    assert [one.place.member for one in found] == names
    assert [one.place.line for one in found] == [3 + 3 * number for number in range(8)]


def test_a_file_that_is_read_by_another_is_looked_at(home: Path) -> None:
    """Many keep their keys apart, and have .zshrc read them."""
    write(home, ".zshrc", '[[ -f ~/.keys ]] && source ~/.keys\n. "$HOME/.more"\n. ./.relative\n')
    for name in (".keys", ".more"):
        write(home, name, f"export LLM_API_KEY={value()}\n")
    found = only(Finding, look(make_scope(home)))
    assert {one.place.path for one in found} == {f"{home}/.keys", f"{home}/.more"}


def test_files_that_read_one_another_end(home: Path) -> None:
    """A loop is no trap, and nothing is said twice."""
    write(home, ".bashrc", f". ~/.profile\n. ~/.bashrc\nexport LLM_API_KEY={value()}\n")
    write(home, ".profile", ". ~/.bashrc\n")
    assert len(only(Finding, look(make_scope(home)))) == 1


def test_nothing_of_it_is_run(home: Path) -> None:
    """A start-up file is text."""
    mark = home / "was-run"
    write(home, ".bashrc", f"touch {mark}\n$(touch {mark})\nexport A_KEY=`touch {mark}`\n")
    list(look(make_scope(home)))
    assert not mark.exists()


def test_a_file_in_a_repository_of_dotfiles_is_said_to_be_so(home: Path, tmp_path: Path) -> None:
    """A key that is committed with the dotfiles leaves the machine with them."""
    dotfiles = make(tmp_path / "dotfiles", "")
    write(dotfiles, "zshrc", f"export LLM_API_KEY={value()}\n")
    (home / ".zshrc").symlink_to(dotfiles / "zshrc")
    (found,) = only(Finding, look(make_scope(home)))
    assert str(dotfiles) in found.what


def test_what_is_no_file_is_said_and_hangs_nothing(home: Path) -> None:
    """A FIFO, a directory, a file that is too large: each is one line."""
    os.mkfifo(home / ".bashrc")
    (home / ".zshrc").mkdir()
    with (home / ".profile").open("wb") as file:
        file.truncate(5 << 30)
    (home / ".zshenv").symlink_to(home / ".zshenv")
    results = list(look(make_scope(home)))
    paths = {one.place for one in only(Unseen, results)}
    assert paths == {f"{home}/.bashrc", f"{home}/.profile", f"{home}/.zshenv"}


def test_what_describes_options_is_no_secret(home: Path) -> None:
    """Completions of fish speak of passwords; a key of a known format is one there, too."""
    line = "complete -c scrypt -l passphrase -d 'the value is KEY=VALUE --password=x1y2z3a4'\n"
    write(home, ".config/fish/conf.d/a.fish", line)
    assert [type(one) for one in look(make_scope(home))] == [Fine]
    token = "ghp_" + secrets.token_hex(18) + "aB"
    write(home, ".config/fish/conf.d/b.fish", f"complete -c me -a {token}\n")
    assert len(only(Finding, look(make_scope(home)))) == 1


def test_a_file_of_one_endless_command_ends(home: Path) -> None:
    """Half a million lines that go on are read once."""
    write(home, ".bashrc", "\\\n" * 400_000 + f"export LLM_API_KEY={value()}\n")
    write(home, ".zshrc", "İ" * 100_000 + f"\nexport LLM_API_KEY={value()}\n")
    start = time.process_time()
    found = only(Finding, look(make_scope(home)))
    assert {one.place.line for one in found} == {1, 2}
    assert time.process_time() - start < 5


def test_bytes_that_are_no_text_are_no_trouble(home: Path) -> None:
    """Latin-1, NUL, a lone CR; and PowerShell's UTF-16."""
    write(home, ".bashrc", b"\xff\xfa\0\r# \xe9\nexport LLM_API_KEY=" + value().encode() + b"\r\n")
    write(home, ".config/powershell/profile.ps1", f"$env:B_KEY = '{value()}'\r\n".encode("utf-16"))
    found = only(Finding, look(make_scope(home)))
    assert {one.place.member for one in found} == {"LLM_API_KEY", "B_KEY"}


@pytest.mark.parametrize("program", ["fish", "fish4"])
@pytest.mark.parametrize("option", ["-Ux", "-U"])
def test_a_universal_variable_of_the_real_fish(home: Path, program: str, option: str) -> None:
    """`set -U` writes the value to a file for ever; whatever fish escapes in it is read."""
    real.need(program)
    secret = f"{value()}-$ä:'\n/"
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "V": secret}
    script = f'set {option} LLM_API_KEY "$V"; set -U fish_color_quote yellow'
    path = str(shutil.which(program))
    subprocess.run([path, "-c", script], env=environ, check=True, timeout=30)
    (found,) = only(Finding, look(make_scope(home)))
    assert found.place.path == f"{home}/.config/fish/fish_variables"
    text = Path(found.place.path).read_text()
    assert "LLM_API_KEY" in text.splitlines()[(found.place.line or 0) - 1]
    assert "set -e -U LLM_API_KEY" in found.step
    assert not says([found], secret[:8])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_judge_finds_is_looked_at(dialect: str) -> None:
    """The search that comes first passes no line over that the judge would find."""
    shell = "bash" if dialect == "posix" else dialect
    for command in kept_out(dialect) + recorded(dialect):
        line = command.replace("\n", " ").removesuffix("\\")
        found = list(secrets_in(f"# first\n{line}\n# last\n", shell, ()))
        expected = judge(line, shell, ())
        assert [one.what for one in found] == ([expected.what] if expected else []), line


@given(st.lists(st.sampled_from(["export A_KEY=k1dhdue82hZq9", "\\", "\n", "#", "x", "\r\n", '"'])))
def test_no_text_breaks_it(pieces: list[str]) -> None:
    """Whatever the lines are, each place is a line of the file, in order, and none comes twice."""
    text = "".join(pieces)
    places = [one.line for one in secrets_in(text, "bash", ())]
    assert places == sorted(set(places))
    assert all(1 <= place <= text.count("\n") + 1 for place in places)
