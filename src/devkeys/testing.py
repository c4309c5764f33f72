"""What every provider has to keep to, as tests: ours pass them, and so should yours.

    import pytest
    from devkeys.testing import ProgramContract, ProgramSubject

    class TestMine(ProgramContract):
        @pytest.fixture
        def subject(self, tmp_path):
            return ProgramSubject("bin/devkeys-provider-mine", str(tmp_path), put=..., absent=...)

docs/providers.md has a whole example. This is the one module that needs pytest.
"""

import base64
import json
import secrets
import time
import traceback
from collections.abc import Callable
from typing import TypeVar

try:
    import pytest
except ImportError:
    raise ImportError(
        "devkeys.testing needs pytest: install devkeys[testing], or pytest beside devkeys"
    ) from None

from devkeys.errors import UsageError
from devkeys.providers import BulkProvider, Provider, WritableProvider, open_provider
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
from devkeys.subjects import ProgramSubject, Subject, Unable

__all__ = [
    "VALUES",
    "BulkProviderContract",
    "Caller",
    "ProgramContract",
    "ProgramSubject",
    "ProviderContract",
    "Reference",
    "Secret",
    "Subject",
    "Unable",
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
        values = [_token() for _ in range(3)]
        asked = [_put(subject, value) for value in values]
        absent = _or_skip(subject.absent)
        found = subject.provider.get_many([asked[0], absent, *asked[1:]])
        assert [_revealed(found[one]) for one in asked] == values
        assert found[absent] is None

    def test_values_that_resemble_do_not_mix(self, subject: Subject) -> None:
        """A value that looks like an answer, or holds another value, is taken for none."""
        first = _token()
        values = [first, b"\n" + first + b"\n" + first, b'{"end": true}\nNAME=' + first]
        asked = [_put(subject, value) for value in values]
        found = subject.provider.get_many(asked)
        assert [_revealed(found[one]) for one in asked] == values

    def test_nothing_asked_is_nothing(self, subject: Subject) -> None:
        """Without references there is no answer, and no error."""
        assert dict(subject.provider.get_many([])) == {}

    def test_nothing_is_printed(self, subject: Subject, capfd: pytest.CaptureFixture[str]) -> None:
        """Neither the provider nor a program of its shows a value where people or logs see it."""
        value, reference = _planted(subject)
        capfd.readouterr()
        assert _revealed(subject.provider.get_many([reference])[reference]) == value
        shown = capfd.readouterr()
        _check_shown(shown.out + shown.err, value)

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


class BulkProviderContract(ProviderContract):
    """The laws of reading all values of an item, too."""

    def test_all_values_come_back(self, subject: Subject) -> None:
        """Every value of an item comes under its own name, and no other."""
        values = {"FIRST": b"  1\n", "SECOND": b"a\nSECOND=b", "THIRD_ONE": "żółć '\"$".encode()}
        source = _or_skip(lambda: subject.put_all(values))
        found = _bulk(subject).get_all(source)
        assert found is not None
        assert {name: secret.reveal() for name, secret in found.items()} == values

    def test_no_such_item_is_none(self, subject: Subject) -> None:
        """What leads to no item has no values, and is no error."""
        absent = _or_skip(subject.absent_item)
        assert _bulk(subject).get_all(absent) is None


class ProgramContract(ProviderContract):
    """The laws of a `devkeys-provider-NAME`, too. Its subject is a ProgramSubject."""

    @pytest.fixture
    def subject(self) -> ProgramSubject:
        """Return the program under test."""
        raise NotImplementedError

    def test_an_unknown_action_is_unsupported(self, subject: ProgramSubject) -> None:
        """An action of a later devkeys is said to be unsupported, and nothing more."""
        request = {"protocol": 1, "action": "dance", "references": [], "interactive": False}
        first, end = subject.ask(request)
        assert first["error"] == "unsupported"
        assert end == {"end": True}

    def test_another_protocol_is_unsupported(self, subject: ProgramSubject) -> None:
        """A request of another protocol is answered with those that the program speaks."""
        first, end = subject.ask({"protocol": 99, "action": "get", "references": []})
        assert first["error"] == "unsupported"
        assert 1 in first["protocol"]
        assert end == {"end": True}

    def test_a_request_may_say_more(self, subject: ProgramSubject) -> None:
        """What the program does not know in a request is passed over."""
        absent = str(_or_skip(subject.absent))
        request = {"protocol": 1, "action": "get", "references": [absent], "later": {"x": [1]}}
        assert subject.ask(request) == [{"reference": absent, "absent": True}, {"end": True}]

    def test_no_value_is_an_argument(self, subject: ProgramSubject, tmp_path: object) -> None:
        """A value to be written reaches the vendor's program by another way than argv."""
        value, absent, notes = _token(), _or_skip(subject.absent), f"{tmp_path}/arguments"
        provider = _or_skip(lambda: subject.spied(notes))
        assert isinstance(provider, WritableProvider)
        try:
            provider.check_writable(absent)
        except UsageError as error:
            pytest.skip(str(error))
        provider.set(absent, Secret(value))
        with open(notes, "a+", encoding="utf-8") as file:
            file.seek(0)
            _check_shown(str([json.loads(line) for line in file]), value)


def _or_skip(make: Callable[[], T]) -> T:
    try:
        return make()
    except Unable as unable:
        pytest.skip(str(unable))


def _put(subject: Subject, value: bytes) -> Reference:
    return _or_skip(lambda: subject.put(value))


def _planted(subject: Subject) -> tuple[bytes, Reference]:
    value = _token()
    return value, _put(subject, value)


def _token() -> bytes:
    return secrets.token_hex(16).encode()


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
    assert error.hint, "an error says what to do"
    _check_shown(f"{error} {error.hint} {error!r}", value)
    _check_shown("".join(traceback.format_exception(error)), value)


def _check_shown(text: str, value: bytes) -> None:
    for form in (value, base64.b64encode(value), base64.b64encode(value + b"\n")):
        # The end of base64 depends on what follows.
        assert form.decode().rstrip("=")[:-3] not in text, "a value is shown"


def _writable(subject: Subject) -> WritableProvider:
    assert isinstance(subject.provider, WritableProvider)
    return subject.provider


def _bulk(subject: Subject) -> BulkProvider:
    assert isinstance(subject.provider, BulkProvider)
    return subject.provider
