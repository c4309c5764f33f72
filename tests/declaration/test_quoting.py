"""Values in a `.env`: what python-dotenv, shells and node read back."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from real import need

from devkeys.declaration.filling import differing, fill
from devkeys.declaration.quoting import Quoted, UnfitError, quote
from devkeys.declaration.syntax import read_values

AWKWARD = st.text(
    alphabet=" \t\n\r'\"\\$`#{}()[]!~=:;&|<>*?%^@,.-abnrtvN1é\u2028\x07\x85", max_size=30
)
ANY = st.one_of(
    AWKWARD.map(str.encode), st.text(max_size=30).map(str.encode), st.binary(max_size=8)
)
DOTENV_OF_NODE = os.environ.get("DEVKEYS_NODE_DOTENV", "")  # a folder with npm's dotenv in it


def quoted(value: bytes) -> Quoted | None:
    """Return how *value* is written, None if it cannot be."""
    try:
        return quote("NAME", value)
    except UnfitError:
        return None


def read_by_dotenv(data: bytes) -> Mapping[str, str | None]:
    """Return what a program reads from a file of *data* with python-dotenv."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, ".env")
        path.write_bytes(data)
        return dotenv_values(path)


def read_by_shell(shell: str, data: bytes, names: list[str], directory: Path) -> list[bytes]:
    """Return what *shell* has for *names* once it has loaded a file of *data*."""
    path = directory / "loaded"
    path.write_bytes(data)
    script = 'set -a; . "$0"; set +a; ' + "; ".join(f"printf '%s\\0' \"${name}\"" for name in names)
    program, *options = shell.split()
    done = subprocess.run(
        [shutil.which(program) or "", *options, "-c", script, str(path)],
        capture_output=True,
        check=True,
        env={"PATH": "/nowhere", "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")[:-1]


@given(ANY)
@example(b"")
@example(b"\\")
@example(b"C:\\some dir\\")
@example(b'it\'s "50$" \\\\ #1')
@example("it\u2019s".encode())
@example(b"-----BEGIN KEY-----\nAAA=\n-----END KEY-----\n")
def test_python_dotenv_reads_every_value_back(value: bytes) -> None:
    """What can be written is read as it was, alone and before another line."""
    found = quoted(value)
    if found is not None:
        data = b"A=1\nNAME=" + found.text.encode() + b"\nB='\"x\"'\n"
        assert read_by_dotenv(data) == {"A": "1", "NAME": value.decode(), "B": '"x"'}
        assert read_by_dotenv(b"NAME=" + found.text.encode())["NAME"] == value.decode()


@given(ANY)
def test_import_reads_every_value_back(value: bytes) -> None:
    """Who goes out may come in again."""
    found = quoted(value)
    if found is not None:
        assert read_values(b"NAME=" + found.text.encode() + b"\n", path="x") == {
            "NAME": value.decode()
        }


@pytest.mark.parametrize("shell", ["sh", "bash", "bash --posix", "zsh"])
@given(st.lists(ANY, min_size=1, max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shells_read_back_what_is_said_to_be_portable(
    tmp_path: Path, shell: str, values: list[bytes]
) -> None:
    """`set -a; . ./.env` gives the same, for each value that is not noted."""
    need(shell.split(maxsplit=1)[0])
    names = {f"V{place}": value for place, value in enumerate(values)}
    portable = {name: found for name, value in names.items() if (found := quoted(value))}
    portable = {name: found for name, found in portable.items() if found.portable}
    data = fill(b"", portable, path="x")
    expected = [names[name] for name in portable]
    if expected:
        assert read_by_shell(shell, data, list(portable), tmp_path) == expected


@pytest.mark.parametrize("shell", ["sh", "bash", "zsh"])
@given(st.lists(ANY, min_size=1, max_size=40))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shells_run_nothing_and_find_every_line(
    tmp_path: Path, shell: str, values: list[bytes]
) -> None:
    """Whatever is written: nothing is started, nothing complained of, the lines between count."""
    need(shell)
    names = {f"V{place}": found for place, value in enumerate(values) if (found := quoted(value))}
    data = b"".join(f"{name}={found.text}\nX{name}=1\n".encode() for name, found in names.items())
    assert read_by_shell(shell, data, [f"X{n}" for n in names], tmp_path) == [b"1"] * len(names)


@given(st.lists(ANY, min_size=1, max_size=20))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.skipif(not DOTENV_OF_NODE or shutil.which("node") is None, reason="needs npm's dotenv")
def test_node_reads_back_what_has_no_escapes(tmp_path: Path, values: list[bytes]) -> None:
    """Of node's dotenv the same is true, unless there are escapes or a backslash at the end."""
    names = {f"V{place}": value for place, value in enumerate(values)}
    written = {name: found for name, value in names.items() if (found := quoted(value))}
    written = {
        name: found
        for name, found in written.items()
        if not (found.text.startswith('"') and "\\" in found.text)
    }
    path = tmp_path / "read.env"
    path.write_bytes(fill(b"", written, path="x"))
    script = (
        f"const d = require({json.dumps(DOTENV_OF_NODE)});"
        f"process.stdout.write(JSON.stringify(d.parse(require('fs').readFileSync({json.dumps(str(path))}))))"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, check=True)
    assert json.loads(done.stdout) == {name: names[name].decode() for name in written}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"", ""),
        (b"postgres://db:5432/a?b=c", "'postgres://db:5432/a?b=c'"),
        (b"eu-1.example.com/x@2:80,a+b=", "eu-1.example.com/x@2:80,a+b="),
        (b"=x", "'=x'"),
        (b"a:=x", "'a:=x'"),
        (b"~/x", "'~/x'"),
        (b" a ", "' a '"),
        (b"$2b$12$x #`y`", "'$2b$12$x #`y`'"),
        (b"it's", '"it\'s"'),
        (b'"it\'s"', '"\\"it\'s\\""'),
        (b"C:\\a\\b", "'C:\\a\\b'"),
        (b"C:\\a\\", '"C:\\\\a\\\\"'),
        (b"a\nb", "'a\nb'"),
    ],
)
def test_the_plainest_way_is_taken(value: bytes, text: str) -> None:
    """No quotes where none are needed, single ones where they will do."""
    assert quote("NAME", value) == Quoted(text, portable=True)


