"""Histories of Python and Node, written by both."""

import subprocess
import sys
from pathlib import Path

import pytest
from history_writer import canary, kept, texts, typed

from devkeys.history.repl import parse_node, parse_python


def _version(program: str) -> str:
    """Return the version of *program*; none where version managers only have its name."""
    try:
        done = subprocess.run([program, "--version"], check=False, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.removeprefix("Python ")


@pytest.mark.parametrize("program", [sys.executable, "python3.12", "python3.13"])
def test_python_keeps_what_was_typed(tmp_path: Path, program: str) -> None:
    """What was typed at Python is one entry, and since 3.13 so are several lines."""
    version = _version(program)
    if not version:
        pytest.skip(f"there is no {program} here")
    home = tmp_path / "home"
    one, several = f"'żółć {canary()}'", f"(1,\r{canary()!r})"
    typed(home, [program], [one, several], prompt=">>> ", leave="exit()")
    found = kept(home)["python"]
    assert one.encode() in found
    lines = several.encode().split(b"\r")
    if version.startswith(("3.11.", "3.12.")):
        assert found[1:3] == lines
    else:
        assert found[1].split() == lines  # its editor indents the second


def test_pythons_several_lines_are_one_entry() -> None:
    """Since 3.13 a carriage return before a line end says that the command goes on."""
    assert texts(parse_python(b"1\ndef f():\r\n  pass\r\n\n2\n")) == [
        b"1",
        b"def f():\n  pass\n",
        b"2",
    ]


def test_a_history_with_windows_line_ends_is_no_single_command() -> None:
    """Where the last line ends so, too, another hand wrote it."""
    assert texts(parse_python(b"1\r\n2\r\n")) == [b"1", b"2"]


def test_node_keeps_what_was_typed(tmp_path: Path) -> None:
    """What was typed at Node is one entry, without a line end if it is the oldest."""
    home = tmp_path / "home"
    word = canary()
    commands = [f"'żółć {word}'", f"'{word}'"]
    typed(home, ["node"], commands, prompt="> ", leave=".exit")
    assert kept(home)["node"][-2:] == [command.encode() for command in reversed(commands)]


def test_nodes_several_lines_are_in_order() -> None:
    """Since 24 the lines of a command stand last to first, with carriage returns between."""
    assert texts(parse_node(b"}\r1\r{\n2")) == [b"{\n1\n}", b"2"]
