"""Words to a call, wrong words to our own errors."""

import subprocess
import sys

import pytest
from desk import Desk, key

from devkeys import VERSION
from devkeys.cli import app

COMMANDS = [command.name or "" for command in app.registered_commands]


def test_the_version_is_one_line(desk: Desk) -> None:
    """`--version` prints name and version to stdout."""
    done = desk.devkeys("--version")
    assert (done.code, done.text, done.err) == (0, f"devkeys {VERSION}\n", "")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help_shows_every_command_on_one_line(desk: Desk, words: tuple[str, ...]) -> None:
    """The help has a panel for each kind of command, and no command's line wraps."""
    done = desk.devkeys(*words, env={"COLUMNS": "80"})
    assert done.code == 0
    lines = done.text.splitlines()
    for panel in ("Run", "Keys", "This project", "Leaving", "Set-up"):
        assert any(f"─ {panel} ─" in line for line in lines)
    for command in COMMANDS:
        (line,) = [line for line in lines if line.startswith(f"│ {command} ")]
        assert line.rstrip("│ ").endswith(".")


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "run"])
def test_each_command_explains_itself(desk: Desk, command: str) -> None:
    """A command's help ends with an example of it."""
    done = desk.devkeys(command, "--help")
    assert done.code == 0
    assert f"devkeys {command}" in done.text.partition("Example")[2]


def test_run_explains_itself_with_its_own_parser(desk: Desk) -> None:
    """`run --help` is the text of the parser that reads its words, by either door."""
    from devkeys.run.arguments import HELP

    assert desk.devkeys("run", "--help").text == HELP
    script = "import sys; from devkeys.cli import main; sys.exit(main(['run', '--help']))"
    done = subprocess.run([sys.executable, "-P", "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode()) == (0, HELP)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("stauts",), "there is no command stauts\ndevkeys: hint: did you mean status?"),
        (("status", "--nonsense"), "no such option: --nonsense\ndevkeys: hint: see devkeys status"),
        (("set",), "missing argument 'NAME'\ndevkeys: hint: see devkeys set --help"),
        (
            ("get", "MODEL", "-p"),
            "option '-p' requires an argument\ndevkeys: hint: see devkeys get",
        ),
        (("set", "MODEL=x", "-p", ""), "invalid value for '--profile' / '-p': it is empty"),
        (("forget", "--yes", "-p", ""), "invalid value for '--profile' / '-p': it is empty"),
        (("status", "--file="), "invalid value for '--file': it is empty"),
    ],
)
def test_wrong_words_are_our_own_errors(desk: Desk, words: tuple[str, ...], message: str) -> None:
    """A usage error is one lower-case line, a hint, and exit code 2."""
    done = desk.devkeys(*words)
    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith(f"devkeys: error: {message}")
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("get", "MODEL"),
        ("add", "NEW_TOKEN"),
        ("set",),
        ("add",),
        ("set", "LLM_API_KEY"),
        (),
        ("get",),
        ("skip",),
        ("import",),
        ("hook",),
        ("completion",),
        ("set", "LLM_API_KEY", "--generate"),
        ("doctor", "--explain"),
        ("status", "-p"),
    ],
)
def test_a_value_in_the_wrong_place_is_not_shown(desk: Desk, words: tuple[str, ...]) -> None:
    """A secret that is typed where it does not belong appears in no message."""
    value = key()
    done = desk.devkeys(*words, value)
    assert done.code == 2
    assert value not in done.err + done.text


def test_no_project_is_an_error_that_says_what_to_do(desk: Desk) -> None:
    """Outside of any project the error names the file that is missing."""
    done = desk.devkeys("status", cwd=desk.home)
    assert done.code == 2
    assert "no .env.example in" in done.err
    assert "devkeys: hint: " in done.err


def test_a_reader_that_goes_away_is_no_finding(desk: Desk) -> None:
    """When stdout is closed early the exit code is SIGPIPE's, and stderr stays empty."""
    names = "\n".join(f"SETTING_{number}=x" for number in range(3000))
    desk.declare(names)
    script = '"$0" -P -m devkeys status --json; echo "code $?" >&2'
    done = subprocess.run(
        ["bash", "-c", f"({script}) | head -c 10 > /dev/null", sys.executable],
        env=desk.environ,
        cwd=desk.project,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b"code 141\n"
