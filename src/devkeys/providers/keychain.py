"""`keychain://service/account`: another item of the operating system's keychain."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from devkeys import keychain
from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.child import Item
from devkeys.keychain.errors import KeychainLockedError, KeychainRefusedError, UnfitError
from devkeys.keychain.many import look, read_many
from devkeys.keychain.state import probe
from devkeys.providers import Answer, Diagnosis
from devkeys.providers.caller import Caller
from devkeys.providers.errors import (
    DeniedError,
    LockedError,
    ProgramMissingError,
    ProviderError,
    UnreachableError,
)
from devkeys.references import Reference
from devkeys.secret import Secret

T = TypeVar("T")
_KINDS: Sequence[tuple[type[KeychainError], type[ProviderError]]] = (
    (KeychainAbsentError, ProgramMissingError),
    (KeychainLockedError, LockedError),
    (KeychainRefusedError, DeniedError),
    (UnfitError, DeniedError),
)


class Keychain:
    """The keychain that holds the store's own key, too; that one is no value."""

    def __init__(self, caller: Caller) -> None:
        self._limit = caller.limit
        self._environ = caller.environ

    def get_many(self, asked: Sequence[Reference]) -> Mapping[Reference, Answer]:
        """Return the items' values, read on one connection."""
        items = {reference: _item(reference) for reference in asked}
        if not items:
            return {}
        wanted = list(items.values())
        found = _asking(lambda: read_many(wanted, limit=self._limit, environ=self._environ))
        answers = {reference: found[item] for reference, item in items.items()}
        return {
            reference: _error(one) if isinstance(one, KeychainError) else one
            for reference, one in answers.items()
        }

    def check_writable(self, reference: Reference) -> None:
        """Raise if there is no keychain, or if the item is not one to be written."""
        _item(reference)
        self._open()

    def set(self, reference: Reference, secret: Secret) -> None:
        """Keep *secret*; it has been read back."""
        service, account = _item(reference)
        opened = self._open()
        _asking(lambda: opened.set(service, account, secret))

    def delete(self, reference: Reference) -> bool:
        """Remove the item; False if there was none."""
        service, account = _item(reference)
        opened = self._open()
        return _asking(lambda: opened.delete(service, account))

    def _open(self) -> "keychain.Keychain":
        return _asking(lambda: keychain.open_keychain(limit=self._limit, environ=self._environ))

    def diagnose(self, asked: Sequence[Reference]) -> Diagnosis:
        """Return which items are there, by a search; nothing is unlocked."""
        try:
            items = {reference: _item(reference) for reference in asked}
            state = probe(environ=self._environ)
            if state.kind == "absent":  # there may be one that only keyring knows
                return Diagnosis(account=self._open().name, readable=dict.fromkeys(asked))
            found = _asking(lambda: look(list(items.values()), environ=self._environ))
        except ProviderError as error:
            return Diagnosis(error=error)
        answers = {reference: found[item] for reference, item in items.items()}
        errors = [one for one in answers.values() if isinstance(one, KeychainError)]
        return Diagnosis(
            account=state.name,
            readable={
                reference: None if isinstance(one, KeychainError) else one
                for reference, one in answers.items()
            },
            error=_error(errors[0]) if errors else None,
        )


def _item(reference: Reference) -> Item:
    """Return service and account; raise DeniedError for what devkeys keeps there for itself."""
    service, account = reference.path
    # Windows knows an item as account@service, too, and takes no notice of case.
    if service.casefold().rpartition("@")[2] == keychain.SERVICE:
        raise DeniedError(
            f"{reference} is devkeys' own item, the key of its store; no reference leads there",
            hint="take the reference out of the declaration",
        )
    return service, account


def _asking(action: Callable[[], T]) -> T:
    try:
        return action()
    except KeychainError as error:
        raise _error(error) from None


def _error(error: KeychainError) -> ProviderError:
    kind = next((kind for own, kind in _KINDS if isinstance(error, own)), UnreachableError)
    return kind(str(error), hint=error.hint or "see whether the keychain's own program works")
