"""The Korn shells' histories, written by ksh93 and mksh."""

import subprocess
from pathlib import Path

import real
from history_writer import canary, kept, texts, typed

from devkeys.history import korn


def _commands(word: str) -> list[str]:
    return [f"echo 'żółć' {word}", f"for i in 1\rdo echo {word}\rdone", "odd"]


def test_ksh93s_commands_are_what_was_typed(tmp_path: Path) -> None:
    """Commands of one line and of several are an entry each."""
    home = tmp_path / "home"
    commands = _commands(canary())
    typed(home, ["ksh93", "-E"], commands, prompt="P> ", leave="exit", PS1="P> ", ENV="/dev/null")
    data = (home / ".sh_history").read_bytes()
    expected = [command.replace("\r", "\n").encode() for command in commands]
    entries = list(korn.parse_ksh93(data))
    assert texts(entries) == kept(home)["ksh93"] == [*expected, b"exit"]
    assert (entries[0].raw, entries[0].text) == (b"\x81\x01", b"")


def test_ksh93s_numbers_are_no_commands() -> None:
    """Numbers of commands, with line ends in them, and commands taken back are told apart."""
    data = b"\x81\x01a\n\0\0\x82\0\0\x0a\0\0bc\n\0\x81\0d\n\0\0"
    assert texts(korn.parse_ksh93(data)) == [b"a", b"bc", b"d"]


def test_the_numbers_that_ksh93_puts_between_are_no_commands(tmp_path: Path) -> None:
    """A long history has a number now and then, which may hold any byte."""
    real.need("ksh93")
    commands = [f"true {number} {'x' * (number % 50)}." for number in range(400)]
    environ = {"HISTFILE": "history", "HISTSIZE": "1000", "ENV": "/dev/null"}
    subprocess.run(
        ["ksh93", "-i"],
        input="\n".join([*commands, "exit", ""]).encode(),
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        check=True,
    )
    entries = list(korn.parse_ksh93((tmp_path / "history").read_bytes()))
    assert texts(entries) == [command.encode() for command in [*commands, "exit"]]
    assert any(entry.raw.startswith(b"\x82\0") for entry in entries)


def test_mkshs_commands_are_what_was_typed(tmp_path: Path) -> None:
    """Commands of one line and of several are an entry each."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "rc").write_text("PS1='P> ' PS2='more '\n")
    commands = _commands(canary())
    typed(
        home,
        ["mksh"],
        commands,
        prompt="P> ",
        leave="exit",
        HISTFILE=str(home / "history"),
        ENV=str(home / "rc"),
    )
    expected = [command.replace("\r", "\n").encode() for command in commands]
    assert texts(korn.parse_mksh((home / "history").read_bytes())) == [*expected, b"exit"]


def test_a_damaged_record_of_mksh_can_be_taken_out() -> None:
    """Bytes that are no record are an entry, so that what stands in them can go."""
    data = b"\xab\xcd\xff\0\0\0\x01ls\0junk\0\xff\0\0\0\x02pwd\0end"
    assert texts(korn.parse_mksh(data)) == [b"ls", b"junk", b"pwd", b"end"]
