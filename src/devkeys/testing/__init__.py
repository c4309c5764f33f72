"""What every provider has to keep to, as tests: ours pass them, and so should yours.

    import pytest
    from devkeys.testing import ProgramContract, ProgramSubject

    class TestMine(ProgramContract):
        @pytest.fixture
        def subject(self, tmp_path):
            return ProgramSubject("bin/devkeys-provider-mine", str(tmp_path), put=..., absent=...)

    subjects   what is tested, and what can be done to the world around it
    checks     what the tests have in common

docs/providers.md has a whole example. This is the one package that needs pytest.
"""

import json
import time

try:
    import pytest
except ImportError:
    raise ImportError(
        "devkeys.testing needs pytest: install devkeys[testing], or pytest beside devkeys"
    ) from None

from devkeys.errors import UsageError
from devkeys.providers import WritableProvider, open_provider
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    UnreachableError,
)
from devkeys.references import Reference, parse
from devkeys.secret import Secret
from devkeys.testing.checks import (
    bulk,
    check_shown,
    check_words,
    failure,
    or_skip,
    planted,
    put,
    refusal,
    revealed,
    token,
    writable,
)
from devkeys.testing.subjects import ProgramSubject, Subject, Unable

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
        absent = or_skip(subject.absent)
        assert subject.provider.get_many([absent])[absent] is None

    @pytest.mark.parametrize("kind", VALUES)
    def test_value_comes_back(self, subject: Subject, kind: str) -> None:
        """Every byte of a value comes back as it was put there."""
        reference = put(subject, VALUES[kind])
        found = subject.provider.get_many([reference])[reference]
        assert isinstance(found, Secret)
        assert found.reveal() == VALUES[kind]

    def test_many_do_not_mix(self, subject: Subject) -> None:
        """Several references, one of them absent, each get their own answer in one call."""
        values = [token() for _ in range(3)]
        asked = [put(subject, value) for value in values]
        absent = or_skip(subject.absent)
        found = subject.provider.get_many([asked[0], absent, *asked[1:]])
        assert [revealed(found[one]) for one in asked] == values
        assert found[absent] is None

    def test_values_that_resemble_do_not_mix(self, subject: Subject) -> None:
        """A value that looks like an answer, or holds another value, is taken for none."""
        first = token()
        values = [first, b"\n" + first + b"\n" + first, b'{"end": true}\nNAME=' + first]
        asked = [put(subject, value) for value in values]
        found = subject.provider.get_many(asked)
        assert [revealed(found[one]) for one in asked] == values

    def test_nothing_asked_is_nothing(self, subject: Subject) -> None:
        """Without references there is no answer, and no error."""
        assert dict(subject.provider.get_many([])) == {}

    def test_nothing_is_printed(self, subject: Subject, capfd: pytest.CaptureFixture[str]) -> None:
        """Neither the provider nor a program of its shows a value where people or logs see it."""
        value, reference = planted(subject)
        capfd.readouterr()
        assert revealed(subject.provider.get_many([reference])[reference]) == value
        shown = capfd.readouterr()
        check_shown(shown.out + shown.err, value)

    def test_locked_is_an_error(self, subject: Subject) -> None:
        """A locked provider says so and what unlocks it; nothing is absent then."""
        value, reference = planted(subject)
        error = failure(or_skip(subject.locked), reference)
        assert isinstance(error, LockedError)
        check_words(error, value)

    def test_denied_is_an_error(self, subject: Subject) -> None:
        """Without a right to it the provider says so; nothing is absent then."""
        value, reference = planted(subject)
        error = failure(or_skip(subject.denied), reference)
        assert isinstance(error, DeniedError)
        check_words(error, value)

    def test_slow_is_an_error(self, subject: Subject) -> None:
        """A provider that passes its time limit is ended soon after; nothing is absent then."""
        value, reference = planted(subject)
        slow = or_skip(subject.slow)
        began = time.monotonic()
        error = failure(slow, reference)
        assert isinstance(error, UnreachableError)
        assert time.monotonic() - began < 15  # the limit is one second
        check_words(error, value)

    def test_missing_program_is_an_error(self, subject: Subject) -> None:
        """Without its program the provider says what is to be installed."""
        value, reference = planted(subject)
        error = failure(or_skip(subject.without_program), reference)
        assert isinstance(error, ProgramMissingError)
        check_words(error, value)

    @pytest.mark.parametrize("fault", ["garbage", "cut_off"])
    def test_no_answer_is_an_error(self, subject: Subject, fault: str) -> None:
        """Output that is no answer, or half of one, is an error that shows nothing of it."""
        value, reference = planted(subject)
        check_words(failure(or_skip(getattr(subject, fault)), reference), value)


class WritableProviderContract(ProviderContract):
    """The laws of writing, too."""

    @pytest.mark.parametrize("kind", VALUES)
    def test_what_is_set_comes_back(self, subject: Subject, kind: str) -> None:
        """Every byte that `set` got is what `get_many` gives, in place of an old value."""
        provider, reference = writable(subject), or_skip(subject.absent)
        provider.check_writable(reference)
        provider.set(reference, Secret(b"an old value"))
        unfit = refusal(lambda: provider.set(reference, Secret(VALUES[kind])))
        kept = revealed(provider.get_many([reference])[reference])
        if unfit is None:
            assert kept == VALUES[kind]
        else:  # what a vendor cannot keep is refused as a whole; the old value stays
            assert unfit.hint
            assert kept == b"an old value"
            pytest.skip(f"the vendor cannot keep it: {unfit}")

    def test_deleted_is_absent(self, subject: Subject) -> None:
        """What was deleted is not there, and cannot be deleted again."""
        provider, reference = writable(subject), or_skip(subject.absent)
        provider.set(reference, Secret(b"a value"))
        assert provider.delete(reference) is True
        assert provider.get_many([reference])[reference] is None
        assert provider.delete(reference) is False


class BulkProviderContract(ProviderContract):
    """The laws of reading all values of an item, too."""

    def test_all_values_come_back(self, subject: Subject) -> None:
        """Every value of an item comes under its own name, and no other."""
        values = {"FIRST": b"  1\n", "SECOND": b"a\nSECOND=b", "THIRD_ONE": "żółć '\"$".encode()}
        source = or_skip(lambda: subject.put_all(values))
        found = bulk(subject).get_all(source)
        assert found is not None
        assert {name: secret.reveal() for name, secret in found.items()} == values

    def test_no_such_item_is_none(self, subject: Subject) -> None:
        """What leads to no item has no values, and is no error."""
        absent = or_skip(subject.absent_item)
        assert bulk(subject).get_all(absent) is None


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
        absent = str(or_skip(subject.absent))
        request = {"protocol": 1, "action": "get", "references": [absent], "later": {"x": [1]}}
        assert subject.ask(request) == [{"reference": absent, "absent": True}, {"end": True}]

    def test_no_value_is_an_argument(self, subject: ProgramSubject, tmp_path: object) -> None:
        """A value to be written reaches the vendor's program by another way than argv."""
        value, absent, notes = token(), or_skip(subject.absent), f"{tmp_path}/arguments"
        provider = or_skip(lambda: subject.spied(notes))
        assert isinstance(provider, WritableProvider)
        try:
            provider.check_writable(absent)
        except UsageError as error:
            pytest.skip(str(error))
        provider.set(absent, Secret(value))
        with open(notes, "a+", encoding="utf-8") as file:
            file.seek(0)
            check_shown(str([json.loads(line) for line in file]), value)
