"""The Windows Credential Manager, under the names that keyring uses for its items.

Never run on Windows: the tests give a fake binding that copies the documented limits. Source:
wincred.h (CredReadW, CredWriteW, CredDeleteW); keyring's WinVaultKeyring for the names.
"""

import sys
from typing import TYPE_CHECKING, NamedTuple

from devkeys.errors import KeychainAbsentError, KeychainError
from devkeys.keychain.errors import KeychainLockedError, UnfitError
from devkeys.secret import Secret

if TYPE_CHECKING:
    from typing import Protocol

    class Binding(Protocol):
        """The three calls; each raises CredentialError with GetLastError's code."""

        def read(self, target: str) -> "Credential":
            """Return the credential *target*."""

        def write(self, target: str, credential: "Credential") -> None:
            """Make or replace the credential *target*."""

        def delete(self, target: str) -> None:
            """Remove the credential *target*."""


MOST_BYTES = 2560  # CRED_MAX_CREDENTIAL_BLOB_SIZE
_NOT_FOUND = 1168
_NO_SESSION = 1312
_TOO_LONG = 1783
_CANCELLED = 1223
_DENIED = 5


class Credential(NamedTuple):
    """A generic credential: whose it is, and its bytes."""

    user: str
    blob: bytes


class CredentialError(OSError):
    """A call of the Credential Manager failed; *code* is what GetLastError gave."""

    def __init__(self, code: int) -> None:
        super().__init__(code, "the Credential Manager refused")
        self.code = code


class WindowsKeychain:
    """Generic credentials of this user on this machine, through *binding*."""

    name = "Windows Credential Manager"

    def __init__(self, binding: "Binding | None" = None) -> None:
        self._binding = binding or open_binding()

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's secret; None if the keychain answered and holds no such item."""
        found = self._find(service, account)
        return None if found is None else Secret(_decode(found[1].blob))

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep *secret*, which has to be text, as UTF-16 of at most 2,560 bytes."""
        try:
            blob = secret.reveal().decode().encode("utf-16-le")
        except UnicodeDecodeError:
            raise _unfit("is not text") from None
        if len(blob) > MOST_BYTES:
            raise _unfit(f"takes more than {MOST_BYTES} bytes")
        found = self._find(service, account)
        target = found[0] if found else self._free_target(service, account)
        try:
            self._binding.write(target, Credential(account, blob))
        except CredentialError as error:
            raise _failure(error.code, service, account) from None
        if self.get(service, account) != secret:
            raise KeychainError(
                f"the keychain did not keep the item {service}/{account} as it was written",
                hint="look at the item in the Credential Manager before you go on",
            )

    def delete(self, service: str, account: str) -> bool:
        """Remove the item for good; False if there was none."""
        found = self._find(service, account)
        if found is None:
            return False
        try:
            self._binding.delete(found[0])
        except CredentialError as error:
            raise _failure(error.code, service, account) from None
        return True

    def _find(self, service: str, account: str) -> tuple[str, Credential] | None:
        for target in (service, f"{account}@{service}"):
            found = self._read(target, service, account)
            if found and found.user == account:
                return target, found
        return None

    def _read(self, target: str, service: str, account: str) -> Credential | None:
        try:
            return self._binding.read(target)
        except CredentialError as error:
            if error.code == _NOT_FOUND:
                return None
            raise _failure(error.code, service, account) from None

    def _free_target(self, service: str, account: str) -> str:
        # keyring moves another account's credential out of the way; it finds ours either way.
        taken = self._read(service, service, account) is not None
        return f"{account}@{service}" if taken else service


def _decode(blob: bytes) -> bytes:
    """Return the value that keyring or we wrote as UTF-16; bytes that are none, as they are."""
    try:
        return blob.decode("utf-16-le").encode()
    except UnicodeError:
        return blob


def _unfit(why: str) -> KeychainError:
    return UnfitError(
        f"the value {why}, so the Credential Manager cannot hold it",
        hint="keep it in the store; the keychain is for the store's own key",
    )


def _failure(code: int, service: str, account: str) -> KeychainError:
    if code == _NO_SESSION:
        return KeychainAbsentError(
            "this logon session has no Credential Manager (ssh with a key, a service)",
            hint="log on with a password, or use an identity file",
        )
    if code in (_DENIED, _CANCELLED):
        return KeychainLockedError(
            f"access to the credential {service}/{account} was not granted",
            hint="log on to the desktop as this user, then try again",
        )
    if code == _TOO_LONG:
        return _unfit(f"takes more than {MOST_BYTES} bytes")
    return KeychainError(
        f"the Credential Manager failed with error {code} for {service}/{account}",
        hint=f"see what it means: net helpmsg {code}",
    )


def open_binding() -> "Binding":
    """Return the real binding; KeychainAbsentError on any other system."""
    if sys.platform == "win32":
        from devkeys.keychain.wincred import WinCred

        return WinCred()
    raise KeychainAbsentError("this is not Windows", hint="use this system's own keychain")
