"""A value that does not show itself by accident."""

import copy
import json
import logging
import pickle
import pprint
import secrets
import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkeys.secret import Secret


@pytest.fixture
def value() -> str:
    """Make up a value that appears nowhere else."""
    return secrets.token_hex(20)


@given(st.binary())
def test_reveal_gives_the_value_as_it_is(data: bytes) -> None:
    """Nothing is trimmed, decoded or normalised."""
    assert Secret(data).reveal() == data


SHOWN: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "f-string": lambda secret: f"{secret} {secret!r} {secret!a} {secret:>60} {secret:s}",
    "percent": lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  # one way to print
    "format": "{0} {0!r} {0:^40}".format,
    "list": lambda secret: str([secret, {"key": secret}, (secret,)]),
    "pprint": lambda secret: pprint.pformat({"key": [secret]}),
    "dir": lambda secret: str([dir(secret), secret.__doc__, type(secret)]),
    "json": lambda secret: json.dumps({"key": secret}, default=str),
    "log": lambda secret: logging.LogRecord(
        "name", 20, "path", 1, "%s %r", (secret, secret), None
    ).getMessage(),
}


@pytest.mark.parametrize("show", SHOWN.values(), ids=SHOWN.keys())
def test_it_does_not_show(show: Callable[[Secret], str], value: str) -> None:
    """Each common way to print a thing shows that it is a secret, not which."""
    shown = show(Secret(value.encode()))
    assert value not in shown


def test_a_format_aligns_the_mask(value: str) -> None:
    """A width is honoured, so that tables stay straight."""
    assert f"{Secret(value.encode()):>10}|" == "  <secret>|"


REFUSED: dict[str, Callable[[Secret], object]] = {
    "pickle": pickle.dumps,
    "pickle 0": lambda secret: pickle.dumps(secret, protocol=0),
    "pickle in a dict": lambda secret: pickle.dumps({"key": secret}),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "json": json.dumps,
    "hash": hash,
    "vars": vars,
    "bytes": bytes,  # type: ignore[dict-item]  # that is the test
    "iteration": list,  # type: ignore[dict-item]  # that is the test
    "len": len,  # type: ignore[dict-item]  # that is the test
    "order": lambda secret: secret < secret,  # type: ignore[operator]  # noqa: PLR0124  # the test
}


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses_to_be_taken_apart(refused: Callable[[Secret], object], value: str) -> None:
    """What would copy or serialise the value is a TypeError that does not show it."""
    with pytest.raises(TypeError) as caught:
        refused(Secret(value.encode()))
    assert value not in str(caught.value)


def test_a_traceback_with_local_variables_does_not_show_it(value: str) -> None:
    """Crash reporters print every local variable."""

    def fail(secret: Secret) -> None:
        message = "crash"
        raise ValueError(message, secret)

    secret = Secret(value.encode())
    value = ""
    try:
        fail(secret)
    except ValueError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
        shown = "".join(report.format())
    assert "<secret>" in shown
    assert secret.reveal().decode() not in shown


def test_equal_values_are_equal(value: str) -> None:
    """Two secrets compare by value; a secret never equals its bytes."""
    secret = Secret(value.encode())
    assert secret == Secret(value.encode())
    assert secret != Secret(b"other")
    assert secret != value.encode()


def test_an_empty_secret_is_false(value: str) -> None:
    """An empty value is a missing one to most callers."""
    assert not Secret(b"")
    assert Secret(value.encode())


def test_it_takes_no_further_attributes(value: str) -> None:
    """Nothing can be hung on it where `vars` would show it."""
    with pytest.raises(AttributeError):
        Secret(value.encode()).note = "x"  # type: ignore[attr-defined]  # that is the test
