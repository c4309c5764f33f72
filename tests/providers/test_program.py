"""A provider that is somebody else's program: what it may answer, and what is no answer."""

import base64
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.errors import UsageError
from devkeys.providers import (
    BulkProvider,
    DiagnosableProvider,
    Diagnosis,
    WritableProvider,
    open_provider,
)
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.providers.program import Program
from devkeys.providers.program_answers import ImproperError, UnsupportedError, read
from devkeys.references import parse
from devkeys.secret import Secret

ONE, TWO, THREE = (parse(f"mine://team/{name}") for name in ("one", "two", "three"))
Says = Callable[..., Program]


def encoded(value: bytes) -> str:
    """Return *value* as a program transmits it."""
    return base64.b64encode(value).decode()


def line(reference: object = ONE, **more: object) -> dict[str, object]:
    """Return one answer."""
    return {"reference": str(reference), **more}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a directory of PATH, with a HOME beside it."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    return tmp_path / "bin"


@pytest.fixture
def caller(directory: Path) -> Caller:
    """Give who asks, with *directory* first on PATH."""
    path = f"{directory}{os.pathsep}{os.environ['PATH']}"
    home = str(directory.parent / "home")
    return Caller({"PATH": path}, home, home, limit=20)


@pytest.fixture
def says(directory: Path, caller: Caller) -> Says:
    """Give what makes a program that says *lines*, whatever it is asked, and notes the request."""

    def make(*lines: object, code: int = 0, end: bool = True) -> Program:
        texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
        output = "\n".join([*texts, *(['{"end": true}'] if end else [])]) + "\n"
        program = directory / "devkeys-provider-mine"
        program.write_text(
            f"#!{sys.executable}\nimport json, os, sys\n"
            f"notes = {str(directory)!r} + '/notes'\n"
            "seen = [sys.argv[1:], sys.stdin.read(), os.getcwd(), dict(os.environ)]\n"
            "open(notes, 'a').write(json.dumps(seen) + '\\n')\n"
            f"sys.stdout.write({output!r})\nsys.exit({code})\n"
        )
        program.chmod(0o755)
        return Program("mine", caller)

    return make


def notes(directory: Path) -> list[tuple[list[str], str, str, dict[str, str]]]:
    """Return how the program was started: arguments, stdin, directory, environment."""
    return [tuple(json.loads(text)) for text in (directory / "notes").read_text().splitlines()]


def test_one_process_answers_all(says: Says, directory: Path) -> None:
    """The references of a run go to one process, on stdin, never as arguments."""
    program = says(line(TWO, absent=True), line(ONE, value=encoded(b"\0\xff\n")))
    assert program.get_many([ONE, TWO]) == {ONE: Secret(b"\0\xff\n"), TWO: None}
    ((arguments, stdin, cwd, _),) = notes(directory)
    assert arguments == []
    assert stdin.endswith("\n")
    assert json.loads(stdin) == {
        "protocol": 1,
        "action": "get",
        "references": [str(ONE), str(TWO)],
        "interactive": False,
    }
    assert cwd == str(directory.parent / "home")


def test_nothing_asked_starts_nothing(says: Says, directory: Path) -> None:
    """Without references there is no process."""
    assert says().get_many([]) == {}
    assert not (directory / "notes").exists()


def test_a_value_to_set_is_on_stdin_only(says: Says, directory: Path) -> None:
    """Neither argv nor the environment holds it."""
    value = os.urandom(12).hex().encode()
    says(line(done=True)).set(ONE, Secret(value))
    ((arguments, stdin, _, environ),) = notes(directory)
    assert json.loads(stdin)["value"] == encoded(value)
    assert value.decode() not in f"{arguments}{environ}"


