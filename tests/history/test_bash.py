"""bash's histories, written by bash."""

import random
import subprocess
from pathlib import Path

import bash_shell
import pytest
import real
from history_writer import canary, texts

from devkeys.history.bash import parse

_STAMP = b"#1700000000\n"


def _typed(folder: Path, settings: str, commands: list[str]) -> bytes:
    place = bash_shell.Place(folder, folder / "none")
    place.configure(line=settings)
    with place.start() as bash:
        for command in commands:
            bash.run(command.replace("\n", "\r"))
        bash.exit()
    return place.file.read_bytes()


@pytest.mark.parametrize("settings", ["", "HISTTIMEFORMAT=%s"])
def test_a_command_is_the_text_that_was_typed(tmp_path: Path, settings: str) -> None:
    """With stamps and without, a line is an entry."""
    command = f"echo 'żółć' {canary()}"
    found = texts(parse(_typed(tmp_path, settings, [command, "#12 is a note"])))
    assert found == [command.encode(), b"#12 is a note", b"exit"]


@pytest.mark.parametrize("settings", ["HISTTIMEFORMAT=%s", "HISTTIMEFORMAT=%s; shopt -s lithist"])
def test_a_command_of_several_lines_is_one_entry(tmp_path: Path, settings: str) -> None:
    """Quoted line ends, here-documents and, with lithist, loops stay together."""
    word = canary()
    here = f"cat <<X\n{word}\n\nsecond\nX"
    quoted, loop = f"echo 'a\n{word} b'", f"for i in 1\ndo echo {word}\ndone"
    found = texts(parse(_typed(tmp_path, settings, [quoted, here, loop])))
    if "lithist" not in settings:
        loop = loop.replace("\n", "; ").replace("do;", "do")
    assert [text.decode() for text in found] == [quoted, here, loop, "exit"]


def test_what_bash_stamps_is_taken_apart_as_it_was(tmp_path: Path) -> None:
    """A command that is one line long is its entry's text, whatever stands in it."""
    real.need("bash")
    dice = random.Random(4)  # noqa: S311  # no secret
    pieces = (b"#", b"#17", b" ", b"'", b'"', b"(", b"{", b"if", b"<<X", b"\\", b"|", b"\xc4", b"x")
    commands = [b"x" + b"".join(dice.choices(pieces, k=dice.randint(1, 9))) for _ in range(300)]
    script = 'HISTTIMEFORMAT=%s; for text in "$@"; do history -s -- "$text"; done; history -w h'
    words: list[str | bytes] = ["bash", "--norc", "-c", "set -o history; " + script, "bash"]
    subprocess.run([*words, *commands], cwd=tmp_path, check=True, env={"HISTSIZE": "9999"})
    entries = list(parse((tmp_path / "h").read_bytes()))
    assert [entry.text for entry in entries] == commands
    assert all(entry.when for entry in entries)


def test_lines_of_a_bash_without_stamps_are_entries_of_their_own() -> None:
    """What stands below a stamped command, once that is complete, does not go with it."""
    entries = list(parse(_STAMP + b"one\ntwo\nthree\n" + _STAMP + b"four\n"))
    assert [entry.text for entry in entries] == [b"one", b"two", b"three", b"four"]
    assert entries[0].raw == _STAMP + b"one\n"
    assert [entry.when for entry in entries] == [1700000000.0, None, None, 1700000000.0]


@pytest.mark.parametrize(
    "command",
    [
        "if true\nthen echo x\nfi",
        "f() {\necho x\n}",
        "case x in\nx) echo\n;;\nesac",
        "echo a |\ncat",
        "true &&\nfalse",
        "x=(\n1\n)",
        'echo "a\n\'b\n"',
        "cat <<-'END' | cat\n\tfor (\n\tEND",
        "echo \\\nb",
        "while read x; do\necho $x\ndone <file",
        "cat <<< x",
    ],
)
def test_a_command_goes_on_until_it_is_complete(command: str) -> None:
    """What the shell would still be waiting for belongs to the command."""
    data = _STAMP + command.encode() + b"\nnext\n"
    assert texts(parse(data)) == [command.encode(), b"next"]


def test_digits_that_are_no_time_are_no_stamp() -> None:
    """A remark of digits is a command like another: it may be what is looked for."""
    assert texts(parse(b"#1234\nls\n#123456789012\n")) == [b"#1234", b"ls", b"#123456789012"]
