"""The shells' files look for the same words as the judge, and are of the same version."""

import re
from pathlib import Path

import pytest

from devkeys import VERSION
from devkeys.scan import rules
from devkeys.typed import tables

FOLDER = Path(__file__).parents[2] / "shell"
ENDINGS = ("bash", "zsh", "fish", "nu", "elv", "xsh", "ps1")
WORDS = {
    "parts": tables.PARTS,
    "words": tables.WORDS,
    "databases": tables.DATABASES,
    "programs": tables.PROGRAMS,
    "logins": tables.LOGINS,
    "clients": tables.CLIENTS,
    "keepers": tables.KEEPERS,
    "sinks": tables.SINKS,
    "prefixes": rules.PREFIXES,
    "infixes": rules.INFIXES,
}


def _text(ending: str) -> str:
    """Return the file without what its patterns and strings put before a dot or a blank."""
    text = (FOLDER / f"devkeys.{ending}").read_text("utf-8")
    return text.replace("[.]", ".").replace("\\", "")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("table", WORDS)
def test_every_word_is_looked_for(ending: str, table: str) -> None:
    """Each entry of each table stands in each shell's file, as a word of its own."""
    text = _text(ending)
    for word in WORDS[table]:
        whole = rf"(?<![a-zA-Z0-9]){re.escape(word)}"
        assert re.search(whole, text), word


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_file_is_of_this_version(ending: str) -> None:
    """One line at the beginning names the version of devkeys that the file belongs to."""
    lines = _text(ending).splitlines()[:15]
    line = (
        rf"(?:set -g |const |var |\$global:)?_?devkeys[_:-]version(?: *= *| )['\"]?{VERSION}['\"]?"
    )
    assert sum(bool(re.fullmatch(line, text.strip())) for text in lines) == 1
