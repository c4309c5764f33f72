"""The conformance kit fails for a provider that breaks a law, each law by itself."""

import inspect
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from devkeys.providers import Answer, Provider
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.references import Reference, parse
from devkeys.secret import Secret
from devkeys.testing import (
    VALUES,
    BulkProviderContract,
    ProgramContract,
    ProgramSubject,
    ProviderContract,
    Subject,
    WritableProviderContract,
)

KINDS: dict[str, type[ProviderError]] = {
    "locked": LockedError,
    "denied": DeniedError,
    "slow": UnreachableError,
    "without_program": ProgramMissingError,
    "garbage": UnreachableError,
    "cut_off": UnreachableError,
}


class Memory:
    """A provider that keeps every law."""

    def __init__(self) -> None:
        self.values: dict[Reference, bytes] = {}
        self.fault: str | None = None

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return what is kept, or the fault."""
        if self.fault is not None:
            raise self.error(asked)
        return {one: self.answer(one) for one in asked}

    def error(self, _asked: Sequence[Reference]) -> ProviderError:
        """Return the error of the fault."""
        return KINDS[self.fault or ""]("it cannot be asked", hint="mend it")

    def answer(self, reference: Reference) -> Answer:
        """Return one value."""
        value = self.values.get(reference)
        return None if value is None else Secret(value)

    def check_writable(self, reference: Reference) -> None:
        """Allow it."""

    def set(self, reference: Reference, secret: Secret) -> None:
        """Keep it."""
        self.values[reference] = secret.reveal()

    def delete(self, reference: Reference) -> bool:
        """Forget it."""
        return self.values.pop(reference, None) is not None

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return what is below *source*."""
        found = {
            one.path[-1]: Secret(value)
            for one, value in self.values.items()
            if one.path[:-1] == source.path
        }
        return found or None


class MemorySubject(Subject):
    """What can be done to it."""

    provider: Memory

    def put(self, value: bytes) -> Reference:
        """Keep it under a number."""
        reference = parse(f"memory://item/{len(self.provider.values)}")
        self.provider.values[reference] = value
        return reference

    def put_all(self, values: Mapping[str, bytes]) -> Reference:
        """Keep them in one item."""
        for name, value in values.items():
            self.provider.values[parse(f"memory://all/{name}")] = value
        return parse("memory://all")

    def absent(self) -> Reference:
        """Lead to nothing."""
        return parse("memory://item/absent")

    def absent_item(self) -> Reference:
        """Lead to no item."""
        return parse("memory://nothing")

    def _at_fault(self, fault: str) -> Provider:
        self.provider.fault = fault
        return self.provider

    def locked(self) -> Provider:
        """Lock it."""
        return self._at_fault("locked")

    def denied(self) -> Provider:
        """Deny it."""
        return self._at_fault("denied")

    def slow(self) -> Provider:
        """Slow it down."""
        return self._at_fault("slow")

    def without_program(self) -> Provider:
        """Take its program away."""
        return self._at_fault("without_program")

    def garbage(self) -> Provider:
        """Let it print garbage."""
        return self._at_fault("garbage")

    def cut_off(self) -> Provider:
        """Cut it off."""
        return self._at_fault("cut_off")


class TestMemory(WritableProviderContract, BulkProviderContract):
    """A provider that keeps every law passes every test."""

    @pytest.fixture
    def subject(self) -> Subject:
        """Give one of each test's own."""
        return MemorySubject(Memory())


class Trims(Memory):
    """Takes blanks away."""

    def answer(self, reference: Reference) -> Answer:
        """Return it trimmed."""
        found = super().answer(reference)
        return Secret(found.reveal().strip()) if isinstance(found, Secret) else found


class Expands(Memory):
    """Fills in variables."""

    def answer(self, reference: Reference) -> Answer:
        """Return it expanded."""
        found = super().answer(reference)
        return Secret(os.path.expandvars(found.reveal())) if isinstance(found, Secret) else found


class SplitsLines(Memory):
    """Frames values by newlines."""

    def answer(self, reference: Reference) -> Answer:
        """Return the first line."""
        found = super().answer(reference)
        return Secret(found.reveal().partition(b"\n")[0]) if isinstance(found, Secret) else found


class Truncates(Memory):
    """Has a buffer of 4 KiB."""

    def answer(self, reference: Reference) -> Answer:
        """Return the start."""
        found = super().answer(reference)
        return Secret(found.reveal()[:4096]) if isinstance(found, Secret) else found


