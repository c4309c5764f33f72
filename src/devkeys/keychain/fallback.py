"""The one door of keyring: what other keychains than ours are reached through.

Runs in a process of its own, see `child`: a backend may block for minutes in C code that no
Ctrl-C reaches, and importing keyring costs ten times what `run` does in all. KWallet's own
backend was never run.
"""

from typing import Any

import keyring
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError, KeyringLocked, NoKeyringError

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError, KeychainRefusedError

_HINT = "install gnome-keyring, KWallet or KeePassXC, or use an identity file"


def answer(request: dict[str, Any]) -> dict[str, str | None]:
    """Do what *request* asks: `get`, `set`, `delete` or `name`; return `{"value": ...}`.

    Raise a KeychainError of the class that tells why not. Messages hold class names only: an
    exception of somebody else's backend may say anything.
    """
    backend = choose(_configured())
    try:
        return {"value": _do(backend, **request)}
    except KeyringLocked:
        raise KeychainLockedError(
            "the keychain is locked, and its dialog was dismissed or could not be shown",
            hint="unlock it, then try again",
        ) from None
    except (InitError, NoKeyringError) as error:
        raise KeychainAbsentError(
            f"keyring's {describe(backend)} cannot be reached: {type(error).__name__}", hint=_HINT
        ) from None
    except KeychainError:
        raise
    except Exception as error:  # noqa: BLE001  # a backend may raise anything, saying anything
        raise KeychainError(
            f"keyring's backend {describe(backend)} failed: {type(error).__name__}",
            hint="see whether `keyring diagnose` works",
        ) from None


def _do(
    backend: KeyringBackend, *, action: str, service: str = "", account: str = "", value: str = ""
) -> str | None:
    if action == "name":
        return str(backend.name)
    if action == "set":
        _set(backend, service, account, value)
        return None
    found = backend.get_password(service, account)
    if action == "delete" and found is not None:
        backend.delete_password(service, account)
        return ""
    return found


def choose(backend: KeyringBackend) -> KeyringBackend:
    """Return *backend*, or the best member of a chain, if it keeps values encrypted.

    Raise KeychainAbsentError if there is none at all, KeychainRefusedError if none is fit.
    """
    if isinstance(backend, chainer.ChainerBackend):
        # A chain writes to one member and reads from the next: only the first fit one is used.
        members: list[KeyringBackend] = list(backend.backends)
        fit = [member for member in members if refusal(member) is None]
        backend = next(iter(fit or members), backend)
    if isinstance(backend, fail.Keyring | chainer.ChainerBackend):
        raise KeychainAbsentError("no keychain can be reached from here", hint=_HINT)
    reason = refusal(backend)
    if reason:
        raise KeychainRefusedError(
            f"keyring's backend {describe(backend)} {reason}; devkeys does not use it",
            hint=f"choose another in keyringrc.cfg or PYTHON_KEYRING_BACKEND; or {_HINT}",
        )
    return backend


def refusal(backend: KeyringBackend) -> str | None:
    """Return why *backend* must not hold a key, None if it may."""
    if isinstance(backend, null.Keyring):
        return "keeps nothing"
    for kind in type(backend).__mro__:
        if "plaintext" in kind.__name__.lower():
            return "keeps values in plain text"
        if kind.__module__.startswith("keyrings.alt"):
            return "is one that keyring itself advises against"
    if backend.priority < 1:
        return "is one that keyring itself advises against"
    return None


def describe(backend: KeyringBackend) -> str:
    """Return the full name of the backend's class."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _configured() -> KeyringBackend:
    try:
        return keyring.get_keyring()
    except Exception as error:  # noqa: BLE001  # configuration may name any module
        raise KeychainError(
            f"keyring's configured backend cannot be loaded: {type(error).__name__}",
            hint="look at keyringrc.cfg and PYTHON_KEYRING_BACKEND",
        ) from None


def _set(backend: KeyringBackend, service: str, account: str, value: str) -> None:
    backend.set_password(service, account, value)
    if backend.get_password(service, account) != value:
        raise KeychainError(
            f"{describe(backend)} did not keep the item {service}/{account} as it was written",
            hint="look at the item with the keychain's own program before you go on",
        )