def test_the_credentials_of_its_scheme_are_the_keychains(directory: Path, says: Says) -> None:
    """A program gets the credential that the user's configuration has for its name."""
    says(line(reference="doppler://team/one", absent=True))
    os.rename(directory / "devkeys-provider-mine", directory / "devkeys-provider-doppler")
    token = os.urandom(8).hex()
    caller = Caller(
        {"PATH": str(directory)},
        str(directory),
        str(directory),
        credentials={"DOPPLER_TOKEN": ("doppler", "me")},
        read_keychain=lambda _service, _account: Secret(token.encode()),
    )
    open_provider("doppler", caller).get_many([parse("doppler://team/one")])
    assert notes(directory)[0][3]["DOPPLER_TOKEN"] == token


@pytest.mark.parametrize("entry", ["relative", "inside"])
def test_a_checkout_brings_no_program(directory: Path, says: Says, entry: str) -> None:
    """Neither a relative entry of PATH nor one inside the checkout leads to a program."""
    says(line(absent=True))
    path = os.path.relpath(directory) if entry == "relative" else str(directory)
    caller = Caller({"PATH": path}, "/", "/", outside=str(directory.parent))
    with pytest.raises(ProgramMissingError, match="devkeys-provider-mine") as caught:
        Program("mine", caller).get_many([ONE])
    assert caught.value.hint
    assert not (directory / "notes").exists()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("locked", LockedError),
        ("denied", DeniedError),
        ("unreachable", UnreachableError),
        ("missing", ProgramMissingError),
    ],
)
def test_an_error_for_one_and_for_all(says: Says, kind: str, error: type[ProviderError]) -> None:
    """One with a reference is its answer, one without is raised; words are optional."""
    program = says(
        line(ONE, error=kind, message="it is Monday", hint="wait"), line(TWO, absent=True)
    )
    answer = program.get_many([ONE, TWO])[ONE]
    assert isinstance(answer, error)
    assert (str(answer), answer.hint) == ("mine: it is Monday", "wait")
    with pytest.raises(error) as caught:
        says(line(ONE, absent=True), {"error": kind}).get_many([ONE, TWO])
    assert caught.value.hint


IMPROPER: dict[str, tuple[list[object], bool]] = {
    "nothing": ([], False),
    "no end": ([line(absent=True)], False),
    "an end and more": ([{"end": True}, line(absent=True)], False),
    "two ends": ([line(absent=True), {"end": True}], True),
    "an end that says more": ([line(absent=True), {"end": True, "x": 1}], False),
    "no JSON": (["VALUE"], True),
    "no object": ([["VALUE"]], True),
    "half an object": (['{"reference": "mine://team/one", "val'], False),
    "deep": (["[" * 100_000], True),
    "a key twice": (['{"reference": "mine://team/one", "absent": true, "absent": true}'], True),
    "an empty line": ([line(absent=True), ""], True),
    "not asked": ([line(absent=True), line("mine://team/VALUE", absent=True)], True),
    "twice": ([line(absent=True), line(value=encoded(b"VALUE"))], True),
    "too few": ([line(TWO, absent=True)], True),
    "no outcome": ([line()], True),
    "two outcomes": ([line(absent=True, value=encoded(b"VALUE"))], True),
    "an unknown outcome": ([line(valeu="VALUE")], True),
    "no base64": ([line(value="VALUE?")], True),
    "unpadded": ([line(value="VkFMVUU")], True),
    "in lines": ([line(value="VkFM\nVUU=")], True),
    "no text": ([line(value=17)], True),
    "absent is false": ([line(absent=False)], True),
    "absent is one": ([line(absent=1)], True),
    "another action's": ([line(done=True)], True),
    "an unknown error": ([line(error="VALUE")], True),
    "an error with a value": ([line(error="denied", value=encoded(b"VALUE"))], True),
    "no text as reference": ([{"reference": 3, "absent": True}], True),
    "a line about nothing": ([{"hello": "VALUE"}, line(absent=True)], True),
}


@pytest.mark.parametrize("case", IMPROPER)
def test_an_improper_answer_is_an_error(says: Says, case: str) -> None:
    """What is not exactly an answer is none, never absence; nothing of it is shown."""
    lines, end = IMPROPER[case]
    asked = [ONE, TWO] if case == "too few" else [ONE]
    with pytest.raises(UnreachableError, match="no proper answer") as caught:
        says(*lines, end=end).get_many(asked)
    shown = f"{caught.value} {caught.value.hint}"
    assert "VALUE" not in shown
    assert "VkFM" not in shown