class NeverAbsent(Memory):
    """Gives an empty value for what is not there."""

    def answer(self, reference: Reference) -> Answer:
        """Return something."""
        return super().answer(reference) or Secret(b"")


class Mixes(Memory):
    """Gives answers in the order in which it has them."""

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return them by place."""
        super().get_many([])
        found = [Secret(self.values[one]) for one in asked if one in self.values]
        return dict(zip(asked, [*found, *[None] * len(asked)], strict=False))


class AbsentAtFault(Memory):
    """Takes what it could not ask for absent."""

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return nothing."""
        return dict.fromkeys(asked) if self.fault else super().get_many(asked)


class Leaks(Memory):
    """Shows a value in its error."""

    def error(self, asked: Sequence[Reference]) -> ProviderError:
        """Say too much."""
        shown = self.values[asked[0]].decode()
        return KINDS[self.fault or ""](f"not understood: {shown}", hint="mend it")


class LeaksInHint(Memory):
    """Shows a value in its hint, encoded."""

    def error(self, asked: Sequence[Reference]) -> ProviderError:
        """Say too much."""
        import base64

        shown = base64.b64encode(self.values[asked[0]]).decode()
        return KINDS[self.fault or ""]("not understood", hint=f"try {shown}")


class LeaksInChain(Memory):
    """Shows a value in the exception that its error was made of."""

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Raise from what says too much."""
        if self.fault is None:
            return super().get_many(asked)
        raise self.error(asked) from ValueError(self.values[asked[0]].decode())


class NoHint(Memory):
    """Says what is wrong and not what to do."""

    def error(self, _asked: Sequence[Reference]) -> ProviderError:
        """Say half of it."""
        return KINDS[self.fault or ""]("it cannot be asked")


class OneKind(Memory):
    """Has one error for all."""

    def error(self, _asked: Sequence[Reference]) -> ProviderError:
        """Return it."""
        return ProviderError("it did not work", hint="try again")


class Crashes(Memory):
    """Raises whatever comes."""

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Raise no error of ours."""
        if self.fault:
            raise RuntimeError("it broke")
        return super().get_many(asked)


class Prints(Memory):
    """Lets its program write to the terminal."""

    def answer(self, reference: Reference) -> Answer:
        """Write it there, as a child does."""
        os.write(2, b"got " + self.values.get(reference, b"") + b"\n")
        return super().answer(reference)


class Waits(Memory):
    """Takes no notice of its time limit."""

    def error(self, asked: Sequence[Reference]) -> ProviderError:
        """Wait much longer than a second, if the clock that the test looks at is to be believed."""
        elapsed[0] += 60
        return super().error(asked)


class KeepsOld(Memory):
    """Does not write over a value, and does not say so."""

    def set(self, reference: Reference, secret: Secret) -> None:
        """Keep the first."""
        self.values.setdefault(reference, secret.reveal())


class RefusesHalf(Memory):
    """Refuses a value after it took the old one away."""

    def set(self, reference: Reference, secret: Secret) -> None:
        """Lose the old one."""
        self.values.pop(reference, None)
        if b"\n" in secret.reveal():
            raise DeniedError("one line only", hint="use another place")
        super().set(reference, secret)


class DeletesNothing(Memory):
    """Says that it deleted."""

    def delete(self, _reference: Reference) -> bool:
        """Do nothing."""
        return True


class ListsAll(Memory):
    """Gives values of other items, too, and of none."""

    def get_all(self, _source: Reference) -> Mapping[str, Secret] | None:
        """Return everything."""
        return {one.path[-1]: Secret(value) for one, value in self.values.items()}


