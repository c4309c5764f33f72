"""nushell's text history, written by nushell."""

from pathlib import Path

import nushell_shell
from history_writer import canary, kept, texts

from devkeys.history.nushell import parse


def test_a_command_is_the_text_that_was_typed(tmp_path: Path) -> None:
    """A command of several lines is one entry, with its line ends."""
    place = nushell_shell.Place(tmp_path, None)
    place.configure(hook="$env.config.history.file_format = 'plaintext'")
    word = canary()
    command = f"print 'żółć\n日本' # {word}"
    with place.start() as nushell:
        nushell.type(command)
        nushell.exit()
    assert command.encode() in kept(place.folder)["nushell"]


def test_a_newline_has_a_sign_of_its_own() -> None:
    """What reedline writes for a line end is one again."""
    assert texts(parse(b"a<\\n>b\nc\n")) == [b"a\nb", b"c"]