def test_an_answer_that_ends_with_a_code_is_none(says: Says) -> None:
    """A program that fails after it answered has not answered."""
    with pytest.raises(UnreachableError, match="ended with code 3"):
        says(line(absent=True), code=3).get_many([ONE])


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("as told", "mine: as told"),
        ("it is VALUE", "mine: it says no"),
        ("it is LINE", "mine: it says no"),
        (f"it is {encoded(b'VALUE')}", "mine: it says no"),
        ("two\nlines", "mine: it says no"),
        ("\x1b[31mred", "mine: it says no"),
        ("x" * 301, "mine: it says no"),
        (["VALUE"], "mine: it says no"),
        ("  ", "mine: it says no"),
    ],
)
def test_words_with_a_value_are_not_shown(says: Says, message: object, shown: str) -> None:
    """A message is one short printable line that holds no value of the same answer."""
    program = says(
        line(ONE, error="denied", message=message, hint=message),
        line(TWO, value=encoded(b"VALUE")),
        line(THREE, value=encoded(b"LINE\n")),
    )
    answer = program.get_many([ONE, TWO, THREE])[ONE]
    assert isinstance(answer, DeniedError)
    assert str(answer) == shown
    assert answer.hint
    assert "VALUE" not in answer.hint


def test_words_with_the_value_to_set_are_not_shown(says: Says) -> None:
    """A program that repeats what it was given does not get it to the terminal."""
    with pytest.raises(DeniedError) as caught:
        says(line(error="denied", message="cannot keep VALUE")).set(ONE, Secret(b"VALUE"))
    assert "VALUE" not in f"{caught.value} {caught.value.hint}"


def test_it_has_every_protocol() -> None:
    """What a program can is known by asking it only."""
    assert isinstance(Program, type)
    program = Program("mine", Caller({}, "/", "/"))
    assert isinstance(program, WritableProvider)
    assert isinstance(program, BulkProvider)
    assert isinstance(program, DiagnosableProvider)


UNSUPPORTED = {"error": "unsupported"}


def test_what_it_cannot_is_a_usage_error(says: Says) -> None:
    """Writing and listing are optional; refused before anything is prompted for."""
    program = says(UNSUPPORTED)
    for action in (
        lambda: program.check_writable(ONE),
        lambda: program.set(ONE, Secret(b"x")),
        lambda: program.delete(ONE),
        lambda: program.get_all(parse("mine://team")),
    ):
        with pytest.raises(UsageError, match="devkeys-provider-mine cannot") as caught:
            action()
        assert caught.value.hint
    assert program.diagnose([ONE]) == Diagnosis()
    with pytest.raises(UnreachableError, match="does not know the action get"):
        program.get_many([ONE])


@pytest.mark.parametrize(
    ("speaks", "hint"), [([2, 3], "update devkeys"), ([0], "update devkeys-provider-mine")]
)
def test_another_protocol_is_named(says: Says, speaks: list[int], hint: str) -> None:
    """A program of another time says what it speaks; the hint says what is to be updated."""
    with pytest.raises(UnreachableError, match=f"speaks the protocol {speaks[0]}") as caught:
        says({**UNSUPPORTED, "protocol": speaks}).get_many([ONE])
    assert caught.value.hint == hint


def test_writing(says: Says) -> None:
    """Each change is answered with done; deleting what is not there, with absent."""
    says(line(writable=True)).check_writable(ONE)
    assert says(line(done=True)).delete(ONE) is True
    assert says(line(absent=True)).delete(ONE) is False
    with pytest.raises(LockedError):
        says(line(error="locked")).check_writable(ONE)
    with pytest.raises(UnreachableError, match="no proper answer"):
        says(line(absent=True)).set(ONE, Secret(b"x"))


