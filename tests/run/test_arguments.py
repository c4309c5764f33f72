"""The words after `run`."""

import pytest

from devkeys.errors import UsageError
from devkeys.run.arguments import parse


def test_options_end_at_the_command() -> None:
    """What follows the command's name is the command's."""
    options = parse(["-pstaging", "--only=A,B", "--only", "C", "--clean", "make", "-p", "--", "x"])
    assert (options.profile, options.only, options.clean) == ("staging", ["A", "B", "C"], True)
    assert options.command == ["make", "-p", "--", "x"]


def test_two_dashes_end_options() -> None:
    """After `--` a word that looks like an option is the command."""
    assert parse(["--keep", "AWS_*", "--", "-p"]).command == ["-p"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-p -- make", "-p needs a value"),
        ("--only -- make", "--only needs a value"),
        ("--scope", "--scope needs a value"),
        ("--file= make", "--file needs a value"),
        ("--clean=yes make", "--clean takes no value"),
        ("--nope make", "run has no option --nope"),
        ("--clean", "no command to run"),
        ("--prefer-env --prefer-store make", "exclude each other"),
        ("--only A --scope b make", "exclude each other"),
    ],
)
def test_a_wrong_word_is_named(line: str, message: str) -> None:
    """Each mistake is an error of its own, and nothing is guessed."""
    with pytest.raises(UsageError, match=message):
        parse(line.split())
