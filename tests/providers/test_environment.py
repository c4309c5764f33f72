"""`env://NAME`: the contract on the caller's environment, and its own ways."""

import itertools

import pytest

from devkeys.providers.caller import Caller
from devkeys.providers.environment import Environment
from devkeys.references import Reference, parse
from devkeys.secret import Secret
from devkeys.testing import ProviderContract, Subject


class EnvironmentSubject(Subject):
    """An environment that can be added to; nothing else can happen to it."""

    def __init__(self) -> None:
        self.environ: dict[str, str] = {"EMPTY": ""}
        self._numbers = itertools.count()
        super().__init__(Environment(Caller(self.environ, "/", "/")))

    def put(self, value: bytes) -> Reference:
        """Export it."""
        name = f"KEY_{next(self._numbers)}"
        self.environ[name] = value.decode(errors="surrogateescape")
        return parse(f"env://{name}")

    def absent(self) -> Reference:
        """Name none."""
        return parse("env://ABSENT")


class TestEnvironment(ProviderContract):
    """The contract; an environment is neither locked nor slow."""

    @pytest.fixture
    def subject(self) -> Subject:
        """Give one."""
        return EnvironmentSubject()


def test_bytes_that_are_no_text_come_back() -> None:
    """A variable holds bytes; what Python makes of them is undone."""
    subject = EnvironmentSubject()
    reference = subject.put(b"\xff\xfe")
    assert subject.provider.get_many([reference])[reference] == Secret(b"\xff\xfe")


def test_an_empty_one_is_a_value() -> None:
    """It is there; what that means is decided where it is used."""
    provider, empty = EnvironmentSubject().provider, parse("env://EMPTY")
    assert provider.get_many([empty])[empty] == Secret(b"")


def test_it_is_diagnosed_by_name() -> None:
    """Which variables are there is told without a value."""
    provider = Environment(Caller({"ONE": "VALUE"}, "/", "/"))
    one, two = parse("env://ONE"), parse("env://TWO")
    found = provider.diagnose([one, two])
    assert found.readable == {one: True, two: False}
    assert "VALUE" not in repr(found)
