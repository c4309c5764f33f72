"""xonsh's histories in JSON."""

import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

import pytest
from history_databases import holds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from xonsh_session import Room

from devkeys.history import xonsh
from devkeys.history.errors import HistoryError
from devkeys.history.stores import STORES

_COMMAND = st.fixed_dictionaries(
    {"inp": st.text(), "ts": st.lists(st.floats(0, 1e9), min_size=2, max_size=2)},
    optional={
        "out": st.text(),
        "rtn": st.integers(),
        "info": st.dictionaries(st.text(), st.text()),
    },
)
_HISTORY = st.fixed_dictionaries(
    {
        "cmds": st.lists(_COMMAND, max_size=5),
        "env": st.dictionaries(st.text(), st.text(), max_size=5),
        "locked": st.booleans(),
        "sessionid": st.text(),
        "ts": st.lists(st.none() | st.floats(0, 1e9), max_size=2),
    }
)
# What xonsh itself reads of a file through its index, and what it writes for the same.
_READ = """
import json, sys
from xonsh.lib import lazyjson
for line in open(sys.argv[1]):
    path = json.loads(line)
    lazy = lazyjson.LazyJSON(path)
    whole = lazy.load()
    whole = whole.load() if hasattr(whole, 'load') else whole
    commands = [lazy['cmds'][n].load() for n in range(len(lazy['cmds']))]
    names = {name: lazy['env'][name] for name in lazy['env']} if 'env' in lazy else {}
    print(json.dumps([commands, names, lazyjson.dumps(whole, sort_keys=True)]), flush=True)
"""


def value() -> str:
    """Make a secret."""
    return "k" + secrets.token_hex(16)


def write(path: Path, history: object) -> Path:
    """Write a history, without an index."""
    path.write_text(json.dumps({"locs": [], "index": {}, "data": history}))
    return path


def texts(path: Path) -> list[bytes]:
    """Return the texts of the entries."""
    return [entry.text for entry in xonsh.entries(str(path))]


@pytest.fixture
def room(tmp_path: Path, script: Path) -> Room:
    """Make a HOME for xonsh, without the hook."""
    room = Room(tmp_path, script)
    room.write_rc("$XONSH_STORE_STDOUT = True\n")
    return room


def test_commands_outputs_and_variables(tmp_path: Path) -> None:
    """A command comes with its output and its time, a variable with its name."""
    command = {"ts": [1.5, 2.0], "rtn": 0, "out": "a.txt", "inp": "ls\n"}
    path = write(tmp_path / "h", {"cmds": [command], "env": {"A": "b", "N": 5}})
    assert [(entry.text, entry.when) for entry in xonsh.entries(str(path))] == [
        (b"ls\n\na.txt", 1.5),
        (b"A=b", None),
        (b"N=5", None),
    ]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """What Python kept of other bytes becomes those bytes again; what never was one is no error."""
    path = write(tmp_path / "h", {"cmds": [{"inp": "a\udcff"}, {"inp": "\ud800"}]})
    assert texts(path) == [b"a\xff", b"\xed\xa0\x80"]


def test_an_empty_file(tmp_path: Path) -> None:
    """Such are made, and files hold nothing."""
    path = tmp_path / "h"
    path.touch()
    assert texts(path) == []


def test_mode_stays_and_nothing_else_is_left(tmp_path: Path) -> None:
    """The new file has the old one's mode, and stands alone."""
    secret = value()
    path = write(tmp_path / "h", {"cmds": [{"inp": secret}, {"inp": "ls"}], "env": {"A": secret}})
    path.chmod(0o640)
    assert xonsh.scrub(str(path), holds(secret)) == (2, ())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [x.name for x in tmp_path.iterdir()] == ["h"]
    assert texts(path) == [b"ls"]


def test_nothing_to_take_out(tmp_path: Path) -> None:
    """Without it in there, the file stays the same."""
    path = write(tmp_path / "h", {"cmds": [{"inp": "ls"}]})
    before = path.stat()
    assert xonsh.scrub(str(path), holds(value())) == (0, ())
    assert path.stat() == before


def test_elsewhere_in_the_file(tmp_path: Path) -> None:
    """What is neither a command nor a variable stays, and is told of."""
    secret = value()
    path = write(tmp_path / "h", {"cmds": [{"inp": secret}], "note": secret})
    removed, left = xonsh.scrub(str(path), holds(secret))
    assert removed == 1
    assert "still holds it" in " ".join(left)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """It is a HistoryError, and nothing is lost."""
    if os.geteuid() == 0:
        pytest.skip("root may write everything")
    secret = value()
    path = write(tmp_path / "h", {"cmds": [{"inp": secret}]})
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HistoryError):
            xonsh.scrub(str(path), holds(secret))
    finally:
        tmp_path.chmod(0o700)
    assert texts(path) == [secret.encode()]