elapsed = [0.0]
READS = "test_value_comes_back"
BROKEN: list[tuple[type[Memory], str, object]] = [
    (Trims, READS, "spaces at its ends"),
    (Trims, READS, "final newline"),
    (Expands, READS, "shell"),
    (SplitsLines, READS, "newlines"),
    (SplitsLines, "test_values_that_resemble_do_not_mix", None),
    (Truncates, READS, "64 KiB"),
    (NeverAbsent, "test_absent_is_none", None),
    (Mixes, "test_many_do_not_mix", None),
    (AbsentAtFault, "test_locked_is_an_error", None),
    (AbsentAtFault, "test_denied_is_an_error", None),
    (AbsentAtFault, "test_slow_is_an_error", None),
    (AbsentAtFault, "test_missing_program_is_an_error", None),
    (AbsentAtFault, "test_no_answer_is_an_error", "garbage"),
    (AbsentAtFault, "test_no_answer_is_an_error", "cut_off"),
    (Leaks, "test_denied_is_an_error", None),
    (Leaks, "test_no_answer_is_an_error", "garbage"),
    (LeaksInHint, "test_locked_is_an_error", None),
    (LeaksInChain, "test_locked_is_an_error", None),
    (NoHint, "test_missing_program_is_an_error", None),
    (OneKind, "test_locked_is_an_error", None),
    (OneKind, "test_denied_is_an_error", None),
    (OneKind, "test_missing_program_is_an_error", None),
    (Crashes, "test_no_answer_is_an_error", "cut_off"),
    (Prints, "test_nothing_is_printed", None),
    (Waits, "test_slow_is_an_error", None),
    (KeepsOld, "test_what_is_set_comes_back", "plain"),
    (RefusesHalf, "test_what_is_set_comes_back", "newlines"),
    (DeletesNothing, "test_deleted_is_absent", None),
    (ListsAll, "test_no_such_item_is_none", None),
]


class Everything(WritableProviderContract, BulkProviderContract):
    """All laws in one class, to be called by name."""

    __test__ = False