@pytest.mark.parametrize(
    ("value", "text"), [(b"it's $HOME", '"it\'s $HOME"'), (b"a\r\nb", '"a\\r\nb"')]
)
def test_where_readers_differ_python_dotenv_wins(value: bytes, text: str) -> None:
    """It is written for python-dotenv, and said not to be portable."""
    assert quote("NAME", value) == Quoted(text, portable=False)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("NAME", b"\xff", "not UTF-8"),
        ("NAME", b"a\0b", "NUL"),
        ("NAME", b"a${HOME}", "python-dotenv would fill"),
        ("NAME", b"a${:-}", "python-dotenv would fill"),
        ("NAME", b"it's `id`", "would run a part"),
        ("NAME", b"it's $(id)", "would run a part"),
        ("NAME", b"it's ${x", "would run a part"),
        ("NAME", b"it's $[x]", "would run a part"),
        ("NAME", b" " * 401, "400 blanks"),
        ("MY-NAME", b"x", "take its line for a command"),
        ("1ST", b"x", "take its line for a command"),
    ],
)
def test_what_no_file_can_hold_is_refused(name: str, value: bytes, why: str) -> None:
    """The reason is told, and nothing of the value."""
    with pytest.raises(UnfitError, match=why):
        quote(name, value)


def test_a_megabyte_is_no_trouble() -> None:
    """A large value, with quotes of all sorts, is read back."""
    value = ("line 'one' \"two\" \\ three #\n" * 40_000).encode()
    found = quote("NAME", value)
    data = fill(b"", {"NAME": found}, path="x")
    assert differing(data, {"NAME": value}) == []
    assert read_by_dotenv(data) == {"NAME": value.decode()}


def test_what_is_quoted_hides_itself() -> None:
    """A traceback that prints it shows no value."""
    assert repr(quote("NAME", b"some value")) == "<quoted>"