@pytest.mark.parametrize("scrub", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        b"ls",
        b"[]",
        b'{"data": 5}',
        b"\xff",
        b'{"data":' * 100_000,
        b'{"data": {"a": ' + b"9" * 5000,
    ],
)
def test_another_file(tmp_path: Path, data: bytes, scrub: bool) -> None:
    """What is no history of xonsh's, or nested without end, is a HistoryError, and stays."""
    path = tmp_path / "h"
    path.write_bytes(data)
    with pytest.raises(HistoryError, match="is not a history of xonsh"):
        xonsh.scrub(str(path), lambda _: True) if scrub else xonsh.entries(str(path))
    assert path.read_bytes() == data


@pytest.mark.parametrize("name", ["missing", "fifo", "nul\0"])
def test_no_file(tmp_path: Path, name: str) -> None:
    """What is not there, or is no file, is one, too."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(HistoryError):
        xonsh.entries(str(tmp_path / name))


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["cmds"]), inner),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary() | _JSON.map(lambda x: json.dumps({"data": x, "cmds": x}).encode()))
def test_arbitrary_bytes(tmp_path: Path, data: bytes) -> None:
    """Any file is read and scrubbed, or is a HistoryError."""
    path = tmp_path / "h"
    path.write_bytes(data)
    try:
        texts(path)
        xonsh.scrub(str(path), holds("a"))
    except HistoryError:
        pass


@settings(max_examples=60)
@given(st.fixed_dictionaries({"cmds": _JSON | st.lists(_JSON), "env": _JSON, "x": _JSON}))
def test_what_is_written_is_read_again(history: dict[str, Any]) -> None:
    """Whatever JSON it is, what is written has it at the places that the index says."""
    data = xonsh._dumped("h", history)
    whole = json.loads(data)
    index_at, index_size, data_at, data_size = whole["locs"]
    assert json.loads(data[index_at : index_at + index_size]) == whole["index"]
    assert same(json.loads(data[data_at : data_at + data_size]), history)
    for key, part in history.items():
        offset, size = whole["index"]["offsets"][key], whole["index"]["sizes"][key]
        if isinstance(offset, int):
            assert same(json.loads(data[data_at + offset : data_at + offset + size]), part)


def same(one: object, other: object) -> bool:
    """Say whether two values are the same JSON; NaN is the same as NaN."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def as_xonsh_reads(room: Room, *paths: Path) -> list[list[Any]]:
    """Return the commands and variables of each file as the real xonsh reads them by the index.

    And what it would write for all that is in there.
    """
    (room.home / "paths").write_text("".join(json.dumps(str(path)) + "\n" for path in paths))
    (room.home / "read.py").write_text(_READ)
    found = room.script("--no-rc", str(room.home / "read.py"), str(room.home / "paths"))
    return [json.loads(line) for line in found.splitlines()]


def test_as_xonsh_writes_it(room: Room) -> None:
    """The real one reads each command and variable by its index, and would write the same bytes."""
    paths: list[Path] = []
    histories: list[dict[str, Any]] = []

    @settings(max_examples=40, database=None)
    @given(_HISTORY)
    def collect(history: dict[str, Any]) -> None:
        path = room.home / f"h{len(paths)}"
        path.write_bytes(xonsh._dumped("h", history))
        paths.append(path)
        histories.append(history)

    collect()
    found = as_xonsh_reads(room, *paths)
    for path, history, (commands, variables, written) in zip(paths, histories, found, strict=True):
        assert (commands, variables) == (history["cmds"], history["env"])
        assert path.read_bytes() == written.encode()


def test_while_xonsh_is_open(room: Room) -> None:
    """A session that is open gets its file scrubbed, and ends it without bringing anything back."""
    secret = value()
    with room.start(MY_KEY=secret) as shell:
        shell.type("print('one')")
        shell.type(f"A = '{secret}'")
        shell.type(f"print('{secret[:9]}' + '{secret[9:]}')")
        shell.type("print('two')")
        shell.type("__xonsh__.history.flush()")
        shell.type("import time; time.sleep(0.5)")
        (path,) = room.data.rglob("xonsh-*.json")
        assert f"MY_KEY={secret}".encode() in texts(path)
        assert STORES["xonsh-json"].scrub(str(path), holds(secret)) == (3, ())
        assert room.holders(secret) == []
        shell.type("print('three')")
        shell.exit()
    assert [text for text in room.histories() if text.startswith("print")] == [
        "print('one')",
        "print('two')",
        "print('three')",
    ]
    assert room.holders(secret) == []
    ((commands, variables, written),) = as_xonsh_reads(room, path)
    assert [one["inp"] for one in commands][:2] == ["print('one')\n", "print('two')\n"]
    assert "MY_KEY" not in variables
    assert "XONSH_DATA_DIR" in variables
    assert path.read_bytes() == written.encode()
