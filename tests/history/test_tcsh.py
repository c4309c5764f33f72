"""tcsh's history, written by tcsh."""

from pathlib import Path

from history_writer import canary, kept, texts, typed

from devkeys.history.tcsh import parse


def test_a_command_is_the_text_that_was_typed(tmp_path: Path) -> None:
    """A command stands below its time; a quoted line end keeps its backslash, as typed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".tcshrc").write_text("set savehist=100 history=100\nset prompt='P> '\n")
    word = canary()
    commands = [f"echo 'żółć' {word}", f"echo 'a\\\r{word}'", "# 5 is a note"]
    typed(home, ["tcsh"], commands, prompt="P> ", leave="exit")
    entries = list(parse((home / ".history").read_bytes()))
    expected = [command.replace("\r", "\n").encode() for command in commands]
    assert texts(entries) == kept(home)["tcsh"] == [*expected, b"exit"]
    assert all(entry.when for entry in entries)


def test_a_stamp_without_a_command_has_no_text() -> None:
    """Two stamps in a row, and one at the end, are what the format needs besides."""
    entries = list(parse(b"#+17\n#+18\nls\n#+19\n"))
    assert [(entry.text, entry.when) for entry in entries] == [
        (b"", None),
        (b"ls", 18.0),
        (b"", None),
    ]
