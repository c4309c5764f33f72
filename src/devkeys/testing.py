"""What every provider has to keep to, as tests: ours pass them, and so should yours.

    from devkeys.testing import ProviderContract, Subject

    class MySubject(Subject):
        def put(self, value): ...     # by the vendor's own means; return the reference

    class TestMine(ProviderContract):
        @pytest.fixture
        def subject(self):
            return MySubject(open_provider("mine", caller))

`open_provider` reads `mine://` through `devkeys-provider-mine` on the caller's PATH.
This is the one module that needs pytest.
"""

import secrets
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

import pytest

from devkeys.providers import Provider, WritableProvider, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.references import Reference, parse
from devkeys.secret import Secret

__all__ = [
    "VALUES",
    "Caller",
    "ProviderContract",
    "Reference",
    "Secret",
    "Subject",
    "WritableProviderContract",
    "open_provider",
    "parse",
]

T = TypeVar("T")

# What a value may be: whoever trims, splits, expands or re-encodes changes one of these.
VALUES = {
    "plain": b"a plain value",
    "spaces at its ends": b"  in spaces\t ",
    "quotes": b"it's \"quoted\" `so` 'and' so",
    "shell": b"$HOME ${PATH} $(id) \\n %s !! ~ * # ; &",
    "newlines": b"first\nsecond\n\nfourth",
    "final newline": b"first\nsecond\n",
    "non-ASCII": "größe żółć 日本 🔑".encode(),
    "64 KiB": b"0123456789abcdef" * 4096,
    "like JSON": b'{"value": null, "error": "absent"}',
    "like a reference": b"op://vault/item/field",
}


class Unable(Exception):  # noqa: N818  # no error: a subject says that it cannot be made so
    """The subject cannot be brought into that state; the test is skipped with this reason."""


