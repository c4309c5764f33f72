"""less's history, written by less."""

from pathlib import Path

from history_writer import canary, kept, texts, typed

from devkeys.history.less import parse


def test_less_keeps_what_was_searched_for(tmp_path: Path) -> None:
    """A pattern that was typed is one entry; the names of sections are none."""
    home = tmp_path / "home"
    home.mkdir()
    text = home / "text"
    word = canary()
    text.write_text("".join(f"line {number} {word}\n" for number in range(200)))
    typed(home, ["less", "-E", str(text)], [], prompt="text", leave=f"/9 {word}\rq")
    assert kept(home)["less"] == [f"9 {word}".encode()]


def test_sections_have_no_text() -> None:
    """A line with a dot names a section, one with a quote is what was typed."""
    data = b'.less-history-file:\n.search\n".x\n.shell\n"ls\n.mark\nm a 1 0 /f\n'
    assert texts(parse(data)) == [b".x", b"ls", b"m a 1 0 /f"]
