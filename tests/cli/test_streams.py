"""Standard streams that are closed, full, or in an encoding that lacks our letters."""

import subprocess
import sys

import pytest
from desk import Desk, key

from devkeys.__main__ import report
from devkeys.errors import DevkeysError


def in_shell(desk: Desk, line: str) -> tuple[int, str]:
    """Run *line*, in which `dk` is the command; return the exit code and stderr."""
    done = subprocess.run(
        ["bash", "-c", f'dk() {{ "{sys.executable}" -P -m devkeys "$@"; }}; {line}'],
        env=desk.environ,
        cwd=desk.project,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_run_with_closed_streams_is_a_bare_exec(desk: Desk, closed: str) -> None:
    """The command starts, and finds closed what its caller closed."""
    desk.declare("MODEL=small\n")
    there = "os.path.exists(f'/proc/self/fd/{n}')"
    look = f"import os, sys; sys.exit(sum(1 << n for n in range(3) if {there}))"
    command = f'"{sys.executable}" -c "{look}" {closed}'
    assert in_shell(desk, f"dk run -- {command}")[0] == in_shell(desk, command)[0]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("dk status >&-", 3),
        ("dk status 2>&-", 3),
        ("dk stauts 2>&-", 2),
        ("dk run -- true 2>&-", 125),
        ("dk set LLM_API_KEY <&-", 2),
    ],
)
def test_a_closed_stream_changes_no_exit_code(desk: Desk, line: str, code: int) -> None:
    """Whoever closes a stream gets the same exit code, and no traceback."""
    got, message = in_shell(desk, line)
    assert got == code
    assert "Traceback" not in message


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("words", "code"), [("status", 3), ("get MODEL --reveal", 3), ("run -h", 125)]
)
def test_an_answer_that_cannot_be_written_is_an_error(desk: Desk, words: str, code: int) -> None:
    """A full disk behind stdout is one error, never Python's complaint at exit."""
    got, message = in_shell(desk, f"dk {words} > /dev/full")
    assert got == code
    assert message.startswith("devkeys: error: cannot go on: no space left on device\n")
    assert "Exception ignored" not in message


def test_a_short_answer_that_nobody_reads_is_no_finding(desk: Desk) -> None:
    """Also an answer that fits the buffer ends as SIGPIPE's when its reader has gone."""
    got, message = in_shell(desk, "set -o pipefail; (sleep 0.5; dk status) | true")
    assert (got, message) == (141, "")


def test_an_error_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences are spelled out, and no line of a path passes for one of ours."""
    report(DevkeysError("cannot read a\x1b[2J\ndevkeys: hint: x\udcff", hint="look at \x9bm"))
    assert capsys.readouterr().err == (
        "devkeys: error: cannot read a\\x1b[2J\n  devkeys: hint: x\\udcff\n"
        "devkeys: hint: look at \\x9bm\n"
    )


def test_a_fault_of_devkeys_is_no_finding(desk: Desk) -> None:
    """What nobody thought of ends `run` with 125 and all else with 3, and shows no value."""
    value = key()
    script = (
        "import os, sys; from devkeys import __main__ as m; from devkeys.secret import Secret\n"
        "def fail(words):\n"
        "    value = Secret(os.environb[b'V'])\n"
        "    try: raise KeyError(value.reveal())\n"
        "    except KeyError as error: raise ValueError(repr(value), value.reveal()) from error\n"
        "m._dispatch = fail; sys.argv[1:] = WORDS; sys.exit(m.main())"
    )
    for words, code in ((["run"], 125), (["status"], 3)):
        done = subprocess.run(
            [sys.executable, "-P", "-c", script.replace("WORDS", repr(words))],
            env={**desk.environ, "V": value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert "fault of devkeys itself" in done.stderr
        assert "in fail" in done.stderr
        assert done.stderr.index("builtins.KeyError") < done.stderr.index("builtins.ValueError")
        assert value not in done.stderr
