"""fish's histories, written by fish 3 and 4."""

from pathlib import Path

import fish_shell
import pytest
from history_writer import canary, kept, texts
from hypothesis import given
from hypothesis import strategies as st

from devkeys.history.fish import parse


@pytest.mark.parametrize("program", ["fish", "fish4"])
def test_a_command_is_the_text_that_was_typed(tmp_path: Path, program: str) -> None:
    """Backslashes, line ends and other alphabets come back as typed, with a time."""
    place = fish_shell.Place(program, tmp_path, None)
    place.config.write_text(fish_shell._CONFIG)
    (place.work / "file").touch()
    word = canary()
    commands = [f"echo 'żółć\n日本' {word} # \\n \\\\", f"cat file {word}"]
    with place.start() as fish:
        for command in commands:
            fish.type(command)
        fish.finish()
    entries = list(parse(place.file().read_bytes()))
    assert kept(place.folder)["fish"] == texts(entries)
    assert [text for text in texts(entries) if word.encode() in text] == [
        command.encode() for command in commands
    ]
    assert all(entry.when for entry in entries)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_fishs_escapes_are_undone(commands: list[str]) -> None:
    """Escaped as fish does it, any text comes back."""
    escaped = [command.replace("\\", "\\\\").replace("\n", "\\n") for command in commands]
    data = "".join(f"- cmd: {command}\n  when: 17\n" for command in escaped)
    assert [entry.text.decode() for entry in parse(data.encode())] == commands


def test_paths_and_time_belong_to_the_command() -> None:
    """What stands below a command goes with it."""
    first = b"- cmd: cat x\n  when: 17\n  paths:\n    - x\n"
    entries = list(parse(b"junk\n" + first + b"- cmd: ls\n"))
    assert [(entry.text, entry.when) for entry in entries] == [
        (b"", None),
        (b"cat x", 17.0),
        (b"ls", None),
    ]
    assert entries[1].raw == first
