"""A command per line."""

from pathlib import Path

from history_writer import canary, kept, texts, typed

from devkeys.history.lines import joined, parse


def test_redis_cli_keeps_a_line_each(tmp_path: Path) -> None:
    """What was typed at redis-cli, connected or not, is one entry."""
    word = canary()
    lines = ["ping", f"set key {word}"]
    typed(
        tmp_path / "home",
        ["redis-cli", "-p", "1"],
        lines,
        prompt="not connected> ",
        leave="quit",
    )
    assert f"set key {word}".encode() in kept(tmp_path / "home")["redis-cli"]


def test_only_line_ends_end_a_line() -> None:
    """Carriage returns, form feeds and the line ends of Unicode end none."""
    data = "a\rb\x0cc\x85d\u2028e\n".encode()
    assert texts(parse(data)) == [data[:-1]]


def test_a_last_line_that_wants_another_is_there() -> None:
    """A continuation without anything behind it is an entry all the same."""
    assert list(joined(b"a\nb\\\n", (b"\\\n",))) == [b"a\n", b"b\\\n"]
