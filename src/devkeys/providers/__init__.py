"""Providers: where a reference, `scheme://path`, leads; one module for each.

    caller     who asks: the environment and the places that a provider is asked from
    errors     why a provider could not be asked
    child      starting a vendor's program      waiting    saying what is waited for
    terminal   giving it back as it was
    program    any other scheme: an executable devkeys-provider-NAME

A provider is a class that takes a Caller. One method reads; what only some can do is a
protocol of its own. Nothing here is imported by a `run` without references.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import NamedTuple, Protocol, runtime_checkable

from devkeys import references
from devkeys.errors import DevkeysError
from devkeys.providers.caller import Caller
from devkeys.providers.errors import ProviderError, UnreachableError
from devkeys.providers.waiting import waiting_for
from devkeys.references import Reference
from devkeys.secret import Secret

Answer = Secret | ProviderError | None


class Provider(Protocol):
    """Where values are read from."""

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return for each of *asked* its value, or None if there is none, in one call.

        A ProviderError is raised if nothing could be asked, and stands for the value of a
        reference for which alone that is so.
        """


@runtime_checkable
class WritableProvider(Provider, Protocol):
    """Where values can be written to, as well."""

    def check_writable(self, reference: Reference) -> None:
        """Raise ProviderError or UsageError if `set` could not work; nothing is changed."""

    def set(self, reference: Reference, secret: Secret) -> None:
        """Put *secret* there, in place of an old value; make the item if there is none."""

    def delete(self, reference: Reference) -> bool:
        """Take the value away; False if there was none."""


@runtime_checkable
class BulkProvider(Provider, Protocol):
    """Where all values of an item or a path can be read at once."""

    def get_all(self, source: Reference) -> Mapping[str, Secret] | None:
        """Return the values at *source*, see `references.parse_source`, by name.

        None if there is no such item.
        """


class Diagnosis(NamedTuple):
    """How it stands with a provider.

    *version* is of its program; *account* says who is signed in where. *readable* tells for
    each reference whether it is there and may be read, as far as that can be told without
    reading its value; None where it cannot. *error* is what keeps it from being asked.
    """

    version: str | None = None
    account: str | None = None
    readable: Mapping[Reference, bool | None] = {}
    error: ProviderError | None = None


@runtime_checkable
class DiagnosableProvider(Provider, Protocol):
    """Which can be looked at without reading a value or asking anything of a person."""

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return how it stands, and which of *asked* could be read."""


_CLASSES = {
    "op": "onepassword:OnePassword",
    "bw": "bitwarden:Bitwarden",
    "keychain": "keychain:Keychain",
    "pass": "passwordstore:PasswordStore",
    "keepassxc": "keepassxc:KeePassXC",
    "vault": "vault:Vault",
    "aws-sm": "aws.secretsmanager:SecretsManager",
    "aws-ssm": "aws.parameterstore:ParameterStore",
    "sops": "sops:Sops",
    "age": "agefile:AgeFile",
    "env": "environment:Environment",
    "file": "file:File",
}


def open_provider(scheme: str, caller: Caller) -> Provider:
    """Return the provider of *scheme*; of one that is not ours, the program that reads it."""
    if scheme not in _CLASSES:
        from devkeys.providers.program import Program

        return Program(scheme, caller)
    module, _, name = _CLASSES[scheme].partition(":")
    make: Callable[[Caller], Provider] = getattr(
        importlib.import_module(f"devkeys.providers.{module}"), name
    )
    return make(caller)


def get_many(texts: Iterable[str], caller: Caller) -> dict[str, Secret | DevkeysError | None]:
    """Return for each reference its value, None if there is none, or why it could not be had.

    Each provider is asked once, for all of its references; one after the other, so that no
    two of them prompt at the same time.
    """
    answers: dict[str, Secret | DevkeysError | None] = {}
    groups: dict[str, dict[Reference, str]] = {}
    for text in dict.fromkeys(texts):
        try:
            reference = references.parse(text)
        except DevkeysError as error:
            answers[text] = error
        else:
            groups.setdefault(reference.scheme, {})[reference] = text
    for scheme, asked in groups.items():
        found = ask_one(scheme, list(asked), caller)
        answers |= {text: found[reference] for reference, text in asked.items()}
    return answers


def ask_one(scheme: str, asked: Sequence[Reference], caller: Caller) -> dict[Reference, Answer]:
    """Return for each of *asked*, all of one scheme, what its provider says."""
    title = references.describe(scheme).title
    missing = UnreachableError(
        f"{title} gave no answer", hint=f"this is a fault of what reads {scheme}:// references"
    )
    try:
        # The keychain says itself when it is waited for, and whether it is locked.
        with nullcontext() if scheme == "keychain" else waiting_for(title, limit=caller.limit):
            found = open_provider(scheme, caller).get_many(asked)
    except ProviderError as error:
        return dict.fromkeys(asked, error)
    return {reference: found.get(reference, missing) for reference in asked}