class Subject:
    """A provider under test, and what can be done to the world around it.

    The methods from `locked` on return the provider as it is then, to be asked. One that makes
    no sense for a provider raises Unable with the reason.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def put(self, value: bytes) -> Reference:
        """Keep *value* in the provider, by other means than ours, and return where."""
        self._unable(f"put a value of {len(value)} bytes")

    def absent(self) -> Reference:
        """Return a reference that is well formed and leads to nothing."""
        self._unable("say what is absent")

    def locked(self) -> Provider:
        """Return the provider locked, or with nobody signed in."""
        self._unable("be locked")

    def denied(self) -> Provider:
        """Return the provider with no right to what `put` has put."""
        self._unable("be denied")

    def slow(self) -> Provider:
        """Return the provider with a time limit of a second, which it will pass."""
        self._unable("be slow")

    def without_program(self) -> Provider:
        """Return the provider without the program or library that it works through."""
        self._unable("lack its program")

    def garbage(self) -> Provider:
        """Return the provider with a program that prints something else than an answer."""
        self._unable("print garbage")

    def cut_off(self) -> Provider:
        """Return the provider with a program that ends in the middle of its answer."""
        self._unable("end in mid-output")

    def _unable(self, what: str) -> NoReturn:
        raise Unable(f"{type(self).__name__} cannot {what}")


class ProviderContract:
    """The laws of reading. A subclass has a fixture `subject` that returns a Subject."""

    @pytest.fixture
    def subject(self) -> Subject:
        """Return the provider under test."""
        raise NotImplementedError

    def test_absent_is_none(self, subject: Subject) -> None:
        """What is not there is None, and no error."""
        absent = _or_skip(subject.absent)
        assert subject.provider.get_many([absent])[absent] is None

    @pytest.mark.parametrize("kind", VALUES)
    def test_value_comes_back(self, subject: Subject, kind: str) -> None:
        """Every byte of a value comes back as it was put there."""
        reference = _put(subject, VALUES[kind])
        found = subject.provider.get_many([reference])[reference]
        assert isinstance(found, Secret)
        assert found.reveal() == VALUES[kind]

    def test_many_do_not_mix(self, subject: Subject) -> None:
        """Several references, one of them absent, each get their own answer in one call."""
        values = [secrets.token_hex(8).encode() for _ in range(3)]
        asked = [_put(subject, value) for value in values]
        absent = _or_skip(subject.absent)
        found = subject.provider.get_many([asked[0], absent, *asked[1:]])
        assert [_revealed(found[one]) for one in asked] == values
        assert found[absent] is None

    def test_nothing_asked_is_nothing(self, subject: Subject) -> None:
        """Without references there is no answer, and no error."""
        assert dict(subject.provider.get_many([])) == {}

    def test_locked_is_an_error(self, subject: Subject) -> None:
        """A locked provider says so and what unlocks it; nothing is absent then."""
        value, reference = _planted(subject)
        error = _failure(_or_skip(subject.locked), reference)
        assert isinstance(error, LockedError)
        _check_words(error, value)

    def test_denied_is_an_error(self, subject: Subject) -> None:
        """Without a right to it the provider says so; nothing is absent then."""
        value, reference = _planted(subject)
        error = _failure(_or_skip(subject.denied), reference)
        assert isinstance(error, DeniedError)
        _check_words(error, value)

    def test_slow_is_an_error(self, subject: Subject) -> None:
        """A provider that passes its time limit is ended soon after; nothing is absent then."""
        value, reference = _planted(subject)
        slow = _or_skip(subject.slow)
        began = time.monotonic()
        error = _failure(slow, reference)
        assert isinstance(error, UnreachableError)
        assert time.monotonic() - began < 15  # the limit is one second
        _check_words(error, value)

    def test_missing_program_is_an_error(self, subject: Subject) -> None:
        """Without its program the provider says what is to be installed."""
        value, reference = _planted(subject)
        error = _failure(_or_skip(subject.without_program), reference)
        assert isinstance(error, ProgramMissingError)
        _check_words(error, value)

    @pytest.mark.parametrize("fault", ["garbage", "cut_off"])
    def test_no_answer_is_an_error(self, subject: Subject, fault: str) -> None:
        """Output that is no answer, or half of one, is an error that shows nothing of it."""
        value, reference = _planted(subject)
        _check_words(_failure(_or_skip(getattr(subject, fault)), reference), value)


class WritableProviderContract(ProviderContract):
    """The laws of writing, too."""

    @pytest.mark.parametrize("kind", VALUES)
    def test_what_is_set_comes_back(self, subject: Subject, kind: str) -> None:
        """Every byte that `set` got is what `get_many` gives, in place of an old value."""
        provider, reference = _writable(subject), _or_skip(subject.absent)
        provider.check_writable(reference)
        provider.set(reference, Secret(b"an old value"))
        unfit = _refusal(lambda: provider.set(reference, Secret(VALUES[kind])))
        kept = _revealed(provider.get_many([reference])[reference])
        if unfit is None:
            assert kept == VALUES[kind]
        else:  # what a vendor cannot keep is refused as a whole; the old value stays
            assert unfit.hint
            assert kept == b"an old value"
            pytest.skip(f"the vendor cannot keep it: {unfit}")

    def test_deleted_is_absent(self, subject: Subject) -> None:
        """What was deleted is not there, and cannot be deleted again."""
        provider, reference = _writable(subject), _or_skip(subject.absent)
        provider.set(reference, Secret(b"a value"))
        assert provider.delete(reference) is True
        assert provider.get_many([reference])[reference] is None
        assert provider.delete(reference) is False


def _or_skip(make: Callable[[], T]) -> T:
    try:
        return make()
    except Unable as unable:
        pytest.skip(str(unable))


def _put(subject: Subject, value: bytes) -> Reference:
    return _or_skip(lambda: subject.put(value))


def _planted(subject: Subject) -> tuple[bytes, Reference]:
    value = secrets.token_hex(16).encode()
    return value, _put(subject, value)


def _revealed(answer: object) -> bytes:
    assert isinstance(answer, Secret), f"no value but {answer!r}"
    return answer.reveal()


def _failure(provider: Provider, reference: Reference) -> ProviderError:
    """Return the error that *reference* ends in, raised or as its answer."""
    try:
        answer = provider.get_many([reference])[reference]
    except ProviderError as error:
        return error
    assert isinstance(answer, ProviderError), "what could not be asked was taken for an answer"
    return answer


def _refusal(action: Callable[[], None]) -> DeniedError | None:
    try:
        action()
    except DeniedError as error:
        return error
    return None


def _check_words(error: ProviderError, value: bytes) -> None:
    words = f"{error} {error.hint} {error!r}"
    assert error.hint, "an error says what to do"
    assert value.decode() not in words, "an error shows a value"


def _writable(subject: Subject) -> WritableProvider:
    assert isinstance(subject.provider, WritableProvider)
    return subject.provider
