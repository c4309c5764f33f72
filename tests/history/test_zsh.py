"""zsh's histories, written by zsh."""

import random
import subprocess
from pathlib import Path

import pytest
import real
import zsh_shell
from history_writer import canary, kept, texts

from devkeys.history.zsh import parse, searchable

_PIECES = (b"\\", b" ", b"\n", b":", b": 17:0;", b"echo", b"\x83", b"\xa2", b"\xa3", "ć日".encode())


@pytest.mark.parametrize("option", ["", "setopt extended_history", "setopt share_history"])
def test_a_command_is_the_text_that_was_typed(tmp_path: Path, option: str) -> None:
    """Non-ASCII text, several lines, a last backslash and a first colon come back as typed."""
    place = zsh_shell.Place(tmp_path, None)
    place.configure(before=option, hook="")
    word = canary()
    commands = [f"echo 'żółć\n日本 {word}'", f": {word}", f"echo {word}\\\\", f"echo {word}\\\\  "]
    with place.start() as zsh:
        for command in commands:
            zsh.type(command)
        zsh.exit()
    found = texts(parse(place.history_file.read_bytes()))
    assert [text.decode() for text in found] == [*commands, "exit"]
    assert kept(place.folder)["zsh"] == found


@pytest.mark.parametrize("option", ["", "-o extendedhistory"])
def test_any_bytes_come_back(tmp_path: Path, option: str) -> None:
    """Whatever bytes a command has, its entry's text has them."""
    real.need("zsh")
    dice = random.Random(4)  # noqa: S311  # no secret
    commands = [b"".join(dice.choices(_PIECES, k=dice.randint(1, 8))) for _ in range(300)]
    # zsh itself takes the backslash of `\:` at the start of an unstamped command for its own.
    commands = [command for command in commands if not command.startswith(b"\\:")]
    commands += [b"a" + bytes((byte,)) + b"z" for byte in range(1, 256)]
    script = 'for text in "$@"; do print -rs -- "$text"; done; fc -W history'
    options = ["-f", "-o", "nohistreduceblanks", *option.split()]
    setting = "HISTSIZE=9999 SAVEHIST=9999; "
    words: list[str | bytes] = ["zsh", *options, "-ic", setting + script, "zsh", *commands]
    subprocess.run(words, cwd=tmp_path, check=True, env={"LANG": "C.UTF-8"})
    assert [e.text for e in parse((tmp_path / "history").read_bytes())] == commands


def test_a_stamp_is_the_time() -> None:
    """The time that zsh noted is the entry's."""
    assert [entry.when for entry in parse(b": 1700000000:0;ls\nls\n")] == [1700000000.0, None]


def test_a_value_of_any_letters_is_in_what_is_searched() -> None:
    """Metafied bytes are themselves again before anything is searched for."""
    assert searchable(b"echo \xc4\x83\xa7\n") == "echo ć\n".encode()
