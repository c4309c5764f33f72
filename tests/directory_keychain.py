"""A keychain in a directory, which other processes see, and one that fails in several ways."""

import os

from devkeys import atomic
from devkeys.errors import KeychainError
from devkeys.secret import Secret


class DirectoryKeychain:
    """Items as files of *directory*, each replaced as a whole."""

    def __init__(self, directory: str) -> None:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        self.directory = directory

    def _path(self, service: str, account: str) -> str:
        return os.path.join(self.directory, f"{service}-{account}")

    def get(self, service: str, account: str) -> Secret | None:
        """Return the item's value, or None."""
        try:
            with open(self._path(service, account), "rb") as file:
                return Secret(file.read())
        except FileNotFoundError:
            return None

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep the item."""
        atomic.write(self._path(service, account), secret.reveal())

    def delete(self, service: str, account: str) -> bool:
        """Remove the item; False if there was none."""
        return atomic.remove(self._path(service, account))


class FaultyKeychain(DirectoryKeychain):
    """Fails at the next `set`, by *fault*: refuse, lose (the old item too), ignore, or late.

    The last keeps the new value, and fails all the same.
    """

    fault = ""

    def set(self, service: str, account: str, secret: Secret) -> None:
        """Keep the item, or fail as was said."""
        fault, self.fault = self.fault, ""
        if fault == "lose":
            self.delete(service, account)
        if fault in ("", "late"):
            super().set(service, account, secret)
        if fault in ("refuse", "lose", "late"):
            raise KeychainError("the keychain failed", hint="try again")