def test_listing(says: Says) -> None:
    """All values come by name; an item without any is empty, one that is not there is None."""
    source = parse("mine://team")
    program = says({"name": "A B", "value": encoded(b"1")}, {"name": "C", "value": encoded(b"")})
    assert program.get_all(source) == {"A B": Secret(b"1"), "C": Secret(b"")}
    assert says().get_all(source) == {}
    assert says(line(source, absent=True)).get_all(source) is None
    with pytest.raises(DeniedError):
        says(line(source, error="denied")).get_all(source)


@pytest.mark.parametrize(
    "lines",
    [
        [{"name": "A", "value": ""}, {"name": "A", "value": ""}],
        [{"name": "", "value": ""}],
        [{"name": "A\nB", "value": ""}],
        [{"name": "A"}],
        [{"name": "A", "value": ""}, line(parse("mine://team"), absent=True)],
    ],
)
def test_an_improper_list_is_an_error(says: Says, lines: list[object]) -> None:
    """Names are printable and stand once."""
    with pytest.raises(UnreachableError, match="no proper answer"):
        says(*lines).get_all(parse("mine://team"))


def test_diagnosis(says: Says) -> None:
    """What a program says of itself is shown; an error keeps nothing else from being said."""
    program = says(
        {"version": "2.1", "account": "me\nVALUE"},
        line(ONE, readable=True),
        line(TWO, readable=None),
    )
    assert program.diagnose([ONE, TWO]) == Diagnosis("2.1", None, {ONE: True, TWO: None})
    found = says(line(ONE, error="locked"), line(TWO, readable=False)).diagnose([ONE, TWO])
    assert found.readable == {ONE: None, TWO: False}
    assert isinstance(found.error, LockedError)
    assert isinstance(says({"error": "denied"}).diagnose([ONE]).error, DeniedError)
    assert isinstance(says("garbage").diagnose([ONE]).error, UnreachableError)


def test_a_diagnosis_asks_nobody(says: Says, directory: Path, caller: Caller) -> None:
    """A program that is looked at is told that nobody is there to be asked."""
    says(line(readable=True))
    Program("mine", caller._replace(interactive=True)).diagnose([ONE])
    assert json.loads(notes(directory)[0][1])["interactive"] is False


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.none() | st.binary(), min_size=1))
def test_what_is_answered_is_read(values: Mapping[str, bytes | None]) -> None:
    """Whatever bytes a program has, in whatever order, they are what is read."""
    lines = [
        {"reference": name, **({"absent": True} if value is None else {"value": encoded(value)})}
        for name, value in values.items()
    ]
    output = "\n".join(json.dumps(one) for one in [*reversed(lines), {"end": True}]).encode()
    found = read(output, "get", list(values), scheme="mine", sent=b"").outcomes
    assert {name: found[name] if values[name] is not None else None for name in values} == values


@given(st.binary(max_size=60), st.integers(0, 400))
def test_whatever_it_prints_is_read_or_refused(noise: bytes, at: int) -> None:
    """Bytes put into a proper answer, or its cut, end in an answer or in a known refusal."""
    proper = json.dumps({"reference": "a", "value": encoded(b"value")}) + '\n{"end": true}\n'
    output = proper.encode()[:at] + noise
    try:
        found = read(output, "get", ["a"], scheme="mine", sent=b"").outcomes
    except (ImproperError, UnsupportedError, ProviderError):
        return
    assert set(found) == {"a"}


def test_answers_do_not_show_themselves() -> None:
    """What a traceback prints of an answer holds no value."""
    lines = [line(ONE, value=encoded(b"VALUE")), {"end": True}]
    text = "\n".join(map(json.dumps, lines))
    found = read(text.encode(), "get", [str(ONE)], scheme="mine", sent=b"")
    assert "VALUE" not in repr(found)


def test_slip_of_the_pen_in_a_scheme(tmp_path: Path) -> None:
    """A scheme that is nearly one of ours is guessed, where no program reads it."""
    nobody = Program("ops", Caller({"PATH": ""}, str(tmp_path), str(tmp_path)))
    with pytest.raises(ProgramMissingError) as caught:
        nobody.get_many([parse("ops://vault/item")])
    assert "did you mean sops:// or op://?" in (caught.value.hint or "")