@pytest.mark.parametrize(("kind", "law", "case"), BROKEN)
def test_a_broken_law_is_found(
    kind: type[Memory],
    law: str,
    case: object,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The test of a law fails for a provider that breaks it, and not merely skips."""
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + elapsed[0])
    test: Callable[..., None] = getattr(Everything(), law)
    more = {"capfd": capfd} if "capfd" in inspect.signature(test).parameters else {}
    given = [] if case is None else [case]
    with pytest.raises((AssertionError, RuntimeError)):
        test(MemorySubject(kind()), *given, **more)


def test_every_law_has_a_breaker() -> None:
    """No law of the kit is without a provider that fails it; only asking for nothing is."""
    laws = {name for name in dir(Everything) if name.startswith("test_")}
    broken = {law for _, law, _ in BROKEN}
    assert laws - broken == {"test_nothing_asked_is_nothing", "test_all_values_come_back"}


PROGRAM = """
import base64, json, os, subprocess, sys
request = json.load(sys.stdin)
folder = os.environ["FOLDER"]
def path(reference): return os.path.join(folder, reference.rpartition("/")[2])
def say(**line): print(json.dumps(line))
def main():
    if request["protocol"] != 1: return say(error="unsupported", protocol=[1])
    action = request["action"]
    if action not in ("get", "set", "delete", "writable"): return say(error="unsupported")
    if os.environ.get("LOCKED"): return say(error="locked", hint="open it")
    for one in request["references"]:
        if action == "writable": say(reference=one, writable=True)
        elif action == "set":
            open(path(one), "wb").write(base64.b64decode(request["value"]))
            say(reference=one, done=True)
        elif not os.path.exists(path(one)): say(reference=one, absent=True)
        elif action == "delete": os.remove(path(one)); say(reference=one, done=True)
        else:
            try: done = subprocess.run(["keeper", path(one)], stdout=subprocess.PIPE)
            except (FileNotFoundError, PermissionError):
                return say(error="missing", hint="install keeper")
            if done.returncode or done.stdout[:5] != b"KEEP:":
                return say(error="unreachable", hint="try again")
            say(reference=one, value=base64.b64encode(done.stdout[5:]).decode())
main(); say(end=True)
"""
KEEPER = "import sys; sys.stdout.buffer.write(b'KEEP:' + open(sys.argv[1], 'rb').read())"


def executable(path: Path, code: str) -> str:
    """Write a program of Python *code*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{code}")
    path.chmod(0o755)
    return str(path)


def program_subject(tmp_path: Path, code: str = PROGRAM) -> ProgramSubject:
    """Return a program of *code* which asks a vendor's, `keeper`."""
    executable(tmp_path / "vendor" / "keeper", KEEPER)
    kept = tmp_path / "kept"
    kept.mkdir()

    def put(value: bytes) -> str:
        name = str(len(os.listdir(kept)))
        (kept / name).write_bytes(value)
        return f"kept://box/{name}"

    environ = {**os.environ, "PATH": f"{tmp_path}/vendor{os.pathsep}{os.environ['PATH']}"}
    return ProgramSubject(
        executable(tmp_path / "bin" / "devkeys-provider-kept", code),
        str(tmp_path / "faults"),
        put=put,
        absent=lambda: "kept://box/absent",
        vendor="keeper",
        environ={**environ, "FOLDER": str(kept)},
        locked={"LOCKED": "1"},
    )


@pytest.mark.parametrize("vendor", ["keeper", None])
def test_program_that_is_installed_is_taken_away_too(tmp_path: Path, vendor: str | None) -> None:
    """Whoever tests a program that is on PATH already tests its absence all the same."""
    subject = program_subject(tmp_path)
    subject.vendor = vendor
    subject.environ["PATH"] = f"{tmp_path}/bin{os.pathsep}{subject.environ['PATH']}"
    reference = subject.put(b"value")
    assert subject.open().get_many([reference]) == {reference: Secret(b"value")}
    with pytest.raises(ProgramMissingError):
        subject.without_program().get_many([reference])


class TestKept(ProgramContract, WritableProviderContract):
    """A third party's program, with the faults put into what it asks."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> ProgramSubject:
        """Give the program."""
        return program_subject(tmp_path)


class TestWithoutVendor(ProgramContract):
    """A program that asks no other: the faults are its own."""

    @pytest.fixture
    def subject(self, tmp_path: Path) -> ProgramSubject:
        """Give the program, to which nothing can be done."""
        subject = program_subject(tmp_path)
        subject.vendor = None
        return subject


TELLS = 'subprocess.run(["keeper", path(one), base64.b64decode(request["value"])], stdout=-1)'
BROKEN_PROGRAMS = [
    ("test_an_unknown_action_is_unsupported", "not in (", "in (None, "),
    ("test_another_protocol_is_unsupported", ", protocol=[1]", ""),
    (
        "test_a_request_may_say_more",
        "action = request",
        "assert len(request) < 4; action = request",
    ),
    (
        "test_no_value_is_an_argument",
        "            say(reference=one, done=True)",
        f"            say(reference=one, done=True); {TELLS}",
    ),
]


@pytest.mark.parametrize(("law", "right", "wrong"), BROKEN_PROGRAMS)
def test_a_broken_program_is_found(law: str, right: str, wrong: str, tmp_path: Path) -> None:
    """The test of a law of programs fails for one that breaks it."""
    assert right in PROGRAM
    subject = program_subject(tmp_path, PROGRAM.replace(right, wrong, 1))
    test: Callable[..., None] = getattr(ProgramContract(), law)
    more = [tmp_path] if "tmp_path" in inspect.signature(test).parameters else []
    with pytest.raises((AssertionError, ValueError, KeyError, subprocess.CalledProcessError)):
        test(subject, *more)


@pytest.mark.parametrize(
    ("right", "wrong", "law", "fault"),
    [
        ('if done.returncode or done.stdout[:5] != b"KEEP:":', "if False:", "no_answer", "garbage"),
        ("done.returncode or ", "", "no_answer", "cut_off"),
        (
            'say(error="missing", hint="install keeper")',
            'say(error="unreachable")',
            "missing_program",
            None,
        ),
        ('say(error="locked", hint="open it")', "say(end=True)", "locked", None),
    ],
)
def test_a_fault_that_is_passed_over_is_found(
    right: str, wrong: str, law: str, fault: str | None, tmp_path: Path
) -> None:
    """A program that takes what its vendor's says for an answer, or an error for absence, fails."""
    assert right in PROGRAM
    subject = program_subject(tmp_path, PROGRAM.replace(right, wrong, 1))
    test: Callable[..., None] = getattr(ProviderContract(), f"test_{law}_is_an_error")
    more = [] if fault is None else [fault]
    with pytest.raises(AssertionError):
        test(subject, *more)


def test_values_are_what_is_spoilt_most_often() -> None:
    """The values hold what a shell, a line, a JSON text and a trim would change."""
    joined = b"".join(VALUES.values())
    for part in (b"\n", b'"', b"'", b"$", b"`", b"\\", b"{", "🔑".encode(), b" "):
        assert part in joined
    assert max(map(len, VALUES.values())) == 64 << 10


def test_without_pytest_it_says_so() -> None:
    """Who imports the kit without pytest is told what to install."""
    code = "import sys; sys.modules['pytest'] = None; import devkeys.testing"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "devkeys.testing needs pytest: install devkeys[testing]" in done.stderr
