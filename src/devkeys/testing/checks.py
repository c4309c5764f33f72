"""What the tests of a provider have in common: planting, and looking at answers and errors."""

import base64
import secrets
import traceback
from collections.abc import Callable
from typing import TypeVar

import pytest

from devkeys.providers import BulkProvider, Provider, WritableProvider
from devkeys.providers.errors import DeniedError, ProviderError
from devkeys.references import Reference
from devkeys.secret import Secret
from devkeys.testing.subjects import Subject, Unable

T = TypeVar("T")


def or_skip(make: Callable[[], T]) -> T:
    """Return what *make* makes; skip the test where that makes no sense."""
    try:
        return make()
    except Unable as unable:
        pytest.skip(str(unable))


def put(subject: Subject, value: bytes) -> Reference:
    """Keep *value*; see `Subject.put`."""
    return or_skip(lambda: subject.put(value))


def planted(subject: Subject) -> tuple[bytes, Reference]:
    """Return a new value and where it is kept."""
    value = token()
    return value, put(subject, value)


def token() -> bytes:
    """Make up a value."""
    return secrets.token_hex(16).encode()


def revealed(answer: object) -> bytes:
    """Return the value that *answer* is."""
    assert isinstance(answer, Secret), f"no value but {answer!r}"
    return answer.reveal()


def failure(provider: Provider, reference: Reference) -> ProviderError:
    """Return the error that *reference* ends in, raised or as its answer."""
    try:
        answer = provider.get_many([reference])[reference]
    except ProviderError as error:
        return error
    assert isinstance(answer, ProviderError), "what could not be asked was taken for an answer"
    return answer


def refusal(action: Callable[[], None]) -> DeniedError | None:
    """Return why *action* was denied, None if it was not."""
    try:
        action()
    except DeniedError as error:
        return error
    return None


def check_words(error: ProviderError, value: bytes) -> None:
    """Fail unless *error* has a hint, and shows nothing of *value*, nor its traceback."""
    assert error.hint, "an error says what to do"
    check_shown(f"{error} {error.hint} {error!r}", value)
    check_shown("".join(traceback.format_exception(error)), value)


def check_shown(text: str, value: bytes) -> None:
    """Fail if *text* shows *value*, plain or in base64."""
    for form in (value, base64.b64encode(value), base64.b64encode(value + b"\n")):
        # The end of base64 depends on what follows.
        assert form.decode().rstrip("=")[:-3] not in text, "a value is shown"


def writable(subject: Subject) -> WritableProvider:
    """Return the provider, which can write."""
    assert isinstance(subject.provider, WritableProvider)
    return subject.provider


def bulk(subject: Subject) -> BulkProvider:
    """Return the provider, which can read all of an item."""
    assert isinstance(subject.provider, BulkProvider)
    return subject.provider
