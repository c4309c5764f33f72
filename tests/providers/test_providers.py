"""Asking for all references of a run: each provider once, and each reference its own answer."""

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from devkeys import providers
from devkeys.bootstrap import BOOTSTRAP
from devkeys.providers import DiagnosableProvider, ask_one, get_many, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    KINDS,
    DeniedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.providers.program import Program
from devkeys.references import SCHEMES, MalformedError, parse
from devkeys.secret import Secret

PROGRAM = """
import base64, json, os, sys
request = json.load(sys.stdin)
with open(os.environ["LOG"], "a") as log: log.write(sys.argv[0][-3:] + "\\n")
if sys.argv[0].endswith("two"): print(json.dumps({"error": "denied", "hint": "ask for it"}))
else:
    for one in request["references"]:
        value = base64.b64encode(one.encode()).decode()
        print(json.dumps({"reference": one, "value": value}))
print(json.dumps({"end": True}))
"""


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    """Give who asks, with two programs of which the second denies everything."""
    for name in ("one", "two"):
        program = tmp_path / f"devkeys-provider-{name}"
        program.write_text(f"#!{sys.executable}\n{PROGRAM}")
        program.chmod(0o755)
    environ = {"PATH": str(tmp_path), "LOG": str(tmp_path / "log"), "NAME": "value"}
    return Caller(environ, str(tmp_path), str(tmp_path), limit=20)


def test_each_provider_is_asked_once(caller: Caller) -> None:
    """However often and in whatever order its references stand."""
    texts = ["one://a", "two://a", "env://NAME", "one://b", "two://b", "one://a", "env://NONE"]
    found = get_many(texts, caller)
    with open(caller.environ["LOG"], encoding="ascii") as log:
        assert log.read().split() == ["one", "two"]
    assert list(found) == list(dict.fromkeys(found))
    assert found["one://a"] == Secret(b"one://a")
    assert found["one://b"] == Secret(b"one://b")
    assert isinstance(found["two://a"], DeniedError)
    assert found["two://b"] is found["two://a"]
    assert found["env://NAME"] == Secret(b"value")
    assert found["env://NONE"] is None


def test_errors_are_their_references_own(caller: Caller) -> None:
    """A malformed text or a missing program leaves the other references their answers."""
    found = get_many(["one://", "none://a", "one://b", "no reference"], caller)
    assert isinstance(found["one://"], MalformedError)
    assert isinstance(found["no reference"], MalformedError)
    assert isinstance(found["none://a"], ProgramMissingError)
    assert found["one://b"] == Secret(b"one://b")


def test_nothing_asked_is_nothing(caller: Caller) -> None:
    """Without references nobody is asked."""
    assert get_many([], caller) == {}
    assert not os.path.exists(caller.environ["LOG"])


def test_a_silent_provider_is_an_error(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of ours that forgets a reference has not said that it is absent."""
    monkeypatch.setattr(Program, "get_many", lambda _self, _asked: {})
    (answer,) = ask_one("one", [parse("one://a")], caller).values()
    assert isinstance(answer, UnreachableError)
    assert answer.hint


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_of_ours_has_a_provider(scheme: str, caller: Caller) -> None:
    """Each row of the table leads to a class, which can be made without asking anybody."""
    if scheme.startswith("aws"):
        pytest.importorskip("boto3")
    provider = open_provider(scheme, caller)
    assert not isinstance(provider, Program)
    assert isinstance(provider, DiagnosableProvider)
    assert provider.get_many([]) == {}


def test_another_scheme_is_a_program(caller: Caller) -> None:
    """What is none of ours is read by what is on PATH."""
    assert isinstance(open_provider("mine", caller), Program)


def test_each_kind_of_error_has_its_name() -> None:
    """Programs and JSON tell the four kinds apart by a word."""
    assert set(KINDS) == {"missing", "locked", "denied", "unreachable"}
    assert all(issubclass(error, ProviderError) for error in KINDS.values())
    assert None.__class__ in get_args(providers.Answer)


def test_the_credentials_of_an_example_are_its_schemes() -> None:
    """A program's own credentials are found by the scheme it has."""
    assert {"doppler", "infisical"} <= set(BOOTSTRAP.values())


def test_importing_the_seam_imports_no_provider() -> None:
    """Only the provider that is asked is loaded, and none of its libraries before."""
    code = "import sys, devkeys.providers; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    slow = {"boto3", "botocore", "keyring", "pyrage", "psutil", "yaml", "pytest"}
    assert loaded.isdisjoint(slow)
    modules = {
        f"devkeys.providers.{name.partition(':')[0]}" for name in providers._CLASSES.values()
    }
    assert loaded.isdisjoint(modules)
