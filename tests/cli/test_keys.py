"""set, get, unset, list: values in and out, exactly."""

import json
import subprocess

import pytest
from command import DEVKEYS
from desk import Desk, key
from real import need

VALUES = {
    "spaces": b"  a b  ",
    "quotes": b"\"'`$HOME ${X} \\ #=",
    "lines": b"-----BEGIN\nx\n-----END\n",
    "windows lines": b"a\r\nb\r\n",
    "no UTF-8": b"\xff\xfe\x80",
    "128 KiB and more": b"x" * 200_000,
    "two final line ends": b"a\n\n",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_what_is_set_from_stdin_is_what_get_reveals(desk: Desk, value: bytes) -> None:
    """A value of several lines or odd bytes comes back byte for byte."""
    assert desk.devkeys("set", "LLM_API_KEY", input=value).code == 0
    done = desk.devkeys("get", "LLM_API_KEY", "--reveal")
    assert (done.code, done.out, done.err) == (0, value, "")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_line_end_of_a_single_line_is_not_part_of_it(desk: Desk, end: bytes) -> None:
    """What `echo` adds is dropped."""
    value = key().encode()
    desk.devkeys("set", "LLM_API_KEY", input=value + end)
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == value


def test_set_says_where_it_stored_and_not_what(desk: Desk) -> None:
    """`set` tells name, project and profile on stderr; the value is nowhere."""
    value = key()
    done = desk.devkeys("set", "LLM_API_KEY", "-p", "staging", input=value.encode())
    assert (done.code, done.out) == (0, b"")
    assert "devkeys: stored LLM_API_KEY for chat (staging)" in done.err
    assert "devkeys: hint: devkeys allow -p staging" in done.err
    assert value not in done.err


@pytest.mark.parametrize(
    ("value", "message"),
    [(b"", "no value for LLM_API_KEY"), (b"\n", "no value for"), (b"a\0b", "contains a NUL byte")],
)
def test_what_cannot_be_a_value_changes_nothing(desk: Desk, value: bytes, message: str) -> None:
    """An empty value or one with NUL is refused, and the stored one stays."""
    kept = key().encode()
    desk.devkeys("set", "LLM_API_KEY", input=kept)
    done = desk.devkeys("set", "LLM_API_KEY", input=value)
    assert done.code == 2
    assert message in done.err
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == kept


def test_a_setting_can_be_given_as_an_argument(desk: Desk) -> None:
    """`set MODEL=large` stores what stands after the first `=`."""
    assert desk.devkeys("set", "MODEL=large=1").code == 0
    assert desk.devkeys("get", "MODEL", "--reveal").out == b"large=1"


@pytest.mark.parametrize("words", [("MODEL", "a", "b"), ("MODEL=a", "BASE_URL=b")])
def test_set_takes_one_name_and_one_value(desk: Desk, words: tuple[str, ...]) -> None:
    """A second word is no part of the value, and is not dropped in silence."""
    done = desk.devkeys("set", *words)
    assert done.code == 2
    assert "more than one value for MODEL; nothing was changed" in done.err
    assert desk.devkeys("list").out == b""


@pytest.mark.parametrize("declared", ["LLM_API_KEY", "OTHER_TOKEN"])
def test_a_secret_as_an_argument_is_refused(desk: Desk, declared: str) -> None:
    """`set NAME=V` of a secret, declared or not, says that the history has it and what to do."""
    value = key()
    done = desk.devkeys("set", f"{declared}={value}")
    assert done.code == 2
    assert "stands in your shell's history" in done.err
    assert (
        f"devkeys: hint: delete that line from the history; then devkeys set {declared}" in done.err
    )
    assert value not in done.err
    assert desk.devkeys("list").out == b""


def test_an_undeclared_name_gets_a_guess(desk: Desk) -> None:
    """A slip of the pen is answered with the name that was meant."""
    done = desk.devkeys("set", "LLM_API_KEI", input=b"x")
    assert done.code == 2
    assert "did you mean LLM_API_KEY? else devkeys add LLM_API_KEI declares it" in done.err


@pytest.mark.parametrize(
    ("option", "length"), [("--generate", 64), ("--generate=password(24)", 24)]
)
def test_a_value_can_be_generated(desk: Desk, option: str, length: int) -> None:
    """`--generate` alone makes hex(32); with a kind, that kind; each time another value."""
    values = set()
    for _ in range(2):
        done = desk.devkeys("set", "LLM_API_KEY", option)
        assert (done.code, done.out) == (0, b"")
        values.add(desk.devkeys("get", "LLM_API_KEY", "--reveal").out)
    assert [length, length] == [len(value) for value in values]


def test_an_unknown_kind_of_value_is_refused(desk: Desk) -> None:
    """`--generate=nonsense` lists what there is."""
    done = desk.devkeys("set", "LLM_API_KEY", "--generate=nonsense")
    assert done.code == 2
    assert "hex(BYTES)" in done.err


def test_two_sets_at_the_same_time_lose_nothing(desk: Desk) -> None:
    """Eight names that are set at once are all there afterwards, in one store."""
    names = [f"KEY_{number}_TOKEN" for number in range(8)]
    desk.declare("".join(f"{name}=\n" for name in names))
    started = [
        subprocess.Popen(
            [*DEVKEYS, "set", name],
            env=desk.environ,
            cwd=desk.project,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for name in names
    ]
    ends = [
        (process.communicate(name.encode()), process.returncode)
        for process, name in zip(started, names, strict=True)
    ]
    assert [code for _, code in ends] == [0] * 8
    for name in names[:3]:
        assert desk.devkeys("get", name, "--reveal").out == name.encode()
    listed = json.loads(desk.devkeys("list", "--json").out)
    assert [item["name"] for item in listed["values"]] == names


def test_get_tells_place_and_dates(desk: Desk) -> None:
    """Without --reveal, `get` shows where the value is and how old, and not the value."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    done = desk.devkeys("get", "LLM_API_KEY")
    assert done.code == 0
    assert "LLM_API_KEY: secret, from the store (chat)" in done.text
    assert "(today), generation 1, from stdin, by " in done.text
    assert value not in done.text


def test_get_json_has_no_value(desk: Desk) -> None:
    """`get --json` is the row of `status --json`; --reveal does not go with it."""
    value = key()
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    done = desk.devkeys("get", "LLM_API_KEY", "--json")
    found = json.loads(done.out)
    assert (found["format"], found["place"], found["from"]) == (1, "store", "chat")
    assert found["stored"]["generation"] == 1
    assert value not in done.text
    assert desk.devkeys("get", "LLM_API_KEY", "--json", "--reveal").code == 2


@pytest.mark.parametrize("words", [(), ("--reveal",)])
def test_a_missing_value_is_exit_code_3(desk: Desk, words: tuple[str, ...]) -> None:
    """`get` of a name without a value says how to give it one."""
    done = desk.devkeys("get", "LLM_API_KEY", *words)
    assert (done.code, done.out) == (3, b"")
    assert "devkeys set LLM_API_KEY" in done.err


def test_reveal_gives_what_run_would_give(desk: Desk) -> None:
    """The environment's value comes before the stored one, and that is said."""
    desk.devkeys("set", "LLM_API_KEY", input=b"stored")
    done = desk.devkeys("get", "LLM_API_KEY", "--reveal", env={"LLM_API_KEY": "exported"})
    assert done.out == b"exported"
    assert "the stored one of LLM_API_KEY differs" in done.err


def test_reveal_fills_a_template(desk: Desk) -> None:
    """A default with `${NAME}` is shown as a command would get it."""
    desk.declare("HOST=db\nADDRESS=${HOST}:5432\n")
    assert desk.devkeys("get", "ADDRESS", "--reveal").out == b"db:5432"


def test_unset_takes_all_or_nothing(desk: Desk) -> None:
    """A name without a value stops `unset` before it takes the others away."""
    desk.devkeys("set", "LLM_API_KEY", input=b"stored")
    done = desk.devkeys("unset", "LLM_API_KEY", "MODEL")
    assert done.code == 3
    assert "no value of MODEL is stored for chat (dev); nothing was changed" in done.err
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").out == b"stored"
    done = desk.devkeys("unset", "LLM_API_KEY")
    assert (done.code, done.err) == (0, "devkeys: removed LLM_API_KEY of chat (dev)\n")
    assert desk.devkeys("get", "LLM_API_KEY", "--reveal").code == 3


def test_unset_says_which_project_above_has_the_value(desk: Desk) -> None:
    """In a monorepo's package the hint leads to the directory that has the value."""
    need("git")
    subprocess.run(["git", "init", "-q", str(desk.project)], check=True)
    package = desk.project / "api"
    package.mkdir()
    (package / ".env.example").write_text("LLM_API_KEY=\n")
    desk.devkeys("set", "LLM_API_KEY", input=b"stored")
    done = desk.devkeys("unset", "LLM_API_KEY", cwd=package)
    assert done.code == 3
    assert f"chat has it: go to {desk.project}" in done.err


def test_list_shows_this_project_or_all(desk: Desk) -> None:
    """`list` is about the project here; --all and -p choose; no value is in it."""
    value = key()
    other = desk.project.with_name("other")
    other.mkdir()
    (other / ".env.example").write_text("OTHER_TOKEN=\n")
    desk.devkeys("set", "LLM_API_KEY", input=value.encode())
    desk.devkeys("set", "LLM_API_KEY", "-p", "prod", input=value.encode())
    desk.devkeys("set", "OTHER_TOKEN", input=value.encode(), cwd=other)
    here = desk.devkeys("list").text
    assert here.splitlines()[0].split() == [
        *("NAME", "KIND", "PROJECT", "PROFILE", "AGE", "GENERATION", "FROM", "BY")
    ]
    assert "OTHER_TOKEN" not in here
    assert len(here.splitlines()) == 3
    everything = desk.devkeys("list", "--all", "-p", "dev")
    assert [line.split()[0] for line in everything.text.splitlines()[1:]] == [
        "LLM_API_KEY",
        "OTHER_TOKEN",
    ]
    assert value not in everything.text


def test_list_without_anything_says_so(desk: Desk) -> None:
    """An empty inventory is no error; as JSON it is an empty list."""
    done = desk.devkeys("list")
    assert (done.code, done.out) == (0, b"")
    assert "nothing is stored here" in done.err
    assert json.loads(desk.devkeys("list", "--json").out) == {"format": 1, "values": []}
