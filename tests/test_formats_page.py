"""docs/formats.md names every format there is, and none else."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import golden_files as golden

from devkeys.run import marker

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "formats.md"
NO_FORMATS = {"devkeys-provider", "devkeys-test"}
_START = re.compile(r"devkeys-[a-z]+(?= ?[0-9]*\s*\Z)")


class Row(NamedTuple):
    """A row of the table: the format, its golden files, how to read it."""

    format: str
    files: tuple[str, ...]
    by_hand: str


def _rows() -> list[Row]:
    table = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1:]]
    assert all(len(row) == 6 for row in cells)
    return [Row(row[1], tuple(re.findall(r"`(.+?)`", row[3])), row[5]) for row in cells]


def test_every_golden_file_is_named_once() -> None:
    """And every one that is named is there."""
    named = [name for row in _rows() for name in row.files]
    there = {path.name for path in golden.FOLDER.iterdir() if path.suffix != ".py"}
    assert sorted(named) == sorted(there - {".gitattributes", "__pycache__"})


def test_the_first_lines_are_those_of_the_files() -> None:
    """Decrypted, where they are sealed."""
    checked = 0
    for row in _rows():
        (start,) = re.findall(r"`(.+)`", row.format)[:1] or [""]
        for name in row.files:
            data = golden.plain(name)
            if start.startswith("devkeys-"):
                first = data.partition(b"\n")[0].decode()
                assert re.fullmatch(rf"{start}( [0-9.]+)?", first)  # an index names its devkeys
                kind, number = name.split("-")[:2]
                assert (f"devkeys-{kind} {number}") == start
                checked += 1
            elif "format" in start:
                assert start.encode() in data
            elif "age" in row.format:
                starts = (b"age-encryption.org/v1\n", b"-----BEGIN AGE", b"# ", b"AGE-SECRET-KEY-1")
                assert data.startswith(starts)
    assert checked > 12


def test_the_page_names_every_format_of_the_code() -> None:
    """Each text that begins a file of ours, wherever it stands in the source."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
                if match := _START.match(text):
                    found.add(match[0])
    named = {row.format.strip("`").split()[0] for row in _rows() if "devkeys-" in row.format}
    assert found - NO_FORMATS == named


def test_the_newest_numbers_are_on_the_page() -> None:
    """Also of those formats that begin otherwise."""
    page = PAGE.read_text(encoding="utf-8")
    for kind, number in golden.NEWEST.items():
        assert f"{kind} {number}" in page
        assert f"{kind} {number + 1}" not in page
    assert f"`{marker.FORMAT} `" in page


def test_what_is_sealed_is_read_with_age() -> None:
    """The lines by hand are those that the golden files are opened with."""
    for row in _rows():
        data = golden.content(row.files[0])
        if data.startswith((b"age-encryption.org/", b"-----BEGIN AGE")):
            assert row.by_hand.startswith("`age -d ")
            assert ("-i KEY" in row.by_hand) != (b"scrypt" in data or data.startswith(b"-----"))
